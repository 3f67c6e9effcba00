"""RANSAC for electrodes: who is not what random subsets of the others predict (Bigdely-Shamlo 2015).

Each subset predicts all electrodes by spherical splines; the median over subsets is what a few bad ones among
them cannot spoil. All subsets together are one matrix, so a window costs one product and one sort.

Unlike PREP and pyprep, an electrode has no part in its own prediction: where a quarter of the subsets hold it,
even independent noise correlates 0.65 with itself, and whether an electrode at the rim passes depends on how
often it was drawn. Left out, good electrodes of a 10-20 cap lie above 0.5 and bad ones below 0.35.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.spherical_splines import spline_kernel, spline_weights

Samples = NDArray[np.float32]
FEWEST_PREDICTORS = 4  # in a subset; pyprep refuses fewer, as three points hold no curvature


def subset_size(n_channels: int, share: float) -> int:
    """Give how many channels predict together; 0 where there are too few for RANSAC."""
    size = round(share * n_channels)
    return size if size >= FEWEST_PREDICTORS else 0


def draw_subsets(n_channels: int, size: int, n_subsets: int, seed: int) -> NDArray[np.intp]:
    """Draw subsets without repetition within each, shape (n_subsets, size)."""
    rng = np.random.default_rng(seed)
    return np.stack([np.sort(rng.permutation(n_channels)[:size]) for _ in range(n_subsets)])


def ransac_correlations(
    windows: Samples, positions: NDArray[np.float64], subsets: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Correlate channels with what the median subset predicts, window by window.

    Parameters
    ----------
    windows : ndarray of float32, shape (n_windows, n_channels, n_points)
        Samples in any unit; points need not be neighbors in time, only simultaneous.
    positions : ndarray, shape (n_channels, 3)
        Electrodes on the unit sphere.
    subsets : ndarray of int, shape (n_subsets, size)
        Channels that predict together, from `draw_subsets`.

    Returns
    -------
    ndarray of float64, shape (n_windows, n_channels)
        Pearson correlations; zero where a channel or its prediction does not move.

    References
    ----------
    N. Bigdely-Shamlo, T. Mullen, C. Kothe, K.-M. Su, K. A. Robbins (2015), The PREP pipeline, Front.
    Neuroinform. 9:16.
    """
    operator = _stack_predictions(positions, subsets)
    n_windows, n_channels, n_points = windows.shape
    takes_part = np.zeros((n_channels, len(subsets)), bool)
    takes_part[subsets.T, np.arange(len(subsets))] = True
    found = np.zeros((n_windows, n_channels))
    for window, row in zip(windows, found, strict=True):
        # (n_points, n_channels, n_subsets): subsets last, so that the sort runs along the cache line
        predicted = (window.T @ operator).reshape(n_points, n_channels, -1)
        row[:] = _correlate(window, _median_of_others(predicted, takes_part).T)
    return found


def _stack_predictions(positions: NDArray[np.float64], subsets: NDArray[np.intp]) -> Samples:
    """Put the operators of all subsets side by side, shape (n_channels, n_channels * n_subsets)."""
    kernel = spline_kernel(positions, positions)
    n_channels, n_subsets = len(positions), len(subsets)
    among = kernel[subsets[:, :, None], subsets[:, None, :]]
    weights = spline_weights(among, kernel[:, subsets].swapaxes(0, 1))  # (n_subsets, n_channels, size)
    operator = np.zeros((n_subsets, n_channels, n_channels))
    np.put_along_axis(operator, np.broadcast_to(subsets[:, None, :], weights.shape), weights, axis=2)
    return np.ascontiguousarray(operator.transpose(2, 1, 0).reshape(n_channels, -1), np.float32)


def _median_of_others(predicted: Samples, takes_part: NDArray[np.bool_]) -> Samples:
    """Take the median over the subsets without the channel itself, in place; shape (n_points, n_channels)."""
    predicted[:, takes_part] = np.inf  # sorts behind all others
    predicted.sort(axis=-1)  # vectorized, which a partition is not
    n_others = (~takes_part).sum(axis=1)
    channel = np.arange(len(takes_part))
    middle: Samples = predicted[:, channel, (n_others - 1) // 2] + predicted[:, channel, n_others // 2]
    return middle * np.float32(0.5)


def _correlate(a: Samples, b: Samples) -> NDArray[np.float64]:
    """Correlate row by row, shapes (n_rows, n) and (n_rows,)."""
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (a, b))
    power = np.einsum("ij,ij->i", a, a, dtype=np.float64) * np.einsum("ij,ij->i", b, b, dtype=np.float64)
    shared = np.einsum("ij,ij->i", a, b, dtype=np.float64)
    correlation: NDArray[np.float64] = np.divide(
        shared, np.sqrt(power), out=np.zeros(len(a)), where=power > 0
    )
    return correlation
