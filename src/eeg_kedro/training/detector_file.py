"""A detector from its file: built as the file says, for training with first weights, for use with its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.build_window_encoder import Spectrum, build_detector, build_token_encoder, weights_from
from eeg_kedro.models.eegnet import EegNet
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.scan_backend import choose_backend
from eeg_kedro.training.model_file import load_model


def make_detector(
    about: Mapping[str, Any],
    seed: int,
    device: torch.device | str = "cpu",
    encoder_weights: Mapping[str, Tensor] | None = None,
) -> nn.Module:
    """Make a network of the shape that ``about["network"]`` tells, with the first weights of a seed, on the CPU.

    Parameters
    ----------
    about : mapping
        ``network``, ``kind``, ``token_length``, ``sfreq``, ``ch_names``.
    seed : int
        Of the weights.
    device : torch.device or str
        Where it will compute: decides who computes the scan.
    encoder_weights : mapping of str to Tensor, optional
        State dict of the pretrained model; the encoder's part of it is taken.

    Raises
    ------
    CheckpointError
        If the weights are not those of such an encoder.
    """
    told, token_length = about["network"], int(about["token_length"])
    if told["shape"] == "eegnet":
        with weights_from(seed):
            return EegNet(len(about["ch_names"]), token_length, float(about["sfreq"]), **told["options"])
    options = EncoderOptions.model_validate(told["encoder"])
    backend = choose_backend(options.backend, str(device)).name
    encoder = build_token_encoder(options, token_length, seed, backend, encoder_weights)
    width = int(told["spectral_width"])
    spectrum = Spectrum(token_length, float(about["sfreq"]), width) if width else None
    return build_detector(encoder, about["kind"], int(told["hidden"]), seed, spectrum)


def load_detector(
    weights: Mapping[str, Tensor], about: Mapping[str, Any], device: torch.device | str = "cpu"
) -> nn.Module:
    """Build the detector that these weights belong to, in evaluation mode.

    Raises
    ------
    CheckpointError
        If they are not those of a detector.
    """
    if "network" not in about:
        raise _no_detector(about, "no network in what the file says")
    network = make_detector(about, 0, device)
    try:
        network.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise _no_detector(about, str(error).splitlines()[-1].strip()) from error
    return network.to(device).eval()


def open_detector(path: Path, device: str = "cpu") -> tuple[nn.Module, dict[str, Any]]:
    """Read a model file and build its network, in evaluation mode.

    Parameters
    ----------
    path : Path
        ``06_models/finetuned.safetensors``, or a file of ``06_models/finetuned/``.
    device : str
        Where it shall compute.

    Returns
    -------
    network : nn.Module
        ``network(tokens, places, valid, real)`` gives logits; `eeg_kedro.training.detection_tokens` makes its tokens.
    about : dict
        ``kind``, ``token_length`` (samples), ``sfreq`` (Hz), ``window_seconds``, ``channels``, ``participants``,
        ``prior_trained``, ``prior_true``, …

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is damaged, or holds no detector.
    """
    weights, about = load_model(path)
    return load_detector(weights, about, device), about


def _no_detector(about: Mapping[str, Any], value: str) -> CheckpointError:
    return CheckpointError(
        "these are not the weights of a detector",
        file=str(about.get("name", "")),
        value=value,
        allowed="a model of `finetune`",
        remedy="kedro run --pipelines=finetune",
    )
