"""Line length: how far the pen travels in a second (Esteller et al. 2001)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.training.baselines.options import BaselineOptions
from eeg_kedro.training.baselines.seconds import sum_around

MEASURES = ("line_length",)
_FLOOR = 1e-3  # microvolts per second, far below any amplifier's noise: the logarithm of silence is a number


def measure_line_length(
    samples: NDArray[np.float32], starts: NDArray[np.intp], sfreq: float, options: BaselineOptions
) -> NDArray[np.float32]:
    """Measure the line length around each second.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_windows, n_channels, n_times)
        Microvolts.
    starts : ndarray of int, shape (n_seconds,)
        First sample of each second.
    sfreq : float
        Hz.
    options : BaselineOptions
        How much lies around a second.

    Returns
    -------
    ndarray of float32, shape (n_windows, n_channels, n_seconds, 1)
        Decimal logarithm of microvolts per second.
    """
    margin = options.margin_seconds
    steps = np.zeros_like(samples)  # the last sample has no step behind it
    np.abs(np.diff(samples, axis=-1), out=steps[..., :-1])
    travelled = np.add.reduceat(steps, starts, axis=-1)
    n_steps = np.diff(starts, append=samples.shape[-1]).astype(np.float32)
    n_steps[-1] -= 1
    around = sum_around(travelled, margin, margin)
    counted = np.maximum(sum_around(n_steps, margin, margin), 1)
    return np.log10(around / counted * np.float32(sfreq) + np.float32(_FLOOR))[..., np.newaxis]
