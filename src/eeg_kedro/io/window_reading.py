"""Reading window parquet: its footer, its fingerprint, and any stretch of its signal as one array."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError, WindowError

Samples = NDArray[np.float32]
TAIL_KEY = "tail"
SCHEMA_KEY = "ARROW:schema"
MAGIC = b"PAR1"
CLOSING = 8  # bytes behind the footer: its size, and the magic word
MAKE_AGAIN = "delete it and run `kedro run --pipelines=process_primary`: only it is made again"


@dataclass(frozen=True)
class WindowFile:
    """A window parquet on disk; nothing is read before it is asked for."""

    path: Path

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the footer says, as `read_window_metadata` gives it."""
        return read_window_metadata(self.path)

    def read(
        self, start: int = 0, stop: int | None = None, ch_names: Sequence[str] | None = None
    ) -> tuple[Samples, NDArray[np.bool_]]:
        """Read samples ``[start, stop)`` as `read_signal` does."""
        return read_signal(self.path, start, stop, ch_names)


def read_window_metadata(path: Path) -> dict[str, Any]:
    """Read the footer of a window parquet.

    Returns
    -------
    dict
        sfreq, unit, scale, montage, reference, filters, ch_names, n_times, …, and the file's ``n_bytes`` and
        ``fingerprint`` (`fingerprint_windows`).
    """
    with Path(path).open("rb") as file:
        about = {"n_bytes": Path(path).stat().st_size, "fingerprint": fingerprint_windows(file)}
    return _describe(pq.read_metadata(path)) | about


def fingerprint_windows(file: BinaryIO) -> int:
    """Hash the footer of an open window parquet: it changes whenever the samples do, and no sample is read.

    The footer holds the size and place of every compressed piece, amplitudes, scale, quality of every second
    and the hash of the source.

    Returns
    -------
    int
        From 1 to 2**63 - 1, so that a table can hold it as int64; 0 is left for "not known".

    Raises
    ------
    WindowError
        If the file does not end like a parquet file.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - CLOSING, 0))
    size = footer_size(file.read(CLOSING), end)
    file.seek(end - CLOSING - size)
    return fingerprint_footer(file.read(size))


def footer_size(closing: bytes, n_bytes: int, name: str = "") -> int:
    """Read the footer's size off the last eight bytes of a parquet file of ``n_bytes``.

    Raises
    ------
    WindowError
        If the file does not end like a parquet file.
    """
    size = int.from_bytes(closing[:4], "little")
    if closing[4:] != MAGIC or size + CLOSING + len(MAGIC) > n_bytes:
        raise WindowError(
            "the window file is cut short or no parquet",
            file=name,
            value=f"{n_bytes} bytes",
            remedy=MAKE_AGAIN,
        )
    return size


def fingerprint_footer(footer: bytes) -> int:
    """Hash a footer, without the eight bytes behind it, as `fingerprint_windows` does."""
    return int.from_bytes(hashlib.sha256(footer).digest()[:8], "big") >> 1 or 1


def read_signal(
    path: Path, start: int = 0, stop: int | None = None, ch_names: Sequence[str] | None = None
) -> tuple[Samples, NDArray[np.bool_]]:
    """Read samples ``[start, stop)`` of a recording, the incomplete last window included.

    Only the row groups and columns that are needed are read.

    Parameters
    ----------
    path : Path
        A window parquet.
    start, stop : int
        Half-open range of samples; what lies behind the recording's end is cut off, as in a slice.
    ch_names : sequence of str, optional
        Channels in the order wanted; all that the file holds if None.

    Returns
    -------
    samples : ndarray of float32, shape (n_channels, n)
        Microvolts; zeros where a channel is absent.
    valid : ndarray of bool, shape (n_channels,)
        False for channels the file does not hold.

    Raises
    ------
    ParameterError
        If the range is negative or runs backward.
    """
    with pq.ParquetFile(path) as file:
        footer = _describe(file.metadata)
        stop = footer["n_times"] if stop is None else min(stop, footer["n_times"])
        if start < 0 or stop < min(start, footer["n_times"]):
            raise ParameterError(
                "a range of samples is negative or runs backward",
                file=Path(path).name,
                value=(start, stop),
                allowed="0 <= start <= stop",
            )
        names = list(footer["ch_names"] if ch_names is None else ch_names)
        valid = np.isin(names, footer["ch_names"])
        samples = np.zeros((len(names), max(stop - start, 0)), np.float32)
        present = [(i, name) for i, name in enumerate(names) if valid[i]]
        if present and samples.size:
            _read_rows(file, footer["window_length"], start, present, samples)
            _read_tail(file, footer, start, present, samples)
    return samples, valid


def _describe(metadata: pq.FileMetaData) -> dict[str, Any]:
    pairs = {key.decode(): value for key, value in (metadata.metadata or {}).items()}
    return {
        key: json.loads(value) for key, value in sorted(pairs.items()) if key not in (TAIL_KEY, SCHEMA_KEY)
    }


def _read_rows(
    file: pq.ParquetFile, length: int, start: int, present: list[tuple[int, str]], samples: Samples
) -> None:
    """Fill ``samples`` with what the complete windows hold of it, one row group at a time."""
    stop, first = start + samples.shape[1], 0
    for group in range(file.metadata.num_row_groups):
        last = first + file.metadata.row_group(group).num_rows * length
        if last > start and first < stop:
            table = file.read_row_group(group, columns=[name for _, name in present], use_threads=False)
            low, high = max(start, first), min(stop, last)
            for i, name in present:
                values = _values(table.column(name))
                samples[i, low - start : high - start] = values[low - first : high - first]
        first = last


def _values(column: pa.ChunkedArray) -> Samples:
    """Give the samples of a column of windows end to end."""
    parts = [chunk.flatten().to_numpy(zero_copy_only=True) for chunk in column.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _read_tail(
    file: pq.ParquetFile, footer: dict[str, Any], start: int, present: list[tuple[int, str]], samples: Samples
) -> None:
    """Fill ``samples`` with what the incomplete last window holds of it."""
    n_tail, stop = footer["n_tail"], start + samples.shape[1]
    first = footer["n_times"] - n_tail
    if n_tail == 0 or stop <= first:
        return
    tail = decode_tail(file.metadata.metadata[TAIL_KEY.encode()], len(footer["ch_names"]), n_tail)
    low = max(start, first)
    for i, name in present:
        samples[i, low - start :] = tail[footer["ch_names"].index(name), low - first : stop - first]


def encode_tail(tail: Samples) -> str:
    """Pack the samples of an incomplete window, (n_channels, n_tail), into text for the footer."""
    raw = np.ascontiguousarray(tail, "<f4").tobytes()
    return base64.b64encode(pa.Codec("zstd", 1).compress(raw, asbytes=True)).decode()


def decode_tail(text: bytes, n_channels: int, n_tail: int) -> Samples:
    """Unpack what `encode_tail` packed."""
    raw = pa.Codec("zstd").decompress(base64.b64decode(text), n_channels * n_tail * 4, asbytes=True)
    return np.frombuffer(raw, "<f4").reshape(n_channels, n_tail).astype(np.float32, copy=False)
