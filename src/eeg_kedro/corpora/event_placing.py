"""Annotations become events: labelled, clipped to their recording or segment of one, in seconds and samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import AnnotationError, UnknownLabelError
from eeg_kedro.io.telling_text import may_be_channels
from eeg_kedro.labels.annotations import Annotation
from eeg_kedro.labels.intervals import sample_of, unite
from eeg_kedro.labels.seizure_labels import LabelKind, label_kind

Event = dict[str, Any]
NO_SAMPLE = -1  # of a recording that is not here and whose rate nothing states
TICKS = 10_000  # per second, where no rate is stated: annotation files give 4 decimals
UNKNOWN_CHANNEL = "unknown"  # in place of text that is no channel's label, and may be about a person
CHANNEL_UNKNOWN = "the channel of {} events is no label of a channel and became `unknown`"
MOST_TOLD = 20  # sentences about events that were cut; the others are counted


def make_events(
    annotations: Iterable[Annotation], facts: RecordingFacts, extra: Mapping[str, str], source: str
) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Label annotations and clip them to the recording, or to the segment of it that `facts` are about.

    Times of annotations count from the file's first sample, those of events from the segment's. What lies in
    another segment is that one's; what lies in none is told with the first.

    Parameters
    ----------
    annotations : iterable of Annotation
        Of the whole file.
    facts : RecordingFacts
        With the rate 0 nothing is known but the annotations: events keep their times and have no samples.
    extra : mapping
        ``ingest.extra_labels``.
    source : str
        The annotation file, for messages.

    Returns
    -------
    events : tuple of dict
        Columns of ``EVENT_COLUMNS`` without participant, run, source and has_signal.
    repairs : tuple of str
        One sentence for each event that was cut or left out; of very many, the number of the others.

    Raises
    ------
    AnnotationError
        If a seizure lasts no time, or an event ends before it begins.
    UnknownLabelError
        If a label is not declared.
    """
    events: list[Event] = []
    repairs: list[str] = []
    n_repairs = 0
    kinds: dict[str, LabelKind] = {}
    for annotation in annotations:
        kind = kinds.get(annotation.label) or kinds.setdefault(
            annotation.label, _kind(annotation, extra, source)
        )
        _demand_time(annotation, kind, source)
        event, repair = _place(annotation, kind, facts)
        if event:
            events.append(event)
        if repair:
            n_repairs += 1
            if n_repairs <= MOST_TOLD:
                repairs.append(f"{source}: {annotation.label} {_span(annotation)} {repair}")
    if n_repairs > MOST_TOLD:
        repairs.append(f"{source}: {n_repairs - MOST_TOLD} further events are cut or left out likewise")
    return tuple(events), (*repairs, *_check_channels(events, facts, source))


def united_seizures(events: Sequence[Event]) -> tuple[int, int]:
    """Return how many seizures there are and how many samples they cover, united over channels and labels.

    Of a recording without a rate the samples are -1.
    """
    if any(event["n_samples"] == NO_SAMPLE for event in events):
        return len(seizure_intervals(events, TICKS)), NO_SAMPLE
    spans = seizure_intervals(events)
    return len(spans), int(np.diff(spans).sum())


def seizure_intervals(events: Sequence[Event], sfreq: float = 0.0) -> NDArray[np.int64]:
    """Return united seizures as samples [start, stop), shape (n, 2).

    Parameters
    ----------
    events : sequence of dict
        As `make_events` gives them.
    sfreq : float
        Hz, to count in samples of another rate than their own.
    """
    seizures = [event for event in events if event["kind"] == LabelKind.SEIZURE.value]
    if sfreq:
        onsets = np.array([event["onset"] for event in seizures], np.float64)
        lengths = np.array([event["duration"] for event in seizures], np.float64)
        return np.stack(unite(sample_of(onsets, sfreq), sample_of(onsets + lengths, sfreq)), axis=1)
    starts = np.array([event["onset_sample"] for event in seizures], np.int64)
    lengths_in_samples = np.array([event["n_samples"] for event in seizures], np.int64)
    return np.stack(unite(starts, starts + lengths_in_samples), axis=1)


def _check_channels(events: Sequence[Event], facts: RecordingFacts, source: str) -> tuple[str, ...]:
    """Take out of events whatever is no channel's label, and count it."""
    plan = facts.plan
    others = [label for label, _ in plan.other] + [one.name for one in plan.aux]
    known = (plan.ch_names, plan.recorded_names, others, *plan.renamed)
    labels = frozenset(name.lower() for names in known for name in names)
    strange = {name for name in {event["channel"] for event in events} if not may_be_channels(name, labels)}
    found = [event for event in events if event["channel"] in strange]
    for event in found:
        event["channel"] = UNKNOWN_CHANNEL
    return (f"{source}: {CHANNEL_UNKNOWN.format(len(found))}",) if found else ()


