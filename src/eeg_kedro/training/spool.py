"""What training processes tell the one that watches them: JSON files in a folder, in order, each whole or absent.

A folder outlives whoever wrote it: what a process said before it was killed can still be read. Nothing is
pickled, so that a message is at most wrong, never code.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from eeg_kedro import errors
from eeg_kedro.errors import EegError
from eeg_kedro.io.atomic_file import read_json, replacing
from eeg_kedro.io.file_lock import alone, is_locked

_PREFIX = ".spool-"
_ALIVE = "alive"  # held by the watching process; nobody holds it once that is dead
_STOP = "stop"


class Message(NamedTuple):
    """Something a process had to say."""

    writer: int
    kind: str
    payload: dict[str, Any]


class Spool:
    """A folder of messages: several processes write, each its own series, and one reads.

    Parameters
    ----------
    folder : Path
        An existing folder.
    writer : int
        Rank of the process that writes with this object.
    n_writers : int
        How many there are, for the one that reads.
    """

    def __init__(self, folder: Path, writer: int = 0, n_writers: int = 1) -> None:
        self.folder, self.writer = folder, writer
        self._written = 0
        self._read = [0] * n_writers

    def put(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Say something; it is there as a whole or, after an error, not at all.

        Raises
        ------
        DiskFullError
            If there is no room.
        """
        # not durable: nobody reads it after a power cut
        with replacing(self._file(self.writer, self._written), durable=False) as part:
            part.write_text(json.dumps({"kind": kind, "payload": payload}), encoding="utf-8")
        self._written += 1

    def poll(self) -> Iterator[Message]:
        """Yield what was said since the last time, writer after writer, each in its order; then it is forgotten."""
        for writer in range(len(self._read)):
            # the next number is asked for by name: the order in which a folder is listed promises nothing
            while (said := read_json(file := self._file(writer, self._read[writer]))) is not None:
                self._read[writer] += 1
                file.unlink()
                yield Message(writer, said["kind"], said["payload"])

    def count_waiting(self, kind: str) -> int:
        """Count the messages of this writer that nobody has taken yet and that are of a kind."""
        files = self.folder.glob(f"{self.writer:05d}-*.json")
        return sum((read_json(file) or {}).get("kind") == kind for file in files)

    def stop(self) -> None:
        """Ask all writers to end."""
        (self.folder / _STOP).touch()

    def is_stopped(self) -> bool:
        """Tell whether the writers are to end: they were asked to, or the folder is gone with its reader."""
        return (self.folder / _STOP).exists() or not self.folder.exists()

    def _file(self, writer: int, number: int) -> Path:
        return self.folder / f"{writer:05d}-{number:08d}.json"


@contextmanager
def open_spool(place: Path, n_writers: int) -> Iterator[Spool]:
    """Make a spool in a folder, and remove it in the end; also those that killed processes left there.

    Parameters
    ----------
    place : Path
        A folder with room for a few checkpoints; made if it is absent.
    n_writers : int
        How many processes will write.
    """
    place.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(place)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    try:
        with (folder / f"{_ALIVE}.part").open("wb") as file, alone(file, folder):
            # it is locked before it has its name, so that nobody takes the folder for an abandoned one
            (folder / f"{_ALIVE}.part").rename(folder / _ALIVE)
            yield Spool(folder, n_writers=n_writers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        alive = folder / _ALIVE
        if alive.exists() and not is_locked(alive):
            shutil.rmtree(folder, ignore_errors=True)


def write_error(error: EegError) -> dict[str, Any]:
    """Return an error as what JSON can hold; a value JSON does not know becomes text."""
    try:
        value = json.loads(json.dumps(error.value))
    except (TypeError, ValueError):
        value = str(error.value)
    said = {name: getattr(error, name) for name in ("what", "file", "allowed", "remedy")}
    return said | {"type": type(error).__name__, "value": value}


def read_error(payload: Mapping[str, Any]) -> EegError:
    """Return the error that `write_error` was given, of the same class."""
    kind = getattr(errors, payload["type"], EegError)
    texts = {name: payload[name] for name in ("file", "value", "allowed", "remedy")}
    error: EegError = kind(payload["what"], **texts)
    return error
