"""Windows in, F numbers per token out: each channel is a sequence of its own, and channels are pooled at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from eeg_kedro.models.encoder import EegEncoder
from eeg_kedro.models.unfreezing import is_frozen, rest_frozen_parts

if TYPE_CHECKING:
    from eeg_kedro.models.backbone import Mamba2Backbone
    from eeg_kedro.models.transformer import TransformerBackbone

Stage = list[nn.Module | nn.Parameter]


class WindowEncoder(nn.Module, ABC):
    """Encode every channel alone and take mean and maximum over those that are there.

    Any number of channels in any order will do. Where all parameters are frozen no graph is built, and frozen
    parts stay in evaluation mode whatever `train` is told.

    Parameters
    ----------
    width : int
        D, numbers per token of one channel; F = 2 D.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = 2 * width

    def forward(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor | None = None) -> Tensor:
        """Encode windows.

        Parameters
        ----------
        tokens : Tensor (B, C, T, L)
            Samples in units of the training scale; those of absent channels and unreal tokens are never looked at,
            whatever they are.
        places : Tensor (C, 3)
            Electrode of each channel on the unit sphere.
        valid : Tensor (B, C) bool
            Channels that are there.
        real : Tensor (B, T) bool, optional
            Tokens that are there; all of them if None.

        Returns
        -------
        Tensor (B, T, F)
            Zeros where a token is not real, and in a window without any channel.
        """
        if real is None:
            real = valid.new_ones(tokens.shape[0], tokens.shape[2])
        with torch.set_grad_enabled(torch.is_grad_enabled() and not is_frozen(self)):
            encoded = self._encode_valid(tokens, places, valid, real)
            return pool_mean_max(encoded, valid)

    @abstractmethod
    def encode_channels(self, tokens: Tensor, places: Tensor, real: Tensor) -> Tensor:
        """Encode sequences (B, T, L) at places (B, 3) as (B, T, D); zeros where ``real`` (B, T) is False."""

    @abstractmethod
    def stages(self) -> tuple[Stage, list[Stage], Stage]:
        """Return all that has parameters: the input, each block, and what follows the last one."""

    def train(self, mode: bool = True) -> WindowEncoder:
        """Set the mode of all parts but the frozen ones, which stay in evaluation mode."""
        super().train(mode)
        if mode:
            rest_frozen_parts(self)
        return self

    def _encode_valid(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor) -> Tensor:
        """Return (B, C, T, D); only channels that are there cost anything."""
        n_channels = tokens.shape[1]
        rows = valid.flatten().nonzero().squeeze(1)
        items = rows // n_channels
        sequences = tokens.flatten(0, 1)
        if len(rows) == len(sequences):  # nothing to leave out: no copy
            encoded = self.encode_channels(sequences, places.repeat(len(tokens), 1), real[items])
            return encoded.view(*valid.shape, *encoded.shape[1:])
        encoded = self.encode_channels(sequences[rows], places[rows % n_channels], real[items])
        spread = encoded.new_zeros(valid.numel(), *encoded.shape[1:]).index_copy(0, rows, encoded)
        return spread.view(*valid.shape, *encoded.shape[1:])


class TokenWindowEncoder(WindowEncoder):
    """Encode each channel as one sequence of tokens with a (pretrained) encoder of tokens.

    Parameters
    ----------
    encoder : EegEncoder
        What pretraining kept.
    d_model : int
        Its width D.
    """

    def __init__(self, encoder: EegEncoder, d_model: int) -> None:
        super().__init__(d_model)
        self.encoder = encoder

    def encode_channels(self, tokens: Tensor, places: Tensor, real: Tensor) -> Tensor:
        """Encode sequences (B, T, L) at places (B, 3) as (B, T, D); zeros where ``real`` (B, T) is False."""
        return self.encoder(tokens, places, real)  # type: ignore[no-any-return]

    def stages(self) -> tuple[Stage, list[Stage], Stage]:
        """Return projection and encodings, the blocks of the backbone, and its last norm."""
        parts = self.encoder
        told = [parts.projection, parts.mask_token, parts.spatial, parts.temporal]
        backbone = cast("Mamba2Backbone | TransformerBackbone", parts.backbone)
        first: Stage = [part for part in told if part is not None]
        return first, [[block] for block in backbone.layers], [backbone.norm]


def pool_mean_max(values: Tensor, there: Tensor) -> Tensor:
    """Pool over the second axis, (B, K, ..., F) -> (B, ..., 2F): mean, then maximum, of those that are there.

    Parameters
    ----------
    values : Tensor (B, K, ..., F)
        What stands where nothing is there reaches nothing, whatever it is.
    there : Tensor (B, K) bool
        Which of the K count; without any the result is zeros.
    """
    there = there.view(*there.shape, *[1] * (values.ndim - 2))
    count = there.sum(1)
    mean = torch.where(there, values, 0).sum(1) / count.clamp(min=1)
    largest = values.masked_fill(~there, -torch.inf).amax(1)
    # a window without any has a maximum of -inf; its gradient ends here
    return torch.cat([mean, torch.where(count > 0, largest, 0)], -1)
