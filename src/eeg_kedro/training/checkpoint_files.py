"""What a run needs to go on, in memory and as files: weights, the best so far, optimiser, progress."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from eeg_kedro.errors import CheckpointError
from eeg_kedro.io.atomic_file import replacing
from eeg_kedro.training.model_file import load_model, save_model

MODEL_FILE, BEST_FILE, TRAINER_FILE = "model.safetensors", "best.safetensors", "trainer.pt"


@dataclass(frozen=True)
class Checkpoint:
    """A run at the end of a step; holds copies on the CPU, never what is being trained.

    Attributes
    ----------
    name : str
        Of the model.
    about : dict
        What is trained on what, as JSON: a checkpoint of another identity is not continued.
    weights : dict of str to Tensor
        After the last step.
    best_weights : dict of str to Tensor or None
        With the smallest validation loss; None before the first validation.
    trainer : dict
        ``optimizer``, ``progress`` (`eeg_kedro.training.progress.Progress` as a dict), ``seed``, ``world_size``
        and ``environment``: numbers, texts and tensors only.
    """

    name: str
    about: dict[str, Any]
    weights: dict[str, Tensor]
    best_weights: dict[str, Tensor] | None
    trainer: dict[str, Any]

    @property
    def step(self) -> int:
        """Steps done over all epochs."""
        return int(self.trainer["progress"]["steps"])

    @property
    def finished(self) -> bool:
        """Whether nothing is left to train."""
        return bool(self.trainer["progress"]["finished"])

    @property
    def history(self) -> list[dict[str, Any]]:
        """One row per epoch that is done."""
        return list(self.trainer["progress"]["history"])


def copied(state: Any) -> Any:
    """Return nested dicts, lists and tensors as copies on the CPU."""
    if isinstance(state, Tensor):
        return state.detach().to("cpu", copy=True)
    if isinstance(state, Mapping):
        return {name: copied(value) for name, value in state.items()}
    if isinstance(state, list | tuple):
        return [copied(value) for value in state]
    return state


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the files of a checkpoint into a folder that nobody reads yet.

    Raises
    ------
    DiskFullError
        If there is no room left.
    """
    save_model(folder / MODEL_FILE, checkpoint.weights, checkpoint.about)
    if checkpoint.best_weights is not None:
        save_model(folder / BEST_FILE, checkpoint.best_weights, checkpoint.about)
    buffer = io.BytesIO()  # a full disk is then an OSError, not the RuntimeError of a stream
    torch.save({"name": checkpoint.name, **checkpoint.trainer}, buffer)
    with replacing(folder / TRAINER_FILE) as part:
        part.write_bytes(buffer.getbuffer())


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote; tensors, numbers and texts only, never code.

    Raises
    ------
    CheckpointError
        If a file is absent or damaged.
    """
    try:
        weights, about = load_model(folder / MODEL_FILE)
        best = load_model(folder / BEST_FILE)[0] if (folder / BEST_FILE).exists() else None
        trainer = torch.load(folder / TRAINER_FILE, map_location="cpu", weights_only=True)
        return Checkpoint(trainer.pop("name"), about, weights, best, trainer)
    except CheckpointError:
        raise
    except (FileNotFoundError, RuntimeError, EOFError, KeyError, ValueError, pickle.UnpicklingError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"the checkpoint is damaged ({str(error).splitlines()[0] if str(error) else type(error).__name__})",
        file=f"{folder.parent.name}/{folder.name}",
        remedy="remove this folder; without an older one, start over with resume=never",
    )
