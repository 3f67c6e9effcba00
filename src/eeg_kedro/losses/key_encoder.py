"""The key encoder of MoCo (He et al. 2020): a slow copy of the encoder that is trained."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class KeyEncoder(nn.Module):
    """A copy that gets no gradient and follows the weights of the original.

    Parameters
    ----------
    query : nn.Module
        What is trained; the copy begins with its weights and is kept in ``network``.
    """

    def __init__(self, query: nn.Module) -> None:
        super().__init__()
        self.network = copy.deepcopy(query).requires_grad_(False)

    def forward(self, *args: Tensor | None) -> Tensor:
        """Return what the copy says, without a gradient."""
        with torch.no_grad():
            keys: Tensor = self.network(*args)
        return keys

    @torch.no_grad()
    def update(self, query: nn.Module, momentum: float) -> None:
        """Keep a share ``momentum`` of each weight and take the rest of the original's; buffers are copied."""
        for slow, fast in zip(self.network.parameters(), query.parameters(), strict=True):
            slow.lerp_(fast.to(slow), 1 - momentum)
        for old, new in zip(self.network.buffers(), query.buffers(), strict=True):
            old.copy_(new)
