"""Expert tables of the Helsinki neonatal corpus: a column per neonate, a row per second, 0 or 1.

``annotations_2017_A_fixed.csv``, ``_B.csv`` and ``_C.csv`` (10.5281/zenodo.4940267). Columns are blank after the
end of the recording. The published files have a header row 1 ... 79; copies without it are in use, and where a
header cannot be told from a first second, the length of the recording decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import NOT_GIVEN, NUMBER_LIKE
from eeg_kedro.labels.expert_consensus import NOT_ANNOTATED

SEPARATORS = ";\t,"  # in this order: a decimal comma stands beside semicolons
NUMBERED = re.compile(r"[A-Za-z_. -]*(?P<number>\d{1,6})(\.0+)?")
WRONG = 3  # code of a cell that is none of 0, 1 and blank
KEPT_TABLES = 6  # one corpus has three
MOST_NEONATES = 1000
COUNTED_ROWS = 3  # 0, 1, 2 or 1, 2, 3
PADDED = (
    6  # cells per character of the file: rows may be written without the blanks at their end, within reason
)


@dataclass(frozen=True)
class ExpertTable:
    """What one expert marked.

    Attributes
    ----------
    marks : mapping of int to ndarray of uint8, shape (n_seconds,)
        By neonate: 0, 1 or `NOT_ANNOTATED` per second up to the last that was annotated; neonates of whom the
        expert annotated nothing are absent.
    flaws : mapping of int to AnnotationError
        Neonates whose column cannot be used, and why.
    first_is_header : bool or None
        Whether the first row is a header; None: a single column that begins with a 1 may be either, and `marks`
        then has that row too.
    """

    marks: Mapping[int, NDArray[np.uint8]]
    flaws: Mapping[int, AnnotationError]
    first_is_header: bool | None


def read_expert_table(file: SourceFile) -> ExpertTable:
    """Read the table of one expert; once for as long as the file stays as it is.

    Raises
    ------
    AnnotationError
        If the file is no such table: no text, ragged, with a first row that is neither header nor seconds, or
        with a column of row numbers. A cell that is none of 0, 1 and blank spoils its own column only.
    SignalError
        If the file is gone.
    """
    found = _read_once(file, file.stamp())
    if isinstance(found, AnnotationError):
        raise copy(found)  # the one that is remembered keeps no traceback
    return found


def marks_of(
    table: ExpertTable, neonate: int, file: SourceFile, duration: float | None
) -> NDArray[np.uint8] | None:
    """Return what the expert marked for one neonate; None if nothing.

    Parameters
    ----------
    table : ExpertTable
        Of the expert.
    neonate : int
        The number in the name of the recording.
    file : SourceFile
        The table's file, for errors.
    duration : float or None
        Length of the recording in seconds, where it is known.

    Raises
    ------
    AnnotationError
        If a cell is none of 0, 1 and blank, or a single column fits the recording neither with nor without a
        header.
    """
    if neonate in table.flaws:
        raise copy(table.flaws[neonate])
    marks = table.marks.get(neonate)
    if marks is None or table.first_is_header is not None:
        return marks
    seconds = -1 if duration is None else int(duration)
    if seconds not in (marks.size, marks.size - 1):
        raise AnnotationError(
            "a single column that begins with 1: nobody can tell whether that is its header or its first second",
            file=file.relative,
            value=f"{marks.size} rows",
            allowed="as many rows as the recording has seconds, or one more with a header",
            remedy="give the column a header that is no 1, e.g. eeg1",
        )
    return marks[marks.size - seconds :]


@lru_cache(maxsize=KEPT_TABLES)
def _read_once(file: SourceFile, stamp: tuple[int, int]) -> ExpertTable | AnnotationError:
    """Read a table; an error is remembered too, or 79 recordings would each read a broken file again."""
    try:
        return _read(file)
    except AnnotationError as error:
        return error


def _read(file: SourceFile) -> ExpertTable:
    text = read_text(file)
    lines = split_lines(text, file)
    _, first = next(lines)
    separator = next((mark for mark in SEPARATORS if mark in first), ",")
    names, header = _name_columns(_cells(first, separator), file)
    rows = lines if header else split_lines(text, file)
    top = list(islice(rows, COUNTED_ROWS))
    _refuse_row_numbers([line.replace('"', "").split(separator) for _, line in top], file)
    codes, wrong = _encode(chain(top, rows), separator, len(names), PADDED * len(text), file)
    flaws = {names[column]: _wrong_cell(names[column], *place, file) for column, place in wrong.items()}
    marks = {
        name: _without_tail(column) for name, column in zip(names, codes.T, strict=True) if name not in flaws
    }
    return ExpertTable({name: column for name, column in marks.items() if column.size}, flaws, header)


def _cells(line: str, separator: str) -> list[str]:
    """Split a row; numbers need no quotes, and blanks behind the last filled cell belong to no neonate."""
    cells = line.replace('"', "").split(separator)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _name_columns(first: list[str], file: SourceFile) -> tuple[list[int], bool | None]:
    """Return the neonate of each column, and whether the first row says so; None: it may or may not."""
    codes = [_code(cell) for cell in first] if len(first) <= MOST_NEONATES else [WRONG]
    if first and WRONG not in codes:
        return list(range(1, len(first) + 1)), None if codes == [1] else False
    numbers = [NUMBERED.fullmatch(cell.strip()) for cell in first]
    names = [int(match["number"]) for match in numbers if match]
    if 0 < len(names) == len(first) == len(set(names)) <= MOST_NEONATES and min(names) > 0:
        return names, True
    unnamed = bool(first) and not first[0].strip() and len(names) == len(first) - 1
    raise AnnotationError(
        "the first column has no name: a column of row numbers?" if unnamed else "no table of an expert",
        file=file.relative,
        value=f"{len(first)} cells in the first row, {len(set(names))} of them numbers of neonates",
        allowed="a header with each neonate's number once (1 ... 79), or seconds of 0 and 1 from the first row on",
        remedy="fetch the table again, or export it without row numbers",
    )


def _refuse_row_numbers(rows: list[list[str]], file: SourceFile) -> None:
    """Refuse a table of which a column counts its rows: each neonate would have the marks of its neighbour.

    Seconds of 0 and 1 cannot be told from row numbers before the 2.
    """
    for place, cells in enumerate(zip(*rows, strict=False), start=1):  # rows may end early
        numbers = [_number(cell) for cell in cells]
        if numbers[-1] >= 2 and all(later - number == 1 for number, later in pairwise(numbers)):
            raise AnnotationError(
                "a column of row numbers",
                file=file.relative,
                value=f"column {place} begins with {', '.join(f'{number:g}' for number in numbers)}",
                allowed="a column for each neonate, with 0, 1 or blank in it",
                remedy="fetch the table again, or export it without row numbers",
            )


def _encode(
    rows: Iterable[tuple[int, str]], separator: str, width: int, most: int, file: SourceFile
) -> tuple[NDArray[np.uint8], dict[int, tuple[int, str]]]:
    """Return codes, shape (n_seconds, width), and for each column its first wrong cell with its line."""
    codes, table, wrong = _Codes(), bytearray(), dict[int, tuple[int, str]]()
    for number, line in rows:
        cells = line.replace('"', "").split(separator)
        if len(cells) != width:
            cells = _cells(line, separator)
            if len(cells) > width:
                raise AnnotationError(
                    f"line {number} has more cells than the first row",
                    file=file.relative,
                    value=len(cells),
                    allowed=str(width),
                    remedy="mend the line, or export the table without row numbers",
                )
            if len(table) + width > most:
                raise AnnotationError(
                    "most rows end long before the last column",
                    file=file.relative,
                    value=f"{width} columns, {len(cells)} cells in line {number}",
                    allowed=f"one cell for each of at most {MOST_NEONATES} neonates, blank after the end",
                    remedy="export the table with every separator, or fetch it again",
                )
            cells += [""] * (width - len(cells))
        row = bytes(map(codes.__getitem__, cells))
        if WRONG in row:
            for column in (place for place, code in enumerate(row) if code == WRONG):
                wrong.setdefault(column, (number, cells[column]))
        table += row
    if not table:
        raise AnnotationError(
            "a header and no second below it", file=file.relative, remedy="fetch the table again"
        )
    return np.frombuffer(table, np.uint8).reshape(-1, width), wrong


class _Codes(dict[str, int]):
    """Codes of cells by their text; a table has millions of cells and a handful of texts."""

    def __missing__(self, cell: str) -> int:
        code = _code(cell)
        if len(self) < 100:
            self[cell] = code
        return code


def _code(cell: str) -> int:
    text = cell.strip().lower()
    if text in NOT_GIVEN:
        return NOT_ANNOTATED
    value = _number(text)
    return int(value) if value in (0, 1) else WRONG


def _number(cell: str) -> float:
    """Return the number in a cell, NaN if there is none."""
    try:
        # a decimal comma, where semicolons separate; Python takes 1_0 for 10
        return float(cell.replace(",", ".").replace("_", " "))
    except ValueError:
        return math.nan


def _without_tail(marks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the seconds up to the last annotated one."""
    annotated = np.flatnonzero(marks != NOT_ANNOTATED)
    return marks[: annotated[-1] + 1] if annotated.size else marks[:0]


def _wrong_cell(neonate: int, line: int, text: str, file: SourceFile) -> AnnotationError:
    words = text.strip()
    return AnnotationError(
        f"line {line}, column of neonate {neonate}: no mark of an expert",
        file=file.relative,
        value=words[:40] if NUMBER_LIKE.fullmatch(words) else f"text of {len(words)} letters",
        allowed="0, 1, or blank after the end of the recording",
        remedy="correct the cell, or fetch the table again",
    )
