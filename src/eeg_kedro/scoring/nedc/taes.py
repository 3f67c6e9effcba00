"""NEDC TAES: hits and false alarms as fractions of the seizure they belong to."""

from __future__ import annotations

from eeg_kedro.scoring.events import RunEvents, demand_same_run
from eeg_kedro.scoring.nedc.background import background_of
from eeg_kedro.scoring.nedc.nedc_counts import NedcCounts

Interval = tuple[float, float]


def score_taes(reference: RunEvents, hypothesis: RunEvents) -> NedcCounts:
    """Score each seizure by the share of it that was found (time-aligned event scoring).

    A pair gives overlap / length of the seizure as the hit, and what the detection covers outside it, over the
    same length and at most 1, as the false alarm. Several detections in one seizure add up. A detection over k
    seizures counts for the first; the other k - 1 are missed wholly. A detection that meets no seizure is one
    false alarm.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    demand_same_run(reference, hypothesis)
    tp, fp = _fractions(reference, hypothesis)
    tn, _ = _fractions(background_of(reference), background_of(hypothesis))
    return NedcCounts(tp, fp, float(len(reference)), reference.duration, tn)


def _fractions(reference: RunEvents, hypothesis: RunEvents) -> tuple[float, float]:
    """Return hits and false alarms of one label."""
    there, found = _intervals(reference), _intervals(hypothesis)
    hit = false = 0.0
    k = 0  # the first detection that is not yet used up
    free_from = 0.0  # seizures that begin before are covered by a detection that counted for another one
    for event in there:
        if event[0] < free_from:
            continue
        while k < len(found) and found[k][1] <= event[0]:  # ends before: met none
            false, k = false + 1, k + 1
        while k < len(found) and found[k][0] < event[1]:
            of_event, outside = _pair(event, found[k])
            hit, false, k = hit + of_event, false + outside, k + 1
            free_from = max(free_from, found[k - 1][1])
    return hit, false + len(found) - k


def _pair(event: Interval, detection: Interval) -> tuple[float, float]:
    length = event[1] - event[0]
    overlap = min(event[1], detection[1]) - max(event[0], detection[0])
    return overlap / length, min(1.0, (detection[1] - detection[0] - overlap) / length)


def _intervals(events: RunEvents) -> list[Interval]:
    return list(zip(events.starts.tolist(), events.stops.tolist(), strict=True))
