"""Tables as parquet files that are whole or absent, and the same bytes for the same rows."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io.core import DatasetError, Version, get_filepath_str
from kedro_datasets._typing import TablePreview
from kedro_datasets.pandas import ParquetDataset

from eeg_kedro.errors import ArtifactError, LayoutError
from eeg_kedro.io.atomic_file import replacing

# layer -> what makes its tables
MADE_BY = {
    "02_intermediate": "process_primary",
    "03_primary": "process_primary",
    "04_feature": "extract",
    "05_model_input": "sample",
    "07_model_output": "learn",
    "08_reporting": "learn",
}


class TableDataset(ParquetDataset):  # type: ignore[misc]
    """A pandas table in one parquet file on a local disk, replaced in one step.

    Parameters
    ----------
    filepath : str
        The parquet file.
    allow_absent : bool
        Load None, rather than fail, where the file is absent.
    load_args, save_args, version, credentials, fs_args, metadata : optional
        As in ``pandas.ParquetDataset``.
    """

    # all that could differ between two writers of the same rows is fixed here
    DEFAULT_SAVE_ARGS = {  # noqa: RUF012 - overrides the parent's
        "engine": "pyarrow",
        "compression": "zstd",
        "version": "2.6",
        "data_page_version": "1.0",
        "row_group_size": 1_048_576,
    }

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str],
        allow_absent: bool = False,
        load_args: dict[str, Any] | None = None,
        save_args: dict[str, Any] | None = None,
        version: Version | None = None,
        credentials: dict[str, Any] | None = None,
        fs_args: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            filepath=filepath,
            load_args=load_args,
            save_args=save_args,
            version=version,
            credentials=credentials,
            fs_args=fs_args,
            metadata=metadata,
        )
        self._allow_absent = allow_absent

    def load(self) -> pd.DataFrame | None:
        """Read the table; None if it is absent and may be.

        Raises
        ------
        DatasetError
            If it is absent and may not be, or cannot be read; the cause says which pipeline makes it.
        """
        if not self._exists():
            if self._allow_absent:
                return None
            raise _absent(Path(str(self._filepath)))
        try:
            table: pd.DataFrame = super().load()
        except DatasetError as error:
            raise _damaged(Path(str(self._filepath)), error) from error
        return table

    def save(self, data: pd.DataFrame) -> None:
        """Write the table aside, then put it in place.

        Raises
        ------
        DiskFullError
            If there is no room left.
        """
        path = Path(get_filepath_str(self._get_save_path(), self._protocol))
        with replacing(path) as part:
            data.to_parquet(part, **self._save_args)
        self._invalidate_cache()

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows for Kedro-Viz, reading no more than those."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(str(self._get_load_path())) as file:
            names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
            batch = next(file.iter_batches(batch_size=nrows, columns=names), None)
        rows = [] if batch is None else batch.to_pylist()
        cells = [[_cell(row[name]) for name in names] for row in rows]
        return TablePreview({"index": list(range(len(rows))), "columns": names, "data": cells})


def _absent(path: Path) -> LayoutError:
    return LayoutError("there is no such table yet", file=path.name, remedy=f"{_make(path)} first")


def _damaged(path: Path, error: DatasetError) -> ArtifactError:
    # not quoted whole: pyarrow's message holds the path, and the path may hold a name
    why = type(error.__cause__ or error).__name__
    return ArtifactError(
        "the table cannot be read",
        file=path.name,
        value=why,
        remedy=f"{_make(path)} again, with the parameters you gave then",
    )


def _make(path: Path) -> str:
    pipeline = MADE_BY.get(path.parent.name)
    return f"run `kedro run --pipelines={pipeline}`" if pipeline else "run the pipeline that makes it"


def _cell(value: object) -> object:
    """Turn a value into one that JSON and a table on a page can show."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
