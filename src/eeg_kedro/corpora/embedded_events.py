"""Annotations inside EDF+ and BDF+ files: used as labels only where every text is one that somebody declared.

The texts are whatever a technician typed. An undeclared one is never shown: number and time say where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import AnnotationError, UnknownLabelError
from eeg_kedro.io.edf_annotations import read_edf_annotations
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import Annotation
from eeg_kedro.labels.seizure_labels import ALLOWED, LabelKind, label_kind


class Embedded(NamedTuple):
    """What a file's own annotations are worth.

    Attributes
    ----------
    n_annotations : int
    n_unknown : int
        Different texts that are no declared label.
    n_marks : int
        Seizures marked by a moment, without a duration.
    n_seizures, n_background : int
        Those that say so, with a duration.
    first : (int, float)
        Number, from 1, and onset (s) of the first annotation that cannot be used.
    flaw : AnnotationError or None
        Why they cannot be read to the end.
    """

    n_annotations: int = 0
    n_unknown: int = 0
    n_marks: int = 0
    n_seizures: int = 0
    n_background: int = 0
    first: tuple[int, float] = (0, 0.0)
    flaw: AnnotationError | None = None

    @property
    def usable(self) -> bool:
        """Whether all of them are labels, and there are any."""
        return bool(self.n_annotations) and not (self.n_unknown or self.n_marks or self.flaw)

    @property
    def may_tell_seizures(self) -> bool:
        """Whether there are seizures, or what may be some: without them no recording is all background."""
        return bool(self.n_seizures or self.n_unknown or self.n_marks or self.flaw)

    @property
    def tells_of_seizures(self) -> bool:
        """Whether they say where seizures are or are not; of other labels alone nothing follows."""
        return bool(self.n_seizures or self.n_background)


class OwnLabels(NamedTuple):
    """What a recording of which no annotation file speaks has from its own annotations.

    Attributes
    ----------
    annotations : tuple of Annotation or None
        The labels of the recording; None: there are none, or they are not used.
    remarks : tuple of str
        What the reader of the report should know.
    withheld : bool
        Seizures, or what may be some, are there and were not used.
    """

    annotations: tuple[Annotation, ...] | None = None
    remarks: tuple[str, ...] = ()
    withheld: bool = False


def use_embedded(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> OwnLabels:
    """Decide what becomes of the annotations inside a recording of which no annotation file speaks.

    Raises
    ------
    AnnotationError, UnknownLabelError
        If ``ingest.edf_annotations`` is ``require`` and they cannot be read or are no declared labels.
    """
    found = examine_embedded(candidate, facts, options)
    if options.edf_annotations == "require":
        demand_usable(found, candidate.file)
    if found.usable and options.edf_annotations != "ignore":
        told = f"labelled by the {found.n_annotations} annotations inside the file itself"
        return OwnLabels(read_embedded(candidate), (told,))
    return OwnLabels(None, tell_unused(found, options), found.may_tell_seizures)


def examine_embedded(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Embedded:
    """Count the annotations inside a recording, and those that are no label; plain files have none."""
    if candidate.absent or not facts.holds_texts:
        return Embedded()
    extra = tuple(sorted(options.extra_labels.items()))
    return _examine(candidate.file, candidate.file.stamp(), extra)


def read_embedded(candidate: Candidate) -> tuple[Annotation, ...]:
    """Read the annotations inside a recording, all of them declared labels."""
    return _read(candidate.file, candidate.file.stamp())


def demand_usable(found: Embedded, file: SourceFile) -> None:
    """Refuse annotations that are no labels.

    Raises
    ------
    AnnotationError, UnknownLabelError
        Naming number and onset of the first that cannot be used, never its text.
    """
    if found.flaw:
        raise found.flaw
    number, onset = found.first
    where = f"the file's own annotation {number}, at {onset:.10g} s,"
    if found.n_unknown:
        raise UnknownLabelError(
            f"{where} is no declared label",
            file=file.relative,
            value=f"{found.n_unknown} undeclared texts in {found.n_annotations} annotations",
            allowed=ALLOWED,
            remedy="look at its text in a viewer and declare it in ingest.extra_labels, or set "
            "ingest.edf_annotations=auto",
        )
    if found.n_marks:
        raise AnnotationError(
            f"{where} is a seizure that lasts no time",
            file=file.relative,
            value=f"{found.n_marks} such marks",
            allowed="a duration above 0 s",
            remedy="write the seizures into an annotation file beside the recording, with their ends",
        )


# the segments of a file ask for the same annotations one after the other
@lru_cache(maxsize=1)
def _examine(file: SourceFile, stamp: tuple[int, int], extra: tuple[tuple[str, str], ...]) -> Embedded:
    kinds: dict[str, LabelKind | None] = {}
    declared = dict(extra)
    counts = dict.fromkeys(LabelKind, 0)
    number, n_marks, first, flaw = 0, 0, (0, 0.0), None
    try:
        for number, annotation in enumerate(read_edf_annotations(file), start=1):
            kind = _kind(annotation.label, declared, kinds)
            mark = kind is LabelKind.SEIZURE and annotation.duration == 0
            n_marks += mark
            if kind is not None and not mark:
                counts[kind] += 1
            if (mark or kind is None) and not first[0]:
                first = number, annotation.onset
    except AnnotationError as error:
        flaw = error
    n_unknown = sum(kind is None for kind in kinds.values())
    told = counts[LabelKind.SEIZURE], counts[LabelKind.BACKGROUND]
    return Embedded(number, n_unknown, n_marks, *told, first, flaw)


def _kind(label: str, extra: Mapping[str, str], kinds: dict[str, LabelKind | None]) -> LabelKind | None:
    if label not in kinds:
        try:
            kinds[label] = label_kind(label, extra)
        except UnknownLabelError:
            kinds[label] = None
    return kinds[label]


@lru_cache(maxsize=1)
def _read(file: SourceFile, stamp: tuple[int, int]) -> tuple[Annotation, ...]:
    return tuple(read_edf_annotations(file))


def tell_unused(found: Embedded, options: IngestOptions) -> tuple[str, ...]:
    """Count annotations that are not used, and say why they are not."""
    if found.flaw:
        return (f"annotations of its own were not used: {found.flaw.what}",)
    if not found.n_annotations:
        return ()
    unused = f"holds {found.n_annotations} annotations of its own that were not used"
    if options.edf_annotations == "ignore":
        return (f"{unused}, as ingest.edf_annotations says",)
    if found.n_unknown:
        return (
            f"{unused}: {found.n_unknown} texts are no declared label; declare them in ingest.extra_labels, or set "
            "ingest.edf_annotations=require to see where the first is",
        )
    if found.n_marks:
        return (f"{unused}: {found.n_marks} seizures are marked by a moment, without a duration",)
    return (f"{unused}: they do not say where seizures are",)
