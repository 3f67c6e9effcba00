"""Writing ``prm_windows``: one parquet per recording, every sample stored once.

A row is one complete window: ``participant, run, parent_window_id, sub_window_id, window_start,
window_end``, then one column per channel whose cell is a vector of ``window_length`` samples.
``parent_window_id`` is the row's number and ``sub_window_id`` 0: windows are nested in one level here.
The samples behind the last complete window are not padded; they stand in the footer under ``tail`` (base64 of
zstd of little-endian float32, n_channels x n_tail), and `read_signal` puts them back. Everything else in the
footer is JSON under plain keys, and part of the Arrow schema's metadata too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import SignalError
from eeg_kedro.io.mantissa import MANTISSA_BITS, round_samples
from eeg_kedro.io.window_cells import encode_cells, encode_seconds
from eeg_kedro.io.window_reading import (
    SCHEMA_KEY,
    TAIL_KEY,
    WindowFile,
    encode_tail,
    read_signal,
    read_window_metadata,
)
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.scale import RobustScale

__all__ = [
    "WindowFile",
    "WindowJob",
    "WindowOptions",
    "cut_windows",
    "read_signal",
    "read_window_metadata",
    "write_windows",
]

Samples = NDArray[np.float32]
FORMAT_VERSION = 1
KEY_FIELDS = [
    pa.field("participant", pa.string(), nullable=False),
    pa.field("run", pa.string(), nullable=False),
    pa.field("parent_window_id", pa.int32(), nullable=False),
    pa.field("sub_window_id", pa.int32(), nullable=False),
    pa.field("window_start", pa.float64(), nullable=False),
    pa.field("window_end", pa.float64(), nullable=False),
]


class WindowOptions(BaseModel):
    """How the cleaned signal is cut and stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_length: int = Field(default=2048, ge=1, le=1 << 18, description="samples per window (row)")
    mantissa_bits: int = Field(
        default=10,
        ge=1,
        le=MANTISSA_BITS,
        description="mantissa bits kept of a typical sample; 23 is lossless",
    )
    row_group_size: int = Field(default=16, ge=1, le=1024, description="windows per parquet row group")


@dataclass(frozen=True)
class WindowJob:
    """A cleaned signal about to be cut; the work is done where `write` is called."""

    signal: CleanedSignal
    options: WindowOptions

    def write(self, path: Path) -> dict[str, Any]:
        """Write the windows to ``path`` and give the footer, as `write_windows`."""
        return write_windows(self.signal, path, self.options)


def cut_windows(clean: Callable[[], CleanedSignal], options: WindowOptions) -> WindowJob:
    """Start the cleaning of one recording and give the job that writes its windows."""
    return WindowJob(clean(), options)


def write_windows(signal: CleanedSignal, path: Path, options: WindowOptions) -> dict[str, Any]:
    """Stream a cleaned signal into a window parquet, one row group in memory at a time.

    Parameters
    ----------
    signal : CleanedSignal
        Its blocks are consumed.
    path : Path
        File to write; removed again if anything goes wrong.
    options : WindowOptions
        How to cut and store.

    Returns
    -------
    dict
        The footer, as `read_window_metadata` gives it.

    Raises
    ------
    SignalError
        If the stream holds not ``signal.n_times`` samples, or one that is no finite number.
    """
    writer = _RowWriter(signal, options)
    with ExitStack() as undo:
        undo.callback(Path(path).unlink, missing_ok=True)
        with pq.ParquetWriter(path, writer.schema, **_encoding(signal.ch_names)) as file:
            for samples in _regroup(signal.blocks, options.window_length * options.row_group_size):
                writer.write(file, samples)
            writer.finish(file)
        undo.pop_all()
    return read_window_metadata(path)


def _encoding(ch_names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "use_dictionary": False,
        "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in ch_names},
        "compression": "zstd",
        "compression_level": 1,
        "write_statistics": False,
        "store_schema": True,
    }


