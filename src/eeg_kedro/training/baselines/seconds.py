"""Seconds of windows: where they begin, what they are labelled, what surrounds them, and channels made one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import NonFiniteError

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]
Starts = NDArray[np.intp]

POOLED = ("mean", "max", "sd")  # over the channels that are there: montages may differ


def label_seconds(masks: NDArray[np.uint8], starts: Starts) -> Mask:
    """Tell which seconds lie in a seizure for half of their samples or more.

    Parameters
    ----------
    masks : ndarray of uint8, shape (n_windows, n_samples)
        1 in a seizure.
    starts : ndarray of int, shape (n_seconds,)
        First sample of each second.

    Returns
    -------
    ndarray of bool, shape (n_windows, n_seconds)
    """
    counts = np.add.reduceat(masks, starts, axis=1, dtype=np.int64)
    in_seizure: Mask = 2 * counts >= np.diff(starts, append=masks.shape[1])
    return in_seizure


def sum_around(values: Values, before: int, behind: int) -> Values:
    """Sum each second with those before and behind it, as far as there are such.

    Term by term and not by a running sum: a second then has the same sum wherever the piece it is read in begins.

    Parameters
    ----------
    values : ndarray of float32, shape (..., n_seconds)
        One number per second.
    before, behind : int
        Seconds to each side.

    Returns
    -------
    ndarray of float32, shape (..., n_seconds)
    """
    n = values.shape[-1]
    sums = np.zeros_like(values)
    for offset in range(-before, behind + 1):
        first, stop = max(0, -offset), min(n, n - offset)
        if first < stop:
            sums[..., first:stop] += values[..., first + offset : stop + offset]
    return sums


def pool_channels(values: Values, valid: Mask) -> Values:
    """Turn one number per channel into mean, maximum and standard deviation over the channels that are there.

    Parameters
    ----------
    values : ndarray of float32, shape (n_windows, n_channels, n_seconds, n_measures)
        Of each channel.
    valid : ndarray of bool, shape (n_windows, n_channels)
        Channels that are there; what the others hold is not looked at.

    Returns
    -------
    ndarray of float32, shape (n_windows, n_seconds, 3 * n_measures)
        All means, then all maxima, then all standard deviations; NaN in a window without any channel.

    Raises
    ------
    NonFiniteError
        If a number of a channel that is there is none.
    """
    wrong = valid & ~np.isfinite(values).all(axis=(2, 3))
    if wrong.any():
        raise NonFiniteError(
            "samples are no finite numbers, or far too large",
            value=f"{int(wrong.any(axis=1).sum())} of {len(values)} windows, {int(wrong.sum())} channels in all",
            allowed="microvolts",
            remedy="run the pipeline `window` again",
        )
    there = valid[:, :, np.newaxis, np.newaxis]
    n_there = valid.sum(axis=1, dtype=np.float32)[:, np.newaxis, np.newaxis]
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 is the NaN of a window without channels
        mean = np.where(there, values, 0).sum(axis=1) / n_there
        spread = np.where(there, values - mean[:, np.newaxis], 0)
        sd = np.sqrt(np.square(spread).sum(axis=1) / n_there)
    most = np.where(there, values, -np.inf).max(axis=1, initial=-np.inf)
    return np.concatenate([mean, np.where(n_there > 0, most, np.nan), sd], axis=-1).astype(np.float32)
