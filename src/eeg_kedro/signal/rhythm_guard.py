"""Seizures survive: components are removed through filters that leave sustained rhythms alone.

Eyes and muscles come in bursts or as noise; a seizure repeats itself for seconds. The samples are cut into blocks
of four seconds. Where a channel is rhythmic after the removal, and the removal would change its power between
the bursts by more than is allowed, the filter that takes the unwanted components out is changed: it still takes
all of their field (what a blink leaves is unchanged), and among the filters that do, it is the one that takes
least of those blocks (linearly constrained minimum variance, Frost 1972; Van Veen & Buckley 1988). Where even
that costs too much, the component that takes most stays.
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
HARD = 1.7  # times the allowed loss: a component that is a rhythm itself and costs more stays
# rise of the autocorrelation from its dip to its next peak, in so many overlapping blocks in a row (8 or 6
# seconds; the shortest seizures last six): one block of noise in twenty reaches 0.8
RHYTHMIC = {3: 0.85, 2: 0.95}
CLIP = 3.0  # robust standard deviations of a block: what is beyond is a burst
AROUND = 0.25  # seconds on both sides of a burst belong to it
FEWEST_QUIET = 0.25  # share of a block without bursts that is needed to judge it
CARRIES = 0.1  # of the strongest channel's power in a block: weaker channels do not carry its rhythm
ROUNDS = 4  # in which blocks that still lose too much get more weight
# weight of the whole recording against rhythmic blocks: the first that suffices
BACKGROUNDS = (1.0, 0.3, 0.1, 0.03)
# times the background that the components' own filters let through; the second while a loss is still hard
MOST_GAIN, LAST_GAIN = 1.5, 4.0
RIDGE = 1e-3  # of the mean variance: keeps the filters from amplifying noise


@dataclass(frozen=True)
class RhythmKept:
    """A component that stays: what its removal would cost, where (channel, second of the samples)."""

    index: int
    channel: int
    second: int
    loss_db: float


@dataclass(frozen=True)
class Protection:
    """How to remove components.

    Attributes
    ----------
    unmixing : ndarray of float64, shape (n_components, n_channels)
        As the components' own, but rows of those removed leave rhythms alone.
    removed : list of int
        What may be removed.
    kept : list of RhythmKept
        What stays, and why.
    seconds : int
        Length of the rhythms that the changed rows protect.
    """

    unmixing: Matrix
    removed: list[int]
    kept: list[RhythmKept]
    seconds: int


def protect_rhythms(
    slow: Samples, sfreq: float, ica: Ica, unwanted: Sequence[int], max_loss_db: float
) -> Protection:
    """Find filters that remove components and leave rhythms.

    Parameters
    ----------
    slow : ndarray of float32, shape (n_channels, n)
        The samples that were decomposed, below 30 Hz, microvolts.
    sfreq : float
        Their rate in Hz.
    ica : Ica
        Components.
    unwanted : sequence of int
        Components to remove.
    max_loss_db : float
        Change of a channel's power in a rhythmic block that is allowed, dB.

    Returns
    -------
    Protection
        With the components' own filters where no rhythm suffers.
    """
    n_hop = round(HOP * sfreq)
    n_blocks = slow.shape[1] // n_hop - BLOCK // HOP + 1
    left: list[int] = list(unwanted)
    kept: list[RhythmKept] = []
    if n_blocks < 1:
        return Protection(ica.unmixing, left, kept, 0)
    slow = slow[:, : slow.shape[1] // n_hop * n_hop]
    while left:
        filters, loss, seconds = _protect(slow, n_hop, sfreq, ica, left, max_loss_db)
        own = [
            _is_sustained(_repetition(_blocks(source, n_hop), sfreq)[None])[0]
            for source in filters.astype(np.float32) @ slow
        ]
        cost = loss.max(axis=0) * own  # (n_left, n_blocks)
        worst, block = np.unravel_index(int(cost.argmax()), cost.shape)
        if cost[worst, block] <= HARD * max_loss_db:
            unmixing = ica.unmixing.copy()
            unmixing[left] = filters
            return Protection(unmixing, left, kept, seconds)
        channel = int(loss[:, block].argmax())
        kept.append(RhythmKept(left.pop(int(worst)), channel, int(block) * HOP, float(cost[worst, block])))
    return Protection(ica.unmixing, left, kept, 0)


def _protect(
    slow: Samples, n_hop: int, sfreq: float, ica: Ica, left: list[int], max_loss_db: float
) -> tuple[Matrix, Matrix, int]:
    """Give filters, what they cost each channel in each rhythmic block (dB), and seconds of such blocks."""
    fields, filters = ica.mixing[:, left], ica.unmixing[left]
    sources = filters.astype(np.float32) @ slow
    quiet = _quiet(sources, n_hop, sfreq)
    covariances, judged = _block_covariances(slow, quiet, n_hop)
    loss = _losses(covariances, fields, filters) * judged
    suspect = loss > max_loss_db
    cleaned = slow - fields.astype(np.float32) @ sources
    rise = np.zeros(loss.shape)
    rise[suspect] = _repetition(_blocks(cleaned, n_hop)[suspect], sfreq)
    rhythmic = _is_sustained(rise)
    loss *= rhythmic
    total = covariances.mean(axis=0)
    scaled = covariances / np.trace(covariances, axis1=1, axis2=2)[:, None, None].clip(1e-12)
    total /= np.trace(total)
    weights = np.zeros(loss.shape[1])
    for block in np.flatnonzero(rhythmic.any(axis=0)):  # what no filter can protect must not cost the others
        best = _constrained(ica, fields, scaled[block] + BACKGROUNDS[-1] * total)
        weights[block] = (
            _losses(covariances[[block]], fields, best)[:, 0] * rhythmic[:, block]
        ).max() <= max_loss_db
    if not weights.any():
        return filters, loss, 0
    seconds = int(weights.sum()) * HOP
    wanted, own = weights > 0, np.einsum("ij,jk,ik->i", filters, total, filters)
    least = np.inf
    for background in BACKGROUNDS:
        weights = wanted.astype(np.float64)
        for _ in range(ROUNDS):
            protect = np.tensordot(weights / weights.sum(), scaled, axes=1) + background * total
            changed = _constrained(ica, fields, protect)
            gain = (np.einsum("ij,jk,ik->i", changed, total, changed) / own).max()
            if gain > (LAST_GAIN if least > HARD * max_loss_db else MOST_GAIN):
                break
            change = _losses(covariances, fields, changed) * rhythmic
            worst = change.max(axis=0)
            if worst[wanted].max() < least:
                filters, loss, least = changed, change, worst[wanted].max()
            if least <= max_loss_db:
                return filters, loss, seconds
            weights *= np.where(worst > max_loss_db, np.clip(worst / max_loss_db, 1, 4), 1.0)
    return filters, loss, seconds


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


def _quiet(sources: Samples, n_hop: int, sfreq: float) -> NDArray[np.bool_]:
    """Say which samples lie outside the bursts of all sources, shape (n,)."""
    pieces = np.abs(sources.reshape(len(sources), -1, n_hop))
    level = np.median(pieces, axis=2) / 0.6745
    around = np.pad(level, ((0, 0), (1, 1)), mode="edge")  # over three pieces: a blink fills half of one
    level = np.median(np.stack([around[:, :-2], level, around[:, 2:]]), axis=0)[..., None]
    loud = (pieces > CLIP * level).any(axis=0).ravel()
    reach = round(AROUND * sfreq)
    padded = np.concatenate([np.zeros(reach + 1, int), np.cumsum(loud), np.full(reach, loud.sum())])
    quiet: NDArray[np.bool_] = padded[2 * reach + 1 :] == padded[: -2 * reach - 1]
    return quiet


def _block_covariances(
    slow: Samples, quiet: NDArray[np.bool_], n_hop: int
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Give the covariance of every block's quiet samples, and which blocks have enough of them."""
    pieces = (slow * quiet).reshape(len(slow), -1, n_hop).transpose(1, 0, 2)
    n_quiet = quiet.reshape(-1, n_hop).sum(axis=1)
    sums = (pieces @ pieces.transpose(0, 2, 1)).astype(np.float64)
    covariances, counts = sums[:-1] + sums[1:], n_quiet[:-1] + n_quiet[1:]
    return covariances / np.maximum(counts, 1)[:, None, None], counts >= FEWEST_QUIET * 2 * n_hop


def _losses(covariances: Matrix, fields: Matrix, filters: Matrix) -> Matrix:
    """Give the change of power in dB, shape (n_channels, n_blocks); zero where a channel carries little."""
    rest = np.eye(len(fields)) - fields @ filters
    before = np.einsum("bii->ib", covariances)
    after = np.einsum("ij,bjk,ik->ib", rest, covariances, rest, optimize=True)
    carries = before >= np.maximum(CARRIES * before.max(axis=0), 1e-6)
    ratio = np.where(carries, np.maximum(after, 1e-12) / np.maximum(before, 1e-12), 1.0)
    return np.asarray(np.abs(10 * np.log10(ratio)))


def _constrained(ica: Ica, fields: Matrix, protect: Matrix) -> Matrix:
    """Find filters that give one for their own field, none of the other fields, and least of ``protect``."""
    space = np.linalg.qr(ica.mixing)[0]
    inner = space.T @ protect @ space
    inner += RIDGE * np.trace(inner) / len(inner) * np.eye(len(inner))
    inside = space.T @ fields
    solved = np.linalg.solve(inner, inside)
    filters: Matrix = np.linalg.solve(inside.T @ solved, solved.T) @ space.T
    return filters


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
