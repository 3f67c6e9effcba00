"""What a reader must know of one window parquet, all of it from the footer."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeg_kedro.errors import WindowError
from eeg_kedro.io.byte_source import ByteSource, Span, read_spans
from eeg_kedro.io.window_reading import (
    CLOSING,
    MAKE_AGAIN,
    TAIL_KEY,
    Samples,
    decode_tail,
    fingerprint_footer,
    footer_size,
)

# what pyarrow, json and we raise over bytes that are no longer what was written
DAMAGE = (OSError, pa.ArrowException, ValueError, KeyError, TypeError, ArithmeticError, MemoryError)


@dataclass(frozen=True)
class WindowLayout:
    """Lengths, channels and row groups of one window parquet.

    Attributes
    ----------
    participant, run : str
        Whose recording it is.
    sfreq : float
        Sampling rate in Hz.
    ch_names : tuple of str
        Channels in the order of the file.
    interpolated_channels : tuple of str
        Those among them that were estimated from their neighbors.
    n_times : int
        Samples per channel, those of the tail included.
    n_tail : int
        Samples behind the last complete window.
    window_length : int
        Samples per row.
    group_starts : tuple of int
        First sample of each row group, then the end of the last: there the tail begins.
    fingerprint : int
        As `fingerprint_windows` gives it.
    """

    participant: str
    run: str
    sfreq: float
    ch_names: tuple[str, ...]
    interpolated_channels: tuple[str, ...]
    n_times: int
    n_tail: int
    window_length: int
    group_starts: tuple[int, ...]
    fingerprint: int

    @property
    def n_groups(self) -> int:
        """Row groups."""
        return len(self.group_starts) - 1

    @property
    def n_windows(self) -> int:
        """Complete windows."""
        return (self.n_times - self.n_tail) // self.window_length

    def pieces(self, start: int, stop: int) -> range:
        """Return the numbers of the row groups with samples ``[start, stop)``; ``n_groups`` is the tail."""
        return range(bisect_right(self.group_starts, start) - 1, bisect_left(self.group_starts, stop))

    def bounds(self, piece: int) -> Span:
        """Return the first sample of a row group or the tail, and the end."""
        edges = self.group_starts
        return edges[piece], edges[piece + 1] if piece + 1 < len(edges) else self.n_times


@dataclass(frozen=True)
class WindowFooter:
    """The footer of a window parquet: its layout, where its column chunks stand, and the packed tail.

    pyarrow's own object would hold 13 MB for a day of 21 channels; this is a fiftieth.
    """

    layout: WindowLayout
    _spans: NDArray[np.int64]  # (n_groups, n_channels, 2): first byte of a chunk, one past its last
    _tail: bytes

    def spans(self, group: int, channels: Sequence[int]) -> list[Span]:
        """Return where in the file a row group holds the samples of channels, given by their index in it."""
        return [(start, stop) for start, stop in self._spans[group].take(channels, axis=0).tolist()]

    def tail(self) -> Samples:
        """Unpack the samples behind the last complete window, shape (n_channels, n_tail)."""
        if not self.layout.n_tail:
            return np.empty((len(self.layout.ch_names), 0), np.float32)
        return decode_tail(self._tail, len(self.layout.ch_names), self.layout.n_tail)


def fetch_footer(source: ByteSource, name: str, on_read: Callable[[int], None]) -> bytes:
    """Read the footer of an open window parquet, without the eight bytes behind it.

    Parameters
    ----------
    source : ByteSource
        The open file.
    name : str
        For errors.
    on_read : callable
        Told how many bytes were read.

    Raises
    ------
    WindowError
        If the file does not end like a parquet file.
    """
    end = source.size
    look = min(max(source.first_look, CLOSING), end)
    (seen,) = read_spans(source, [(end - look, end)], on_read) if look else (b"",)
    size = footer_size(bytes(seen[-CLOSING:]), end, name)
    missing = size + CLOSING - look
    if missing > 0:
        (before,) = read_spans(source, [(end - look - missing, end - look)], on_read)
        seen = bytes(before) + bytes(seen)
    return bytes(seen[-CLOSING - size : -CLOSING])


def parse_footer(footer: bytes, n_bytes: int, name: str) -> WindowFooter:
    """Read the layout of a window parquet of ``n_bytes`` out of its footer.

    Raises
    ------
    WindowError
        If it is damaged, or that of another kind of parquet file.
    """
    try:
        closing = len(footer).to_bytes(4, "little") + b"PAR1"
        metadata = pq.read_metadata(pa.BufferReader(footer + closing))
        pairs = metadata.metadata or {}
        layout = _layout_of(pairs, metadata, fingerprint_footer(footer))
        paths = {metadata.schema.column(i).path: i for i in range(metadata.num_columns)}
        columns = [paths[f"{channel}.list.element"] for channel in layout.ch_names]
        spans = _spans_of(metadata, columns)
        if (
            not 0 <= layout.n_tail < layout.window_length
            or layout.group_starts[-1] + layout.n_tail != layout.n_times
        ):
            raise ValueError("rows and samples do not fit together")
        if not ((spans[..., 0] > 0) & (spans[..., 0] < spans[..., 1]) & (spans[..., 1] <= n_bytes)).all():
            raise ValueError("samples lie outside the file")
        return WindowFooter(layout, spans, pairs[TAIL_KEY.encode()])
    except DAMAGE as error:
        raise WindowError(
            "the footer is damaged or not one of a window file",
            file=name,
            value=str(error)[:200],
            remedy=MAKE_AGAIN,
        ) from error


def _layout_of(pairs: dict[bytes, bytes], metadata: pq.FileMetaData, fingerprint: int) -> WindowLayout:
    def told(key: str) -> Any:
        return json.loads(pairs[key.encode()])

    length = int(told("window_length"))
    rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    return WindowLayout(
        participant=str(told("participant")),
        run=str(told("run")),
        sfreq=float(told("sfreq")),
        ch_names=tuple(told("ch_names")),
        interpolated_channels=tuple(told("interpolated_channels"))
        if b"interpolated_channels" in pairs
        else (),
        n_times=int(told("n_times")),
        n_tail=int(told("n_tail")),
        window_length=length,
        group_starts=tuple((np.cumsum([0, *rows]) * length).tolist()),
        fingerprint=fingerprint,
    )


def _spans_of(metadata: pq.FileMetaData, columns: Sequence[int]) -> NDArray[np.int64]:
    spans = np.empty((metadata.num_row_groups, len(columns), 2), np.int64)
    for group, places in enumerate(spans):
        chunks = map(metadata.row_group(group).column, columns)
        places[:] = [(chunk.data_page_offset, chunk.total_compressed_size) for chunk in chunks]
    spans[..., 1] += spans[..., 0]
    return spans
