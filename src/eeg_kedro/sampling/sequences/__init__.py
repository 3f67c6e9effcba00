"""What training is handed: torch data sets of windows, and the loader that walks over them.

Axes: B items of a batch, C channels, L samples of a window or token, S seconds of a window, T tokens of a
sequence. Signals are float32 microvolts.
"""
