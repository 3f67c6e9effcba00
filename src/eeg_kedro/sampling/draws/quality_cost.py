"""What a least quality costs: the windows that are left out, and the seizures no window is left of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.labels.intervals import sample_of, unite
from eeg_kedro.sampling.categories import FULL, PARTIAL, UNKNOWN, text_codes

Positions = NDArray[np.intp]
Integers = NDArray[np.int64]
# whole numbers that may be unknown
COST_TYPES = {"seizures": "Int64", "seizures_lost": "Int64"}


@dataclass(frozen=True)
class Cost:
    """What is left out on one side of the split.

    Attributes
    ----------
    windows, seizure_windows : int
        Annotated windows below the least quality, and those of them with a seizure.
    seizures, seizures_lost : int or None
        United seizures that some window holds, and those that none of the remaining ones does; None: no events.
    """

    windows: int
    seizure_windows: int
    seizures: int | None
    seizures_lost: int | None


NO_COST = Cost(0, 0, None, None)


@dataclass(frozen=True)
class Costs:
    """What is left out in all: one row per window, one per seizure.

    Attributes
    ----------
    left_out, with_seizure : ndarray of bool, shape (n_windows,)
        Annotated windows below the least quality; windows with a seizure.
    seizures : DataFrame or None
        ``participant`` and ``lost`` of every united seizure that a window holds.
    """

    left_out: NDArray[np.bool_] | None
    with_seizure: NDArray[np.bool_]
    seizures: pd.DataFrame | None

    def of(self, windows: Positions, participants: Collection[str]) -> Cost:
        """Sum the costs of one side: the windows at these rows, the seizures of these participants."""
        left_out = self.left_out[windows] if self.left_out is not None else np.zeros(0, bool)
        n_seizure = int((left_out & self.with_seizure[windows]).sum()) if left_out.size else 0
        if self.seizures is None:
            return Cost(int(left_out.sum()), n_seizure, None, None)
        lost = self.seizures["lost"][self.seizures["participant"].isin(participants)]
        return Cost(int(left_out.sum()), n_seizure, len(lost), int(lost.sum()))


def count_costs(
    manifest: pd.DataFrame,
    good: NDArray[np.bool_] | None,
    category: NDArray[np.int8],
    events: pd.DataFrame | None,
) -> Costs:
    """Tell what a least quality leaves out.

    Parameters
    ----------
    manifest : DataFrame
        Windows, those of a run in a row and in order of onset.
    good : ndarray of bool, shape (n_windows,), or None
        Windows that may be drawn; None: all.
    category : ndarray of int8, shape (n_windows,)
        Category codes.
    events : DataFrame or None
        Labelled intervals; the kind ``seizure`` counts, united over channels and labels.
    """
    with_seizure = (category == PARTIAL) | (category == FULL)
    left_out = None if good is None else ~good & (category != UNKNOWN)
    if events is None:
        return Costs(left_out, with_seizure, None)
    return Costs(left_out, with_seizure, _follow_seizures(manifest, good, events))


def _follow_seizures(
    manifest: pd.DataFrame, good: NDArray[np.bool_] | None, events: pd.DataFrame
) -> pd.DataFrame:
    """Tell for each united seizure that a window holds whether one that may be drawn does."""
    seizures = events[events["kind"] == "seizure"]
    rows_of = _rows_of_runs(manifest)
    start, n_samples, rate = (
        manifest[name].to_numpy() for name in ("window_start_sample", "n_samples", "sfreq")
    )
    onset, duration = (seizures[name].to_numpy(np.float64) for name in ("onset", "duration"))
    events_of: dict[tuple[str, str], list[int]] = {}
    for i, key in enumerate(zip(seizures["participant"], seizures["run"], strict=True)):
        events_of.setdefault(key, []).append(i)
    found: list[tuple[str, bool]] = []
    for key in sorted(events_of.keys() & rows_of.keys()):
        windows, own = rows_of[key], events_of[key]
        sfreq, length = float(rate[windows.start]), int(n_samples[windows.start])
        spans = unite(sample_of(onset[own], sfreq), sample_of(onset[own] + duration[own], sfreq))
        begin = start[windows]
        held = _is_held(begin, length, *spans)
        kept = begin if good is None else begin[good[windows]]
        found += [(key[0], bool(gone)) for gone in (held & ~_is_held(kept, length, *spans))[held]]
    return pd.DataFrame(found, columns=["participant", "lost"])


def _rows_of_runs(manifest: pd.DataFrame) -> dict[tuple[str, str], slice]:
    """Give the rows of each run, which lie behind each other."""
    (who, names), (run, runs) = (text_codes(manifest[name]) for name in ("participant", "run"))
    borders = np.flatnonzero((np.diff(who) != 0) | (np.diff(run) != 0)) + 1
    edges = [0, *borders.tolist(), len(manifest)] if len(manifest) else [0]
    return {(names[who[first]], runs[run[first]]): slice(first, last) for first, last in pairwise(edges)}


def _is_held(begin: Integers, length: int, starts: Integers, stops: Integers) -> NDArray[np.bool_]:
    """Tell which intervals share a sample with a window ``[begin, begin + length)``."""
    before_stop = np.searchsorted(begin, stops, side="left")
    over_before = np.searchsorted(begin, starts - length, side="right")
    held: NDArray[np.bool_] = before_stop > over_before
    return held
