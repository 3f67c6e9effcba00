"""A pretrained network from its file: built as the file says, never as somebody remembers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.masked_pretrainer import MaskedPretrainer, build_pretrainer
from eeg_kedro.models.scan_backend import choose_backend
from eeg_kedro.training.model_file import load_model


def open_pretrained(path: Path, device: str = "cpu") -> tuple[MaskedPretrainer, dict[str, Any]]:
    """Read a model file and build its network, in evaluation mode.

    Parameters
    ----------
    path : Path
        ``06_models/pretrained.safetensors``, or a file of ``06_models/pretrained/``.
    device : str
        Where it shall compute.

    Returns
    -------
    network : MaskedPretrainer
        ``network.encode(tokens, positions, valid)`` gives (B, T, D).
    about : dict
        ``token_length`` (samples), ``sfreq`` (Hz), ``channels`` (center and spread in microvolts, place on the unit
        sphere), ``participants``, ``options``, …

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is damaged, or this project did not write it.
    """
    weights, about = load_model(path)
    return build_network(weights, about, device), about


def build_network(
    weights: Mapping[str, Tensor],
    about: Mapping[str, Any],
    device: torch.device | str = "cpu",
    asked: EncoderOptions | None = None,
) -> MaskedPretrainer:
    """Build the network that these weights belong to, in evaluation mode.

    Parameters
    ----------
    weights : mapping of str to Tensor
        A state dict of `MaskedPretrainer`.
    about : mapping
        What the file says of them.
    device : torch.device or str
        Where it shall compute.
    asked : EncoderOptions, optional
        What the caller takes the model for. Weights of another direction would load without a word and mean something
        else.

    Raises
    ------
    CheckpointError
        If ``asked`` is something else than the file says.
    """
    told = about["options"]["encoder"]
    if asked is not None:
        _demand_same(told, asked.effective(), str(about["name"]))
    options = EncoderOptions.model_validate(told)
    backend = choose_backend(asked.backend if asked else options.backend, str(device)).name
    network = build_pretrainer(options, about["token_length"], about["target_width"], 0, backend)
    network.load_state_dict(dict(weights))
    return network.to(device).eval()


def _demand_same(told: Mapping[str, Any], asked: Mapping[str, Any], name: str) -> None:
    keys = [key for key in sorted({*told, *asked}) if told.get(key) != asked.get(key)]
    if keys:
        raise CheckpointError(
            "the model is not the one that the options describe",
            file=name,
            value="; ".join(
                f"encoder.{key}: {told.get(key)!r} in the file, {asked.get(key)!r} asked" for key in keys
            ),
            remedy="take the options of the model, or train one with these",
        )
