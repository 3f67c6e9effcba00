"""Heads: from F numbers per token to logits, per token, per window or per participant."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from eeg_kedro.models.window_encoder import pool_mean_max

N_CLASSES = 6  # seizure, LPD, GPD, LRDA, GRDA, other
_LAST_SIZE = 0.1  # of the usual first weights: an untrained head says next to nothing


class DenseSeizureHead(nn.Module):
    """Judge every token with a little of what is around it.

    Parameters
    ----------
    width : int
        F, numbers per token.
    hidden : int
        Width between the layers.
    kernel : int
        Tokens that are looked at together; odd.
    """

    def __init__(self, width: int, hidden: int = 64, kernel: int = 5) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, hidden), nn.GELU())
        self.around = nn.Conv1d(hidden, hidden, kernel, padding=kernel // 2)
        self.leave = _quiet(nn.Linear(hidden, 1))

    def forward(self, features: Tensor, real: Tensor | None = None) -> Tensor:
        """Turn (B, T, F) into logits (B, T); tokens that are not ``real`` (B, T) reach nothing and get 0."""
        hidden = self.enter(_without_unreal(features, real))
        # padding and unreal tokens are the same to the convolution: zeros
        hidden = _without_unreal(hidden, real)
        around = self.around(hidden.transpose(1, 2)).transpose(1, 2)
        logits: Tensor = self.leave(hidden + nn.functional.gelu(around)).squeeze(-1)
        return logits if real is None else torch.where(real, logits, 0)


class WindowHead(nn.Module):
    """Judge a window by mean and maximum of its tokens.

    Parameters
    ----------
    width : int
        F, numbers per token.
    hidden : int
        Width between the layers.
    """

    def __init__(self, width: int, hidden: int = 64) -> None:
        super().__init__()
        self.judge = nn.Sequential(
            nn.LayerNorm(2 * width), nn.Linear(2 * width, hidden), nn.GELU(), _quiet(nn.Linear(hidden, 1))
        )

    def forward(self, features: Tensor, real: Tensor | None = None) -> Tensor:
        """Turn (B, T, F) into logits (B,); tokens that are not ``real`` (B, T) reach nothing."""
        there = _all_of(features) if real is None else real
        return self.judge(pool_mean_max(features, there)).squeeze(-1)  # type: ignore[no-any-return]


class AttentionPooling(nn.Module):
    """Average a bag with weights that it gives itself: gated attention of Ilse et al. 2018, equation 9.

    Parameters
    ----------
    width : int
        Numbers per item.
    hidden : int
        Width of the two layers whose product decides.
    """

    def __init__(self, width: int, hidden: int = 64) -> None:
        super().__init__()
        self.what = nn.Linear(width, hidden)
        self.gate = nn.Linear(width, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def weigh(self, bag: Tensor, there: Tensor) -> Tensor:
        """Return weights (B, K) of the items (B, K, F); they sum to 1, or to 0 if none is there (B, K)."""
        scores = self.score(self.what(bag).tanh() * self.gate(bag).sigmoid()).squeeze(-1)
        # the smallest number and not -inf: a softmax over nothing would not be a number
        weights = scores.masked_fill(~there, torch.finfo(scores.dtype).min).softmax(1)
        return weights * there  # type: ignore[no-any-return]

    def forward(self, bag: Tensor, there: Tensor) -> Tensor:
        """Pool (B, K, F) to (B, F); items that are not ``there`` (B, K) reach nothing, whatever they are."""
        bag = torch.where(there.unsqueeze(-1), bag, 0)
        return (self.weigh(bag, there).unsqueeze(1) @ bag).squeeze(1)


class ParticipantHead(nn.Module):
    """Judge a participant by a bag of windows; which of them count is learned.

    Parameters
    ----------
    width : int
        F', numbers per window.
    hidden : int
        Width of the attention.
    """

    def __init__(self, width: int, hidden: int = 64) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.pooling = AttentionPooling(width, hidden)
        self.leave = _quiet(nn.Linear(width, 1))

    def forward(self, windows: Tensor, there: Tensor) -> Tensor:
        """Turn bags of windows (P, W, F') into logits (P,); ``there`` (P, W) bool."""
        return self.leave(self.pooling(self._normed(windows, there), there)).squeeze(-1)  # type: ignore[no-any-return]

    def weigh(self, windows: Tensor, there: Tensor) -> Tensor:
        """Tell how much each window counts, (P, W); a participant's sum to 1."""
        return self.pooling.weigh(self._normed(windows, there), there)

    def _normed(self, windows: Tensor, there: Tensor) -> Tensor:
        return self.norm(torch.where(there.unsqueeze(-1), windows, 0))  # type: ignore[no-any-return]


class SixClassHead(nn.Module):
    """Judge a segment among six classes; which tokens count is learned: its label is that of its middle.

    Parameters
    ----------
    width : int
        F, numbers per token.
    hidden : int
        Width of the attention.
    """

    def __init__(self, width: int, hidden: int = 64) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.pooling = AttentionPooling(width, hidden)
        self.leave = _quiet(nn.Linear(width, N_CLASSES))

    def forward(self, features: Tensor, real: Tensor | None = None) -> Tensor:
        """Turn (B, T, F) into logits (B, 6); tokens that are not ``real`` (B, T) reach nothing."""
        there = _all_of(features) if real is None else real
        normed = self.norm(_without_unreal(features, real))
        return self.leave(self.pooling(normed, there))  # type: ignore[no-any-return]


def _quiet(last: nn.Linear) -> nn.Linear:
    with torch.no_grad():
        last.weight.mul_(_LAST_SIZE)
        last.bias.zero_()
    return last


def _all_of(features: Tensor) -> Tensor:
    return torch.ones(features.shape[:2], dtype=torch.bool, device=features.device)


def _without_unreal(features: Tensor, real: Tensor | None) -> Tensor:
    return features if real is None else torch.where(real.unsqueeze(-1), features, 0)
