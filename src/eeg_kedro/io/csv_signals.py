"""Signals in text tables: one row per sample, one column per channel, rate and unit in a sidecar.

The sidecar is a mapping ``{"sfreq": Hz, "unit": "uV", "ch_names": [...] (optional)}``. Numbers are parsed by
pyarrow's streaming reader, one thread, a megabyte at a time. A time column is held against the rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import CsvLayout, find_blank_line, read_csv_layout
from eeg_kedro.io.row_clock import RowClock
from eeg_kedro.io.signal_sidecar import CsvHeader, name_channels, read_rate_and_unit
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.table_samples import TableSamples, open_columns
from eeg_kedro.io.text_rows import read_rows


def read_csv_header(file: SourceFile, sidecar: Mapping[str, Any]) -> CsvHeader:
    """Read a text table once, row by row, and tell what it holds.

    Raises
    ------
    SignalError
        If the table is empty, a row has too few or too many cells or a cell that is no number (naming the
        line), if the only column has a blank line between its numbers, if the sidecar has no rate, no unit in
        volts, or other names than the table, or if a time column has a gap, goes back or runs at another rate
        than the stated one.
    """
    layout = read_csv_layout(file)
    found = tuple(layout.columns[i] for i in layout.channels) if layout.columns else ()
    ch_names = name_channels(file, found, len(layout.channels), sidecar)
    sfreq, unit = read_rate_and_unit(file, sidecar)
    if layout.n_columns == 1:
        _refuse_blank_lines(file)
    n_times = _count_rows(file, layout, sfreq)
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
    read = partial(read_csv_pieces, file, layout)
    return open_columns(file, stamp, len(layout.channels), picks, read, sfreq, factors)


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
    types = {layout.channels[pick]: pa.float32() for pick in picks}
    columns = [str(layout.channels[pick]) for pick in picks]
    for batch in read_rows(file, layout, types):
        yield np.stack([column.to_numpy(zero_copy_only=False) for column in map(batch.column, columns)])


def _refuse_blank_lines(file: SourceFile) -> None:
    """Refuse a table of one column where a line is blank: it may be a missing sample, or nothing at all.

    The reader would leave it out, and all that comes after it would be too early.
    """
    with file.open() as handle:
        line = find_blank_line(handle)
    if line is not None:
        raise SignalError(
            f"line {line}: a blank line in a table of one column",
            file=file.relative,
            allowed="a number in every line",
            remedy="write nan where a sample is missing, and remove the line where none is",
        )


def _count_rows(file: SourceFile, layout: CsvLayout, sfreq: float) -> int:
    """Count the rows, and hold the time column, if there is one, against the stated rate."""
    types = dict.fromkeys(layout.channels, pa.float32())
    if layout.clock is None:
        return sum(batch.num_rows for batch in read_rows(file, layout, types))
    # a clock comes last and as bytes: its digits matter
    clock, n_rows = RowClock(file, layout, sfreq), 0
    for batch in read_rows(file, layout, types | {layout.clock: pa.binary()}):
        clock.read(batch.column(batch.num_columns - 1))
        n_rows += batch.num_rows
    clock.judge()
    return n_rows
