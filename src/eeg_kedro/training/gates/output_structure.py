"""Structure of outputs: how much of them position alone explains, and how much channels and items differ.

A model that ignores the signal still gives every position an output of its own: the loss may fall and the output
look rich, and yet say nothing about the recording. All three measures compare pairs of items at the same position.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Outputs = NDArray[np.float32]
Flags = NDArray[np.bool_]


def position_correlation(outputs: Outputs, valid: Flags, groups: NDArray[np.int64]) -> float:
    """Give the correlation ratio eta of the outputs on the position of their token.

    The square is the share of the variance over time that items of different groups have in common at equal
    positions, estimated over pairs and so without the bias of few items (intraclass correlation, Fisher 1925).

    Parameters
    ----------
    outputs : ndarray, shape (B, T, D)
        Outputs of the encoder.
    valid : ndarray, shape (B, T)
        Tokens that count.
    groups : ndarray, shape (B,)
        The stretch of recording each item is a channel of: channels of one share more than their position.

    Returns
    -------
    float
        0 (position says nothing) to 1 (the output is a code of the position); NaN with one group only.
    """
    share = _common_share(outputs, valid, groups[:, None] != groups)
    return float(np.sqrt(np.clip(share, 0, 1)))


def channel_diversity(outputs: Outputs, valid: Flags, groups: NDArray[np.int64]) -> float:
    """Give the share of the variance over time that lies between the channels of one recording.

    What never changes within an item, such as the place of its electrode, counts for nothing.

    Parameters
    ----------
    outputs, valid, groups
        As in `position_correlation`.

    Returns
    -------
    float
        0 (all channels give the same output) to 1 (they have nothing in common); NaN where no two channels are of
        the same group.
    """
    pairs = (groups[:, None] == groups) & ~np.eye(len(groups), dtype=bool)
    return float(np.clip(1 - _common_share(outputs, valid, pairs), 0, 1))


def prediction_consistency(predictions: Outputs, masked: Flags, groups: NDArray[np.int64]) -> float:
    """Give the mean correlation of what is predicted for different recordings at the same position.

    Parameters
    ----------
    predictions : ndarray, shape (B, T, K)
        Predicted tokens; each is compared as a whole, without its mean and spread.
    masked : ndarray, shape (B, T)
        Tokens that count.
    groups : ndarray, shape (B,)
        As in `position_correlation`.

    Returns
    -------
    float
        -1 to 1; near 1 the signal is ignored. NaN where no position is masked in two groups.
    """
    centered = predictions - predictions.mean(axis=2, keepdims=True)
    length = np.linalg.norm(centered, axis=2, keepdims=True)
    # a constant prediction correlates with nothing
    counts = masked & (length[..., 0] > 1e-12)
    unit = np.divide(centered, length, out=np.zeros_like(centered), where=counts[..., None])
    together, pairs = _pair_sums(unit, counts)
    for group in np.unique(groups):
        own = groups == group
        own_together, own_pairs = _pair_sums(unit[own], counts[own])
        together, pairs = together - own_together, pairs - own_pairs
    return together / pairs if pairs else float("nan")


def _pair_sums(unit: Outputs, counts: Flags) -> tuple[float, int]:
    """Sum the inner products of all ordered pairs at equal positions, and count the pairs."""
    squared_sum = float((unit.sum(axis=0, dtype=np.float64) ** 2).sum())
    n = counts.sum(axis=0, dtype=np.int64)
    return squared_sum - float(n.sum()), int((n * (n - 1)).sum())


def _common_share(outputs: Outputs, valid: Flags, pairs: Flags) -> float:
    """Give covariance over variance of pairs of items, each about its mean over the tokens both have.

    Parameters
    ----------
    outputs : ndarray, shape (B, T, D)
        NaN is allowed where ``valid``, of shape (B, T), is not True.
    pairs : ndarray, shape (B, B)
        True for pairs that count; symmetric.
    """
    kept = np.where(valid[..., None], outputs, 0).astype(np.float32)
    # about each item's mean first: single precision must not drown in a large constant
    kept -= (kept.sum(axis=1) / np.maximum(valid.sum(axis=1), 1)[:, None])[:, None]
    kept *= valid[..., None]
    there = valid.astype(np.float32)
    n = np.maximum(there @ there.T, 1)
    sums = np.matmul(there, kept)  # (B, B, D): of item i over the tokens of item j
    products = kept.reshape(len(kept), -1) @ kept.reshape(len(kept), -1).T
    between = products - (sums * sums.transpose(1, 0, 2)).sum(axis=2) / n
    within = np.square(kept).sum(axis=2) @ there.T - np.square(sums).sum(axis=2) / n
    total = float(within[pairs].sum(dtype=np.float64))
    return float(between[pairs].sum(dtype=np.float64)) / total if total > 0 else float("nan")
