"""Checkpoints on disk: whatever happens while one is written, the last good one stays readable."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from eeg_kedro.errors import CheckpointError
from eeg_kedro.io.atomic_file import disk_full, read_json, replacing, write_json
from eeg_kedro.training.checkpoint_files import Checkpoint, read_checkpoint, write_checkpoint
from eeg_kedro.training.resumable import check_resumable

__all__ = ["Checkpoint", "CheckpointStore", "check_resumable"]

CURRENT, DIGESTS = "current.json", "sha256.json"


class CheckpointStore:
    """A folder with one folder per model: ``<name>/step-00000120/`` and ``<name>/current.json``, its address.

    Parameters
    ----------
    folder : Path
        Made with the first checkpoint.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def names(self) -> list[str]:
        """Return the models there is a checkpoint of."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if any(_steps(path)))

    def save(self, checkpoint: Checkpoint) -> Path:
        """Put a checkpoint in the place of the last one, which goes only when this one is whole.

        Returns
        -------
        Path
            The folder of the checkpoint.

        Raises
        ------
        DiskFullError
            If there is no room left; the last one stays.
        """
        home = self.folder / checkpoint.name
        try:
            home.mkdir(parents=True, exist_ok=True)
            with _locked(home, fcntl.LOCK_EX):
                return _replace(home, checkpoint)
        except OSError as error:
            if full := disk_full(error, home):
                raise full from error
            raise

    def last(self, name: str, on_notice: Callable[[str], None] | None = None) -> Checkpoint | None:
        """Read the last checkpoint of a model, or the newest older one if that is damaged.

        Parameters
        ----------
        name : str
            Of the model.
        on_notice : callable, optional
            Told, as a sentence, when an older one is taken.

        Returns
        -------
        Checkpoint or None
            None if there is none.

        Raises
        ------
        CheckpointError
            If there are some and none can be read.
        """
        home = self.folder / name
        if not home.is_dir():
            return None
        with _locked(home, fcntl.LOCK_SH):  # so that none is replaced while it is read
            return _read_newest(home, on_notice)


def _read_newest(home: Path, on_notice: Callable[[str], None] | None) -> Checkpoint | None:
    first: CheckpointError | None = None
    for step in _newest_first(home):
        try:
            found = _read_verified(step)
        except CheckpointError as error:
            first = first or error
            continue
        if first is not None and on_notice is not None:
            on_notice(f"{first.file} is damaged: going on from {step.name}")
        return found
    if first is not None:
        raise first
    return None


def _replace(home: Path, checkpoint: Checkpoint) -> Path:
    _remove_parts(home)
    part = home / f".step-{checkpoint.step:08d}.{secrets.token_hex(6)}.part"
    place = _free_place(home, checkpoint.step)
    with ExitStack() as undo:
        for unfinished in (part, place):
            undo.callback(shutil.rmtree, unfinished, ignore_errors=True)
        part.mkdir()
        write_checkpoint(part, checkpoint)
        write_json(part / DIGESTS, {path.name: _digest(path) for path in sorted(part.iterdir())})
        _flush(part)
        part.rename(place)
        with replacing(home / CURRENT) as file:  # its flush of this folder makes the rename last, too
            file.write_text(json.dumps({"folder": place.name}), encoding="utf-8")
        undo.pop_all()
    for older in [*_steps(home)]:
        if older != place:
            shutil.rmtree(older, ignore_errors=True)
    return place


def _remove_parts(home: Path) -> None:
    """Remove what killed writers left behind; nobody else writes here now."""
    for part in [*home.glob(".*.part")]:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink()


def _free_place(home: Path, step: int) -> Path:
    """Return a name that is not taken: the same step is saved twice where a run starts over."""
    names = [f"step-{step:08d}", *(f"step-{step:08d}-{again}" for again in range(2, 1000))]
    return next(home / name for name in names if not (home / name).exists())


def _newest_first(home: Path) -> list[Path]:
    """Return the folders of a model's checkpoints, the one that counts first."""
    current = (read_json(home / CURRENT) or {}).get("folder")
    return sorted(
        _steps(home), key=lambda step: (step.name == current, step.stat().st_mtime_ns), reverse=True
    )


def _steps(home: Path) -> Iterator[Path]:
    return home.glob("step-*")


def _read_verified(step: Path) -> Checkpoint:
    digests = read_json(step / DIGESTS) or {}
    wrong = [name for name, digest in digests.items() if _digest(step / name) != digest]
    if wrong or not digests:
        raise CheckpointError(
            "the checkpoint is damaged: its content is not what was saved",
            file=f"{step.parent.name}/{step.name}",
            value=", ".join(wrong) or DIGESTS,
            remedy="remove this folder; without an older one, start over with resume=never",
        )
    return read_checkpoint(step)


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(home: Path, kind: int) -> Iterator[None]:
    """Wait until nobody saves here: two runs of one name take turns, and so do a run and whoever reads."""
    with _open_lock(home / ".lock") as file:
        fcntl.flock(file, kind)
        yield


def _open_lock(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except PermissionError:  # somebody else's folder, or one that cannot be written at all: reading is enough
        return path.open("rb")


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
