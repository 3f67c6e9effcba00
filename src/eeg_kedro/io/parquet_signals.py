"""Signals in parquet tables: a row per sample, a numeric column per channel, rate and unit in a sidecar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from io import FileIO
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import is_channel_name
from eeg_kedro.io.signal_sidecar import CsvHeader, missing_channel, name_channels, read_rate_and_unit
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.table_samples import TableSamples
from eeg_kedro.signal.channel_names import channel_kind

ROWS = 1 << 15  # per batch
READ_BUFFER = 1 << 20  # bytes per column: row groups may be as long as the recording
POINTER = b"version https://git-lfs"


class ParquetLook(NamedTuple):
    """What a parquet table holds, by its footer.

    Attributes
    ----------
    columns : tuple of str
        All of them, in the order of the table.
    no_numbers : tuple of str
        Those that hold neither whole nor decimal numbers.
    n_rows : int
        As the footer says.
    values : ndarray of float64
        Of the one column that was asked for; empty if there is none.
    """

    columns: tuple[str, ...]
    no_numbers: tuple[str, ...]
    n_rows: int
    values: NDArray[np.float64]


def look_into_parquet(file: SourceFile, column: str = "") -> ParquetLook:
    """Tell what columns any parquet table has, and read at most one of them.

    Raises
    ------
    SignalError
        If it is no parquet file, or is damaged where it was read.
    """
    with _open_table(file) as table:
        names, no_numbers = _columns(table.schema_arrow)
        values = np.zeros(0)
        if names.count(column) == 1 and column not in no_numbers:
            read = table.read(columns=[column], use_threads=False).column(0)
            values = read.to_numpy().astype(np.float64, copy=False)
        return ParquetLook(names, no_numbers, table.metadata.num_rows, values)


@lru_cache(maxsize=32)  # thousands of files of one corpus have one schema
def _columns(schema: pa.Schema) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all columns, and of those that hold no numbers."""
    return tuple(schema.names), tuple(field.name for field in schema if not _is_number(field.type))


def read_parquet_header(file: SourceFile, sidecar: Mapping[str, Any]) -> CsvHeader:
    """Tell what a parquet table of signals holds.

    Raises
    ------
    SignalError
        If it is no parquet file, has no numeric column or no rows, or the sidecar lacks rate or unit.
    """
    with _open_table(file) as table:
        columns, n_times = _channels(file, table.schema_arrow), table.metadata.num_rows
    if n_times < 1:
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
    read_pieces = partial(_read_pieces, file, names, n_times)
    return TableSamples(file, read_pieces, lambda: n_times, sfreq, factors, stamp)


def _read_pieces(file: SourceFile, names: list[str], n_times: int) -> Iterator[NDArray[np.float32]]:
    n_read = 0
    with _open_table(file) as table:
        for batch in table.iter_batches(batch_size=ROWS, columns=names, use_threads=False):
            columns = (batch.column(name).to_numpy(zero_copy_only=False) for name in names)
            n_read += batch.num_rows
            yield np.stack([column.astype(np.float32, copy=False) for column in columns])
    if n_read != n_times:  # a footer may be damaged and still be one
        raise _refusal(file, f"the table has {n_read} rows where its footer says {n_times}")


@contextmanager
def _open_table(file: SourceFile) -> Iterator[pq.ParquetFile]:
    with file.open() as handle:
        _refuse_placeholder(file, handle)
        try:
            # `metadata.row_group(i).column(j)` is never asked for: on some damaged footers it ends the process
            yield pq.ParquetFile(handle, pre_buffer=False, buffer_size=READ_BUFFER)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's, not the file's
                raise
            raise _refusal(
                file, "not a readable parquet file: it is damaged, cut short or something else"
            ) from error


def _refuse_placeholder(file: SourceFile, handle: FileIO) -> None:
    """Refuse what stands where a file will be: nothing yet, or a pointer to its content."""
    head = handle.read(len(POINTER)) or b""
    handle.seek(0)
    if not head:
        raise _refusal(file, "the file is empty", "fetch or export it again")
    if head == POINTER:
        raise _refusal(file, "a git-lfs pointer, not the file itself", "fetch the content: git lfs pull")


def _channels(file: SourceFile, schema: pa.Schema) -> tuple[str, ...]:
    """List the numeric columns that are not time or index; an electrode without numbers is none to pass over."""
    fields = [field for field in schema if is_channel_name(field.name)]
    names = tuple(
        field.name
        for field in fields
        if _is_number(field.type) and not field.name.startswith("__index_level_")
    )
    for field in fields:
        if field.name not in names and channel_kind(field.name, "") in ("eeg", "bipolar"):
            raise _refusal(file, f"the column {field.name} holds {field.type}, no numbers")
    if not names:
        raise _refusal(file, "the table has no numeric columns")
    if len(set(names)) < len(names):
        raise _refusal(file, "two columns of the table have one name")
    return names


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _refusal(file: SourceFile, what: str, remedy: str = "") -> SignalError:
    return SignalError(
        what,
        file=file.relative,
        allowed="a parquet file with one numeric column per channel and one row per sample",
        remedy=remedy or "export the signals again, or take the file out of the corpus folder",
    )
