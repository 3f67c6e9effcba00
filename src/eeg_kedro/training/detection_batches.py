"""Windows with the share of seizure in each token, at any step of any epoch; negatives may change with the epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.orders.permutations import row_group_blocks
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences
from eeg_kedro.training.detection_tokens import token_shares
from eeg_kedro.training.prefetch import one_ahead

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_source import WindowSource

Positions = NDArray[np.intp]
NAMED = 5  # windows of a batch that a message names


@dataclass(frozen=True)
class DetectionBatch:
    """What a detector is trained on.

    Attributes
    ----------
    samples : Tensor (B, C, N) float32
        Microvolts, zeros where a channel is absent.
    valid : Tensor (B, C) bool
        Channels that are there.
    shares : Tensor (B, T) float32
        Share of each token that lies in a seizure.
    positions : ndarray of int, shape (B,)
        Rows of the side's table.
    epoch : int
        What augmentation depends on, beside the positions.
    """

    samples: torch.Tensor
    valid: torch.Tensor
    shares: torch.Tensor
    positions: Positions
    epoch: int


@dataclass(frozen=True, eq=False)
class DetectionSide:
    """The windows of training, or those of validation.

    Attributes
    ----------
    source : WindowSource
        Gives samples and labels.
    table : DataFrame
        ``participant``, ``run``, ``onset``, ``window_start_sample`` of each window of the source.
    draw : callable
        The windows of an epoch (from 0) by their place in the source; as many in each.
    ch_names : tuple of str
        Channels wanted, all of them among those of the source.
    samples_per_block : int
        Windows of one run that begin within so many samples are read one after the other; 0: in any order.
    buffer_blocks : int
        Blocks that are mixed.
    """

    source: WindowSource
    table: pd.DataFrame
    draw: Callable[[int], Positions]
    ch_names: tuple[str, ...]
    samples_per_block: int = 0
    buffer_blocks: int = 32

    def describe(self, positions: Sequence[int] | Positions) -> str:
        """Name recording and onset of windows."""
        rows = self.table.iloc[[int(position) for position in positions]]
        named = [
            f"{row['participant']}_{row['run']} at {row['onset']:g} s"
            for row in rows.head(NAMED).to_dict("records")
        ]
        more = len(rows) - NAMED
        return ", ".join(named) + (f" and {more} more windows" if more > 0 else "")


class DetectionBatches:
    """The batches of one side.

    Training (``shuffle``): drawn and shuffled anew in each epoch; windows that do not fill the last batch are left
    out, others in each epoch. If there are fewer windows than a batch, one batch of all of them is the epoch.
    Validation: the windows of epoch 0 in their order, each once; the last batch may be smaller.

    Parameters
    ----------
    side : DetectionSide
        Which windows.
    token_length : int
        Samples of a token.
    batch_size : int
        Windows of a batch.
    seed : int
        Of the order.
    shuffle : bool
        Whether this is training.
    """

    def __init__(
        self, side: DetectionSide, token_length: int, batch_size: int, seed: int = 0, shuffle: bool = True
    ) -> None:
        self.side, self._token_length = side, token_length
        self._batch_size, self._seed, self._shuffle = batch_size, seed, shuffle
        self._sequences = WindowSequences(side.source, labels=False)

    @cached_property
    def steps_per_epoch(self) -> int:
        """Batches of an epoch; all epochs have as many."""
        n = self.side.draw(0).size
        return len(self._order(self.side.draw(0))) if n else 0

    @cached_property
    def _index(self) -> Positions | None:
        """Where the wanted channels are among those of the source; None: they are the same."""
        there = self.side.source.ch_names
        if tuple(there) == self.side.ch_names:
            return None
        return np.array([there.index(name) for name in self.side.ch_names], np.intp)

    def batches(self, epoch: int, step: int = 0) -> Iterator[DetectionBatch]:
        """Yield the batches of an epoch from a step on; the next one is read while one is trained on."""
        positions = self.side.draw(epoch if self._shuffle else 0)
        if not positions.size:
            return iter(())
        order = self._order(positions)
        order.seek(epoch, step)
        return one_ahead(partial(self._read, positions, epoch), iter(order))

    def _order(self, positions: Positions) -> SeekableBatches:
        side, n, blocks = self.side, positions.size, None
        if self._shuffle and side.samples_per_block:
            blocks = row_group_blocks(side.table.iloc[positions], side.samples_per_block)
        return SeekableBatches(
            n,
            min(self._batch_size, n) if self._shuffle else self._batch_size,
            seed=self._seed,
            shuffle=self._shuffle,
            blocks=blocks,
            buffer_blocks=side.buffer_blocks,
            drop_last=self._shuffle,
        )

    def _read(self, positions: Positions, epoch: int, chosen: Positions) -> DetectionBatch:
        rows = positions[chosen]
        found = self._sequences.__getitems__(rows)
        samples, valid = found["samples"], found["valid"]
        if self._index is not None:
            index = torch.from_numpy(self._index)
            samples, valid = samples[:, index], valid[:, index]
        shares = token_shares(self.side.source.labels(rows), self._token_length)
        return DetectionBatch(samples, valid, torch.from_numpy(shares), rows, epoch)
