"""Signals in parquet tables: a row per sample, a numeric column per channel, rate and unit in a sidecar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import is_channel_name
from eeg_kedro.io.signal_sidecar import CsvHeader, missing_channel, name_channels, read_rate_and_unit
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.table_samples import TableSamples

ROWS = 1 << 15  # per batch
READ_BUFFER = 1 << 20  # bytes per column: row groups may be as long as the recording


def read_parquet_header(file: SourceFile, sidecar: Mapping[str, Any]) -> CsvHeader:
    """Tell what a parquet table of signals holds.

    Raises
    ------
    SignalError
        If it is no parquet file, has no numeric column or no rows, or the sidecar lacks rate or unit.
    """
    with _open_table(file) as table:
        columns, n_times = _channels(file, table.schema_arrow), table.metadata.num_rows
    if not n_times:
        raise _refusal(file, "the table has no rows")
    sfreq, unit = read_rate_and_unit(file, sidecar)
    return CsvHeader(name_channels(file, columns, len(columns), sidecar), n_times, sfreq, unit)


def open_parquet(
    file: SourceFile, picks: Sequence[int], sfreq: float, factors: tuple[float, ...]
) -> TableSamples:
    """Open channels of a parquet table; picks count among its channels, as `CsvHeader.ch_names` does.

    Raises
    ------
    SignalError
        If the table cannot be read or has no such channel.
    """
    stamp = file.stamp()
    with _open_table(file) as table:
        columns, n_times = _channels(file, table.schema_arrow), table.metadata.num_rows
    if not picks or not all(0 <= pick < len(columns) for pick in picks):
        raise missing_channel(file, picks, len(columns))
    names = [columns[pick] for pick in picks]
    return TableSamples(file, partial(_read_pieces, file, names), lambda: n_times, sfreq, factors, stamp)


def _read_pieces(file: SourceFile, names: list[str]) -> Iterator[NDArray[np.float32]]:
    with _open_table(file) as table:
        for batch in table.iter_batches(batch_size=ROWS, columns=names, use_threads=False):
            columns = (batch.column(name).to_numpy(zero_copy_only=False) for name in names)
            yield np.stack([column.astype(np.float32, copy=False) for column in columns])


@contextmanager
def _open_table(file: SourceFile) -> Iterator[pq.ParquetFile]:
    with file.open() as handle:
        try:
            yield pq.ParquetFile(handle, pre_buffer=False, buffer_size=READ_BUFFER)
        except pa.ArrowException as error:
            raise _refusal(
                file, f"not a readable parquet file: {str(error).splitlines()[0][:120]}"
            ) from error


def _channels(file: SourceFile, schema: pa.Schema) -> tuple[str, ...]:
    """List the numeric columns that are not time or index."""
    names = tuple(
        field.name
        for field in schema
        if (pa.types.is_floating(field.type) or pa.types.is_integer(field.type))
        and is_channel_name(field.name)
        and not field.name.startswith("__index_level_")
    )
    if not names:
        raise _refusal(file, "the table has no numeric columns")
    if len(set(names)) < len(names):
        raise _refusal(file, "two columns of the table have one name")
    return names


def _refusal(file: SourceFile, what: str) -> SignalError:
    return SignalError(
        what,
        file=file.relative,
        allowed="a parquet file with one numeric column per channel and one row per sample",
        remedy="export the signals again, or take the file out of the corpus folder",
    )
