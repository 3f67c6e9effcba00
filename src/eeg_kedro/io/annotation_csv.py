"""TUSZ annotation files: ``.csv`` (per channel, many classes), ``.csv_bi`` (whole recording, two classes)."""

from __future__ import annotations

import csv
import re

from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile, read_rows

SEPARATORS = ",;\t"
DURATION_LINE = re.compile(r"#\s*duration\s*=\s*([0-9.]+)", re.IGNORECASE)


def read_annotation_csv(file: SourceFile) -> AnnotationFile:
    """Read a TUSZ-like table; lines that begin with ``#`` are comments, gaps between rows are background.

    The header row tells the separator: a comma, or the semicolon or tab of a spreadsheet's export.

    Raises
    ------
    AnnotationError
        If the text cannot be read, a column is missing or a time is no time.
    """
    duration: float | None = None
    table: list[tuple[int, str]] = []
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        if line.lstrip().startswith("#"):
            stated = DURATION_LINE.match(line.strip())
            duration = _number(stated.group(1)) if stated else duration
        elif line.strip(" \t,;"):
            table.append((number, line))
    separator = next((mark for mark in SEPARATORS if table and mark in table[0][1]), ",")
    cells = [(number, next(csv.reader([line], delimiter=separator))) for number, line in table]
    header = cells[0][1] if cells else []
    return AnnotationFile(read_rows(header, cells[1:], file.relative), duration)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # "1.2.3": a comment, not worth refusing a recording for
        return None
