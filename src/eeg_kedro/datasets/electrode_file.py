"""Somebody's file of electrode positions: read, never written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset, DatasetError

from eeg_kedro.errors import ElectrodeError

Places = dict[str, tuple[float, float, float]]


class ElectrodeFileDataset(AbstractDataset[Any, "Places | None"]):
    """Positions of electrodes from an ASA file (.elc); None where no file is named.

    Parameters
    ----------
    filepath : str or None
        The file.
    metadata : dict, optional
        For plugins.
    """

    def __init__(
        self, *, filepath: str | os.PathLike[str] | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = None if filepath is None else Path(filepath)
        self.metadata = metadata

    def load(self) -> Places | None:
        """Read the positions.

        Raises
        ------
        ElectrodeError
            If a file is named that is not there, or cannot be read as ASA positions.
        """
        if self._filepath is None:
            return None
        if not self._filepath.is_file():
            raise ElectrodeError(
                "no such file of electrode positions",
                file=self._filepath.name,
                allowed="an ASA file (.elc)",
                remedy="give it as --params=pretrain.electrode_file=PATH, or leave it out for MNE's positions",
            )
        from eeg_kedro.io.asa_electrodes import read_asa

        return read_asa(self._filepath)

    def save(self, data: object) -> NoReturn:
        """Refuse: positions are read in place."""
        raise DatasetError("electrode positions are read in place and never written")

    def _exists(self) -> bool:
        return self._filepath is not None and self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": None if self._filepath is None else self._filepath.as_posix()}
