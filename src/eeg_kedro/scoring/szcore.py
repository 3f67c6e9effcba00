"""SzCORE's event and sample scoring by arithmetic on intervals: the counts of timescoring 0.0.7, quicker.

Dan et al., "SzCORE: seizure community open-source research evaluation framework for the validation of
EEG-based automated seizure detection algorithms", Epilepsia (2024). Events are compared on a grid of 10 Hz,
samples at 1 Hz. Times are added and subtracted in the order in which timescoring does it: a gap of 90 s or a
seizure of 300 s falls on the same side of the rule, down to the last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.labels.intervals import unite
from eeg_kedro.scoring.counts import Counts
from eeg_kedro.scoring.events import RunEvents, Seconds, demand_same_run, sample_bounds, sample_count

__all__ = ["Counts", "EventParameters", "score_events", "score_samples"]

GRID_HZ = 10  # of events
SAMPLE_HZ = 1  # of samples
LEAST_OVERLAP = 1e-6  # relative, on top of min_overlap: what timescoring takes for "any"
Bounds = tuple[NDArray[np.int64], NDArray[np.int64]]


class EventParameters(BaseModel):
    """Rules of event scoring; the defaults are SzCORE's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tolerance_start: float = Field(
        30, ge=0, description="Seconds before a seizure in which an alarm is a hit."
    )
    tolerance_end: float = Field(60, ge=0, description="Seconds after a seizure in which an alarm is a hit.")
    min_overlap: float = Field(
        0, ge=0, lt=1, description="Share of the seizure and its tolerance that a hit covers; 0: any overlap."
    )
    max_event_seconds: float = Field(
        300, gt=0, description="Longer events are split, seconds: one that never ends is many alarms."
    )
    min_gap_seconds: float = Field(90, ge=0, description="Events closer than this are merged, seconds.")


SZCORE = EventParameters.model_validate({})


def score_events(reference: RunEvents, hypothesis: RunEvents, parameters: EventParameters = SZCORE) -> Counts:
    """Count seizures found, false alarms and seizures of one run by SzCORE's rules for events.

    Both sides are merged over gaps and split into pieces; a seizure with its tolerance is found if the
    detections cover any of it; a detection is a false alarm if it lies in no found seizure with its tolerance.

    Parameters
    ----------
    reference, hypothesis : RunEvents
        What is there, and what was detected, in the same run.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    demand_same_run(reference, hypothesis)
    n_samples = sample_count(reference.duration, GRID_HZ)
    there = _pieces(reference, parameters)
    found = _pieces(hypothesis, parameters)
    if not (there[0].size and found[0].size):  # most hours of most recordings
        return Counts(0.0, float(found[0].size), float(there[0].size), n_samples / GRID_HZ)
    first = np.maximum(0, there[0] - parameters.tolerance_start)
    last = np.minimum(n_samples / GRID_HZ, there[1] + parameters.tolerance_end)
    regions, alarms = _on_grid(first, last, n_samples), _on_grid(*found, n_samples)
    seconds = last - first
    covered = _covered(regions, unite(*alarms)) / GRID_HZ
    # a region of no length covers nothing: there is no share to take
    share = np.divide(covered, seconds, out=np.zeros_like(seconds), where=seconds > 0)
    hit = share > parameters.min_overlap + LEAST_OVERLAP
    false = _covered(alarms, unite(regions[0][hit], regions[1][hit])) == 0
    return Counts(float(hit.sum()), float(false.sum()), float(hit.size), n_samples / GRID_HZ)


def score_samples(reference: RunEvents, hypothesis: RunEvents) -> Counts:
    """Count the seconds found, falsely alarmed and seized of one run, each second one sample.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    demand_same_run(reference, hypothesis)
    *there, n_samples = sample_bounds(reference, SAMPLE_HZ)
    *found, _ = sample_bounds(hypothesis, SAMPLE_HZ)
    if not (len(reference) or len(hypothesis)):
        return Counts(0.0, 0.0, 0.0, float(n_samples / SAMPLE_HZ))
    (first, last), (start, stop) = unite(*there), unite(*found)
    hit = float(_covered((start, stop), (first, last)).sum())
    return Counts(
        hit, float((stop - start).sum()) - hit, float((last - first).sum()), float(n_samples / SAMPLE_HZ)
    )


def _pieces(events: RunEvents, parameters: EventParameters) -> tuple[Seconds, Seconds]:
    """Merge events over short gaps, then cut what is long from its start on; seconds, (n,) each."""
    starts, stops = events.starts, events.stops
    if not starts.size:
        return starts, stops
    apart = starts[1:] - stops[:-1] >= parameters.min_gap_seconds
    starts, stops = starts[np.r_[True, apart]], stops[np.r_[apart, True]]
    longest = parameters.max_event_seconds
    if not (stops - starts > longest).any():
        return starts, stops
    cut = [piece for pair in zip(starts, stops, strict=True) for piece in _split(*pair, longest)]
    first, last = np.array(cut).T
    return first, last


def _split(start: float, stop: float, longest: float) -> list[tuple[float, float]]:
    # added up piece by piece, as timescoring does, which leaves a splinter of 1e-13 s where the sum falls short
    pieces = []
    while stop - start > longest:
        pieces.append((start, start + longest))
        start += longest
    return [*pieces, (start, stop)]


def _on_grid(starts: Seconds, stops: Seconds, n_samples: int) -> Bounds:
    bounds = (np.rint(edge * GRID_HZ).astype(np.int64) for edge in (starts, stops))
    first, last = (np.clip(edge, 0, n_samples) for edge in bounds)
    return first, last


def _covered(spans: Bounds, by: Bounds) -> NDArray[np.int64]:
    """Count the samples of each span that lie in disjoint ascending intervals, shape (n,)."""
    lengths: NDArray[np.int64] = np.maximum(_covered_before(spans[1], by) - _covered_before(spans[0], by), 0)
    return lengths


def _covered_before(samples: NDArray[np.int64], by: Bounds) -> NDArray[np.int64]:
    """Count what the intervals cover before each sample, shape (n,)."""
    begun = np.searchsorted(by[0], samples, side="right")
    total, reach = np.r_[0, np.cumsum(by[1] - by[0])], np.r_[0, by[1]]
    # the last interval that began may reach beyond the sample: take the excess back
    excess = np.where(begun > 0, np.maximum(reach[begun] - samples, 0), 0)
    covered: NDArray[np.int64] = total[begun] - excess
    return covered
