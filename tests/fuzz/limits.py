"""What a parser may do with any bytes: raise a typed error, within two seconds and ten times the file in memory."""

from __future__ import annotations

import signal
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from eeg_kedro.errors import EegError
from eeg_kedro.io.source_file import SourceFile

MOST_SECONDS = 2.0
TIMES_THE_FILE = 10
FLOOR = 4 << 20  # bytes: read buffers and what Python itself needs, whatever the size of the file


class LimitError(AssertionError):
    """A parser that hangs, takes too much memory, or lets another error out than a typed one."""


def check(
    parse: Callable[[SourceFile], object], folder: Path, name: str, data: bytes, *, memory: bool
) -> bool:
    """Let a parser loose on bytes.

    Parameters
    ----------
    parse : callable
        The parser.
    folder : Path
        Where the file is written; on a disk in memory, if there is one.
    name : str
        The file's name.
    data : bytes
        Its content.
    memory : bool
        Whether memory is measured too, which takes twice the time.

    Returns
    -------
    bool
        Whether the bytes were accepted.

    Raises
    ------
    LimitError
        If the parser hangs or takes too much memory. Any error but an `EegError` comes out as it is.
    """
    (folder / name).write_bytes(data)
    with _timed(), _measured(len(data) if memory else None):
        try:
            parse(SourceFile(str(folder), name))
        except EegError:
            return False
    return True


@contextmanager
def _timed() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise LimitError(f"longer than {MOST_SECONDS:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _measured(size: int | None) -> Iterator[None]:
    if size is None:
        yield
        return
    # Python 3.11 may crash where tracing stops while pyarrow's threads still allocate (CPython issue 128679): who
    # measures parsers that use them starts tracing once, for the whole process
    own = not tracemalloc.is_tracing()
    if own:
        tracemalloc.start()
    held, before = pa.total_allocated_bytes(), tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        if own:
            tracemalloc.stop()
    peak += max(pa.total_allocated_bytes() - held, 0)
    if peak > max(TIMES_THE_FILE * size, FLOOR):
        raise LimitError(f"{peak} bytes of memory for a file of {size}")
