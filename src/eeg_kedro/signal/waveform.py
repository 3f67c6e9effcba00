"""The shape of a waveform in numbers: moments, zero crossings, Hjorth's parameters, line length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def describe_waveform(rows: Samples) -> dict[str, NDArray[np.float32]]:
    """Describe each row in the time domain and take its mean off, in place.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_times)
        Microvolts; without their mean afterwards.

    Returns
    -------
    dict of ndarray of float32, shape (n_rows,)
        ``mean, sd, skewness, kurtosis, zero_crossings, hjorth_activity, hjorth_mobility,
        hjorth_complexity, line_length``; a ratio whose divisor is 0 is 0.
    """
    n_times = rows.shape[1]
    negative = rows < 0
    crossings = np.count_nonzero(negative[:, 1:] != negative[:, :-1], axis=1)
    mean = rows.mean(axis=1)
    rows -= mean[:, np.newaxis]
    squares = rows * rows
    second = squares.mean(axis=1)
    third = np.einsum("ij,ij->i", squares, rows) / n_times
    fourth = np.einsum("ij,ij->i", squares, squares) / n_times
    steps = np.diff(rows, axis=1)
    bends = np.diff(steps, axis=1)
    slope, bend = _variance(steps), _variance(bends)
    mobility = np.sqrt(share_of(slope, second))
    activity = second * np.float32(n_times / (n_times - 1))
    return {
        "mean": mean,
        "sd": np.sqrt(activity),
        "skewness": share_of(third, second**1.5),
        "kurtosis": share_of(fourth, second**2),
        "zero_crossings": crossings.astype(np.float32),
        "hjorth_activity": activity,
        "hjorth_mobility": mobility,
        "hjorth_complexity": share_of(np.sqrt(share_of(bend, slope)), mobility),
        "line_length": np.abs(steps, out=steps).mean(axis=1),
    }


def _variance(rows: Samples) -> NDArray[np.float32]:
    mean = rows.mean(axis=1)
    variance: NDArray[np.float32] = np.maximum(
        np.einsum("ij,ij->i", rows, rows) / rows.shape[1] - mean * mean, 0
    )
    return variance


def share_of(part: NDArray[np.float32], whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide, giving 0 where ``whole`` is 0; shapes are broadcast."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    out = np.zeros(shape, np.float32)
    return np.divide(part, whole, out=out, where=whole > 0)
