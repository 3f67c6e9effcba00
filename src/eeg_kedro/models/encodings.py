"""Where a token stands: on the head, fixed; in its sequence, learned from t/T or as sinusoids."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

# any number will do: it must be the same in every model, so that a place means the same in all of them
_SPATIAL_SEED = 1005
# about as much as the projection of a token gives at the start: at 1 the place drowns the signal, and the loss
# stays longer where that of the trivial predictors is
SPATIAL_RMS = 0.3


class SpatialEncoding(nn.Module):
    """Turn a place on the unit sphere into D numbers by a fixed orthogonal map; nothing in it is learned.

    Angles are kept: two electrodes are as far apart in D dimensions as on the head. The root mean
    square of an encoding is 0.3. The map is part of the state dict, so that a checkpoint brings its own.
    """

    weight: Tensor

    def __init__(self, d_model: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(_SPATIAL_SEED)
        # in float64, so that the rounded map does not depend on who computed the factors
        columns = torch.linalg.qr(torch.randn(d_model, 3, generator=random, dtype=torch.float64))[0]
        weight = (columns * SPATIAL_RMS * math.sqrt(d_model)).to(torch.get_default_dtype())
        self.register_buffer("weight", weight)

    def forward(self, positions: Tensor) -> Tensor:
        """Encode places, (B, 3) on the unit sphere, as (B, D)."""
        return F.linear(positions.to(self.weight.dtype), self.weight)


class TemporalEncoding(nn.Module):
    """Learn a linear function of t/T, a token's place in its sequence."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.linear = nn.Linear(1, d_model)

    def forward(self, valid: Tensor) -> Tensor:
        """Encode the place of every token, (B, T) bool -> (B, T, D)."""
        return self.linear(token_places(valid).to(self.linear.weight.dtype).unsqueeze(-1))  # type: ignore[no-any-return]


def token_places(valid: Tensor) -> Tensor:
    """Tell t/T of every token; T ends with the last valid one, so that padding changes no place.

    Parameters
    ----------
    valid : Tensor (B, T) bool
        Tokens that are real.

    Returns
    -------
    Tensor (B, T) float32
        0 for the first token, below 1 for the last valid one.
    """
    index = torch.arange(valid.shape[1], device=valid.device)
    extent = torch.where(valid, index + 1, 1).amax(1, keepdim=True)
    return index / extent


def sinusoids(n_tokens: int, d_model: int, like: Tensor) -> Tensor:
    """Give sine and cosine of a token's index at D/2 rates, (T, D), as Vaswani et al. 2017, section 3.5.

    Parameters
    ----------
    n_tokens, d_model : int
        T and D.
    like : Tensor
        Its device and type are taken.
    """
    half = torch.arange(0, d_model, 2, device=like.device, dtype=torch.float32)
    rates = torch.exp(-math.log(10_000.0) / d_model * half)
    angles = torch.arange(n_tokens, device=like.device).unsqueeze(1) * rates
    # an odd width has one cosine less
    pairs = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    return pairs[:, :d_model].to(like.dtype)
