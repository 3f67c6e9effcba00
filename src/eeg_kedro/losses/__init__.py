"""What is minimised, and what it is compared with: torch and pytorch-metric-learning, nothing else.

Axes as in `eeg_kedro.models`.
"""
