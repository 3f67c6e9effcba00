"""The checkpoints of training runs: saved one by one while they train, loaded as a handle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

if TYPE_CHECKING:
    from kedro_datasets._typing import TablePreview

    from eeg_kedro.training.checkpoint import Checkpoint, CheckpointStore
    from eeg_kedro.training.trainer import TrainingReport


class CheckpointDataset(AbstractDataset["Checkpoint | TrainingReport", "CheckpointStore"]):
    """A folder of checkpoints, one per model.

    Parameters
    ----------
    filepath : str
        The folder.
    metadata : dict, optional
        For plugins.
    """

    def __init__(self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: Checkpoint | TrainingReport) -> None:
        """Put a checkpoint in the place of the last one of its model.

        Raises
        ------
        DiskFullError
            If there is no room left; the last one stays.
        """
        from eeg_kedro.training.task import TrainingReport

        self._store().save(data.checkpoint if isinstance(data, TrainingReport) else data)

    def load(self) -> CheckpointStore:
        """Return a handle, also where nothing was trained yet; nothing is read."""
        return self._store()

    def preview(self) -> TablePreview:
        """Return how far each model has come, for Kedro-Viz."""
        from kedro_datasets._typing import TablePreview

        store, rows = self._store(), []
        for name in store.names():
            found = store.last(name)
            if found is not None:
                loss = found.trainer["progress"]["best"]
                rows.append([name, found.step, len(found.history), f"{loss:.4g}", found.finished])
        columns = ["model", "steps", "epochs", "best validation loss", "finished"]
        return TablePreview({"index": [*range(len(rows))], "columns": columns, "data": rows})

    def _store(self) -> CheckpointStore:
        from eeg_kedro.training.checkpoint import CheckpointStore

        return CheckpointStore(self._filepath)

    def _exists(self) -> bool:
        return bool(self._store().names())

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath.as_posix()}
