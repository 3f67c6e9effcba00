"""Samples of windows: read from any file of ``prm_windows`` or an npz cache, or written once and mapped."""
