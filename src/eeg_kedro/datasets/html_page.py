"""HTML pages as files that are whole or absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from eeg_kedro.io.atomic_file import replacing


class HtmlPageDataset(AbstractDataset[str, str]):
    """One HTML page on a local disk, replaced in one step.

    Parameters
    ----------
    filepath : str
        The HTML file.
    metadata : dict, optional
        For plugins.
    """

    def __init__(self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> str:
        """Read the page.

        Raises
        ------
        FileNotFoundError
            If the file is absent.
        """
        if not self._filepath.is_file():
            raise FileNotFoundError(f"no page {self._filepath.name}: run the pipeline that writes it")
        return self._filepath.read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the page aside, then put it in place.

        Raises
        ------
        DiskFullError
            If there is no room left.
        """
        with replacing(self._filepath) as part:
            part.write_text(data, encoding="utf-8")

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath.as_posix()}
