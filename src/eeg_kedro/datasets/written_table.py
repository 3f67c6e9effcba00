"""Tables that write themselves: the work is done while the file is written, piece by piece."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from eeg_kedro.datasets.window_parquet_dataset import Writable
from eeg_kedro.io.atomic_file import replacing

if TYPE_CHECKING:
    import pandas as pd


class WrittenTableDataset(AbstractDataset[Writable, "pd.DataFrame"]):
    """A parquet table: saves what can write itself, loads a pandas table.

    Parameters
    ----------
    filepath : str
        The parquet file, on a local disk.
    metadata : dict, optional
        For plugins.
    """

    def __init__(self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the table.

        Raises
        ------
        FileNotFoundError
            If the file is absent.
        """
        import pandas as pd

        if not self._filepath.is_file():
            raise FileNotFoundError(f"no table {self._filepath.name}: run the pipeline `extract`")
        return pd.read_parquet(self._filepath)

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
