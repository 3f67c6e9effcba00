"""All layouts and their ground truth: planned in a moment, written file by file into a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from eeg_kedro.io.atomic_file import remove_parts, replacing, write_json
from eeg_kedro.synthetic import bids_layout, chbmit_layout, csv_layout, ground_truth, tusz_layout
from eeg_kedro.synthetic.options import FabricateOptions
from eeg_kedro.synthetic.recording import RecordingPlan

RECORD_NAME = ".fabricated.json"
_LAYOUTS = {module.NAME: module for module in (tusz_layout, chbmit_layout, bids_layout, csv_layout)}


@dataclass(frozen=True)
class WriteOutcome:
    """How many files were written, found unchanged, and removed as no longer part of the corpus."""

    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True)
class FabricatedCorpus:
    """A corpus that exists as a plan.

    Parameters
    ----------
    files : mapping of str to callable
        Relative path -> function that writes it to the path it is given.
    plans : tuple of RecordingPlan
        What will be in the recordings.
    fingerprint : str
        Changes with the options, with the code and with the libraries the samples depend on.
    """

    files: Mapping[str, Callable[[Path], None]]
    plans: tuple[RecordingPlan, ...]
    fingerprint: str

    def write(self, root: Path, max_workers: int = 1) -> WriteOutcome:
        """Write what is missing or stale below ``root``.

        Each file appears complete or not at all. An interrupted write is repeated as a whole. Files of an
        earlier corpus are removed; a file this project did not write is never touched.

        Parameters
        ----------
        root : Path
            Folder; made if need be.
        max_workers : int
            Threads; composing releases the interpreter for most of its time.

        Raises
        ------
        DiskFullError
            No room left.
        """
        root.mkdir(parents=True, exist_ok=True)
        before, fingerprint = read_record(root)
        current = before if fingerprint == self.fingerprint else {}
        missing = [name for name in self.files if not _is_intact(root / name, current.get(name))]
        stale = sorted(before.keys() - self.files.keys())
        if not missing and not stale:
            return WriteOutcome(0, len(self.files), 0)
        # until all is done the record names everything that may be ours and claims nothing to be finished
        _write_record(root, "", dict.fromkeys({*before, *self.files}, -1))
        for folder in {(root / name).parent for name in missing}:
            remove_parts(folder)
        with ThreadPoolExecutor(max_workers) as pool:
            list(pool.map(lambda name: _write_one(root / name, self.files[name]), missing))
        for name in stale:
            _remove(root, name)
        _write_record(root, self.fingerprint, {name: (root / name).stat().st_size for name in self.files})
        return WriteOutcome(len(missing), len(self.files) - len(missing), len(stale))


def plan_corpus(options: FabricateOptions) -> FabricatedCorpus:
    """Plan every layout asked for and the ground truth of all; no sample is made."""
    files: dict[str, Callable[[Path], None]] = {}
    plans: list[RecordingPlan] = []
    for name in dict.fromkeys(options.layouts):
        planned = _LAYOUTS[name].plan_recordings(options)
        files |= {f"{name}/{path}": write for path, write in _LAYOUTS[name].list_files(planned).items()}
        plans += planned
    files |= {f"ground_truth/{path}": write for path, write in ground_truth.list_files(plans).items()}
    return FabricatedCorpus(files, tuple(plans), _fingerprint(options))


def _fingerprint(options: FabricateOptions) -> str:
    digest = hashlib.sha256(options.model_dump_json().encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    for library in ("numpy", "scipy", "edfio", "pyarrow"):
        digest.update(version(library).encode())
    return digest.hexdigest()


def read_record(root: Path) -> tuple[dict[str, int], str]:
    """Read which files below ``root`` are ours (sizes in bytes) and the fingerprint, empty if unfinished."""
    record = root / RECORD_NAME
    if not record.is_file():
        return {}, ""
    content = json.loads(record.read_text(encoding="utf-8"))
    return content["files"], content["fingerprint"]


def _write_record(root: Path, fingerprint: str, files: Mapping[str, int]) -> None:
    write_json(root / RECORD_NAME, {"fingerprint": fingerprint, "files": dict(files)})


def _is_intact(path: Path, size: int | None) -> bool:
    return size is not None and path.is_file() and path.stat().st_size == size


def _write_one(path: Path, write: Callable[[Path], None]) -> None:
    """Write aside and rename: a killed process leaves no half file under a real name."""
    with replacing(path, durable=False) as part:
        write(part)


def _remove(root: Path, name: str) -> None:
    """Remove a file of an earlier corpus, and the folders that are empty without it."""
    path = root / name
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()
