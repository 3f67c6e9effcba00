"""Tables as parquet files that are whole or absent, and the same bytes for the same rows."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io.core import Version, get_filepath_str
from kedro_datasets._typing import TablePreview
from kedro_datasets.pandas import ParquetDataset

from eeg_kedro.errors import LayoutError
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
            If it is absent and may not be; the cause says which pipeline makes it.
        """
        if not self._exists():
            if self._allow_absent:
                return None
            raise _absent(Path(str(self._filepath)))
        table: pd.DataFrame = super().load()
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
    pipeline = MADE_BY.get(path.parent.name)
    remedy = (
        f"run `kedro run --pipelines={pipeline}` first"
        if pipeline
        else "run the pipeline that makes it first"
    )
    return LayoutError("there is no such table yet", file=path.name, remedy=remedy)


def _cell(value: object) -> object:
    """Turn a value into one that JSON and a table on a page can show."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