def _kind(annotation: Annotation, extra: Mapping[str, str], source: str) -> LabelKind:
    try:
        return label_kind(annotation.label, extra)
    except UnknownLabelError as error:
        error.file = source
        raise


def _demand_time(annotation: Annotation, kind: LabelKind, source: str) -> None:
    if annotation.duration > 0 or (annotation.duration == 0 and kind is not LabelKind.SEIZURE):
        return
    raise AnnotationError(
        "a seizure that lasts no time" if annotation.duration == 0 else "an event that ends before it begins",
        file=source,
        value=f"{annotation.label} {_span(annotation)}",
        allowed="a duration above 0 s",
        remedy="give its end, or remove the line",
    )


def _place(annotation: Annotation, kind: LabelKind, facts: RecordingFacts) -> tuple[Event | None, str]:
    """Return the event as it lies in the recording, and what had to be done to it."""
    onset, offset = annotation.onset - facts.time_offset, annotation.offset - facts.time_offset
    if not facts.sfreq:
        return _without_samples(annotation, kind)
    start, stop = (int(sample_of(seconds, facts.sfreq)) for seconds in (onset, offset))
    first, last = max(start, 0), min(stop, facts.n_times)
    here = first < last or (start == stop and 0 <= start < facts.n_times)
    if here and start == stop and kind is LabelKind.SEIZURE:
        return None, "is shorter than one sample and is left out"
    told = _tell_lost(annotation, facts) if facts.segments else _tell_cut(start, stop, facts)
    if not here:
        return None, told
    begin = max(onset, 0.0)
    uncut = begin == annotation.onset and last == stop
    event = {
        "onset": begin,
        "duration": annotation.duration if uncut else min(offset, facts.duration) - begin,
        "onset_sample": first,
        "n_samples": max(last - first, 0),
        "label": annotation.label,
        "kind": kind.value,
        "channel": annotation.channel,
        "confidence": annotation.confidence,
    }
    return event, told


def _without_samples(annotation: Annotation, kind: LabelKind) -> tuple[Event | None, str]:
    if annotation.offset < 0 or (annotation.offset == 0 and annotation.duration > 0):
        return None, "ends before the recording begins and is left out"
    begin = max(annotation.onset, 0.0)
    event = {
        "onset": begin,
        "duration": annotation.duration if begin == annotation.onset else annotation.offset,
        "onset_sample": NO_SAMPLE,
        "n_samples": NO_SAMPLE,
        "label": annotation.label,
        "kind": kind.value,
        "channel": annotation.channel,
        "confidence": annotation.confidence,
    }
    return event, "" if begin == annotation.onset else "begins before the recording and is cut at its start"


def _tell_cut(start: int, stop: int, facts: RecordingFacts) -> str:
    """Say what the ends of a whole recording do to an event, samples [start, stop)."""
    if start >= facts.n_times:
        return f"begins after the end of the recording ({_s(facts.duration)} s) and is left out"
    if start < 0 and stop <= 0:
        return "ends before the recording begins and is left out"
    early = "begins before the recording and is cut at its start" if start < 0 else ""
    late = f"is cut at the end of the recording ({_s(facts.duration)} s)" if stop > facts.n_times else ""
    return " and ".join(filter(None, (early, late)))


def _tell_lost(annotation: Annotation, facts: RecordingFacts) -> str:
    """Say, with the first segment only, how much of an event lies in no segment."""
    if facts.time_offset != facts.segments[0].time_offset:
        return ""
    begins = np.array([part.time_offset for part in facts.segments])
    ends = begins + np.array([part.n_times for part in facts.segments]) / facts.sfreq
    half = 0.5 / facts.sfreq  # less than that is rounding to the nearest sample
    where = "in no part of the recording that is kept (in a gap, before its beginning or beyond its end)"
    if annotation.duration == 0:
        inside = ((begins - half <= annotation.onset) & (annotation.onset < ends - half)).any()
        return "" if inside else f"lies {where} and is left out"
    covered = np.clip(np.minimum(ends, annotation.offset) - np.maximum(begins, annotation.onset), 0, None)
    lost = annotation.duration - float(covered.sum())
    if lost <= half:
        return ""
    if covered.max() <= half:
        return f"lies {where} and is left out"
    return f"is cut: {_s(round(lost, 4))} s of it lie {where}"


def _span(annotation: Annotation) -> str:
    return f"{_s(annotation.onset)} to {_s(annotation.offset)} s"


def _s(seconds: float) -> str:
    return f"{seconds:.10g}"
