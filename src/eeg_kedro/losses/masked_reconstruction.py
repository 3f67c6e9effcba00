"""The loss of masked pretraining: squared error on masked tokens, and on nothing else."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_error(predictions: Tensor, targets: Tensor, masked: Tensor) -> tuple[Tensor, Tensor]:
    """Sum the squared error over masked tokens; a sum and a count add up over batches and processes.

    Parameters
    ----------
    predictions, targets : Tensor (B, T, K)
        What the model says and what is right, in units of the target; of any precision, summed in float32 or
        better. What stands in tokens that are not masked does not matter, be it NaN.
    masked : Tensor (B, T) bool
        Tokens that count; none at all gives zero of zero.

    Returns
    -------
    total : Tensor ()
        Sum of squared errors, with a gradient.
    count : Tensor () float32
        Number of values it is the sum of.
    """
    # rows by number: a quarter of what a dense difference costs, whose backward fills memory with zeros twice
    return row_error(predictions.flatten(0, 1).index_select(0, _rows(masked)), targets, masked)


def row_error(predictions: Tensor, targets: Tensor, masked: Tensor) -> tuple[Tensor, Tensor]:
    """Sum the squared error as `masked_error`, of predictions (M, K) of the M masked tokens alone, in their order."""
    kind = torch.promote_types(predictions.dtype, torch.float32)
    right = targets.flatten(0, 1).index_select(0, _rows(masked)).to(kind)
    count = masked.sum() * targets.shape[-1]
    return (predictions.to(kind) - right).square().sum(), count.to(torch.float32)


def _rows(masked: Tensor) -> Tensor:
    return masked.flatten().nonzero().squeeze(1)
