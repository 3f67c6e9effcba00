"""Plotly figures as JSON files that are whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kedro.io.core import get_filepath_str
from kedro_datasets.plotly import JSONDataset

from eeg_kedro.io.atomic_file import replacing

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class FigureDataset(JSONDataset):  # type: ignore[misc]
    """A Plotly figure in one JSON file on a local disk, replaced in one step; Kedro-Viz shows it."""

    def save(self, data: Figure) -> None:
        """Write the figure aside, then put it in place.

        Raises
        ------
        DiskFullError
            If there is no room left.
        """
        path = Path(get_filepath_str(self._get_save_path(), self._protocol))
        with replacing(path) as part:
            part.write_text(data.to_json(**self._save_args), encoding="utf-8")
        self._invalidate_cache()
