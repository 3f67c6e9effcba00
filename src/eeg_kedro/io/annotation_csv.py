"""TUSZ annotation files: ``.csv`` (per channel, many classes), ``.csv_bi`` (whole recording, two classes)."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile, read_rows

SEPARATORS = ",;\t"
# "# duration = 300.00", "# duration = 1211.0000 secs", "# duration = 300 secs"
STATED = re.compile(r"#\s*(?:duration\s*=\s*(?P<duration>[0-9.]+)|bname\s*=\s*(?P<bname>\S+))", re.IGNORECASE)


def read_annotation_csv(file: SourceFile, *, keep_negative: bool = False) -> AnnotationFile:
    """Read a TUSZ-like table; lines that begin with ``#`` are comments, gaps between rows are background.

    The header row tells the separator: a comma, or the semicolon or tab of a spreadsheet's export.

    Parameters
    ----------
    file : SourceFile
        The table.
    keep_negative : bool
        Whether a negative duration is the caller's to mend; otherwise it is an error.

    Raises
    ------
    AnnotationError
        If the text cannot be read, a quote is not closed, a column is missing or a time is no time.
    """
    stated: dict[str, str] = {}
    lines = _table_lines(split_lines(read_text(file), file), stated)
    number, first = next(lines, (1, ""))
    separator = next((mark for mark in SEPARATORS if mark in first), ",")
    header = _cells(first, separator, file, number)
    rows = ((number, _cells(line, separator, file, number)) for number, line in lines)
    annotations = read_rows(header, rows, file.relative, keep_negative=keep_negative)
    return AnnotationFile(annotations, _number(stated.get("duration", "")), stated.get("bname", ""))


def _table_lines(lines: Iterable[tuple[int, str]], stated: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Give the rows; what the comments before and between them state is put into `stated`."""
    for number, line in lines:
        if line.lstrip().startswith("#"):
            found = STATED.match(line.strip())
            stated |= {name: text for name, text in found.groupdict().items() if text} if found else {}
        elif line.strip(" \t,;"):
            yield number, line


def _cells(line: str, separator: str, file: SourceFile, number: int) -> list[str]:
    if '"' not in line:
        return line.split(separator)
    try:
        # a line at a time: a quote that is never closed must not swallow the rows behind it
        return next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise AnnotationError(
            f"line {number} has quotes that are not closed, or text behind them",
            file=file.relative,
            allowed="cells without quotes, or with a quote at both ends",
            remedy="correct the line",
        ) from error


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:  # "1.2.3": a comment, not worth refusing a recording for
        return None
    return value if math.isfinite(value) else None