def _regroup(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """Collect blocks of any length into contiguous rows of ``size`` samples; the last may be shorter.

    The same buffer is yielded each time.
    """
    buffer, filled = np.empty((0, 0), np.float32), 0
    for block in blocks:
        if not buffer.size:
            buffer = np.empty((block.shape[0], size), np.float32)
        start = 0
        while start < block.shape[1]:
            n = min(size - filled, block.shape[1] - start)
            buffer[:, filled : filled + n] = block[:, start : start + n]
            start, filled = start + n, filled + n
            if filled == size:
                yield buffer
                filled = 0
    if filled:
        yield buffer[:, :filled]


class _RowWriter:
    """Turns samples into rows and keeps what the footer will say of them."""

    def __init__(self, signal: CleanedSignal, options: WindowOptions) -> None:
        self._signal, self._options = signal, options
        n_channels = len(signal.ch_names)
        element = pa.field("element", pa.float32(), nullable=False)
        self._cell = pa.list_(element, options.window_length)
        channels = [pa.field(name, self._cell, nullable=False) for name in signal.ch_names]
        self.schema = pa.schema([*KEY_FIELDS, *channels])
        self._scale = RobustScale(n_channels, signal.n_times)
        self._power, self._peak = np.zeros(n_channels), np.zeros(n_channels)
        self._n_rows = self._seen = 0
        self._tail = np.empty((n_channels, 0), np.float32)

    def write(self, file: pq.ParquetWriter, samples: Samples) -> None:
        """Write the complete windows among ``samples``; what is behind them waits for the footer."""
        length = self._options.window_length
        n_rows = samples.shape[1] // length
        self._seen += samples.shape[1]
        if self._seen > self._signal.n_times:
            raise self._error("the cleaned signal is longer than announced", self._seen)
        columns = [self._store(i, row, n_rows * length) for i, row in enumerate(samples)]
        self._scale.update(samples)
        if n_rows:
            batch = pa.record_batch([*self._keys(n_rows), *columns], schema=self.schema)
            file.write_batch(batch, row_group_size=self._options.row_group_size)
        self._n_rows += n_rows
        self._tail = samples[:, n_rows * length :].copy()

    def finish(self, file: pq.ParquetWriter) -> None:
        """Check that the signal was whole and write the footer."""
        if self._seen != self._signal.n_times:
            raise self._error("the cleaned signal is shorter than announced", self._seen)
        footer = {key: json.dumps(value, allow_nan=False) for key, value in sorted(self._footer().items())}
        described = self.schema.with_metadata(footer).serialize().to_pybytes()
        # the writer stored the schema before the last sample was known: store it again with what is known now
        file.add_key_value_metadata(
            footer | {TAIL_KEY: encode_tail(self._tail), SCHEMA_KEY: base64.b64encode(described).decode()}
        )

    def _store(self, channel: int, row: Samples, n_stored: int) -> pa.FixedSizeListArray:
        """Round one channel in place, note its size, and wrap its windows without copying."""
        round_samples(row, self._options.mantissa_bits)
        power = float(np.einsum("i,i->", row, row))
        if not np.isfinite(power):
            raise self._error("a sample is no finite number", self._signal.ch_names[channel])
        self._power[channel] += power
        self._peak[channel] = max(self._peak[channel], float(row.max()), -float(row.min()))
        return pa.FixedSizeListArray.from_arrays(pa.array(row[:n_stored]), type=self._cell)

    def _keys(self, n_rows: int) -> list[pa.Array]:
        rows = np.arange(self._n_rows, self._n_rows + n_rows)
        seconds = self._options.window_length / self._signal.sfreq
        return [
            pa.repeat(pa.scalar(self._signal.participant, pa.string()), n_rows),
            pa.repeat(pa.scalar(self._signal.run, pa.string()), n_rows),
            pa.array(rows, pa.int32()),
            pa.array(np.zeros(n_rows), pa.int32()),
            pa.array(rows * seconds),
            pa.array((rows + 1) * seconds),
        ]

    def _footer(self) -> dict[str, Any]:
        signal, options = self._signal, self._options
        rms = np.sqrt(self._power / max(self._seen, 1))
        closing = signal.closing()
        quality = closing.pop("quality", {})
        noted = {
            name: encode_cells(values) if values.dtype == np.uint8 else encode_seconds(values)
            for name, values in closing.items()
            if isinstance(values, np.ndarray)
        }
        noted |= {name: value for name, value in closing.items() if name not in noted}
        return (
            signal.metadata
            | noted
            | {
                "format_version": FORMAT_VERSION,
                "participant": signal.participant,
                "run": signal.run,
                "ch_names": list(signal.ch_names),
                "sfreq": signal.sfreq,
                "n_times": signal.n_times,
                "n_tail": self._tail.shape[1],
                "window_length": options.window_length,
                "mantissa_bits": options.mantissa_bits,
                "scale": self._scale.summary(),
                "quality": {"rms_uv": rms.tolist(), "peak_uv": self._peak.tolist()} | quality,
            }
        )

    def _error(self, what: str, value: object) -> SignalError:
        return SignalError(
            what,
            file=f"{self._signal.participant}_{self._signal.run}",
            value=value,
            allowed=f"{self._signal.n_times} finite samples per channel",
            remedy="run ingest again: the file may have changed while it was read",
        )
