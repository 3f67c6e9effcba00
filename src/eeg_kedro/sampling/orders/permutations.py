"""In which order windows are visited: pure functions of the seed and the epoch, never of what ran before."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.categories import text_codes

Positions = NDArray[np.intp]

# what a generator is for: two purposes never share a stream, whatever seed and epoch they are given
SHUFFLE, BLOCKS, PARTICIPANTS, WINDOWS = range(4)


def check_at_least(name: str, value: int, least: int) -> None:
    """Raise `ParameterError` if a number is below the least that makes sense."""
    if value < least:
        raise ParameterError(f"{name} is below {least}", value=value, remedy=f"set {name} to {least} or more")


def local_generator(seed: int, epoch: int, purpose: int, *numbers: int) -> np.random.Generator:
    """Return a generator that depends on its arguments only; no global state is read or moved.

    The seed is the entropy and the rest the key of a `numpy.random.SeedSequence`: in one flat list
    ``[seed, epoch]`` the pairs (1,) and (1, 0), or a seed above 2**32 and an epoch, would be the same stream.

    Raises
    ------
    ParameterError
        If the seed or the epoch is negative.
    """
    check_at_least("seed", seed, 0)
    check_at_least("epoch", epoch, 0)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, epoch, *numbers)))


def epoch_order(n: int, seed: int, epoch: int) -> Positions:
    """Return a permutation of ``range(n)`` that belongs to this seed and epoch."""
    order: Positions = local_generator(seed, epoch, SHUFFLE).permutation(n).astype(np.intp, copy=False)
    return order


def block_order(blocks: NDArray[np.integer], seed: int, epoch: int, buffer_blocks: int) -> Positions:
    """Return a permutation that visits ``buffer_blocks`` blocks at a time, so that each is read once.

    The blocks are shuffled, and the items of ``buffer_blocks`` consecutive ones are shuffled together, before
    the next ones begin. One block at a time: each block's items lie in a row. All at a time: a full shuffle.

    Parameters
    ----------
    blocks : ndarray of int, shape (n,)
        The block (row group, file) of each item, in any numbering.
    seed, epoch : int
        From 0 upwards.
    buffer_blocks : int
        Blocks whose items are mixed; they must fit into the reader's cache together.

    Raises
    ------
    ParameterError
        If the seed or the epoch is negative, or there is no block in the buffer.
    """
    check_at_least("buffer_blocks", buffer_blocks, 1)
    rng = local_generator(seed, epoch, BLOCKS)
    names, block = np.unique(blocks, return_inverse=True)
    turn = rng.permutation(names.size) // buffer_blocks
    if names.size // buffer_blocks < 1 << 16:
        turn = turn.astype(np.uint16)  # sorted by radix: five times faster
    order = rng.permutation(block.size)
    visited: Positions = order[np.argsort(turn[block[order]], kind="stable")].astype(np.intp, copy=False)
    return visited


def row_group_blocks(windows: pd.DataFrame, samples_per_group: int) -> NDArray[np.int64]:
    """Tell in which row group of which file each window begins.

    Parameters
    ----------
    windows : DataFrame
        ``participant``, ``run``, ``window_start_sample``, in any order.
    samples_per_group : int
        Samples of a channel in one row group: ``window_length * row_group_size`` of the window files. Where
        windows are not short against that, many reach into the next row group, which is then decoded twice:
        take a multiple. A number above every recording's length makes each run a block.

    Returns
    -------
    ndarray of int64, shape (n_windows,)
        Numbers from 0 without gaps; the same for windows that begin in one row group of one run.
    """
    check_at_least("samples_per_group", samples_per_group, 1)
    (who, _), (run, runs) = (text_codes(windows[name]) for name in ("participant", "run"))
    group = windows["window_start_sample"].to_numpy(np.int64) // samples_per_group
    n_groups = int(group.max(initial=0)) + 1
    blocks: NDArray[np.int64] = np.unique((who * len(runs) + run) * n_groups + group, return_inverse=True)[1]
    return blocks
