"""One open window parquet: row groups and channels as arrays, every failure a `WindowError` with its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from eeg_kedro.errors import EegError, WindowError
from eeg_kedro.io.byte_source import ByteSource, open_bytes, read_spans
from eeg_kedro.io.column_chunks import decode_chunk
from eeg_kedro.io.window_layout import DAMAGE, fetch_footer, parse_footer
from eeg_kedro.io.window_reading import MAKE_AGAIN, Samples, fingerprint_footer

_AT_ONCE = 64  # column chunks in memory at a time


class OpenWindows:
    """An open window parquet; its footer has been read, nothing else.

    Parameters
    ----------
    url : str or Path
        A local path or any fsspec URL.
    name : str
        Of the recording, for errors.
    storage_options : mapping, optional
        For fsspec.
    on_read : callable
        Told how many bytes were read, whenever some are.

    Raises
    ------
    WindowError
        If the file is missing, cut short or no window parquet.
    """

    def __init__(
        self,
        url: str | Path,
        name: str,
        storage_options: Mapping[str, Any] | None = None,
        on_read: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._name, self._on_read = name, on_read
        self._source = _open(url, name, storage_options)
        with _damage_told(name):
            self._footer = parse_footer(fetch_footer(self._source, name, on_read), self._source.size, name)
        self.layout = self._footer.layout
        self._index = {channel: i for i, channel in enumerate(self.layout.ch_names)}

    def find(self, ch_names: Sequence[str]) -> list[int]:
        """Return the index of each channel in the file, -1 where it holds none of that name."""
        return [self._index.get(name, -1) for name in ch_names]

    def read(self, piece: int, channels: Sequence[int], out: Samples | None = None) -> Samples:
        """Decode channels of one row group, or of the tail where ``piece`` is the number of row groups.

        Parameters
        ----------
        piece : int
            Number of the row group.
        channels : sequence of int
            Index of each channel in the file.
        out : ndarray of float32, shape (n_channels, n_samples), contiguous, optional
            Filled and returned.

        Returns
        -------
        ndarray of float32, shape (n_channels, n_samples)
            Microvolts.

        Raises
        ------
        WindowError
            If the file is damaged there.
        """
        first, last = self.layout.bounds(piece)
        block = np.empty((len(channels), last - first), np.float32) if out is None else out
        with _damage_told(self._name):
            if piece == self.layout.n_groups:
                block[:] = self._footer.tail()[list(channels)]
                return block
            chunks = read_spans(self._source, self._footer.spans(piece, channels), self._on_read)
            for chunk, row in zip(chunks, block, strict=True):
                decode_chunk(chunk, row)
        return block

    def read_channel(self, channel: int) -> Samples:
        """Decode the complete windows of one channel.

        Returns
        -------
        ndarray of float32, shape (n_windows, window_length)
            Microvolts.

        Raises
        ------
        WindowError
            If the file is damaged there.
        """
        layout = self.layout
        samples = np.empty((layout.n_windows, layout.window_length), np.float32)
        flat = samples.reshape(-1)
        with _damage_told(self._name):
            for first in range(0, layout.n_groups, _AT_ONCE):
                groups = range(first, min(first + _AT_ONCE, layout.n_groups))
                spans = [self._footer.spans(group, [channel])[0] for group in groups]
                for group, chunk in zip(groups, read_spans(self._source, spans, self._on_read), strict=True):
                    decode_chunk(chunk, flat[slice(*layout.bounds(group))])
        return samples

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()


def read_fingerprint(
    url: str | Path,
    name: str,
    storage_options: Mapping[str, Any] | None = None,
    on_read: Callable[[int], None] = lambda _: None,
) -> int:
    """Hash the footer of a window parquet without taking it apart, as `fingerprint_windows` does.

    Raises
    ------
    WindowError
        If the file is missing, cut short or no parquet.
    """
    source = _open(url, name, storage_options)
    try:
        with _damage_told(name):
            return fingerprint_footer(fetch_footer(source, name, on_read))
    finally:
        source.close()


def _open(url: str | Path, name: str, storage_options: Mapping[str, Any] | None) -> ByteSource:
    try:
        return open_bytes(url, storage_options)
    except FileNotFoundError as error:
        raise WindowError(
            "the window file is not there",
            file=name,
            remedy="run `kedro run --pipelines=process_primary`, or give the folder where the windows are",
        ) from error
    except OSError as error:
        raise WindowError("the window file cannot be opened", file=name, value=str(error)) from error


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    try:
        yield
    except EegError:
        raise
    except DAMAGE as error:
        raise WindowError(
            "the window file is damaged", file=name, value=str(error)[:200], remedy=MAKE_AGAIN
        ) from error
