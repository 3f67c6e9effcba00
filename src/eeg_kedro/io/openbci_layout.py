"""How a text file of the OpenBCI GUI is laid out: both generations, and what converters make of them.

Up to version 4 the columns have no names (``%OpenBCI Raw EEG Data``: index, channels, three of acceleration, clock
time, milliseconds since 1970; the oldest without times or the number of channels); from version 5 a row names them
(``%OpenBCI Raw EXG Data``). Electrodes are named by neither: a channel is called ``EXG Channel k``, k from 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import ContentLine, CsvLayout, content_lines
from eeg_kedro.io.source_file import SourceFile

FIRST_LINES = (b"%openbci", b"%obci")
_LOOK = 20  # rows that are looked at
_HEAD = 1 << 16  # bytes in which the comment lines end
_BOARDS = (4, 8, 16)  # channels of Ganglion, Cyton, and Cyton with Daisy
_EXG = re.compile(r"E[XE]G Channel (?P<number>\d+)", re.IGNORECASE)
_RATE = re.compile(r"^%\s*Sample Rate\s*=\s*(?P<rate>[\d.,]+)", re.IGNORECASE | re.MULTILINE)
_CHANNELS = re.compile(r"^%\s*Number of channels\s*=\s*(?P<number>\d+)", re.IGNORECASE | re.MULTILINE)
_BOARD = re.compile(r"^%\s*Board\s*=", re.IGNORECASE | re.MULTILINE)
_MOST_DIGITS = 4  # of a number of channels
_MOST_BESIDE = 8  # cells that the GUI wrote beside the channels up to version 4
_ACCEL = re.compile(r"^%.*\b(Accel|Aux)\b", re.IGNORECASE | re.MULTILINE)
_TIME = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_EPOCH = 1e8  # a number this large counts from 1970


@dataclass(frozen=True)
class OpenBciLayout:
    """Where things are in a table.

    Attributes
    ----------
    table : CsvLayout
        The table as any other; a semicolon separates its cells where a comma is their decimal sign.
    exg : tuple of int
        Columns of the channels.
    names : tuple of str
        What they are called: ``EXG Channel 0`` and so on.
    index : int
        Column of the sample counter.
    stamp : int or None
        Column of the time of each row.
    sfreq : float or None
        Hz, as the header says.
    decimal_comma : bool
        Cells are separated by comma and space, and decimals by a comma.
    repairs : tuple of str
        What was left out or is doubtful, for the report.
    """

    table: CsvLayout
    exg: tuple[int, ...]
    names: tuple[str, ...]
    index: int
    stamp: int | None
    sfreq: float | None
    decimal_comma: bool
    repairs: tuple[str, ...]

    @property
    def other(self) -> tuple[tuple[str, str], ...]:
        """Named columns that are not taken, with the reason."""
        used = {*self.exg, self.index, self.stamp}
        rest = [name for i, name in enumerate(self.table.columns) if i not in used]
        return tuple((name, "not EEG") for name in rest if name and not name.lower().startswith("timestamp"))


def is_openbci(head: bytes) -> bool:
    """Tell from the first bytes of a file whether the OpenBCI GUI wrote it."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').lower().startswith(FIRST_LINES)


def read_openbci_layout(file: SourceFile) -> OpenBciLayout:
    """See how a file of the GUI is laid out.

    Raises
    ------
    SignalError
        If it is empty or none of the GUI, or it is not clear which columns are channels.
    """
    comments, found = _read_head(file)
    lines = [line for line in found if not line.text.startswith(b'"%')]  # comments that a converter quoted
    if not lines:
        raise _refusal(file, "the file has no rows of numbers")
    rows = [line.text.decode("latin-1") for line in lines]
    comma = _has_decimal_comma(rows)
    cells = [_cells(row, comma) for row in rows]
    names = tuple(cells[0]) if cells and not _is_number(cells[0][0]) else ()
    body = 1 if names else 0
    if len(cells) == body:
        raise _refusal(file, "the file has no rows of numbers")
    exg, doubts = _find_channels(file, comments, names, cells[body])
    skipped = _placeholders(cells[body:], exg)
    if skipped:
        doubts.append("the first row is left out: a placeholder of the GUI where names or samples will be")
    first, row = lines[body + skipped], cells[body + skipped]
    index, stamp = _find_index(names), _find_stamp(names, row, exg)
    if max(*exg, index) >= len(row):
        raise _refusal(file, "the first row of numbers is shorter than the names or the row above it")
    table = CsvLayout(
        separator=";" if comma else ",",
        decimal="," if comma else ".",
        columns=names,
        n_columns=len(row),
        skip_rows=found.index(first),
        body=first.start,
    )
    return OpenBciLayout(
        table,
        exg,
        tuple(names[i] if names else f"EXG Channel {i - 1}" for i in exg),
        index,
        stamp,
        _stated_rate(comments),
        comma,
        tuple(doubts),
    )


