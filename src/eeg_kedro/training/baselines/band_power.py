"""Band powers around each second, delta to gamma (Welch 1967)."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.signal.features import BANDS
from eeg_kedro.signal.spectra import frame_samples, window_tapers
from eeg_kedro.training.baselines.options import BaselineOptions
from eeg_kedro.training.baselines.seconds import sum_around

MEASURES = tuple(f"power_{band}" for band in BANDS)
_FLOOR = 1e-3  # microvolts squared: the logarithm of silence, or of a band above half the rate, is a number


def measure_band_power(
    samples: NDArray[np.float32], starts: NDArray[np.intp], sfreq: float, options: BaselineOptions
) -> NDArray[np.float32]:
    """Measure the power of each band around each second.

    A spectrum begins with every second, near the end as late as it can; the power of a second is the mean over
    those that lie between its margins. In a window shorter than one spectrum the spectrum is as long as the window.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_windows, n_channels, n_times)
        Microvolts.
    starts : ndarray of int, shape (n_seconds,)
        First sample of each second.
    sfreq : float
        Hz.
    options : BaselineOptions
        Length of a spectrum, and how much lies around a second.

    Returns
    -------
    ndarray of float32, shape (n_windows, n_channels, n_seconds, n_bands)
        Decimal logarithm of microvolts squared.
    """
    n_times, margin = samples.shape[-1], options.margin_seconds
    length = min(max(round(options.frame_seconds * sfreq), 4), n_times)
    powers = _frame_powers(samples, np.minimum(starts, n_times - length), length, sfreq)
    behind = max(0, margin + 1 - ceil(options.frame_seconds))  # the last spectrum that ends within the margin
    counted = sum_around(np.ones(starts.size, np.float32), margin, behind)
    around = sum_around(powers, margin, behind) / counted
    return np.moveaxis(np.log10(around + np.float32(_FLOOR)), 0, -1)


def _frame_powers(
    samples: NDArray[np.float32], begins: NDArray[np.intp], length: int, sfreq: float
) -> NDArray[np.float32]:
    """Return the power of each band in each frame, (n_bands, n_windows, n_channels, n_frames)."""
    powers = np.zeros((len(BANDS), *samples.shape[:-1], begins.size), np.float32)
    # the sum of the squares is the one-sided density times the distance of two frequencies
    taper = (window_tapers(length, "hann")[0] * np.sqrt(2 / length)).astype(np.float32)
    freqs = fft.rfftfreq(length, 1 / sfreq)
    edges = [np.searchsorted(freqs[: (length + 1) // 2], band) for band in BANDS.values()]
    for place in np.ndindex(samples.shape[:-1]):  # a channel at a time: its frames stay in the cache
        frames = frame_samples(samples[place], length, 1)[begins]
        frames -= frames.mean(axis=-1, keepdims=True)
        pairs = fft.rfft(frames * taper).view(np.float32)
        for band, (low, high) in enumerate(edges):
            part = pairs[:, 2 * low : 2 * high]
            powers[(band, *place)] = np.einsum("ij,ij->i", part, part)
    return powers
