"""Models under their own names in one folder: loaded as a handle, read one by one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from kedro.io import AbstractDataset, DatasetError

from eeg_kedro.datasets.model_dataset import SUFFIX
from eeg_kedro.errors import CheckpointError

if TYPE_CHECKING:
    from kedro_datasets._typing import TablePreview

    from eeg_kedro.training.model_file import PretrainedModel


class ModelFolder:
    """The models of a folder.

    Parameters
    ----------
    path : Path
        The folder; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """Return the models there are; none where there is no folder."""
        return sorted(file.stem for file in self._path.glob(f"*{SUFFIX}") if not file.name.startswith("."))

    def load(self, name: str) -> PretrainedModel:
        """Read a model.

        Raises
        ------
        CheckpointError
            If there is none of this name (the error lists those there are), or the file is damaged.
        """
        from eeg_kedro.training.model_file import PretrainedModel, load_model

        if name not in self.names():
            raise CheckpointError(
                "no model of this name was trained here",
                value=name,
                allowed=", ".join(self.names()) or "none yet",
                remedy="name one of these, or train it",
            )
        weights, about = load_model(self._path / f"{name}{SUFFIX}")
        return PretrainedModel(name, about, weights)


class ModelFolderDataset(AbstractDataset[Never, ModelFolder]):
    """A folder that `ModelDataset` fills with one file per model, to be read only.

    Parameters
    ----------
    path : str
        The folder.
    metadata : dict, optional
        For plugins.
    """

    def __init__(self, *, path: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._path = Path(path)
        self.metadata = metadata

    def load(self) -> ModelFolder:
        """Return a handle, also where nothing was trained yet; nothing is read."""
        return ModelFolder(self._path)

    def save(self, data: Never) -> None:
        """Refuse: models are put there by `ModelDataset`."""
        raise DatasetError("this folder is filled by the dataset of each model")

    def preview(self) -> TablePreview:
        """Return the models there are, for Kedro-Viz."""
        from kedro_datasets._typing import TablePreview

        sizes = [(self._path / f"{name}{SUFFIX}").stat().st_size / 1e6 for name in self.load().names()]
        rows = [[name, round(size, 1)] for name, size in zip(self.load().names(), sizes, strict=True)]
        return TablePreview({"index": [*range(len(rows))], "columns": ["model", "megabytes"], "data": rows})

    def _exists(self) -> bool:
        return bool(self.load().names())

    def _describe(self) -> dict[str, Any]:
        return {"path": self._path.as_posix()}
