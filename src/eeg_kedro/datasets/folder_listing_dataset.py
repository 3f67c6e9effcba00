"""A folder of somebody's recordings: listed, never written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kedro.io import AbstractDataset, DatasetError

from eeg_kedro.errors import LayoutError

if TYPE_CHECKING:
    from eeg_kedro.corpora.folder_listing import FolderListing


class FolderListingDataset(AbstractDataset[Any, "FolderListing | None"]):
    """The names of all files below a folder.

    Parameters
    ----------
    path : str
        The folder.
    allow_absent : bool
        Load None, rather than fail, where the folder is absent.
    metadata : dict, optional
        For plugins.
    """

    def __init__(
        self, *, path: str, allow_absent: bool = False, metadata: dict[str, Any] | None = None
    ) -> None:
        self._path = Path(path)
        self._allow_absent = allow_absent
        self.metadata = metadata

    def load(self) -> FolderListing | None:
        """List the folder; None if it is absent and may be.

        Raises
        ------
        LayoutError
            If there is no such folder.
        """
        from eeg_kedro.corpora.folder_listing import list_folder

        if self._exists():
            return list_folder(self._path)
        if self._allow_absent:
            return None
        raise LayoutError(
            "no such folder",
            value=self._path.as_posix(),
            allowed="the folder that holds the recordings",
            remedy="give it as --params=corpus.root=PATH",
        )

    def save(self, data: object) -> NoReturn:
        """Refuse: recordings are read in place and never written to."""
        raise DatasetError("recordings are listed in place; nothing is ever saved among them")

    def _exists(self) -> bool:
        return self._path.is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"path": self._path.as_posix()}
