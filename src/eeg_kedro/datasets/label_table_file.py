"""Somebody's table of participants with a label: read, never written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
from kedro.io import AbstractDataset, DatasetError


class LabelTableDataset(AbstractDataset[Any, "pd.DataFrame | None"]):
    """``participant`` and ``label`` from a CSV or TSV; None where no file is named.

    Parameters
    ----------
    filepath : str or None
        The file, such as the ``participants.tsv`` of BIDS.
    column : str
        Name of the column of labels.
    metadata : dict, optional
        For plugins.
    """

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str] | None = None,
        column: str = "label",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = None if filepath is None else Path(filepath)
        self._column, self.metadata = column, metadata

    def load(self) -> pd.DataFrame | None:
        """Read the labels; an `AnnotationError` if the file is not there or not a table of labels."""
        if self._filepath is None:
            return None
        from eeg_kedro.io.label_table import read_label_table
        from eeg_kedro.io.source_file import SourceFile

        file = SourceFile(self._filepath.parent.as_posix(), self._filepath.name)
        return read_label_table(file, self._column)

    def save(self, data: object) -> NoReturn:
        """Refuse: labels are read in place."""
        raise DatasetError("labels of participants are read in place and never written")

    def _exists(self) -> bool:
        return self._filepath is not None and self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {
            "filepath": None if self._filepath is None else self._filepath.as_posix(),
            "column": self._column,
        }
