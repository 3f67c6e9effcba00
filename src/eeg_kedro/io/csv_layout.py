"""How a table of signals in text is laid out: separator, decimal sign, header row, comment lines.

Everything is seen from the first lines of the file; what the lines cannot tell (rate, unit) is the sidecar's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, FileIO
from itertools import islice, pairwise
from typing import NamedTuple

from eeg_kedro.errors import SignalError
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.source_file import SourceFile

CLOCK_COLUMNS = frozenset({"time", "timestamp", "timestamps", "datetime", "t"})
_TIME_WITH_UNIT = re.compile(r"time[ _]*[\[(]?(s|sec|seconds|ms|us)[\])]?")
TIME_COLUMNS = CLOCK_COLUMNS | {"sample", "index"}
BOM = b"\xef\xbb\xbf"
COMMENTS = (b"#", b"%")
POINTER = b"version https://git-lfs"
_LOOK = 20  # content lines that are looked at
_FEWEST_STEPS = 8  # below, an even step may be chance
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class CsvLayout:
    """Where the numbers of a text table are.

    Attributes
    ----------
    separator : str
        ``,``, ``;`` or a tab.
    decimal : str
        ``.``, or ``,`` where the separator is another.
    columns : tuple of str
        Names in the header row; empty if there is none.
    n_columns : int
        Columns of the table, time columns included.
    skip_rows : int
        Content lines (neither blank nor comment) before the first row of numbers: 1 with a header, else 0.
    body : int
        Bytes before the line of the first row of numbers (or before comments above it).
    """

    separator: str
    decimal: str
    columns: tuple[str, ...]
    n_columns: int
    skip_rows: int
    body: int

    @property
    def channels(self) -> tuple[int, ...]:
        """Columns that are channels: all but time columns and columns without a name."""
        if not self.columns:
            return tuple(range(self.n_columns))
        return tuple(i for i, name in enumerate(self.columns) if is_channel_name(name))

    @property
    def clock(self) -> int | None:
        """The first column that may hold the time of each row; none where rows are only counted."""
        return next((i for i, name in enumerate(self.columns) if is_clock_name(name)), None)


def is_clock_name(name: str) -> bool:
    """Tell whether a column holds the time of each row, by its name."""
    return name.lower() in CLOCK_COLUMNS or _TIME_WITH_UNIT.fullmatch(name.lower()) is not None


def is_channel_name(name: str) -> bool:
    """Tell a channel from a time or index column, or a column without a name."""
    return bool(name) and name.lower() not in TIME_COLUMNS and not is_clock_name(name)


def read_csv_layout(file: SourceFile) -> CsvLayout:
    """See how a text table is laid out.

    Raises
    ------
    SignalError
        If the file is empty, is not text, or its first row looks like neither names nor numbers.
    """
    with file.open() as handle:
        head = list(islice(content_lines(handle), _LOOK))
    if not head:
        raise _refusal(file, "the table is empty")
    if head[0].text.startswith(POINTER):
        raise _refusal(
            file, "a git-lfs pointer, not the file itself", remedy="fetch the content: git lfs pull"
        )
    if any(b"\0" in line.text for line in head):
        raise _refusal(file, "the table is not plain text (binary or UTF-16)", remedy="save it as UTF-8 text")
    rows = [_decode(line.text) for line in head]
    try:
        separator = _find_separator(rows)
        cells = [_split(row, separator) for row in rows]
    except csv.Error as error:
        raise _refusal(file, f"the table cannot be cut into cells: {error}") from error
    decimal = "," if separator != "," and any("," in row for row in rows[1:] or rows) else "."
    _refuse_units(file, cells, head)
    is_header = _is_header(file, cells, decimal, head[0].number)
    names = tuple(cell.strip() for cell in cells[0]) if is_header else ()
    body = head[0].end if is_header else head[0].start
    if not is_header:
        _refuse_counter(file, cells, decimal)
    return CsvLayout(separator, decimal, names, len(cells[0]), int(is_header), body)


class ContentLine(NamedTuple):
    """A line of a table that is neither blank nor a comment: number from 1, bytes before and after, text."""

    number: int
    start: int
    end: int
    text: bytes


def content_lines(handle: FileIO) -> Iterator[ContentLine]:
    """Yield the lines that are neither blank nor comments, without byte-order mark and line end."""
    return (line for line in _lines(handle) if line.text and not line.text.startswith(COMMENTS))


def find_blank_line(handle: FileIO) -> int | None:
    """Find a blank line between rows of numbers, in a table of one column; its number from 1."""
    started, blank = False, None
    for line in _lines(handle):
        if line.text.startswith(COMMENTS):
            continue
        if line.text and blank:
            return blank
        started = started or _is_number(_decode(line.text), ",")
        blank = None if line.text or not started else blank or line.number
    return None


def _lines(handle: FileIO) -> Iterator[ContentLine]:
    reader = BufferedReader(handle)
    number = end = 0
    try:
        while line := reader.readline(_LONGEST_LINE):
            number += 1
            start, end = end, end + len(line)
            mark = len(BOM) if number == 1 and line.startswith(BOM) else 0
            yield ContentLine(number, start + mark, end, line[mark:].strip(b"\r\n "))
    finally:  # a reader that goes away closes what it reads, and the handle is its opener's to close
        reader.detach()


def _find_separator(rows: list[str]) -> str:
    """Take the separator that cuts all lines into the same number of cells; a comma only if no other does."""
    for separator in ("\t", ";", ","):
        if rows[0].count(separator) and len({len(_split(row, separator)) for row in rows[:2]}) == 1:
            return separator
    return next((separator for separator in ("\t", ";", ",") if separator in rows[0]), ",")


def _refuse_units(file: SourceFile, cells: list[list[str]], lines: list[ContentLine]) -> None:
    """Refuse a row of units below the names: it is no sample, and the unit is the sidecar's to state."""
    below = [cell.strip() for cell in cells[1]] if len(cells) > 1 else []
    if any(microvolt_factor(cell) for cell in below) and not any(_is_number(cell, ".") for cell in below):
        what = f"line {lines[1].number}: a row of units below the channel names"
        remedy = "remove the line, and state the unit in the sidecar (`unit`) or in `ingest.csv_unit`"
        raise _refusal(file, what, remedy)


