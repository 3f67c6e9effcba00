"""No sample of a raw recording may be seen on two sides of a split: not by overlap, not by a copied file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.categories import text_codes

Positions = NDArray[np.intp]
Seconds = NDArray[np.float64]
RunKey = tuple[str, str]
# s: less than a sample of any rate, more than the rounding of times of two rates after 30 years of recordings
SAME_TIME = 1e-6
AGAIN = "build the split again with `kedro run --pipelines=sample`"
COPIES = (
    "the recordings are copies of one file: remove one, or tell that both participants are one person "
    "with ingest.persons; then " + AGAIN
)


def assert_no_shared_signal(windows: pd.DataFrame, sources: Mapping[RunKey, str] | None = None) -> None:
    """Raise `SplitError` if two windows of different splits share a sample of one raw recording.

    Windows that touch share none. Two runs are one recording if their raw files have the same hash, whoever
    they are said to belong to; their windows are compared in seconds, as their rates may differ.

    Parameters
    ----------
    windows : DataFrame
        ``participant``, ``run``, ``window_start_sample``, ``n_samples``, ``sfreq`` (Hz), ``split``, in any
        order.
    sources : mapping, optional
        Hash of the raw file of each (participant, run). Where it is missing or "", the run stands for itself.

    Raises
    ------
    SplitError
        Naming the first such pair of windows, how many windows of how many recordings are concerned, and
        what to do; or if a window is in no split.
    """
    if windows["split"].isna().any():
        raise SplitError("windows without split", value=int(windows["split"].isna().sum()), remedy=AGAIN)
    source = _sources_of(windows, sources or {})
    split, names = text_codes(windows["split"])
    rows = _rows_at_risk(source, split, len(names), windows["n_samples"].to_numpy())
    if rows.size == 0:
        return
    starts, stops = _on_one_line(windows, source, rows)
    order = np.argsort(starts, kind="stable")
    rows, starts, stops = rows[order], starts[order], stops[order]
    earlier, later = _first_pair(starts, stops, split[rows])
    if later >= 0:
        touched = rows[_shared(starts, stops, split[rows])]
        raise _shared_signal(
            windows, (rows[earlier], rows[later]), touched.size, np.unique(source[touched]).size
        )


def assert_copies_together(folds: pd.DataFrame, sources: Mapping[RunKey, str]) -> None:
    """Raise `SplitError` if copies of one recording would train and test in some fold.

    Parameters
    ----------
    folds : DataFrame
        As `folds.make_folds` gives it.
    sources : mapping
        Hash of the raw file of each (participant, run).

    Raises
    ------
    SplitError
        Naming the participants that hold copies and are not always on one side.
    """
    owners: dict[str, set[str]] = {}
    for (participant, _), text in sources.items():
        if isinstance(text, str) and text:
            owners.setdefault(text, set()).add(participant)
    shared = [people for people in owners.values() if len(people) > 1]
    rows = folds[folds["participant"].isin(set().union(*shared))]
    places = {
        who: [*zip(found["fold"], found["side"], found["inner_fold"], strict=True)]
        for who, found in rows.groupby("participant")
    }
    for people in shared:
        there = sorted(people & places.keys())
        if any(places[who] != places[there[0]] for who in there[1:]):
            raise SplitError(
                "copies of one recording would train and test in the folds",
                file=there[0],
                value=there,
                allowed="participants with copies of a file on one side of every fold",
                remedy=COPIES,
            )


def _sources_of(windows: pd.DataFrame, hashes: Mapping[RunKey, str]) -> Positions:
    """Return a number per window that those of one raw recording, and of its copies, share."""
    (who, names), (run, runs) = (text_codes(windows[name]) for name in ("participant", "run"))
    key = who * len(runs) + run
    first = np.flatnonzero(np.diff(key, prepend=-1))  # rows of a run lie behind each other, mostly
    keys, place = np.unique(key[first], return_inverse=True)
    pairs = [(names[one // len(runs)], runs[one % len(runs)]) for one in keys.tolist()]
    numbers: dict[str | RunKey, int] = {}
    found = (hashes.get(pair) for pair in pairs)
    # a missing value from a table is no hash either: recordings without one are not copies of each other
    known = [
        text if isinstance(text, str) and text else pair for text, pair in zip(found, pairs, strict=True)
    ]
    codes = [numbers.setdefault(one, len(numbers)) for one in known]
    return np.repeat(np.array(codes, np.intp)[place], np.diff(first, append=key.size))


def _rows_at_risk(
    source: Positions, split: Positions, n_splits: int, n_samples: NDArray[np.int64]
) -> Positions:
    """Return the windows of recordings in two splits or more: none where persons are kept apart."""
    if source.size == 0:
        return source
    seen = np.zeros((int(source.max()) + 1, n_splits), bool)
    seen[source, split] = True
    return np.flatnonzero((seen.sum(axis=1) > 1)[source] & (n_samples > 0))


def _on_one_line(windows: pd.DataFrame, source: Positions, rows: Positions) -> tuple[Seconds, Seconds]:
    """Return starts and stops (s) of windows, the recordings laid behind each other, a second apart.

    Stops are early by ``SAME_TIME``, so that windows that touch do not overlap, whatever their rates.
    """
    sfreq = windows["sfreq"].to_numpy(np.float64)[rows]
    first = windows["window_start_sample"].to_numpy(np.int64)[rows]
    starts, stops = first / sfreq, (first + windows["n_samples"].to_numpy(np.int64)[rows]) / sfreq
    begin, end = np.full(source.max() + 1, np.inf), np.full(source.max() + 1, -np.inf)
    np.minimum.at(begin, source[rows], starts)
    np.maximum.at(end, source[rows], stops)
    lengths = np.where(end > begin, np.ceil(end - begin) + 1, 0)  # 0: a recording nobody is held against
    origin = np.cumsum(lengths) - lengths
    shift = (origin - begin)[source[rows]]
    return starts + shift, stops + (shift - SAME_TIME)


def _first_pair(starts: Seconds, stops: Seconds, split: Positions) -> tuple[int, int]:
    """Return two windows of different splits that overlap, in order of their starts; (-1, -1) if none do.

    Each window is held against the one before it that reaches furthest. That is enough: of the first window
    that overlaps an earlier one of another split, the furthest is such a one too, or these two earlier ones
    would be of different splits and overlap, and it would not be the first.
    """
    reach = np.maximum.accumulate(stops)
    records = np.flatnonzero(np.r_[True, reach[1:] > reach[:-1]])
    furthest = np.repeat(records, np.diff(records, append=stops.size))[:-1]  # before all but the first window
    found = np.flatnonzero((stops[furthest] > starts[1:]) & (split[furthest] != split[1:]))
    return (int(furthest[found[0]]), int(found[0]) + 1) if found.size else (-1, -1)


def _shared(starts: Seconds, stops: Seconds, split: Positions) -> NDArray[np.bool_]:
    """Tell which windows overlap one of another split; starts ascend."""
    others = _n_overlapping(starts, stops, starts, np.sort(stops))
    for one in np.unique(split):
        mine = split == one
        others[mine] -= _n_overlapping(starts[mine], stops[mine], starts[mine], np.sort(stops[mine]))
    return others > 0


def _n_overlapping(starts: Seconds, stops: Seconds, all_starts: Seconds, all_stops: Seconds) -> Positions:
    """Count the windows, given by ascending starts and stops, that overlap each of some."""
    return np.searchsorted(all_starts, stops, "left") - np.searchsorted(all_stops, starts, "right")


def _shared_signal(
    windows: pd.DataFrame, pair: tuple[np.intp, np.intp], n_windows: int, n_recordings: int
) -> SplitError:
    told = windows.iloc[[int(row) for row in pair]]
    keys = [*zip(told["participant"], told["run"], strict=True)]
    onsets = told["window_start_sample"] / told["sfreq"]
    texts = [
        f"{name}: {participant}_{run} at {onset:g} s"
        for name, (participant, run), onset in zip(told["split"], keys, onsets, strict=True)
    ]
    recordings = f"{n_recordings} recording" + "s" * (n_recordings > 1)
    return SplitError(
        "windows of two splits share raw signal",
        file="_".join(keys[0]),
        value=f"{' and '.join(texts)}; in all {n_windows} windows of {recordings}",
        allowed="each sample of a recording in one split only",
        remedy=AGAIN if keys[0] == keys[1] else COPIES,
    )
