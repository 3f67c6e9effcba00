"""One batch of pretraining: what the model is given, what it must give back, and where."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class TokenBatch:
    """Tensors of B sequences of at most T tokens; axes as in `eeg_kedro.models`.

    Attributes
    ----------
    inputs : Tensor (B, T, L) float32
        What the model is given, in units of the scale: hidden and padded tokens are zeros, noise is in its place.
    targets : Tensor (B, T, L) float32
        The same samples before anything was masked.
    valid : Tensor (B, T) bool
        True where a token is real and good enough; every other token is invisible to model and loss.
    hidden : Tensor (B, T) bool
        Tokens whose samples are taken away (zeros in ``inputs``); a model may put a learned token there.
    masked : Tensor (B, T) bool
        Tokens the loss looks at: the hidden ones and, with ``bert``, those with noise or left as they are. A
        subset of ``valid``.
    positions : Tensor (B, 3) float32
        Electrode of each sequence on the unit sphere: x right, y nose, z vertex.
    items : Tensor (B,) int64
        Row of the plan (`eeg_kedro.sampling.pretrain_plan`) of each sequence.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    valid: torch.Tensor
    hidden: torch.Tensor
    masked: torch.Tensor
    positions: torch.Tensor
    items: torch.Tensor

    def to(self, device: torch.device | str) -> Self:
        """Return the batch on a device."""
        if self.inputs.device == device:
            return self
        return type(self)(
            **{f.name: getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)}
        )