def _refuse_counter(file: SourceFile, cells: list[list[str]], decimal: str) -> None:
    """Refuse a table without names whose first column counts rows or tells their time: it is no channel."""
    try:
        first = [float(row[0].replace(decimal, ".")) for row in cells]
    except (ValueError, IndexError):
        return  # a cell that is empty or no number is found by whoever reads the rows
    steps = [after - before for before, after in pairwise(first)]
    usual = sum(steps) / max(1, len(steps))
    # written in milliseconds, steps of 3.9 ms are 3 and 4
    decimals = max(len(row[0].strip().partition(decimal)[2]) for row in cells)
    rounding = 1.01 * 10.0**-decimals if decimals else 0.0
    even = all(step > 0 and abs(step - usual) <= max(1e-3 * usual, rounding) for step in steps)
    if len(steps) >= _FEWEST_STEPS and len(cells[0]) > 1 and usual > 0 and even:
        what = "the first column counts rows or tells their time, and no header row names it"
        raise _refusal(file, what, "add a header row, and call that column `time` or `sample`")


def _is_header(file: SourceFile, cells: list[list[str]], decimal: str, line: int) -> bool:
    """Tell names from numbers: a name stands above a number, or is no number where there is no second row."""
    first = [_is_number(cell, decimal) for cell in cells[0]]
    below = [_is_number(cell, decimal) or not cell.strip() for cell in cells[1]] if len(cells) > 1 else []
    if all(first):
        return False
    n_names = sum(not number and (i >= len(below) or below[i]) for i, number in enumerate(first))
    if n_names and 2 * sum(first) <= len(first):
        return True
    # only the place: what stands in the cells is the recording, and reports are passed on
    what = f"line {line}, column {first.index(False) + 1}: the first row is neither channel names nor numbers"
    raise _refusal(file, what)


def _is_number(cell: str, decimal: str) -> bool:
    try:
        float(cell.replace(decimal, "."))
    except ValueError:
        return False
    return True


def _split(row: str, separator: str) -> list[str]:
    return next(csv.reader([row], delimiter=separator), [""])


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _refusal(file: SourceFile, what: str, remedy: str = "") -> SignalError:
    allowed = "rows of numbers below one row of channel names, separated by `,`, `;` or a tab"
    return SignalError(
        what,
        file=file.relative,
        allowed=allowed,
        remedy=remedy or "export the signals again, or take the file out of the corpus folder",
    )
