"""Stretches of a file's bytes, from a local disk or from wherever fsspec reaches, without moving a cursor."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from eeg_kedro.errors import ParameterError

Span = tuple[int, int]  # first byte, one past the last


class ByteSource(Protocol):
    """An open file.

    Attributes
    ----------
    size : int
        Bytes of the file.
    first_look : int
        Bytes at its end that cost as little as one.
    """

    size: int
    first_look: int

    def fetch(self, spans: Sequence[Span]) -> list[bytes]:
        """Read each span; shorter where the file ends early."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class LocalBytes:
    """A file on a local or mounted disk."""

    first_look = 8

    def __init__(self, path: str) -> None:
        self._file = pa.OSFile(path)
        self.size: int = self._file.size()

    def fetch(self, spans: Sequence[Span]) -> list[bytes]:
        """Read each span; shorter where the file ends early."""
        return [self._file.read_at(stop - start, start) for start, stop in spans]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class RemoteBytes:
    """A file behind fsspec; nothing stays open between two reads, and the spans of one travel together."""

    first_look = 1 << 16

    def __init__(self, filesystem: Any, path: str) -> None:
        self._filesystem, self._path = filesystem, path
        self.size: int = filesystem.size(path)

    def fetch(self, spans: Sequence[Span]) -> list[bytes]:
        """Read each span; shorter where the file ends early."""
        starts, stops = zip(*spans, strict=True)
        found = self._filesystem.cat_ranges(
            [self._path] * len(spans), list(starts), list(stops), on_error="raise"
        )
        return [bytes(part) for part in found]

    def close(self) -> None:
        """Nothing is open."""


def open_bytes(url: str | Path, storage_options: Mapping[str, Any] | None = None) -> ByteSource:
    """Open a local path or any fsspec URL for reading.

    Raises
    ------
    OSError
        If it is not there or cannot be opened.
    ParameterError
        If the URL's protocol is unknown or its package is not installed.
    """
    filesystem, path = find_filesystem(url, storage_options)
    return LocalBytes(path) if filesystem is None else RemoteBytes(filesystem, path)


def find_filesystem(url: str | Path, storage_options: Mapping[str, Any] | None = None) -> tuple[Any, str]:
    """Return fsspec's file system and the path on it; None for a local disk.

    Asked for anew in each process: connections must not be shared with a fork.

    Raises
    ------
    ParameterError
        If the URL's protocol is unknown or its package is not installed.
    """
    if isinstance(url, Path) or ("://" not in url and "::" not in url):
        return None, str(url)
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    try:
        filesystem, path = url_to_fs(url, **(storage_options or {}))
    except (ImportError, ValueError) as error:
        raise ParameterError(
            "the URL cannot be opened",
            value=url.split("://")[0] + "://…",
            allowed=str(error),
            remedy="install the fsspec package of that protocol, or copy the files to a local folder",
        ) from error
    return (None, path) if isinstance(filesystem, LocalFileSystem) else (filesystem, path)


def read_spans(source: ByteSource, spans: Sequence[Span], on_read: Callable[[int], None]) -> list[memoryview]:
    """Read spans of a file, those that touch each other in one go.

    Parameters
    ----------
    source : ByteSource
        Open file.
    spans : sequence of (int, int)
        In the order wanted.
    on_read : callable
        Told how many bytes were read.

    Raises
    ------
    OSError
        If the disk or the network fails, or the file ends before a span does.
    """
    joined = _join(spans)
    parts = source.fetch(joined) if joined else []
    on_read(sum(len(part) for part in parts))
    for part, (start, stop) in zip(parts, joined, strict=True):
        if len(part) != stop - start:
            raise OSError(f"the file ends before byte {stop}")
    views, starts = [memoryview(part) for part in parts], [start for start, _ in joined]
    pieces = []
    for start, stop in spans:
        at = bisect_right(starts, start) - 1
        pieces.append(views[at][start - starts[at] : stop - starts[at]])
    return pieces


def _join(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, stop in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined
