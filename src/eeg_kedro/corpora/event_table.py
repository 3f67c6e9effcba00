"""From annotation files to events of one recording: labelled, clipped to it, in seconds and samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import AnnotationError, EegError, UnknownLabelError
from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.summary_text import read_summary_text
from eeg_kedro.labels.annotations import Annotation, AnnotationFile
from eeg_kedro.labels.intervals import sample_of, unite
from eeg_kedro.labels.seizure_labels import LabelKind, label_kind

Event = dict[str, Any]
DISAGREES = "disagrees on the seizures"
AGREEMENT_SECONDS = 1.0  # per seizure


@dataclass(frozen=True)
class Labels:
    """The events of one recording.

    Attributes
    ----------
    source : SourceFile or None
        Where they come from; None if nobody annotated the recording.
    events : tuple of dict
        One per annotation, columns of ``EVENT_COLUMNS`` without participant, run and source.
    repairs, remarks : tuple of str
        What was changed, and what the reader of the report should know.
    checks : tuple of (SourceFile, str, EegError or None)
        Further annotation files: what comparing them gave, or why they could not be read.
    """

    source: SourceFile | None = None
    events: tuple[Event, ...] = ()
    repairs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    checks: tuple[tuple[SourceFile, str, EegError | None], ...] = ()


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Read the first annotation file that speaks of the recording, and hold the others against it.

    Raises
    ------
    AnnotationError
        If the file cannot be read, a time is impossible or a seizure lasts no time.
    UnknownLabelError
        If a label is not declared.
    """
    for place, file in enumerate(candidate.annotations):
        found = read_annotations(file, candidate)
        if found is None:
            continue
        events, repairs = make_events(found.annotations, facts, options.extra_labels, file.relative)
        checks = tuple(
            (other, *_compare(other, candidate, facts, options, events))
            for other in candidate.annotations[place + 1 :]
        )
        doubts = tuple(f"{other.path.name} {said}" for other, said, _ in checks if said.startswith(DISAGREES))
        return Labels(file, events, repairs, (*_stated_length(found, facts), *doubts), checks)
    if options.unannotated == "background":
        return Labels(remarks=("no annotation: taken for background, as ingest.unannotated says",))
    return Labels(remarks=("no annotation: its windows have no category",))


def read_annotations(file: SourceFile, candidate: Candidate) -> AnnotationFile | None:
    """Read one annotation file by its suffix; None where a summary does not name the recording."""
    if file.relative.lower().endswith(".tsv"):
        return read_annotation_tsv(file)
    if file.relative.lower().endswith(".txt"):
        seizures = read_summary_text(file, candidate.file.path.name)
        return None if seizures is None else AnnotationFile(seizures)
    return read_annotation_csv(file)


def make_events(
    annotations: Iterable[Annotation], facts: RecordingFacts, extra: Mapping[str, str], source: str
) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Label annotations and clip them to the recording.

    Returns
    -------
    events : tuple of dict
    repairs : tuple of str
        One sentence for each event that was cut or left out.
    """
    events: list[Event] = []
    repairs: list[str] = []
    for annotation in annotations:
        event, repair = _clip(annotation, _kind(annotation, extra, source), facts, source)
        events += [event] if event else []
        repairs += [repair] if repair else []
    return tuple(events), tuple(repairs)


def united_seizures(events: Sequence[Event]) -> tuple[int, int]:
    """Return how many seizures there are and how many samples they cover, united over channels and labels."""
    seizures = [event for event in events if event["kind"] == LabelKind.SEIZURE.value]
    starts = np.array([event["onset_sample"] for event in seizures], np.int64)
    lengths = np.array([event["n_samples"] for event in seizures], np.int64)
    first, last = unite(starts, starts + lengths)
    return first.size, int((last - first).sum())


def _seizure_intervals(events: Sequence[Event]) -> NDArray[np.int64]:
    """Return united seizures as samples [start, stop), shape (n, 2)."""
    rows = [(e["onset_sample"], e["onset_sample"] + e["n_samples"]) for e in events if e["kind"] == "seizure"]
    starts, stops = np.array(rows, np.int64).reshape(-1, 2).T
    return np.stack(unite(starts, stops), axis=1)


def _samples_apart(one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """Count the samples that only one of two sets of disjoint intervals covers."""
    both = sum(max(0, min(b, d) - max(a, c)) for a, b in one for c, d in other)
    return int(np.diff(one).sum() + np.diff(other).sum() - 2 * both)


def _kind(annotation: Annotation, extra: Mapping[str, str], source: str) -> LabelKind:
    try:
        kind = label_kind(annotation.label, extra)
    except UnknownLabelError as error:
        error.file = source
        raise
    if kind is LabelKind.SEIZURE and annotation.duration == 0:
        raise AnnotationError(
            "a seizure that lasts no time",
            file=source,
            value=f"{annotation.label} at {annotation.onset:g} s",
            allowed="a duration above 0 s",
            remedy="give its end, or remove the line",
        )
    return kind


def _clip(
    annotation: Annotation, kind: LabelKind, facts: RecordingFacts, source: str
) -> tuple[Event | None, str]:
    start = int(sample_of(annotation.onset, facts.sfreq))
    stop = int(sample_of(annotation.offset, facts.sfreq))
    name = f"{source}: {annotation.label} {annotation.onset:g} to {annotation.offset:g} s"
    if start >= facts.n_times:
        return None, f"{name} begins after the end of the recording ({facts.duration:g} s) and is left out"
    if stop == start and kind is LabelKind.SEIZURE:
        return None, f"{name} is shorter than one sample and is left out"
    beyond = stop > facts.n_times
    event = {
        "onset": annotation.onset,
        "duration": facts.duration - annotation.onset if beyond else annotation.duration,
        "onset_sample": start,
        "n_samples": min(stop, facts.n_times) - start,
        "label": annotation.label,
        "kind": kind.value,
        "channel": annotation.channel,
        "confidence": annotation.confidence,
    }
    return event, f"{name} is cut at the end of the recording ({facts.duration:g} s)" if beyond else ""


def _stated_length(found: AnnotationFile, facts: RecordingFacts) -> tuple[str, ...]:
    if found.duration is None or abs(found.duration - facts.duration) < 1:
        return ()
    return (f"annotations are for {found.duration:g} s, the recording has {facts.duration:g} s",)


def _compare(
    other: SourceFile,
    candidate: Candidate,
    facts: RecordingFacts,
    options: IngestOptions,
    events: Sequence[Event],
) -> tuple[str, EegError | None]:
    """Hold a second annotation file against the events that are used."""
    try:
        found = read_annotations(other, candidate)
        if found is None:
            return "does not speak of this recording", None
        theirs, _ = make_events(found.annotations, facts, options.extra_labels, other.relative)
    except EegError as error:
        return "", error
    ours, (n_ours, n_theirs) = (
        _seizure_intervals(events),
        (united_seizures(events)[0], united_seizures(theirs)[0]),
    )
    apart = _samples_apart(ours, _seizure_intervals(theirs)) / facts.sfreq
    # boundaries of the same seizure differ by fractions of a second between the files of one corpus
    if n_ours == n_theirs and apart <= AGREEMENT_SECONDS * max(n_ours, 1):
        return "only compared: agrees on the seizures", None
    return (
        f"{DISAGREES}: {n_theirs} seizures here, {n_ours} in the file that is used, {apart:g} s apart",
        None,
    )
