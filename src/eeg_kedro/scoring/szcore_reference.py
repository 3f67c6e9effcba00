"""SzCORE's event and sample scoring by timescoring itself, the library of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eeg_kedro.scoring.counts import Counts
from eeg_kedro.scoring.events import RunEvents, demand_same_run, sample_count
from eeg_kedro.scoring.szcore import GRID_HZ, SAMPLE_HZ, SZCORE, EventParameters

if TYPE_CHECKING:
    from timescoring.annotations import Annotation
    from timescoring.scoring import EventScoring, SampleScoring


def score_events(reference: RunEvents, hypothesis: RunEvents, parameters: EventParameters = SZCORE) -> Counts:
    """Count seizures found, false alarms and seizures of one run; see `szcore.score_events`.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    from timescoring.scoring import EventScoring

    demand_same_run(reference, hypothesis)
    rules = EventScoring.Parameters(
        toleranceStart=parameters.tolerance_start,
        toleranceEnd=parameters.tolerance_end,
        minOverlap=parameters.min_overlap,
        maxEventDuration=parameters.max_event_seconds,
        minDurationBetweenEvents=parameters.min_gap_seconds,
    )
    with np.errstate(invalid="ignore"):  # it takes 0 / 0 of a region that rounds to nothing
        return _counts(EventScoring(_annotation(reference, GRID_HZ), _annotation(hypothesis, GRID_HZ), rules))


def score_samples(reference: RunEvents, hypothesis: RunEvents) -> Counts:
    """Count the seconds found, falsely alarmed and seized of one run; see `szcore.score_samples`.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    from timescoring.scoring import SampleScoring

    demand_same_run(reference, hypothesis)
    return _counts(
        SampleScoring(_annotation(reference, SAMPLE_HZ), _annotation(hypothesis, SAMPLE_HZ), SAMPLE_HZ)
    )


def _annotation(events: RunEvents, sfreq: int) -> Annotation:
    from timescoring.annotations import Annotation

    pairs = list(zip(events.starts.tolist(), events.stops.tolist(), strict=True))
    return Annotation(pairs, sfreq, sample_count(events.duration, sfreq))


def _counts(scoring: EventScoring | SampleScoring) -> Counts:
    return Counts(
        float(scoring.tp), float(scoring.fp), float(scoring.refTrue), scoring.numSamples / scoring.fs
    )
