"""BIDS and SzCORE event tables: tab-separated ``onset``, ``duration`` and a label column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile, read_rows

STATED_DURATION = "recordingduration"


def read_annotation_tsv(file: SourceFile, *, keep_negative: bool = False) -> AnnotationFile:
    """Read an event table; byte-order marks, CRLF and blank lines are accepted.

    A table with only its header row says that somebody looked and found nothing.

    Parameters
    ----------
    file : SourceFile
        The table.
    keep_negative : bool
        Whether a negative duration is the caller's to mend; otherwise it is an error.

    Raises
    ------
    AnnotationError
        If the text cannot be read, is not tab-separated, a column is missing or a time is no time.
    """
    lines = ((number, _cells(line)) for number, line in split_lines(read_text(file), file) if line.strip())
    _, header = next(lines)  # a text without any was refused as empty
    found = next((mark for mark in ",; " if mark in header[0]), "") if len(header) == 1 else ""
    if found:
        raise AnnotationError(
            "columns are not separated by tabs",
            file=file.relative,
            value=found,
            allowed="tab-separated columns",
            remedy="save the table as tab-separated text",
        )
    stated: list[str] = []
    rows = _watch(lines, [name.strip().lower() for name in header], stated)
    annotations = read_rows(header, rows, file.relative, keep_negative=keep_negative)
    return AnnotationFile(annotations, _number(stated[0]) if stated else None)


def _cells(line: str) -> list[str]:
    cells = line.split("\t")
    if '"' not in line:
        return cells
    # a spreadsheet's quotes around a cell; a quote within one is text
    return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]


def _watch(
    rows: Iterable[tuple[int, list[str]]], names: list[str], stated: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """Pass rows on; what the first says about the length of the recording is put into `stated`."""
    place = names.index(STATED_DURATION) if STATED_DURATION in names else len(names)
    for number, cells in rows:
        if not stated:
            stated.append(cells[place] if place < len(cells) else "")
        yield number, cells


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:  # n/a, or a short row: the header of the recording knows better
        return None
    return value if math.isfinite(value) else None
