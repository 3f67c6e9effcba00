"""What a channel looks like beside the others: amplitude, high frequencies, and what it shares with them.

Amplitudes are medians over seconds, so that blinks, pops and movements, however large, do not count as long
as they fill less than half of the seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
POINTS_PER_SECOND = (
    64  # simultaneous samples that a correlation rests on; they need not be a band-limited signal
)


@dataclass(frozen=True)
class ChannelMeasures:
    """Measures of all channels of an excerpt.

    Attributes
    ----------
    second_rms : ndarray of float64, shape (n_channels, n_seconds)
        Standard deviation within each second, microvolts.
    amplitude : ndarray of float64, shape (n_channels,)
        Median of it over seconds, microvolts.
    steps : ndarray of float64, shape (n_channels,)
        Median over seconds of the rms difference between neighboring samples, microvolts: what is fast.
    windows : ndarray of float32, shape (n_windows, n_channels, n_points)
        Evenly thinned samples of each window, microvolts.
    correlation : ndarray of float64, shape (n_windows, n_channels)
        Mean of the two largest absolute correlations with other channels.
    """

    second_rms: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    steps: NDArray[np.float64]
    windows: Samples
    correlation: NDArray[np.float64]


def measure_channels(
    excerpt: Samples, sfreq: float, window_seconds: float, most_windows: int
) -> ChannelMeasures:
    """Measure all channels.

    Parameters
    ----------
    excerpt : ndarray of float32, shape (n_channels, n_times)
        Microvolts, high-passed.
    sfreq : float
        Hz.
    window_seconds : float
        Length of a window in which channels are correlated; whole seconds are taken.
    most_windows : int
        Windows looked at, spread evenly, if there are more.

    Returns
    -------
    ChannelMeasures
        An excerpt shorter than a window is one window; what is left behind the last whole one is not looked at.
    """
    n_channels, n_times = excerpt.shape
    second = min(max(int(sfreq), 2), n_times)
    seconds = min(max(round(window_seconds), 1), n_times // second)
    size = second * seconds
    n_windows = n_times // size
    chosen = np.unique(np.linspace(0, n_windows - 1, min(n_windows, most_windows)).round().astype(np.intp))
    thinning = max(second // POINTS_PER_SECOND, 1)
    windows = np.empty((len(chosen), n_channels, -(-size // thinning)), np.float32)
    second_rms = np.empty((n_channels, len(chosen) * seconds))
    steps = np.empty(n_channels)
    # channel by channel: half an hour of one fits the cache, all of them do not
    for i, row in enumerate(excerpt):
        whole = row[: n_windows * size].reshape(n_windows, size)
        part = whole if len(chosen) == n_windows else whole[chosen]
        windows[:, i] = part[:, ::thinning]
        second_rms[i], steps[i] = _measure_seconds(part.reshape(-1, second))
    if not np.isfinite(second_rms).all():  # or one channel would spoil the correlations of all
        windows = np.nan_to_num(windows, posinf=0.0, neginf=0.0)
    return ChannelMeasures(
        second_rms, np.median(second_rms, axis=1), steps, windows, _best_two_correlations(windows)
    )


def _measure_seconds(pieces: Samples) -> tuple[NDArray[np.float64], float]:
    """Give the standard deviation of each piece, shape (n_pieces,), and the median rms of its steps."""
    n = pieces.shape[1]
    mean = pieces.mean(axis=1, dtype=np.float32).astype(np.float64)
    power = np.einsum("ij,ij->i", pieces, pieces).astype(np.float64) / n
    step = np.diff(pieces, axis=1)
    fast = np.einsum("ij,ij->i", step, step).astype(np.float64) / max(n - 1, 1)
    return np.sqrt(np.maximum(power - mean**2, 0.0)), float(np.sqrt(np.median(fast)))


def _best_two_correlations(windows: Samples) -> NDArray[np.float64]:
    """Average each channel's two best correlations with others; of two channels, the only one."""
    n_channels = windows.shape[1]
    best = np.zeros(windows.shape[:2])
    if n_channels < 2:
        return best
    centered = windows - windows.mean(axis=2, keepdims=True)
    length = np.linalg.norm(centered, axis=2, keepdims=True)
    np.divide(centered, length, out=centered, where=length > 0)
    shared = np.abs(centered @ centered.swapaxes(1, 2))
    shared[:, np.arange(n_channels), np.arange(n_channels)] = 0.0
    n_best = min(2, n_channels - 1)
    best[:] = np.sort(shared, axis=2)[:, :, -n_best:].mean(axis=2)
    return best
