"""A file of the user's corpus: where it is, what it looked like, and how to read its bytes safely."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ChangedFileError, SignalError

HASH_CHUNK = 1 << 20
ANNEX = "annex/objects/"


@dataclass(frozen=True)
class SourceFile:
    """A file below a corpus root; read, never written.

    Parameters
    ----------
    root : str
        The corpus folder.
    relative : str
        The file below it, with forward slashes; the name that errors and reports use.
    """

    root: str
    relative: str

    @property
    def path(self) -> Path:
        """Where the file is on this machine."""
        return Path(self.root) / PurePosixPath(self.relative)

    def stamp(self) -> tuple[int, int]:
        """Give size (bytes) and modification time (ns), the two things that tell a file was touched.

        Raises
        ------
        SignalError
            If the file is gone, cannot be reached, or is not a regular file.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        if not stat.S_ISREG(found.st_mode):
            raise SignalError(
                "not a regular file", file=self.relative, remedy="remove it from the corpus folder"
            )
        return found.st_size, found.st_mtime_ns

    def check_unchanged(self, stamp: tuple[int, int]) -> None:
        """Compare the file with what it was.

        Raises
        ------
        ChangedFileError
            If size or modification time differ from `stamp`.
        """
        if self.stamp() != stamp:
            raise self.changed("size or modification time is no longer what it was at the start")

    @contextmanager
    def open(self) -> Iterator[FileIO]:
        """Open the bytes without a buffer of Python's own.

        Raises
        ------
        SignalError
            If the file cannot be opened, is not a regular file, or the disk gives up while it is read.
        """
        self.stamp()  # a pipe would wait until somebody writes
        try:
            with self.path.open("rb", buffering=0) as handle:
                yield handle
        except OSError as error:
            raise self._unreadable(error) from error

    def fill(self, handle: FileIO, offset: int, buffer: NDArray[np.uint8]) -> None:
        """Read ``buffer.size`` bytes from `offset` into `buffer`.

        Raises
        ------
        ChangedFileError
            If the file ends before that: it was longer when its header was read.
        """
        view = buffer.data
        handle.seek(offset)
        done = 0
        while done < view.nbytes:  # an unbuffered read may give less than it was asked for
            n_read = handle.readinto(view[done:])
            if not n_read:
                raise self.changed("it became shorter")
            done += n_read

    def sha256(self) -> str:
        """Hash all bytes of the file in one sequential pass of constant memory."""
        digest, buffer = hashlib.sha256(), bytearray(HASH_CHUNK)
        with self.open() as handle:
            while n_read := handle.readinto(buffer):
                digest.update(memoryview(buffer)[:n_read])
        return digest.hexdigest()

    def changed(self, how: str) -> ChangedFileError:
        """Make the error for a file that is being written while it is read."""
        return ChangedFileError(
            f"the file changed while it was read: {how}",
            file=self.relative,
            remedy="wait until the export or copy has finished, then run again",
        )

    def _unreadable(self, error: OSError) -> SignalError:
        what = "the file is gone" if isinstance(error, FileNotFoundError) else "the file cannot be read"
        remedy = "check that the corpus folder is complete and readable, then run again"
        if isinstance(error, FileNotFoundError) and self.path.is_symlink():
            what = "a link to a file that is not there"
            if (
                ANNEX in self.path.readlink().as_posix()
            ):  # as every file of an OpenNeuro clone before it is fetched
                what = "a link of git-annex whose content was not fetched"
                remedy = (
                    "fetch it (`datalad get`, `git annex get`), or remove the link to keep its events alone"
                )
        return SignalError(what, file=self.relative, value=error.strerror, remedy=remedy)