def _read_head(file: SourceFile) -> tuple[str, list[ContentLine]]:
    """Return the comment lines and the first rows."""
    with file.open() as handle:
        head = handle.read(_HEAD) or b""
    if not head.strip(b"\0\r\n "):
        raise _refusal(file, "the file is empty")
    if not is_openbci(head):
        raise _refusal(file, "not a text file of the OpenBCI GUI: its first line is another")
    comments = [line for line in head.decode("latin-1").splitlines() if line.startswith("%")]
    with file.open() as handle:
        rows = list(islice(content_lines(handle), _LOOK))
    return "\n".join(comments), rows


def _has_decimal_comma(rows: Sequence[str]) -> bool:
    """Tell ``-187500,02, 0,01`` from rows that merely have spaces behind their commas."""
    numbers = [row for row in rows if ", " in row and not re.search(r"[A-Za-z]{3}", row)]
    cut = [cell for row in numbers for cell in row.split(", ") if not _TIME.match(cell.strip())]
    return (
        bool(cut)
        and any("," in cell for cell in cut)
        and all(re.fullmatch(r"\s*[+-]?\d+(,\d+)?\s*", cell) for cell in cut)
    )


def _cells(row: str, comma: bool) -> list[str]:
    return [cell.strip().strip('"') for cell in row.split(", " if comma else ",")]


def _find_channels(
    file: SourceFile, comments: str, names: Sequence[str], cells: Sequence[str]
) -> tuple[tuple[int, ...], list[str]]:
    """Return the columns of the channels, and what is doubtful about them."""
    stated = _stated_channels(file, comments)
    if names:
        found = tuple(i for i, name in enumerate(names) if _EXG.fullmatch(name))
        if not found:
            raise _refusal(file, "no column is called EXG Channel")
        if max(found) >= len(cells):
            raise _refusal(file, f"{len(names)} columns are named, the first row has {len(cells)} cells")
        other = [f"the header states {stated} channels, {len(found)} are named: these are taken"]
        return found, other if stated not in (None, len(found)) else []
    if stated is None:
        stated = _count_channels(file, comments, cells)
    if not 0 < stated < len(cells):
        raise _refusal(file, f"the header states {stated} channels, the first row has {len(cells)} cells")
    if not _BOARD.search(comments) and len(cells) > stated + _MOST_BESIDE:
        what = f"{len(cells)} cells are too many for {stated} channels: commas may be decimal signs as well"
        raise _refusal(file, what)
    return tuple(range(1, stated + 1)), []


def _stated_channels(file: SourceFile, comments: str) -> int | None:
    match = _CHANNELS.search(comments)
    if match and len(match["number"]) > _MOST_DIGITS:  # Python reads no number of thousands of digits
        raise _refusal(file, f"the header states a number of channels of {len(match['number'])} digits")
    return int(match["number"]) if match else None


def _count_channels(file: SourceFile, comments: str, cells: Sequence[str]) -> int:
    """Tell the number of channels from that of the columns, as the oldest files do not state it."""
    n_numbers = sum(not _is_stamp(cell) for cell in cells) - 1
    beside = (3, 0) if _ACCEL.search(comments) else (0, 3)
    found = next((n_numbers - n for n in beside if n_numbers - n in _BOARDS), None)
    if found is None:
        raise _refusal(
            file, f"the header does not state the channels, and {len(cells)} columns do not tell them"
        )
    return found


def _find_index(names: Sequence[str]) -> int:
    return next((i for i, name in enumerate(names) if name.lower() == "sample index"), 0)


def _find_stamp(names: Sequence[str], cells: Sequence[str], exg: Sequence[int]) -> int | None:
    """Choose the column of times: numbers since 1970 before clock times, which lack the day."""
    named = [i for i, name in enumerate(names) if name.lower().startswith("timestamp")]
    behind = [i for i in range(max(exg) + 1, len(cells)) if _is_stamp(cells[i])]
    choices = [i for i in (named or behind) if i < len(cells)]
    return next((i for i in choices if _is_number(cells[i])), next(iter(choices), None))


def _placeholders(rows: Sequence[Sequence[str]], exg: Sequence[int]) -> int:
    """Count rows at the start that hold zeros or the numbers of their columns, and no signal: at most one."""
    blank = [_is_blank([row[i] for i in exg if i < len(row)], exg) for row in rows[:2]]
    return int(len(blank) == 2 and blank[0] and not blank[1])


def _is_blank(cells: Sequence[str], exg: Sequence[int]) -> bool:
    numbers = [float(cell.replace(",", ".")) for cell in cells if _is_number(cell)]
    return not any(numbers) or numbers == list(exg)


def _stated_rate(comments: str) -> float | None:
    match = _RATE.search(comments)
    text = match["rate"].replace(",", ".").rstrip(".") if match else ""
    return float(text) if _is_number(text) and float(text) > 0 else None


def _is_stamp(cell: str) -> bool:
    return bool(_TIME.search(cell)) or (_is_number(cell) and float(cell.replace(",", ".")) > _EPOCH)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _refusal(file: SourceFile, what: str) -> SignalError:
    return SignalError(
        what,
        file=file.relative,
        allowed="%OpenBCI Raw EEG Data or %OpenBCI Raw EXG Data, comment lines, and rows of a sample index, "
        "4, 8 or 16 channels and more",
        remedy="export the recording again, or take the file out of the corpus folder",
    )
