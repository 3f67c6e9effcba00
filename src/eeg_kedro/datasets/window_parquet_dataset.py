"""One recording's windows: the work is done while the file is written, block by block."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kedro.io import AbstractDataset

from eeg_kedro.io.atomic_file import replacing

if TYPE_CHECKING:
    from eeg_kedro.io.window_parquet import WindowFile


Loaded = TypeVar("Loaded")


class Writable(Protocol):
    """What can write itself, as `eeg_kedro.io.window_parquet.WindowJob`."""

    def write(self, path: Path) -> object:
        """Write to `path`."""
        ...


class SelfWritingDataset(AbstractDataset[Writable, Loaded]):
    """A file on a local disk that is written by what is saved; a subclass says how it is loaded.

    Parameters
    ----------
    filepath : str
        The file.
    metadata : dict, optional
        For plugins.
    """

    def __init__(self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: Writable) -> None:
        """Let `data` write itself aside, then put the file in place.

        Raises
        ------
        DiskFullError
            If there is no room left.
        """
        with replacing(self._filepath) as part:
            data.write(part)

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath.as_posix()}


class WindowParquetDataset(SelfWritingDataset["WindowFile"]):
    """A window parquet: saves what can write itself, loads a handle that reads what is asked of it."""

    def load(self) -> WindowFile:
        """Return a handle; nothing but the footer is read until samples are asked for.

        Raises
        ------
        FileNotFoundError
            If the file is absent.
        """
        from eeg_kedro.io.window_parquet import WindowFile

        if not self._filepath.is_file():
            raise FileNotFoundError(f"no window file {self._filepath.name}: run the pipeline `window`")
        return WindowFile(self._filepath)
