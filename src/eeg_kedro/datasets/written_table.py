"""Tables that write themselves: the work is done while the file is written, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eeg_kedro.datasets.window_parquet_dataset import SelfWritingDataset

if TYPE_CHECKING:
    import pandas as pd


class WrittenTableDataset(SelfWritingDataset["pd.DataFrame"]):
    """A parquet table: saves what can write itself, loads a pandas table."""

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
