"""Annotation files of SeizeIT1 (``_a1.tsv``) and what is particular about those of SeizeIT2.

SeizeIT1 (10.48804/P5Q0OJ): lines that begin with ``#`` tell of the patient and are never read; then one line per
seizure without a header, tab-separated: start (s), stop (s, or ``None``), type, comment. The comment is free text
and is never kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from eeg_kedro.errors import AnnotationError, UnknownLabelError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import NOT_GIVEN, NUMBER_LIKE, Annotation, AnnotationFile
from eeg_kedro.labels.seizure_labels import NO_EXTRA, LabelKind, label_kind

# 12 seizures of the corpus have no end; epilepsy2bids takes 30 s and a confidence of a half, and so do we
ASSUMED_DURATION, ASSUMED_CONFIDENCE = 30.0, 0.5
# its words for the ILAE 2017 classes, as SzCORE and SeizeIT2 write them; the head of each file says FIAS for FIA
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "fia": "sz_foc_ia",
        "fias": "sz_foc_ia",
        "fa": "sz_foc_a",
        "fas": "sz_foc_a",
        "f-btc": "sz_foc_f2b",
        "f-btcs": "sz_foc_f2b",
    }
)
HEADERS = ("start", "start_time", "onset")
LATEST = 1e9  # s
MOST_TOLD = 20  # rows that were left out; the others are counted


def read_seizeit1_tsv(file: SourceFile, extra: Mapping[str, str] = NO_EXTRA) -> AnnotationFile:
    """Read the seizures of one SeizeIT1 recording; a file of comments alone says that there is none.

    Parameters
    ----------
    file : SourceFile
        ``<stem>_a1.tsv``.
    extra : mapping
        Labels of the user's own; a type that is one of them keeps its word.

    Raises
    ------
    AnnotationError
        Naming the line, if cells are not separated by tabs or are missing, a time is no number of seconds, or a
        seizure does not end after its start.
    """
    own = {name.strip().lower() for name in extra}
    annotations, repairs = list[Annotation](), list[str]()
    for number, line in split_lines(read_text(file), file):
        cells = [cell.strip().strip('"').strip() for cell in line.split("\t")]
        if not any(cells) or line.lstrip().startswith("#"):
            continue
        if not annotations and cells[0].lower() in HEADERS:
            continue
        annotation, repair = _seizure(cells, own, file.relative, number)
        annotations.append(annotation)
        repairs += [repair] if repair else []
    return AnnotationFile(tuple(annotations), repairs=tuple(repairs))


def read_seizeit2_tsv(file: SourceFile, extra: Mapping[str, str] = NO_EXTRA) -> AnnotationFile:
    """Read a SeizeIT2 event table; impedance checks and background that last no time are left out and told.

    The corpus has ten impedance checks that end where or before they begin. They cover nothing and no seizure is
    lost with them; a seizure without a duration is never left out.

    Raises
    ------
    AnnotationError
        If the table cannot be read, or a seizure ends where or before it begins.
    UnknownLabelError
        If a label is not declared.
    """
    found = read_annotation_tsv(file, keep_negative=True)
    kept, lost = list[Annotation](), list[Annotation]()
    for row in found.annotations:
        if row.duration > 0:
            kept.append(row)
        elif _is_seizure(row, extra, file.relative):
            raise _no_end(f"{row.label} at {row.onset:.10g} s", row, file.relative)
        else:
            lost.append(row)
    told = [
        f"{file.relative}: {row.label} at {row.onset:.10g} s lasts {row.duration:.10g} s and is left out"
        for row in lost[:MOST_TOLD]
    ]
    if len(lost) > MOST_TOLD:
        told.append(f"{file.relative}: {len(lost) - MOST_TOLD} further rows are left out likewise")
    return replace(found, annotations=tuple(kept), repairs=(*found.repairs, *told))


def _seizure(cells: Sequence[str], own: set[str], file: str, line: int) -> tuple[Annotation, str]:
    if len(cells) < 3:
        raise AnnotationError(
            f"line {line} is no seizure",
            file=file,
            value=f"{len(cells)} cells",
            allowed="start, stop, type and a comment, separated by tabs",
            remedy="mend the line, or fetch the file again",
        )
    label = cells[2] if cells[2].lower() in own else TYPES.get(cells[2].lower(), cells[2])
    start = _seconds(cells[0], "start", file, line)
    if cells[1].lower() in NOT_GIVEN:
        told = f"{file}: {label} at {start:.10g} s has no end: {ASSUMED_DURATION:g} s assumed"
        return Annotation(start, ASSUMED_DURATION, label, confidence=ASSUMED_CONFIDENCE), told
    row = Annotation(start, _seconds(cells[1], "stop", file, line) - start, label)
    if row.duration <= 0:
        raise _no_end(f"line {line}", row, file)
    return row, ""


def _seconds(text: str, what: str, file: str, line: int) -> float:
    try:
        value = math.nan if "_" in text else float(text)  # Python reads 1_5 as 15
    except ValueError:
        value = math.nan
    if not 0 <= value <= LATEST:  # also for NaN
        # a comment may have slipped into this column, and comments may be about a person
        shown = text[:40] if NUMBER_LIKE.fullmatch(text) else f"text of {len(text)} letters"
        raise AnnotationError(
            f"the {what} in line {line} is no time",
            file=file,
            value=shown,
            allowed="seconds from the first sample; None for a stop that nobody marked",
            remedy="correct the line",
        )
    return value


def _is_seizure(row: Annotation, extra: Mapping[str, str], file: str) -> bool:
    try:
        return label_kind(row.label, extra) is LabelKind.SEIZURE
    except UnknownLabelError as error:
        error.file = file
        raise


def _no_end(which: str, row: Annotation, file: str) -> AnnotationError:
    return AnnotationError(
        f"a seizure that does not end after it began: {which}",
        file=file,
        value=f"start {row.onset:.10g} s, end {row.offset:.10g} s",
        allowed="an end after the start",
        remedy="correct its end, or remove the line",
    )
