"""An encoder of windows with a head that judges a participant by a bag of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from eeg_kedro.models.build_window_encoder import build_token_encoder, weights_from
from eeg_kedro.models.detection_heads import ParticipantHead
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.scan_backend import choose_backend
from eeg_kedro.models.unfreezing import freeze
from eeg_kedro.models.window_encoder import WindowEncoder, pool_mean_max


class ParticipantDetector(nn.Module):
    """Features of windows, made comparable, pooled by attention (Ilse, Tomczak and Welling 2018).

    Parameters
    ----------
    encoder : WindowEncoder
        Of windows.
    hidden : int
        Width of the attention.
    """

    center: Tensor
    spread: Tensor

    def __init__(self, encoder: WindowEncoder, hidden: int) -> None:
        super().__init__()
        self.width = 2 * encoder.width  # F': mean and maximum over the tokens of a window
        self.encoder = encoder
        self.head = ParticipantHead(self.width, hidden)
        # features of a frozen encoder differ little against their size: without this the head takes hundreds of
        # steps to see any difference
        self.register_buffer("center", torch.zeros(self.width))
        self.register_buffer("spread", torch.ones(self.width))

    def describe_windows(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor) -> Tensor:
        """Describe windows by F' numbers each: (W, C, T, L) -> (W, F'); arguments as in `WindowEncoder.forward`."""
        return pool_mean_max(self.encoder(tokens, places, valid, real), real)

    def forward(self, features: Tensor, there: Tensor) -> Tensor:
        """Turn bags of features (P, W, F') into logits (P,); ``there`` (P, W) bool, False behind a bag's end."""
        return self.head((features - self.center) / self.spread, there)  # type: ignore[no-any-return]

    @torch.no_grad()
    def learn_scale(self, features: Tensor) -> None:
        """Take center and spread of each feature from windows of training, (n_windows, F')."""
        self.center.copy_(features.mean(0))
        spread = features.std(0, unbiased=False)
        self.spread.copy_(torch.where(spread > 0, spread, 1.0))


def build_participant_detector(
    about: Mapping[str, Any],
    seed: int,
    device: torch.device | str = "cpu",
    weights: Mapping[str, Tensor] | None = None,
) -> ParticipantDetector:
    """Build the network that ``about`` describes.

    Parameters
    ----------
    about : mapping
        ``encoder`` (options of it), ``token_length``, ``hidden`` and ``freeze_backbone``.
    seed : int
        Of the head's first weights, and of the encoder's where there are no others.
    device : torch.device or str
        Where it shall compute.
    weights : mapping, optional
        State dict of a pretrained `MaskedPretrainer`: the encoder begins with them.

    Raises
    ------
    CheckpointError
        If the weights are not those of such an encoder.
    """
    options = EncoderOptions.model_validate(about["encoder"])
    backend = choose_backend(options.backend, str(device)).name
    encoder = build_token_encoder(options, about["token_length"], seed, backend, weights)
    with weights_from(seed):
        detector = ParticipantDetector(encoder, about["hidden"])
    if about["freeze_backbone"]:
        freeze(detector.encoder)
    return detector.to(device)
