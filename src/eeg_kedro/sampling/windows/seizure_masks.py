"""Which samples of a window lie in a seizure, counted as the manifest counts them.

As in `manifest.build_manifest`, all runs lie behind each other on one time line, seizures are half-open
intervals of samples united over channels and labels, and sorted searches answer for any number of windows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.labels.intervals import overlap_lengths, sample_of, unite
from eeg_kedro.sampling.windows.window_source import Positions, WindowRows

Integers = NDArray[np.int64]


class SeizureMasks:
    """The seizures of the runs of a windows table.

    Parameters
    ----------
    rows : WindowRows
        The windows.
    events : DataFrame
        ``participant``, ``run``, ``onset`` (s), ``duration`` (s), ``kind``; only the kind ``seizure`` counts.
    """

    def __init__(self, rows: WindowRows, events: pd.DataFrame) -> None:
        self._length = rows.n_samples
        # no window reaches beyond its run's stretch of the time line, so a seizure that does is cut there
        stretch = int(rows.start.max(initial=0)) + rows.n_samples
        self._begin: Integers = rows.run.astype(np.int64) * stretch + rows.start
        run, onset, stop = _seizures_of(events, rows)
        first, last = (np.clip(sample_of(seconds, rows.sfreq), 0, stretch) for seconds in (onset, stop))
        full = last > first  # before they are shifted: what ends at 0 must not touch the run before
        origin = run[full] * stretch
        self._starts, self._stops = unite(origin + first[full], origin + last[full])

    def counts(self) -> Integers:
        """Count the seizure samples of every window of the table."""
        return overlap_lengths(self._begin, self._length, self._starts, self._stops)

    def masks(self, positions: Positions) -> NDArray[np.uint8]:
        """Give the masks of some windows, (n_positions, n_samples): 1 in a seizure."""
        begin = self._begin[positions]
        masks = np.zeros((begin.size, self._length), np.uint8)
        first = np.searchsorted(self._stops, begin, side="right")
        last = np.searchsorted(self._starts, begin + self._length, side="left")
        # most windows hold no seizure and few hold two: only those with one are visited
        for i in np.flatnonzero(last > first):
            for start, stop in zip(
                self._starts[first[i] : last[i]], self._stops[first[i] : last[i]], strict=True
            ):
                masks[i, max(start - begin[i], 0) : stop - begin[i]] = 1
        return masks


def _seizures_of(
    events: pd.DataFrame, rows: WindowRows
) -> tuple[Integers, NDArray[np.float64], NDArray[np.float64]]:
    """Return run code, onset (s) and end (s) of every seizure in a run of the table."""
    found = events.loc[events["kind"] == "seizure", ["participant", "run", "onset", "duration"]]
    place = {key: code for code, key in enumerate(rows.runs)}
    keys = zip(found["participant"], found["run"], strict=True)
    run = np.array([place.get(key, -1) for key in keys], np.int64)
    onset, duration = (found[name].to_numpy(np.float64)[run >= 0] for name in ("onset", "duration"))
    return run[run >= 0], onset, onset + duration
