"""One writer at a time: a lock on an open file that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from eeg_kedro.errors import BusyError


@contextmanager
def alone(file: BinaryIO, path: Path) -> Iterator[None]:
    """Hold an open part file, so that no second run writes it.

    Parameters
    ----------
    file : file object
        The part; closing it lets go of the lock.
    path : Path
        What it will become, for the error.

    Raises
    ------
    BusyError
        If another process, or another place of this one, holds it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BusyError(
            "another run is writing this file",
            file=path.name,
            remedy="wait until it is done, then run the same command again: what is finished is kept",
        ) from error
    yield


def is_locked(part: Path) -> bool:
    """Tell whether somebody holds a part file at this moment."""
    with part.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
