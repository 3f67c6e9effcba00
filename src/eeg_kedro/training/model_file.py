"""A model in one file: weights, and what they are, as safetensors; no code, no pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eeg_kedro.errors import CheckpointError
from eeg_kedro.io.atomic_file import replacing

if TYPE_CHECKING:
    from torch import Tensor

_ABOUT = "eeg_kedro"  # the only key of the file's metadata: with two their order, and so the bytes, would be chance


@dataclass(frozen=True)
class PretrainedModel:
    """Weights and what they are.

    Attributes
    ----------
    name : str
        As `eeg_kedro.models.model_name` gives it.
    about : dict
        Configuration and origin, as JSON.
    weights : dict of str to Tensor
        A state dict, on the CPU.
    """

    name: str
    about: dict[str, Any]
    weights: dict[str, Tensor]


def save_model(path: Path, weights: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write weights and what they are in one step; the same content gives the same bytes.

    Parameters
    ----------
    path : Path
        The safetensors file.
    weights : mapping of str to Tensor
        A state dict.
    about : mapping
        As JSON knows it.

    Raises
    ------
    DiskFullError
        If there is no room left; a file that was there stays as it was.
    """
    from safetensors.torch import save

    text = json.dumps(dict(about), sort_keys=True, allow_nan=False)
    # to memory first: a full disk is then an OSError with its number, not an error of the format's library
    content = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}, {_ABOUT: text}
    )
    with replacing(path) as part:
        part.write_bytes(content)


def load_model(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read weights (on the CPU) and what they are.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If the file is damaged, or this project did not write it.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            about = _read_about((file.metadata() or {}).get(_ABOUT), path)
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise CheckpointError(
            f"the model file is damaged ({error})",
            file=path.name,
            remedy="remove it and run the pipeline that makes it again",
        ) from error


def _read_about(text: str | None, path: Path) -> dict[str, Any]:
    if text is None:
        raise CheckpointError(
            "the file holds weights, but not what they are",
            file=path.name,
            allowed="a model that this project saved",
            remedy="name another file, or train the model here",
        )
    about: dict[str, Any] = json.loads(text)
    return about
