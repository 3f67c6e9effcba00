"""What is common to all windows taken out before they are compared: center and spread of pooled features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from eeg_kedro.models.window_encoder import pool_mean_max
from eeg_kedro.training.embed_pass import embed_rows

if TYPE_CHECKING:
    from eeg_kedro.models.embedder import Embedder
    from eeg_kedro.training.detection_tokens import DetectorTokens
    from eeg_kedro.training.window_batches import LabelledWindows, Positions

_LEAST = 0.1  # of the mean spread: what hardly varies is not blown up


class PooledScale(nn.Module):
    """A norm, then (x - center) / spread with numbers of training windows that stay as they are.

    A pretrained encoder says nearly the same of every window: nine tenths and more of what it says is common to all.
    Compared by their angles such windows are one point, and a loss of angles finds its way out of that slowly or not
    at all. Numbers of the batch would do as well, but tell windows of each other.

    Parameters
    ----------
    norm : Module
        The embedder's own.
    width : int
        Pooled features of a window.
    """

    def __init__(self, norm: nn.Module, width: int) -> None:
        super().__init__()
        self.norm = norm
        self.center: Tensor
        self.spread: Tensor
        self.register_buffer("center", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))

    def forward(self, pooled: Tensor) -> Tensor:
        """Scale the features of windows, (B, width)."""
        scaled: Tensor = (self.norm(pooled) - self.center) / self.spread
        return scaled

    def learn(self, normed: Tensor) -> None:
        """Take center and spread of features (n, width) that went through the norm."""
        spread = normed.std(0, correction=0)
        self.center.copy_(normed.mean(0))
        floor = _LEAST * float(spread.mean())
        self.spread.copy_(spread.clamp(min=floor) if floor > 0 else torch.ones_like(spread))


class _NormedFeatures(nn.Module):
    """What an embedder's last layer would be given without the scale."""

    def __init__(self, embedder: Embedder, norm: nn.Module) -> None:
        super().__init__()
        self.encoder, self.norm = embedder.encoder, norm

    def forward(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor) -> Tensor:
        normed: Tensor = self.norm(pool_mean_max(self.encoder(tokens, places, valid, real), real))
        return normed


def learn_scale(
    embedder: Embedder, windows: LabelledWindows, rows: Positions, tokens: DetectorTokens, batch_size: int
) -> None:
    """Set the scale of an embedder from windows of training participants, as its encoder is now.

    Parameters
    ----------
    embedder : Embedder
        On the device of ``tokens``; one without a `PooledScale` stays as it is.
    windows, rows, tokens, batch_size
        As of `eeg_kedro.training.embed_pass.embed_rows`.

    Raises
    ------
    NonFiniteError
        If the features of a window are not numbers, naming it.
    """
    scale = embedder.norm
    if isinstance(scale, PooledScale):
        features = _NormedFeatures(embedder, scale.norm).eval()
        found = embed_rows(features, windows, rows, tokens, batch_size)
        scale.learn(torch.from_numpy(found).to(scale.center.device))
