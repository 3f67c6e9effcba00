"""A pretrained model on disk: one file that a later pipeline finds under a fixed name, and one under its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from eeg_kedro.errors import CheckpointError

if TYPE_CHECKING:
    from kedro_datasets._typing import TablePreview

    from eeg_kedro.training.checkpoint import Checkpoint
    from eeg_kedro.training.model_file import PretrainedModel

SUFFIX = ".safetensors"


class ModelDataset(AbstractDataset["Checkpoint", "PretrainedModel | None"]):
    """The best weights of a checkpoint in one safetensors file, replaced in one step.

    Parameters
    ----------
    filepath : str
        The file of the model that was trained last.
    named_folder : str, optional
        Where each model is kept beside it under the name its configuration gives it.
    name : str, optional
        The model to load from there; default: the one that was trained last.
    allow_absent : bool
        Load None, rather than fail, where nothing was trained yet.
    metadata : dict, optional
        For plugins.
    """

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str],
        named_folder: str | os.PathLike[str] | None = None,
        name: str | None = None,
        allow_absent: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = Path(filepath)
        self._named_folder = None if named_folder is None else Path(named_folder)
        self._name, self._allow_absent = name, allow_absent
        self.metadata = metadata

    def save(self, data: Checkpoint) -> None:
        """Write the best weights (the last ones before the first validation).

        Raises
        ------
        DiskFullError
            If there is no room left; the files that were there stay as they were.
        """
        from eeg_kedro.training.model_file import save_model

        weights = data.weights if data.best_weights is None else data.best_weights
        if self._named_folder is not None:
            save_model(self._named_folder / f"{data.name}{SUFFIX}", weights, data.about)
        save_model(self._filepath, weights, data.about)

    def load(self) -> PretrainedModel | None:
        """Read the model; None if there is none and there may be none.

        Raises
        ------
        CheckpointError
            If nothing was trained yet, there is no model of the name asked for (the error lists those there are), or
            the file is damaged.
        """
        from eeg_kedro.training.model_file import PretrainedModel, load_model

        path = self._path_to_load()
        if not path.is_file():
            if self._allow_absent:
                return None
            made_by = {"pretrained": "pretrain", "embedder": "embed", "finetuned": "finetune"}
            pipeline = made_by.get(path.stem, "learn")
            raise CheckpointError(
                "there is no such model yet",
                file=path.name,
                remedy=f"run `kedro run --pipelines={pipeline}` first",
            )
        weights, about = load_model(path)
        return PretrainedModel(str(about["name"]), about, weights)

    def preview(self) -> TablePreview:
        """Return what the model is, for Kedro-Viz."""
        from kedro_datasets._typing import TablePreview

        found = self.load()
        if found is None:
            return TablePreview({"index": [], "columns": ["fact", "value"], "data": []})
        facts = {
            "name": found.name,
            "weights": sum(tensor.numel() for tensor in found.weights.values()),
            "megabytes": round(self._path_to_load().stat().st_size / 1e6, 1),
            **{key: value for key, value in found.about.items() if not isinstance(value, dict | list)},
        }
        rows = [[name, str(value)] for name, value in facts.items()]
        return TablePreview({"index": [*range(len(rows))], "columns": ["fact", "value"], "data": rows})

    def _path_to_load(self) -> Path:
        if self._name is None:
            return self._filepath
        folder = self._named_folder or self._filepath.parent
        path = folder / f"{self._name}{SUFFIX}"
        if not path.is_file():
            there = sorted(file.stem for file in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
            raise CheckpointError(
                "no model of this name was trained here",
                value=self._name,
                allowed=", ".join(there) or "none yet",
                remedy="name one of these, or train it with `kedro run --pipelines=pretrain`",
            )
        return path

    def _exists(self) -> bool:
        try:
            return self._path_to_load().is_file()
        except CheckpointError:
            return False

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath.as_posix(), "name": self._name}
