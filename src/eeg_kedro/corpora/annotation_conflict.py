"""Two sources of annotations of one recording, held against each other: do they know the same seizures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.corpora.event_placing import TICKS, Event, make_events, seizure_intervals
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import AnnotationConflictError
from eeg_kedro.labels.annotations import Annotation
from eeg_kedro.labels.intervals import unite

DISAGREES = "disagrees on the seizures"
AGREES = "only compared: agrees on the seizures"
# begin and end of one seizure together: boundaries differ by fractions of a second between files of one corpus
AGREEMENT_SECONDS = 1.0

Spans = NDArray[np.int64]


def compare_seizures(
    used: tuple[str, Iterable[Annotation]],
    other: tuple[str, Iterable[Annotation]],
    facts: RecordingFacts,
    options: IngestOptions,
) -> str:
    """Compare the seizures of two sources over the whole file, whatever segment `facts` are about.

    Parameters
    ----------
    used, other : (str, iterable of Annotation)
        Name and content of the source that is used, and of the one that is held against it.
    facts : RecordingFacts
        Of the recording or of a segment of it.
    options : IngestOptions
        ``annotation_conflict`` says whether a disagreement is an error; ``extra_labels``.

    Returns
    -------
    str
        What was found; begins with `DISAGREES` where they do and that is no error.

    Raises
    ------
    AnnotationConflictError
        If they disagree, with the number of seizures and the first that differs of both.
    AnnotationError
        If a label or a time of one of them cannot be.
    """
    whole = _of_whole_file(facts)
    ours, theirs = (
        _spans(make_events(said, whole, options.extra_labels, name)[0], facts.sfreq)
        for name, said in (used, other)
    )
    first = _first_that_differs(ours, theirs)
    if first is None:
        return AGREES
    if options.annotation_conflict == "error":
        raise _conflict((used[0], ours), (other[0], theirs), first)
    return (
        f"{DISAGREES}: {len(theirs)} seizures here, {len(ours)} in the file that is used; "
        f"{_tell(theirs, first)} here, {_tell(ours, first)} there"
    )


def _of_whole_file(facts: RecordingFacts) -> RecordingFacts:
    if not facts.segments:
        return facts
    last = facts.segments[-1]
    n_times = round(last.time_offset * facts.sfreq) + last.n_times
    return replace(facts, segments=(), segment=0, first_sample=0, time_offset=0.0, n_times=n_times)


def _spans(events: Sequence[Event], sfreq: float) -> Spans:
    """Return united seizures in ticks, so that times can be told as the files state them, shape (n, 2)."""
    found = seizure_intervals(events, TICKS)
    # what is less than a sample apart is one seizure in samples, and so it is here
    sample = int(TICKS / sfreq) if sfreq else 0
    starts, stops = unite(found[:, 0], found[:, 1] + sample)
    return np.stack([starts, stops - sample], axis=1)


def _conflict(used: tuple[str, Spans], other: tuple[str, Spans], first: int) -> AnnotationConflictError:
    values = [
        f"{name}: {len(spans)} seizure{'' if len(spans) == 1 else 's'}, {_tell(spans, first)}"
        for name, spans in (used, other)
    ]
    return AnnotationConflictError(
        "two annotation files of one recording disagree on its seizures",
        file=used[0],
        other_file=other[0],
        value="; ".join(values),
        allowed=f"as many seizures in both, each {AGREEMENT_SECONDS:g} s apart at most (begin and end together)",
        remedy="remove the file that is wrong, or set ingest.annotation_conflict=first to use "
        f"{used[0]} and be told of the other",
    )


def _first_that_differs(ours: Spans, theirs: Spans) -> int | None:
    """Return the place of the first seizure that is too far from its counterpart or has none."""
    for place, (one, other) in enumerate(zip_longest(ours, theirs)):
        if one is None or other is None or np.abs(one - other).sum() > AGREEMENT_SECONDS * TICKS:
            return place
    return None


def _tell(spans: Spans, place: int) -> str:
    if place >= len(spans):
        return f"no seizure {place + 1}"
    start, stop = (float(ticks) / TICKS for ticks in spans[place])
    return f"seizure {place + 1} at {start:.10g} to {stop:.10g} s"
