"""A folder of synthetic corpora: saved as a plan, loaded as a listing of files."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from eeg_kedro.errors import LayoutError

if TYPE_CHECKING:
    from eeg_kedro.corpora.folder_listing import FolderListing
    from eeg_kedro.synthetic.corpus import FabricatedCorpus

logger = logging.getLogger(__name__)


class CorpusFolderDataset(AbstractDataset["FabricatedCorpus", "FolderListing"]):
    """Write a fabricated corpus; list it as the files a hospital would have given.

    Parameters
    ----------
    path : str
        Folder of all layouts; files that were not written from here are left alone.
    layout : str
        Which corpus a load lists (a folder below ``path``); empty lists all of them.
    max_workers : int, optional
        Threads that compose and write recordings; by default one per core, four at most.
    metadata : dict, optional
        For other tools; not read here.
    """

    def __init__(
        self,
        *,
        path: str,
        layout: str = "",
        max_workers: int | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._path = Path(path)
        self._layout = layout
        self._max_workers = max_workers or min(os.cpu_count() or 1, 4)
        self.metadata = metadata

    def load(self) -> FolderListing:
        """List the files of the corpus chosen by ``layout``.

        Raises
        ------
        LayoutError
            If no finished corpus is there.
        """
        from eeg_kedro.corpora.folder_listing import list_folder

        if not self._exists():
            raise LayoutError(
                "no finished synthetic corpus",
                value=(self._path / self._layout).as_posix(),
                remedy="run the pipeline fabricate, with this layout among fabricate.layouts",
            )
        return list_folder(self._path / self._layout)

    def save(self, data: FabricatedCorpus) -> None:
        """Write what is missing or out of date."""
        outcome = data.write(self._path, self._max_workers)
        logger.info(
            "%d files written, %d unchanged, %d removed", outcome.written, outcome.unchanged, outcome.removed
        )

    def _exists(self) -> bool:
        from eeg_kedro.synthetic.corpus import read_record

        files, fingerprint = read_record(self._path)
        return bool(fingerprint) and any(
            not self._layout or name.startswith(f"{self._layout}/") for name in files
        )

    def _describe(self) -> dict[str, Any]:
        return {"path": str(self._path), "layout": self._layout}
