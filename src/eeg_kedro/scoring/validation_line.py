"""The validation runs one behind the other, so that each point of a grid is scored in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.scoring.counts import COLUMNS
from eeg_kedro.scoring.post_processing import PostProcessing, Times, join_close, reach, shape_events
from eeg_kedro.scoring.run_truth import RunTruth
from eeg_kedro.scoring.szcore import GRID_HZ, SZCORE, EventParameters

# more than any merging, closing or tolerance reaches; and whole numbers of 10 s, so that rounding to tenths of
# seconds comes out as in the run itself
ROOM, STEP = 1000.0, 10.0
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ValidationLine:
    """Runs of P participants on one time line.

    Attributes
    ----------
    values : ndarray of float64, (N,)
        Probability per second, run after run, with a 0 behind each run.
    first : ndarray of int64, (R,)
        Where each run begins in ``values``.
    places, ends : ndarray of float64, (R,)
        Where each run begins and ends on the line (s).
    owners : ndarray of int64, (R,)
        Participant of each run, from 0, ascending.
    seizures : pair of ndarray of float64, (n,)
        Where seizures begin and end on the line (s).
    seconds : ndarray of float64, (P,)
        EEG of each participant.
    """

    values: Times
    first: Whole
    places: Times
    ends: Times
    owners: Whole
    seizures: tuple[Times, Times]
    seconds: Times

    def count(self, grid: Sequence[PostProcessing], parameters: EventParameters = SZCORE) -> Times:
        """Score each point of a grid by the events of SzCORE: the sums of `szcore.score_events` over runs.

        Times are shifted, so a seizure of exactly 300 s, or a gap of exactly 90 s, with decimals may round to the
        other side here; whole seconds, as detections have them, do not.

        Parameters
        ----------
        grid : sequence of PostProcessing, n
            What is tried.
        parameters : EventParameters
            Rules of scoring; any overlap is a hit, ``min_overlap`` is not looked at.

        Returns
        -------
        ndarray of float64, (n, P, 5)
            Columns `eeg_kedro.scoring.counts.COLUMNS`.
        """
        there = _pieces(*self.seizures, parameters)
        regions = _tenths(there[0] - parameters.tolerance_start, there[1] + parameters.tolerance_end)
        sought = self._per_participant(there[0])
        reached: dict[tuple[float, float], tuple[Times, Times]] = {}
        counts = np.zeros((len(grid), self.seconds.size, len(COLUMNS)))
        for point, options in enumerate(grid):
            pair = (options.threshold, options.low_threshold)
            if pair not in reached:
                reached[pair] = self._place(*reach(self.values, *pair))
            found = _pieces(*shape_events(*reached[pair], options), parameters)
            hit, false = match(regions, _tenths(*found))
            tp, fp = self._per_participant(there[0][hit]), self._per_participant(found[0][false])
            counts[point] = np.stack([tp, fp, sought, self.seconds, fp], axis=1)
        return counts

    def _place(self, starts: Times, stops: Times) -> tuple[Times, Times]:
        """Take intervals of ``values`` to the line; what reaches into a last, cut second ends with its run."""
        run = np.searchsorted(self.first, starts, side="right") - 1
        shift = self.places[run] - self.first[run]
        return starts + shift, np.minimum(stops + shift, self.ends[run])

    def _per_participant(self, starts: Times) -> Times:
        owners = self.owners[np.searchsorted(self.places, starts, side="right") - 1]
        return np.bincount(owners, minlength=self.seconds.size).astype(np.float64)


def line_up(runs: Sequence[tuple[RunTruth, Times]]) -> ValidationLine:
    """Put runs one behind the other.

    Parameters
    ----------
    runs : sequence of (RunTruth, ndarray of float64 (S,))
        Runs and their checked probabilities, sorted by participant.
    """
    truths = [truth for truth, _ in runs]
    durations = np.array([truth.duration for truth in truths])
    sizes = np.array([values.size + 1 for _, values in runs], np.int64)
    places = np.concatenate([[0.0], np.cumsum(np.ceil((durations + ROOM) / STEP) * STEP)[:-1]])
    _, owners = np.unique([truth.participant for truth in truths], return_inverse=True)
    begin, end = (
        np.concatenate([edges + place for edges, place in zip(sides, places, strict=True)])
        for sides in ([t.seizures.starts for t in truths], [t.seizures.stops for t in truths])
    )
    return ValidationLine(
        values=np.concatenate([part for _, values in runs for part in (values, [0.0])]),
        first=np.cumsum(sizes) - sizes,
        places=places,
        ends=places + durations,
        owners=owners.astype(np.int64),
        seizures=(begin, end),
        seconds=np.bincount(owners, weights=durations).astype(np.float64),
    )


def match(
    regions: tuple[Whole, Whole], alarms: tuple[Whole, Whole]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which regions some alarm touches, and which alarms touch no such region.

    Parameters
    ----------
    regions, alarms : pair of ndarray of int64
        Starts and stops, ascending both; regions may overlap, alarms may not, and an empty alarm touches nothing.

    Returns
    -------
    hit : ndarray of bool, (n_regions,)
    false : ndarray of bool, (n_alarms,)
    """
    begin, end = alarms
    full = end > begin
    hit = _touched(regions, (begin[full], end[full]))
    return hit, ~(_touched(alarms, (regions[0][hit], regions[1][hit])) & full)


def _touched(spans: tuple[Whole, Whole], by: tuple[Whole, Whole]) -> NDArray[np.bool_]:
    touched: NDArray[np.bool_] = np.searchsorted(by[1], spans[0], "right") < np.searchsorted(by[0], spans[1])
    return touched


def _pieces(starts: Times, stops: Times, parameters: EventParameters) -> tuple[Times, Times]:
    """Merge events over short gaps, then cut what is long from its start on."""
    starts, stops = join_close(starts, stops, parameters.min_gap_seconds)
    longest = parameters.max_event_seconds
    n = np.maximum(np.ceil((stops - starts) / longest), 1).astype(np.int64)
    if not (n > 1).any():
        return starts, stops
    which = np.repeat(np.arange(n.size), n)
    place = np.arange(which.size) - (np.cumsum(n) - n)[which]
    begin = starts[which] + place * longest
    return begin, np.where(place + 1 == n[which], stops[which], begin + longest)


def _tenths(starts: Times, stops: Times) -> tuple[Whole, Whole]:
    begin, end = (np.rint(edge * GRID_HZ).astype(np.int64) for edge in (starts, stops))
    return begin, end
