"""What anybody can say of a hidden token without a model; a model that does not beat it has learned nothing."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from eeg_kedro.losses.targets import TargetKind

TRIVIAL_PREDICTORS = ("zero", "channel_mean", "linear_interpolation", "copy_nearest")


class _Neighbors(NamedTuple):
    """Index of the nearest visible token at or before each token, and at or after it, (B, T) int64.

    Where there is none on a side, it is the one on the other side; ``any`` (B, 1) is False where there is none
    at all, and indices are then without meaning.
    """

    before: Tensor
    after: Tensor
    any: Tensor


def trivial_predictions(
    targets: Tensor, masked: Tensor, valid: Tensor, kind: TargetKind
) -> dict[str, Tensor]:
    """Predict tokens from the visible ones of the same item, without a model.

    Parameters
    ----------
    targets : Tensor (B, T, K)
        What is right; only that of visible tokens, valid and not masked, is looked at.
    masked, valid : Tensor (B, T) bool
        Tokens that must be predicted, and tokens that are real.
    kind : {"raw", "lowpass", "spectral"}
        Whether the K numbers of a token are samples, in order, or bins of a spectrum.

    Returns
    -------
    dict of str to Tensor (B, T, K)
        ``zero``; ``channel_mean`` of the visible samples, or of each bin; ``linear_interpolation`` from the last
        visible sample before to the first one after (spectra: from token to token), level at the ends;
        ``copy_nearest`` visible token, the earlier of two equally near. Visible tokens are given back as they
        are by the last two; an item without any is predicted as zeros.
    """
    visible = valid & ~masked
    known = torch.where(visible.unsqueeze(-1), targets, 0)
    near = _find_neighbors(visible)
    lines = _between_tokens(known, near) if kind == "spectral" else _between_samples(known, visible, near)
    return {
        "zero": torch.zeros_like(known),
        "channel_mean": _mean(known, visible, kind),
        "linear_interpolation": torch.where(near.any.unsqueeze(-1), lines, 0),
        "copy_nearest": torch.where(near.any.unsqueeze(-1), _nearest(known, near), 0),
    }


def _find_neighbors(visible: Tensor) -> _Neighbors:
    n_tokens = visible.shape[1]
    index = torch.arange(n_tokens, device=visible.device).expand_as(visible)
    before = torch.where(visible, index, -1).cummax(1).values
    after = torch.where(visible, index, n_tokens).flip(1).cummin(1).values.flip(1)
    there = visible.any(1, keepdim=True)
    first = torch.where(before < 0, after, before)
    last = torch.where(after == n_tokens, before, after)
    return _Neighbors(torch.where(there, first, 0), torch.where(there, last, 0), there)


def _mean(known: Tensor, visible: Tensor, kind: TargetKind) -> Tensor:
    count = visible.sum(1).clamp(min=1)[:, None, None]
    mean = known.sum(1, keepdim=True) / count
    if kind != "spectral":
        mean = mean.mean(2, keepdim=True)
    return mean.expand_as(known)


def _between_samples(known: Tensor, visible: Tensor, near: _Neighbors) -> Tensor:
    """Draw a line from the last visible sample before a token to the first one after it."""
    width = known.shape[2]
    left = known[..., -1].gather(1, near.before)
    right = known[..., 0].gather(1, near.after)
    index = torch.arange(known.shape[1], device=known.device)
    # where one side is missing both neighbors are the same token, and the line is level at its nearer end
    left = torch.where(near.before > index, right, left).unsqueeze(-1)
    right = torch.where(near.after < index, left.squeeze(-1), right).unsqueeze(-1)
    start, stop = near.before * width + width - 1, near.after * width
    place = torch.arange(known.shape[1] * width, device=known.device).view(known.shape[1:])
    share = (place - start.unsqueeze(-1)) / (stop - start).clamp(min=1).unsqueeze(-1)
    return torch.where(visible.unsqueeze(-1), known, left + (right - left) * share)


def _between_tokens(known: Tensor, near: _Neighbors) -> Tensor:
    """Draw a line from the nearest visible token before to the one after, number by number."""
    left, right = _take(known, near.before), _take(known, near.after)
    index = torch.arange(known.shape[1], device=known.device)
    share = (index - near.before) / (near.after - near.before).clamp(min=1)
    return left + (right - left) * share.unsqueeze(-1)


def _nearest(known: Tensor, near: _Neighbors) -> Tensor:
    index = torch.arange(known.shape[1], device=known.device)
    is_before = (index - near.before).abs() <= (near.after - index).abs()
    return _take(known, torch.where(is_before, near.before, near.after))


def _take(tokens: Tensor, index: Tensor) -> Tensor:
    return tokens.gather(1, index.unsqueeze(-1).expand(-1, -1, tokens.shape[2]))
