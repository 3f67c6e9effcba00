"""Half-open intervals of samples: from seconds, united, and how much of them lies in each window."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]

# Annotation files give at most 4 decimals: at a whole rate, a time that does not fall on a half sample is at
# least 1e-4 samples away from it, while float64 errs by less than 1e-6 samples in weeks of recording. With a
# guard between the two, every such time lands where exact fractions would put it.
ROUNDING_GUARD = 1e-5


def sample_of(seconds: ArrayLike, sfreq: ArrayLike) -> Integers:
    """Return the sample nearest to each time: ``floor(seconds * sfreq + 0.5)``, half samples rounded up.

    Parameters
    ----------
    seconds : array_like
        Times from the first sample (s), at most 4 decimals for an exact answer.
    sfreq : array_like
        Sampling rate (Hz), one or one per time.

    Returns
    -------
    ndarray of int64, the broadcast shape of the arguments
    """
    position = np.asarray(seconds, np.float64) * np.asarray(sfreq, np.float64)
    return np.floor(position + (0.5 + ROUNDING_GUARD)).astype(np.int64)


def unite(starts: ArrayLike, stops: ArrayLike) -> tuple[Integers, Integers]:
    """Unite intervals that overlap or touch.

    Parameters
    ----------
    starts, stops : array_like, (n,)
        Half-open intervals ``[start, stop)`` in samples, in any order; empty ones vanish.

    Returns
    -------
    starts, stops : ndarray of int64, (m,)
        Disjoint, not touching, ascending.
    """
    first, last = np.asarray(starts, np.int64), np.asarray(stops, np.int64)
    full = last > first
    order = np.argsort(first[full], kind="stable")
    first, last = first[full][order], last[full][order]
    reach = np.maximum.accumulate(last) if last.size else last
    opens = np.flatnonzero(np.r_[True, first[1:] > reach[:-1]][: first.size])
    closes = np.r_[opens[1:], first.size][: opens.size] - 1
    return first[opens], reach[closes]


def overlap_lengths(window_starts: ArrayLike, length: int, starts: ArrayLike, stops: ArrayLike) -> Integers:
    """Count the samples of each window that lie in the intervals.

    Parameters
    ----------
    window_starts : array_like, (n_windows,)
        First sample of each window, in any order.
    length : int
        Samples per window.
    starts, stops : array_like, (n,)
        Disjoint ascending intervals in samples, as `unite` returns them.

    Returns
    -------
    ndarray of int64, (n_windows,)

    Raises
    ------
    ValueError
        If the intervals overlap or are not ascending.
    """
    first, last = np.asarray(starts, np.int64), np.asarray(stops, np.int64)
    if np.any(first[1:] < last[:-1]):
        raise ValueError("intervals overlap or are not ascending; unite them first")
    begin = np.asarray(window_starts, np.int64)
    return _covered_before(begin + length, first, last) - _covered_before(begin, first, last)


def _covered_before(samples: Integers, starts: Integers, stops: Integers) -> Integers:
    """Return how many samples below each of ``samples`` are covered."""
    if starts.size == 0:
        return np.zeros(samples.shape, np.int64)
    total = np.r_[0, np.cumsum(stops - starts)]
    begun = np.searchsorted(starts, samples, side="right")
    # the last interval that began may reach beyond the sample: take the excess back
    excess = np.maximum(stops[begun - 1] - samples, 0)
    covered: Integers = total[begun] - np.where(begun > 0, excess, 0)
    return covered
