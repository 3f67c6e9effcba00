"""Rows of an app's table with a cell more or less than its header: made even, or refused by their line."""

from __future__ import annotations

from collections.abc import Sequence

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import CsvLayout
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.text_rows import REMEDY, line_of


class RaggedRows:
    """Gives every row as many cells as the header has.

    An app that leaves its last column empty may leave its separator out too, in all rows then. What is behind the
    last column can only belong to a row of events. A last row that ends early was being written when the app was
    stopped.

    Parameters
    ----------
    file : SourceFile
        The table, for messages.
    layout : CsvLayout
        How it is laid out.
    needed : sequence of int
        The columns that are read as numbers; a row that ends before the last of them is not made even.

    Attributes
    ----------
    repairs : list of str
        What was done, for the report.
    """

    def __init__(self, file: SourceFile, layout: CsvLayout, needed: Sequence[int]) -> None:
        self.repairs: list[str] = []
        self._file, self._layout, self._needed = file, layout, tuple(needed)
        self._separator = layout.separator.encode()
        self._n_rows = 0
        self._usual: int | None = None  # cells more than the header has, of the first row with samples

    def mend(self, text: bytes) -> bytes:
        """Make the rows of some whole lines even.

        Raises
        ------
        SignalError
            If a row has another number of cells and it is not known what they are.
        """
        lines = text.split(b"\n")
        last = lines.pop()  # the end of the table where nothing ends its last line
        mended = [self._mend_line(line) for line in lines]
        if last.strip(b"\0\r "):
            mended.append(self._mend_last(last))
        elif last.strip(b"\r "):
            self.repairs.append("zero bytes at the end of the table are left out")
        return b"".join(line + b"\n" for line in mended if line is not None)

    def _mend_line(self, line: bytes) -> bytes | None:
        line = line.rstrip(b"\r")
        if not line.strip():
            return None
        self._n_rows += 1
        cells = line.split(self._separator)
        more, is_event = len(cells) - self._layout.n_columns, self._is_event(cells)
        if self._usual is None and not is_event:
            self._usual = more
        if more == 0:
            return line
        if more == -1 and (is_event or self._usual == -1):
            return line + self._separator
        if more > 0 and (is_event or not b"".join(cells[-more:]).strip()):
            return self._separator.join(cells[: self._layout.n_columns])
        raise SignalError(
            f"line {line_of(self._file, self._layout, self._n_rows - 1)}: "
            f"Expected {self._layout.n_columns} columns, got {len(cells)}",
            file=self._file.relative,
            remedy=REMEDY,
        )

    def _mend_last(self, line: bytes) -> bytes | None:
        """Mend a line that nothing ends; None if it stops before it holds all that is needed."""
        n_cells = line.count(self._separator) + 1
        if n_cells <= max(self._needed) + 1 or b"\0" in line:
            self.repairs.append("the last row is cut short and is left out")
            return None
        return self._mend_line(line + self._separator * max(0, self._layout.n_columns - n_cells))

    def _is_event(self, cells: Sequence[bytes]) -> bool:
        return not any(cells[i].strip() for i in self._needed if i < len(cells))
