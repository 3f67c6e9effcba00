"""An embedder from its file: built as the file says, without what only training needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.build_window_encoder import build_conv_encoder, build_embedder, build_token_encoder
from eeg_kedro.models.conv_options import ConvOptions
from eeg_kedro.models.embedder import Embedder
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.scan_backend import choose_backend
from eeg_kedro.models.window_encoder import WindowEncoder
from eeg_kedro.training.model_file import load_model
from eeg_kedro.training.pooled_scale import PooledScale

IN_TRAINING = "query.embedder."  # what an embedder's weights begin with in a checkpoint
PROJECTION = "projection."  # of the embedder: what the loss sees, and nobody else


def open_embedder(path: Path, device: str = "cpu") -> tuple[Embedder, dict[str, Any]]:
    """Read a model file and build its network, in evaluation mode.

    Parameters
    ----------
    path : Path
        ``06_models/embedder.safetensors``, or a file of ``06_models/embedders/``.
    device : str
        Where it shall compute.

    Returns
    -------
    embedder : Embedder
        ``embedder(tokens, places, valid)`` gives (B, E); `eeg_kedro.training.window_tokens` makes its tokens.
    about : dict
        ``token_length`` (samples), ``sfreq`` (Hz), ``channels``, ``participants``, ``options``, …

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is damaged, or holds no embedder.
    """
    weights, about = load_model(path)
    return load_embedder(weights, about, device), about


def load_embedder(
    weights: Mapping[str, Tensor], about: Mapping[str, Any], device: torch.device | str = "cpu"
) -> Embedder:
    """Build the embedder that these weights belong to, in evaluation mode; its projection has first weights.

    Raises
    ------
    CheckpointError
        If the weights are not those of an embedder.
    """
    if "embedding_size" not in about:
        raise _no_embedder(about, "no embedding_size in what the file says")
    embedder = make_embedder(about, 0, str(device))
    found = embedder.load_state_dict(dict(weights), strict=False)
    missing = [name for name in found.missing_keys if not name.startswith(PROJECTION)]
    if missing or found.unexpected_keys:
        raise _no_embedder(about, f"without {missing[:3]}, with {found.unexpected_keys[:3]}")
    return embedder.to(device).eval()


def make_embedder(
    about: Mapping[str, Any], seed: int, device: str, encoder_weights: Mapping[str, Tensor] | None = None
) -> Embedder:
    """Make an embedder of the shape that ``about`` tells, with first weights, on the CPU.

    Parameters
    ----------
    about : mapping
        ``encoder``, ``token_length``, ``embedding_size``, ``projection_size``.
    seed : int
        Of the weights.
    device : str
        Where it will compute: decides who computes the scan.
    encoder_weights : mapping of str to Tensor, optional
        State dict of the pretrained model.
    """
    encoder = _make_encoder(about["encoder"], int(about["token_length"]), seed, device, encoder_weights)
    embedder = build_embedder(encoder, int(about["embedding_size"]), int(about["projection_size"]), seed)
    embedder.add_module("norm", PooledScale(embedder.norm, 2 * encoder.width))
    return embedder


def keep_embedder(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what of a checkpoint's weights is used after training: encoder and embedding, no projection."""
    kept = {
        name.removeprefix(IN_TRAINING): value
        for name, value in weights.items()
        if name.startswith(IN_TRAINING)
    }
    return {name: value for name, value in kept.items() if not name.startswith(PROJECTION)}


def _make_encoder(
    told: Mapping[str, Any],
    token_length: int,
    seed: int,
    device: str,
    weights: Mapping[str, Tensor] | None,
) -> WindowEncoder:
    if told["kind"] == "conv":
        return build_conv_encoder(ConvOptions.model_validate(told["options"]), token_length, seed)
    options = EncoderOptions.model_validate(told["options"])
    backend = choose_backend(options.backend, device).name
    return build_token_encoder(options, token_length, seed, backend, weights)


def _no_embedder(about: Mapping[str, Any], value: str) -> CheckpointError:
    return CheckpointError(
        "these are not the weights of an embedder",
        file=str(about.get("name", "")),
        value=value,
        allowed="a model of `embed`",
        remedy="kedro run --pipelines=embed",
    )
