"""NEDC OVLP: any overlap is a hit, whole events are counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.scoring.events import RunEvents, demand_same_run
from eeg_kedro.scoring.nedc.background import background_of
from eeg_kedro.scoring.nedc.nedc_counts import NedcCounts

TICKS = 1000  # per second: times are rounded to three decimals
GUARD = 1  # ticks: an event is shortened by so much at both ends before one looks what overlaps it


def score_ovlp(reference: RunEvents, hypothesis: RunEvents) -> NedcCounts:
    """Count the seizures that a detection overlaps, and the detections that overlap no seizure.

    No tolerance, no merging. ``tn``: the background intervals of the reference that one of the detection
    overlaps.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    demand_same_run(reference, hypothesis)
    hit = _overlapped(reference, hypothesis)
    false = ~_overlapped(hypothesis, reference)
    quiet = _overlapped(background_of(reference), background_of(hypothesis))
    return NedcCounts(
        float(hit.sum()), float(false.sum()), float(hit.size), reference.duration, float(quiet.sum())
    )


def _overlapped(events: RunEvents, by: RunEvents) -> NDArray[np.bool_]:
    """Tell which events, less the guard at both ends, one of the others overlaps, shape (n,)."""
    (first, last), (start, stop) = (
        tuple(np.rint(edges * TICKS).astype(np.int64) for edges in (side.starts, side.stops))
        for side in (events, by)
    )
    # of disjoint ascending intervals, those that end after ours begins and begin before ours ends
    overlapped: NDArray[np.bool_] = np.searchsorted(stop, first + GUARD, side="right") < np.searchsorted(
        start, last - GUARD, side="left"
    )
    return overlapped
