"""From annotation files to the events of one recording: the first file that speaks of it, the others held against it.

How annotations are clipped is in ``event_placing``, how two files are compared in ``annotation_conflict``, what
becomes of annotations inside EDF+ files in ``embedded_events``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eeg_kedro.corpora.annotation_conflict import AGREEMENT_SECONDS, DISAGREES, compare_seizures
from eeg_kedro.corpora.annotation_search import demand_clear, shown_name
from eeg_kedro.corpora.embedded_events import (
    demand_usable,
    examine_embedded,
    read_embedded,
    tell_unused,
    use_embedded,
)
from eeg_kedro.corpora.event_placing import Event, make_events, united_seizures
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import UNKNOWN_LENGTH, RecordingFacts
from eeg_kedro.errors import AnnotationConflictError, EegError
from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.annotation_tse import read_annotation_tse
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.summary_text import read_summary_text
from eeg_kedro.labels.annotations import AnnotationFile

__all__ = [
    "AGREEMENT_SECONDS",
    "DISAGREES",
    "Event",
    "Labels",
    "make_events",
    "read_annotations",
    "read_events",
    "united_seizures",
]

Check = tuple[SourceFile, str, EegError | None]


@dataclass(frozen=True)
class Labels:
    """The events of one recording.

    Attributes
    ----------
    source : SourceFile or None
        Where they come from, the recording itself if from its own annotations; None if nobody annotated it.
    events : tuple of dict
        One per annotation, columns of ``EVENT_COLUMNS`` without participant, run, source and has_signal.
    repairs, remarks : tuple of str
        What was changed, and what the reader of the report should know.
    checks : tuple of (SourceFile, str, EegError or None)
        Further annotation files: what comparing them gave, or why they could not be read.
    partial : bool
        Somebody looked at parts of the recording only, or labels of it are there and were not read: what lies
        between the events has no category, whatever ``ingest.unannotated`` says.
    """

    source: SourceFile | None = None
    events: tuple[Event, ...] = ()
    repairs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    partial: bool = False


def read_annotations(file: SourceFile, candidate: Candidate) -> AnnotationFile | None:
    """Read one annotation file by its suffix; None where a summary does not name the recording."""
    name = file.relative.lower()
    if name.endswith(".tsv"):
        return read_annotation_tsv(file)
    if name.endswith((".tse", ".tse_bi")):
        return read_annotation_tse(file)
    if name.endswith(".txt"):
        seizures = read_summary_text(file, candidate.file.path.name)
        return None if seizures is None else AnnotationFile(seizures)
    return read_annotation_csv(file)


Reader = Callable[[SourceFile, Candidate], AnnotationFile | None]


def read_events(
    candidate: Candidate,
    facts: RecordingFacts,
    options: IngestOptions,
    read: Reader = read_annotations,
) -> Labels:
    """Read the first annotation file that speaks of the recording, and hold the others against it.

    Parameters
    ----------
    candidate : Candidate
        The recording with its annotation files.
    facts : RecordingFacts
        Of the recording, or of a segment of it.
    options : IngestOptions
        ``extra_labels``, ``unannotated``, ``annotation_conflict`` and ``edf_annotations``.
    read : callable
        Reads one annotation file; None: it does not speak of this recording. A layout with a format or rules of
        its own gives its own; what it mends is told in ``AnnotationFile.repairs``.

    Raises
    ------
    AnnotationError
        If the file cannot be read, a time is impossible or a seizure lasts no time.
    AnnotationConflictError
        If another file disagrees, and ``ingest.annotation_conflict`` is ``error``; or several files have the
        name that was looked for.
    UnknownLabelError
        If a label is not declared.
    """
    for place, file in enumerate(candidate.annotations):
        demand_clear(file)
        found = read(file, candidate)
        if found is not None:
            others = candidate.annotations[place + 1 :]
            return _label(file, found, others, candidate, facts, options, read)
    own = use_embedded(candidate, facts, options)
    if own.annotations is not None:
        events, repairs = make_events(own.annotations, facts, options.extra_labels, candidate.file.relative)
        return Labels(candidate.file, events, repairs, own.remarks)
    unread = [f"{name} has its name and is not read" for name in candidate.unread]
    withheld = own.withheld or bool(unread)
    return Labels(
        remarks=(_unannotated(withheld, options), *own.remarks, *unread),
        partial=withheld,
    )


def _unannotated(withheld: bool, options: IngestOptions) -> str:
    if options.unannotated != "background":
        return "no annotation: its windows have no category"
    if withheld:  # what is there may tell of seizures
        return "no annotation is used: its windows have no category, though ingest.unannotated is background"
    return "no annotation: taken for background, as ingest.unannotated says"


def _label(
    file: SourceFile,
    found: AnnotationFile,
    others: tuple[SourceFile, ...],
    candidate: Candidate,
    facts: RecordingFacts,
    options: IngestOptions,
    read: Reader,
) -> Labels:
    events, cuts = make_events(found.annotations, facts, options.extra_labels, file.relative)
    checks = tuple(
        (other, *_compare(other, (file, found), candidate, facts, options, read)) for other in others
    )
    doubts = tuple(
        f"{shown_name(other, candidate.file.root)} {said}"
        for other, said, _ in checks
        if said.startswith(DISAGREES)
    )
    own = _compare_embedded((file, found), candidate, facts, options)
    remarks = (*_stated_length(found, facts), *_stated_name(found, file, candidate), *doubts, *own)
    return Labels(file, events, (*found.repairs, *cuts), remarks, checks)


def _compare(
    other: SourceFile,
    used: tuple[SourceFile, AnnotationFile],
    candidate: Candidate,
    facts: RecordingFacts,
    options: IngestOptions,
    read: Reader,
) -> tuple[str, EegError | None]:
    """Hold a further annotation file against the one that is used; only a disagreement is an error of both."""
    file, found = used
    try:
        theirs = read(other, candidate)
        if theirs is None:
            return "does not speak of this recording", None
        ours = (shown_name(file, candidate.file.root), found.annotations)
        held = (shown_name(other, candidate.file.root), theirs.annotations)
        return compare_seizures(ours, held, facts, options), None
    except AnnotationConflictError:
        raise
    except EegError as error:
        return "", error


def _compare_embedded(
    used: tuple[SourceFile, AnnotationFile],
    candidate: Candidate,
    facts: RecordingFacts,
    options: IngestOptions,
) -> tuple[str, ...]:
    """Hold a recording's own annotations against its annotation file; those that are no labels are counted."""
    if options.edf_annotations == "ignore":
        return ()
    own = examine_embedded(candidate, facts, options)
    if options.edf_annotations == "require":
        demand_usable(own, candidate.file)
    if not (own.usable and own.tells_of_seizures):
        return tell_unused(own, options)
    file, found = used
    ours = (file.relative, found.annotations)
    try:
        said = compare_seizures(ours, (candidate.file.relative, read_embedded(candidate)), facts, options)
    except AnnotationConflictError as error:
        error.what = "the annotations inside the recording and its annotation file disagree on its seizures"
        error.remedy += "; ingest.edf_annotations=ignore does not look inside"
        raise
    return (f"the {own.n_annotations} annotations inside the file itself: {said}",)


def _stated_length(found: AnnotationFile, facts: RecordingFacts) -> tuple[str, ...]:
    if found.duration is None or not facts.sfreq or facts.n_times == UNKNOWN_LENGTH:
        return ()
    last = facts.segments[-1] if facts.segments else None
    length = last.time_offset + last.n_times / facts.sfreq if last else facts.duration
    if abs(found.duration - length) < 1:
        return ()
    return (f"annotations are for {found.duration:.10g} s, the recording has {length:.10g} s",)


def _stated_name(found: AnnotationFile, file: SourceFile, candidate: Candidate) -> tuple[str, ...]:
    # what is written there is not shown: it may be a name of another kind
    if not found.recording or found.recording.lower() == candidate.file.path.stem.lower():
        return ()
    return (f"{file.path.name} states another recording's name (bname) than {candidate.file.path.name}",)
