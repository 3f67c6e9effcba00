"""Seizures survive: a component is not removed all the time if that costs a sustained rhythm.

Muscles and hearts come as noise or as short beats; a seizure repeats itself for seconds. The samples are cut into
blocks of four seconds. Where a channel's power would change by more than is allowed in blocks in a row in which the
component itself is rhythmic, the component stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.signal.ica import Ica, Matrix

Samples = NDArray[np.float32]
BLOCK, HOP = 4, 2  # seconds
SLOWEST_RHYTHM = 1.5  # Hz
# seconds; the shortest seizures last six): one block of noise in twenty reaches 0.8
RHYTHMIC = {3: 0.85, 2: 0.95}
CLIP = 3.0  # robust standard deviations of a block: what is beyond is a burst
CARRIES = 0.1  # of the strongest channel's power in a block: weaker channels do not carry its rhythm


@dataclass(frozen=True)
class RhythmKept:
    """A component that stays: what its removal would cost, where (channel, second of the samples)."""

    index: int
    channel: int
    second: int
    loss_db: float


def keep_rhythms(
    slow: Samples, sfreq: float, ica: Ica, unwanted: Sequence[int], max_loss_db: float
) -> tuple[RhythmKept, ...]:
    """Find components whose removal would cost a rhythm.

    Parameters
    ----------
    slow : ndarray of float32, shape (n_channels, n)
        The samples that were decomposed, below 30 Hz, microvolts.
    sfreq : float
        Their rate in Hz.
    ica : Ica
        Components.
    unwanted : sequence of int
        Components that would be removed.
    max_loss_db : float
        Change of a channel's power in a rhythmic block that is allowed, dB.
    """
    n_hop = round(HOP * sfreq)
    if slow.shape[1] // n_hop < BLOCK // HOP or not len(unwanted):
        return ()
    slow = slow[:, : slow.shape[1] // n_hop * n_hop]
    covariances = _block_covariances(slow, n_hop)
    own = {
        i: _is_sustained(_repetition(_blocks(_source(ica, i, slow), n_hop), sfreq)[None])[0] for i in unwanted
    }
    left, kept = list(unwanted), []
    while left:  # removals add up: what is left is judged together
        loss = _losses(covariances, ica.mixing[:, left], ica.unmixing[left])
        cost = loss * np.any([own[i] for i in left], axis=0)
        channel, block = (int(at) for at in np.unravel_index(int(cost.argmax()), cost.shape))
        if cost[channel, block] <= max_loss_db:
            break
        part = {i: abs(ica.mixing[channel, i]) * _size(covariances[block], ica.unmixing[i]) for i in left}
        worst = max((i for i in left if own[i][block]), key=lambda i: float(part[i]))
        left.remove(worst)
        kept.append(RhythmKept(worst, channel, block * HOP, float(cost[channel, block])))
    return tuple(kept)


def _source(ica: Ica, index: int, slow: Samples) -> Samples:
    return np.asarray(ica.unmixing[index].astype(np.float32) @ slow)


def _size(covariance: Matrix, row: Matrix) -> float:
    power: float = float(row @ covariance @ row)
    return float(max(power, 0.0) ** 0.5)


def _blocks(rows: Samples, n_hop: int) -> Samples:
    """Lay overlapping blocks over the last axis, shape (..., n_blocks, n_block), a view."""
    n_block = n_hop * BLOCK // HOP
    return np.lib.stride_tricks.sliding_window_view(rows, n_block, axis=-1)[..., ::n_hop, :]


def _is_sustained(rise: Matrix) -> NDArray[np.bool_]:
    """Say which blocks belong to a run of repetitive ones, shape (n_rows, n_blocks)."""
    sustained = np.zeros(rise.shape, bool)
    n_blocks = rise.shape[1]
    for wanted, least in RHYTHMIC.items():
        length = min(wanted, n_blocks)  # a recording may be shorter than a run
        runs = np.all([rise[:, i : n_blocks - length + 1 + i] >= least for i in range(length)], axis=0)
        for i in range(length):
            sustained[:, i : n_blocks - length + 1 + i] |= runs
    return sustained


def _block_covariances(slow: Samples, n_hop: int) -> Matrix:
    """Give the covariance of every block, shape (n_blocks, n_channels, n_channels)."""
    pieces = slow.reshape(len(slow), -1, n_hop).transpose(1, 0, 2)
    sums = (pieces @ pieces.transpose(0, 2, 1)).astype(np.float64)
    return np.asarray((sums[:-1] + sums[1:]) / (2 * n_hop))


def _losses(covariances: Matrix, fields: Matrix, rows: Matrix) -> Matrix:
    """Give the change of power in dB, shape (n_channels, n_blocks); zero where a channel carries little."""
    rest = np.eye(len(fields)) - fields @ rows
    before = np.einsum("bii->ib", covariances)
    after = np.einsum("bij,ij->ib", rest @ covariances, rest)
    carries = before >= np.maximum(CARRIES * before.max(axis=0), 1e-6)
    ratio = np.where(carries, np.maximum(after, 1e-12) / np.maximum(before, 1e-12), 1.0)
    return np.asarray(np.abs(10 * np.log10(ratio)))


def _repetition(blocks: Samples, sfreq: float) -> Matrix:
    """Say how far blocks repeat themselves at 1.5-25 Hz: 0 for noise, 2 for a sine; shape (n,)."""
    if not len(blocks):
        return np.zeros(0)
    level = np.median(np.abs(blocks), axis=1, keepdims=True) / 0.6745
    clipped = np.clip(blocks, -CLIP * level, CLIP * level)
    clipped -= clipped.mean(axis=1, keepdims=True)
    n_fft = fft.next_fast_len(2 * blocks.shape[1], real=True)
    bins = fft.rfft(clipped, n_fft, axis=1)
    lags = fft.irfft(bins.real**2 + bins.imag**2, n_fft, axis=1)[:, : int(sfreq / SLOWEST_RHYTHM) + 2]
    lags /= np.maximum(lags[:, :1], np.finfo(np.float32).tiny)
    rise = lags - np.minimum.accumulate(lags, axis=1)
    return np.asarray(rise.max(axis=1), np.float64)
