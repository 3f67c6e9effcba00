"""Quality of windows: the mean of the seconds they cover, each weighted by how much of it is covered."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.signal.cell_measures import cell_samples

Integers = NDArray[np.int64]
# column of the manifest -> column of the seconds
MEASURES = {"quality": "score", "artefact_share": "artefact_share", "snr_db": "snr_db"}
KEYS = ["participant", "run"]


class SecondsOfRuns(NamedTuple):
    """Where the seconds of each run lie in the table, and running sums over all of them.

    Attributes
    ----------
    first, lengths : ndarray of int64, shape (n_runs,)
        First row and number of rows of each run; a length of 0: unknown.
    sums : ndarray, shape (n_seconds + 2, n_measures)
        Sums of the measures over all rows before each row; side by side, because a window asks for all of them.
    unknown : ndarray of bool, shape (n_runs, n_measures)
        Measures that are missing in a run: they must not reach its sums, nor those of the runs behind it.
    """

    first: Integers
    lengths: Integers
    sums: NDArray[np.float64]
    unknown: NDArray[np.bool_]


def find_runs(seconds: pd.DataFrame | None, runs: pd.DataFrame) -> SecondsOfRuns | None:
    """Find the seconds of every run.

    Parameters
    ----------
    seconds : DataFrame or None
        Sorted by participant, run and second.
    runs : DataFrame
        ``participant`` and ``run``, one row per run.
    """
    if seconds is None or seconds.empty:
        return None
    who, run = (seconds[name].astype("category") for name in KEYS)
    changes = [codes[1:] != codes[:-1] for codes in (who.cat.codes.to_numpy(), run.cat.codes.to_numpy())]
    starts = np.concatenate([[0], np.flatnonzero(changes[0] | changes[1]) + 1])
    counts = np.diff(starts, append=len(seconds))
    names = pd.MultiIndex.from_arrays([who.iloc[starts].astype("str"), run.iloc[starts].astype("str")])
    at = names.get_indexer(pd.MultiIndex.from_frame(runs[KEYS].astype("str")))
    sums = np.zeros((len(seconds) + 2, len(MEASURES)))
    unknown = np.zeros((len(starts), len(MEASURES)), bool)
    for i, column in enumerate(MEASURES.values()):
        values = seconds[column].to_numpy()
        missing = np.isnan(values)
        if missing.any():
            unknown[:, i] = np.logical_or.reduceat(missing, starts)
            values = np.where(missing, 0.0, values)
        sums[1:-1, i] = np.cumsum(values, dtype=np.float64)
    sums[-1] = sums[-2]
    known = at >= 0
    first, lengths = np.where(known, starts[at], 0), np.where(known, counts[at], 0)
    return SecondsOfRuns(first, lengths, sums, unknown[at])


def mean_quality(
    seconds: SecondsOfRuns | None, run: NDArray[np.intp], start: Integers, length: int, sfreq: float
) -> dict[str, NDArray[np.float32]]:
    """Give the mean of every measure over each window, NaN where its seconds are not known.

    Parameters
    ----------
    seconds : SecondsOfRuns or None
        From `find_runs`.
    run : ndarray of int, shape (n_windows,)
        Row of each window's run.
    start : ndarray of int64, shape (n_windows,)
        First sample of each window in its run.
    length : int
        Samples per window.
    sfreq : float
        Hz.
    """
    if seconds is None:
        return {name: np.full(run.size, np.nan, np.float32) for name in MEASURES}
    per_second = cell_samples(sfreq)
    stop = start + length
    known = -(-stop // per_second) <= seconds.lengths[run]
    origin = np.where(known, seconds.first[run], 0)
    totals = []
    for sample in (start, stop):
        whole = np.where(known, sample, 0) // per_second
        part = np.where(known, sample - whole * per_second, 0) / per_second
        total = seconds.sums.take(origin + whole, axis=0)
        if part.any():  # windows mostly begin with a second
            total += part[:, np.newaxis] * (seconds.sums.take(origin + whole + 1, axis=0) - total)
        totals.append(total)
    mean = (totals[1] - totals[0]) * (per_second / length)
    mean[~known] = np.nan
    if seconds.unknown.any():
        mean[seconds.unknown[run]] = np.nan
    return dict(zip(MEASURES, mean.T.astype(np.float32), strict=True))
