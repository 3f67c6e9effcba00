"""Rows of a text table as record batches, parsed by pyarrow's streaming reader, a megabyte at a time.

Comment lines are left out on the way. What cannot be read is refused by the line that a text editor shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from io import BufferedReader, FileIO, RawIOBase
from itertools import islice
from typing import Any

import pyarrow as pa

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import COMMENTS, CsvLayout, content_lines
from eeg_kedro.io.source_file import SourceFile

CHUNK = 1 << 20  # bytes
REMEDY = "mend or remove the line, or export the signals again"
_ROW = re.compile(r"(?:CSV column #(\d+): )?(?:CSV parse error: )?Row #(\d+): (.*)", re.DOTALL)
_COUNTS = re.compile(r"Expected \d+ columns, got \d+")

Mend = Callable[[bytes], bytes]
"""Takes whole lines and gives as many whole lines back."""


def read_rows(
    file: SourceFile,
    layout: CsvLayout,
    types: Mapping[int, pa.DataType],
    *,
    mend: Mend | None = None,
    on_ragged: Callable[[Any], str] | None = None,
) -> Iterator[Any]:
    """Yield some columns of a table as record batches, in the order of `types`.

    Parameters
    ----------
    file : SourceFile
        The table.
    layout : CsvLayout
        Where its numbers are.
    types : mapping
        Column, from 0, to pyarrow type.
    mend : callable, optional
        Changes the text before it is parsed; it must keep the number of lines.
    on_ragged : callable, optional
        Asked about rows of another number of cells, as pyarrow's ``invalid_row_handler``: ``skip`` or ``error``.

    Raises
    ------
    SignalError
        If a row cannot be read, naming its line.
    """
    from pyarrow import csv

    options = {
        "read_options": csv.ReadOptions(
            use_threads=False, block_size=CHUNK, column_names=[str(i) for i in range(layout.n_columns)]
        ),
        "parse_options": csv.ParseOptions(delimiter=layout.separator, invalid_row_handler=on_ragged),
        "convert_options": csv.ConvertOptions(
            include_columns=[str(column) for column in types],
            column_types={str(column): kind for column, kind in types.items()},
            decimal_point=layout.decimal,
            strings_can_be_null=True,
        ),
    }
    with file.open() as handle:
        try:
            # pyarrow asks for a chunk at a time, which goes past this buffer: it can be small
            yield from csv.open_csv(BufferedReader(_TableBody(handle, layout.body, mend)), **options)
        except pa.ArrowInvalid as error:
            raise _row_error(file, layout, str(error)) from error


def line_of(file: SourceFile, layout: CsvLayout, row: int) -> int:
    """Find the line, from 1, of a row of numbers, from 0."""
    place = layout.skip_rows + row
    with file.open() as handle:
        return next((line.number for line in islice(content_lines(handle), place, None)), place + 1)


def _row_error(file: SourceFile, layout: CsvLayout, message: str) -> SignalError:
    """Turn pyarrow's row into the line that a text editor shows."""
    found = _ROW.search(message)
    if not found:
        empty = "Empty CSV" in message
        what = "the table has no rows of numbers" if empty else "the table cannot be cut into rows and cells"
        return SignalError(what, file=file.relative, remedy=REMEDY)
    line = line_of(file, layout, int(found[2]) - 1)
    column = f", column {int(found[1]) + 1}" if found[1] else ""
    # pyarrow quotes the row: only its counts go on, what stands in the cells is the recording
    counts = _COUNTS.match(found[3])
    reason = counts[0] if counts else "a cell is no number"
    return SignalError(f"line {line}{column}: {reason}", file=file.relative, remedy=REMEDY)


class _TableBody(RawIOBase):
    """The bytes of a table from its first row of numbers, without comment lines."""

    def __init__(self, handle: FileIO, body: int, mend: Mend | None) -> None:
        handle.seek(body)
        self._lines, self._held, self._mend = _whole_lines(handle), b"", mend

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            text = next(self._lines, None)
            if text is None:
                return 0
            text = _without_comments(text)
            self._held = self._mend(text) if self._mend else text
        n_bytes = min(len(buffer), len(self._held))
        buffer[:n_bytes] = self._held[:n_bytes]
        self._held = self._held[n_bytes:]
        return n_bytes


def _whole_lines(handle: FileIO) -> Iterator[bytes]:
    rest = b""
    while chunk := handle.read(CHUNK):
        end = chunk.rfind(b"\n") + 1
        if not end:
            rest += chunk
            continue
        yield rest + chunk[:end]
        rest = chunk[end:]
    yield rest


def _without_comments(text: bytes) -> bytes:
    if not any(sign in text for sign in COMMENTS):
        return text
    return b"".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(COMMENTS))
