"""A folder of small text files, one per key: each whole or absent, and none left over from a former run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from eeg_kedro.errors import ParameterError
from eeg_kedro.io.atomic_file import read_json, remove_parts, replacing, write_json

LIST = "_files.json"  # what the last save wrote: nothing else is ever removed


class TextFilesDataset(AbstractDataset[Mapping[str, str], dict[str, Callable[[], str]]]):
    """Texts in files of one folder on a local disk, named ``<key><filename_suffix>``.

    Parameters
    ----------
    path : str
        The folder.
    filename_suffix : str
        How the names of the files end, as ``_events.tsv``.
    metadata : dict, optional
        For plugins.
    """

    def __init__(
        self, *, path: str | os.PathLike[str], filename_suffix: str, metadata: dict[str, Any] | None = None
    ) -> None:
        self._path, self._suffix = Path(path), filename_suffix
        self.metadata = metadata

    def load(self) -> dict[str, Callable[[], str]]:
        """Return, by key, what reads the file.

        Raises
        ------
        FileNotFoundError
            If nothing was ever saved here.
        """
        if not self._exists():
            raise FileNotFoundError(f"no files {self._path.name}/*{self._suffix}: run the pipeline `score`")
        return {key: partial(_read, self._file_of(key)) for key in self._listed()}

    def save(self, data: Mapping[str, str]) -> None:
        """Write one file per key, then remove those of the last save that are no longer there.

        Raises
        ------
        ParameterError
            If a key cannot be a file's name.
        DiskFullError
            If there is no room left; every file is as it was, or whole and new.
        """
        for key in data:
            _check_name(key)
        before = {*self._listed()}
        self._path.mkdir(parents=True, exist_ok=True)
        remove_parts(self._path)
        # listed before they are written: what a killed run wrote is still known to be ours
        write_json(self._path / LIST, {"files": sorted(before | {*data})})
        for key, text in data.items():
            with replacing(self._file_of(key)) as part:
                part.write_text(text, encoding="utf-8", newline="")
        for key in before - {*data}:
            self._file_of(key).unlink(missing_ok=True)
        write_json(self._path / LIST, {"files": sorted(data)})

    def _listed(self) -> list[str]:
        names = (read_json(self._path / LIST) or {}).get("files", [])
        return [str(name) for name in names]

    def _file_of(self, key: str) -> Path:
        return self._path / f"{key}{self._suffix}"

    def _exists(self) -> bool:
        return (self._path / LIST).is_file()

    def _describe(self) -> dict[str, Any]:
        return {"path": self._path.as_posix(), "filename_suffix": self._suffix}


def _read(file: Path) -> str:
    with file.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _check_name(key: str) -> None:
    if not key or key.startswith((".", "_")) or {"/", "\\", "\0"} & {*key}:
        raise ParameterError(
            "a name that no file can have",
            value=key,
            allowed="participant and run as ingest names them: letters, digits, hyphens, and _ between them",
            remedy="mend the names in the corpus and run `ingest` again",
        )
