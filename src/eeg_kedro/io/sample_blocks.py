"""What every sample source does with its blocks: cut them to one size, and see how far the signal goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Extent(NamedTuple):
    """How far each pick goes, over the whole recording.

    Attributes
    ----------
    limits : ndarray of float64, (n_picks, 2)
        Minimum and maximum of the finite samples, in microvolts (NaN where no sample is finite).
    n_nonfinite : ndarray of int64, (n_picks,)
        Number of samples that are NaN or infinite.
    """

    limits: NDArray[np.float64]
    n_nonfinite: NDArray[np.int64]


def cut_blocks(pieces: Iterable[NDArray[np.float32]], n_block: int) -> Iterator[NDArray[np.float32]]:
    """Regroup pieces of any length into blocks of `n_block` samples; only the last may be shorter.

    Parameters
    ----------
    pieces : iterable of ndarray of float32, (n_picks, any length)
        Consecutive pieces of one signal, in microvolts.
    n_block : int
        Samples per block.
    """
    held: list[NDArray[np.float32]] = []
    n_held = 0
    for piece in pieces:
        position = 0
        while n_held + piece.shape[1] - position >= n_block:
            stop = position + n_block - n_held
            yield np.concatenate([*held, piece[:, position:stop]], axis=1)
            held, n_held, position = [], 0, stop
        if position < piece.shape[1]:
            held.append(piece[:, position:])
            n_held += piece.shape[1] - position
    if held:
        yield np.concatenate(held, axis=1)


def cut_spans(
    pieces: Iterable[NDArray[np.float32]], spans: Sequence[tuple[int, int]]
) -> Iterator[NDArray[np.float32]]:
    """Cut spans out of a stream, each as an array of its own, and stop reading behind the last.

    Parameters
    ----------
    pieces : iterable of ndarray of float32, (n_picks, any length)
        Consecutive pieces of one signal, from its first sample on.
    spans : sequence of (int, int)
        Half-open ranges of samples in order of their start; they may overlap.
    """
    waiting: list[tuple[int, int, list[NDArray[np.float32]]]] = [(start, stop, []) for start, stop in spans]
    position = 0
    for piece in pieces:
        end = position + piece.shape[1]
        for start, stop, parts in waiting:
            if start < end and stop > position:
                parts.append(piece[:, max(start - position, 0) : stop - position].copy())
        while waiting and waiting[0][1] <= end:
            yield np.concatenate(waiting.pop(0)[2], axis=1)
        if not waiting:
            return
        position = end
    for _, _, parts in waiting:  # the stream ended before the span did
        if parts:
            yield np.concatenate(parts, axis=1)


def measure_extent(blocks: Iterable[NDArray[np.float32]], n_picks: int) -> Extent:
    """Find minimum, maximum and number of non-finite samples of each pick.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, (n_picks, any length)
        The whole signal in pieces, in microvolts.
    """
    low, high = np.full(n_picks, np.inf), np.full(n_picks, -np.inf)
    n_nonfinite = np.zeros(n_picks, np.int64)
    for block in blocks:
        finite = np.isfinite(block)
        n_nonfinite += block.shape[1] - finite.sum(axis=1)
        np.minimum(low, block.min(axis=1, where=finite, initial=np.inf), out=low)
        np.maximum(high, block.max(axis=1, where=finite, initial=-np.inf), out=high)
    limits = np.stack([low, high], axis=1)
    limits[low > high] = np.nan
    return Extent(limits, n_nonfinite)
