"""Leak meter: masked samples that the model is given all the same, found in the values themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Samples of a stretch that is looked up. Of a quiet channel kept in coarse steps (6 uV in steps of 0.5 uV, 3 min)
# 13 % of the stretches of 8 samples come back by chance, of 16 samples 0.06 %, of 32 none; an overlap shorter than
# the stretch would be missed, hence at most 1 / 8 of a token.
SHORTEST, LONGEST, SHARE_OF_TOKEN = 8, 32, 8
# of a multiply-add hash modulo 2^64: odd, so that no bit of a sample is lost
MULTIPLIERS = np.random.default_rng(0x1EAC).integers(1, 2**63, LONGEST, dtype=np.uint64) * 2 + 1

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]


def leaked_share(inputs: Samples, targets: Samples, masked: Flags, valid: Flags) -> float:
    """Give the share of masked samples that stand, bit for bit, somewhere in what the model is given.

    Parameters
    ----------
    inputs : ndarray, shape (B, T, L)
        What the model is given.
    targets : ndarray, shape (B, T, L)
        The samples before masking, in the same units.
    masked, valid : ndarray, shape (B, T)
        Tokens to be reconstructed; tokens the model may look at.

    Returns
    -------
    float
        0 to 1; 0 too where nothing that is masked could be told from a flat line.
    """
    leaked, judged = count_leaked(inputs, targets, masked, valid)
    return leaked / judged if judged else 0.0


def count_leaked(inputs: Samples, targets: Samples, masked: Flags, valid: Flags) -> tuple[int, int]:
    """Count masked samples seen in the inputs of the same item, and masked samples that could be judged.

    No index is trusted: every stretch of a masked token (8 to 32 samples, see `SHORTEST`) is looked up among all
    stretches of the inputs, at any offset and across tokens. A stretch that changes from one sample to the next in
    less than half of its steps does not count: flat lines and clipped tops repeat without anything having leaked.
    """
    pairs = [_count_in_item(*item) for item in zip(inputs, targets, masked, valid, strict=True)]
    return sum(leaked for leaked, _ in pairs), sum(judged for _, judged in pairs)


def _count_in_item(inputs: Samples, targets: Samples, masked: Flags, valid: Flags) -> tuple[int, int]:
    """Count in one item, inputs and targets of shape (T, L)."""
    length = targets.shape[1]
    stretch = min(length, max(SHORTEST, min(LONGEST, length // SHARE_OF_TOKEN)))
    sought = targets[masked]
    telling = _changes(sought, stretch)
    # tokens follow each other without a gap: what is split over two of them is found too
    whole = np.lib.stride_tricks.sliding_window_view(np.repeat(valid, length), stretch).all(axis=1)
    given = np.unique(_hash(inputs.reshape(-1), stretch)[whole])
    hashes = _hash(sought, stretch)
    found = np.zeros(hashes.shape, bool)
    found[telling] = _is_among(hashes[telling], given)
    return int(_cover(found, stretch).sum()), int(_cover(telling, stretch).sum())


def _hash(samples: Samples, stretch: int) -> NDArray[np.uint64]:
    """Hash every stretch along the last axis: equal bits give equal hashes, others differ but for 1 in 1e19."""
    plain = np.ascontiguousarray(samples, np.float32) + np.float32(0)  # one zero only: -0 becomes 0
    bits = plain.view(np.uint32).astype(np.uint64)
    n = samples.shape[-1] - stretch + 1
    total = np.zeros((*samples.shape[:-1], n), np.uint64)
    for place in range(stretch):
        total += bits[..., place : place + n] * MULTIPLIERS[place]
    return total


def _changes(samples: Samples, stretch: int) -> Flags:
    """Tell which stretches along the last axis change in at least half of their steps."""
    changes = np.zeros(samples.shape, np.int64)
    np.cumsum(np.diff(samples, axis=-1) != 0, axis=-1, out=changes[..., 1:])
    within = changes[..., stretch - 1 :] - changes[..., : samples.shape[-1] - stretch + 1]
    enough: Flags = 2 * within >= stretch - 1
    return enough


def _is_among(sought: NDArray[np.uint64], given: NDArray[np.uint64]) -> Flags:
    if not given.size:
        return np.zeros(sought.shape, bool)
    places = np.minimum(np.searchsorted(given, sought), given.size - 1)
    same: Flags = given[places] == sought
    return same


def _cover(starts: Flags, stretch: int) -> Flags:
    """Tell which samples lie in a stretch that starts at one of these, along the last axis."""
    n = starts.shape[-1]
    covered = np.zeros((*starts.shape[:-1], n + stretch - 1), bool)
    for place in range(stretch):
        covered[..., place : place + n] |= starts
    return covered
