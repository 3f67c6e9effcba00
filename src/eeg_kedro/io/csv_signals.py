"""Signals in text tables: one row per sample, one column per channel, rate and unit in a sidecar.

The sidecar is a mapping ``{"sfreq": Hz, "unit": "uV", "ch_names": [...] (optional)}``. Numbers are parsed by
pyarrow's streaming reader, one thread, a megabyte at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from io import BufferedReader, FileIO, RawIOBase
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import COMMENTS, CsvLayout, content_lines, read_csv_layout
from eeg_kedro.io.signal_sidecar import CsvHeader, missing_channel, name_channels, read_rate_and_unit
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.table_samples import TableSamples

CHUNK = 1 << 20  # bytes
_ROW = re.compile(r"(?:CSV column #(\d+): )?(?:CSV parse error: )?Row #(\d+): (.*)", re.DOTALL)


def read_csv_header(file: SourceFile, sidecar: Mapping[str, Any]) -> CsvHeader:
    """Read a text table once, row by row, and tell what it holds.

    Raises
    ------
    SignalError
        If the table is empty, a row has too few or too many cells or a cell that is no number (naming the
        line), or if the sidecar has no rate, no unit in volts, or other names than the table.
    """
    layout = read_csv_layout(file)
    found = tuple(layout.columns[i] for i in layout.channels) if layout.columns else ()
    ch_names = name_channels(file, found, len(layout.channels), sidecar)
    sfreq, unit = read_rate_and_unit(file, sidecar)
    n_times = sum(piece.shape[1] for piece in read_csv_pieces(file, layout, range(len(ch_names))))
    return CsvHeader(ch_names, n_times, sfreq, unit, layout.separator, layout.decimal, layout.skip_rows)


def open_csv(
    file: SourceFile, picks: Sequence[int], sfreq: float, factors: tuple[float, ...]
) -> TableSamples:
    """Open channels of a text table; picks count among the channels, as `CsvHeader.ch_names` does.

    Raises
    ------
    SignalError
        If the table cannot be understood or has no such channel.
    """
    stamp = file.stamp()
    layout = read_csv_layout(file)
    if not picks or not all(0 <= pick < len(layout.channels) for pick in picks):
        raise missing_channel(file, picks, len(layout.channels))
    pieces = partial(read_csv_pieces, file, layout, tuple(picks))
    first = partial(read_csv_pieces, file, layout, (picks[0],))
    return TableSamples(file, pieces, lambda: sum(p.shape[1] for p in first()), sfreq, factors, stamp)


def read_csv_pieces(
    file: SourceFile, layout: CsvLayout, picks: Sequence[int]
) -> Iterator[NDArray[np.float32]]:
    """Yield the picked channels in pieces of any length, in the unit of the table.

    Yields
    ------
    ndarray of float32, (n_picks, n rows)
        NaN where a cell is empty.

    Raises
    ------
    SignalError
        If a row cannot be read, naming its line.
    """
    from pyarrow import csv

    names = [str(layout.channels[pick]) for pick in picks]
    options = {
        "read_options": csv.ReadOptions(
            use_threads=False, block_size=CHUNK, column_names=[str(i) for i in range(layout.n_columns)]
        ),
        "parse_options": csv.ParseOptions(delimiter=layout.separator),
        "convert_options": csv.ConvertOptions(
            include_columns=names,
            column_types=dict.fromkeys(names, pa.float32()),
            decimal_point=layout.decimal,
        ),
    }
    with file.open() as handle:
        try:
            for batch in csv.open_csv(BufferedReader(_TableBody(handle, layout.body), CHUNK), **options):
                yield np.stack([column.to_numpy(zero_copy_only=False) for column in batch.columns])
        except pa.ArrowInvalid as error:
            raise _row_error(file, layout, str(error)) from error


def _row_error(file: SourceFile, layout: CsvLayout, message: str) -> SignalError:
    """Turn pyarrow's row into the line that a text editor shows."""
    remedy = "mend or remove the line, or export the signals again"
    found = _ROW.search(message)
    if not found:
        what = (
            "the table has no rows of numbers"
            if "Empty CSV" in message
            else f"the table cannot be read: {message}"
        )
        return SignalError(what, file=file.relative, remedy=remedy)
    with file.open() as handle:
        row = layout.skip_rows + int(found[2]) - 1
        line = next((line.number for line in islice(content_lines(handle), row, None)), row + 1)
    column = f", column {int(found[1]) + 1}" if found[1] else ""
    reason = found[3].removeprefix("CSV conversion error to float: ").splitlines()[0][:120]
    return SignalError(f"line {line}{column}: {reason}", file=file.relative, remedy=remedy)


class _TableBody(RawIOBase):
    """The bytes of a table from its first row of numbers, without comment lines."""

    def __init__(self, handle: FileIO, body: int) -> None:
        handle.seek(body)
        self._lines, self._held = _whole_lines(handle), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            text = next(self._lines, None)
            if text is None:
                return 0
            self._held = _without_comments(text)
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
