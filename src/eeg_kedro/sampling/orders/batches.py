"""Batches of positions that can be entered at any step of any epoch, alike for every number of processes.

The trap of samplers with an epoch: nothing here moves on to the next epoch by itself. **The training loop calls
``seek(epoch)`` before each epoch**; without it every epoch has the same order, which trains, looks well, and is
worse. In return the order depends on nothing that ran before, so that a training resumed at (epoch, step) sees
exactly the windows it would have seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.permutations import Positions, block_order, check_at_least, epoch_order


class EpochBatches(ABC):
    """The batches of one rank, from the step that was sought to the end of the epoch that was sought.

    Iterating changes nothing: iterating twice without `seek` gives the same batches twice. An iterator that is
    under way keeps the epoch and step it began with. Whatever prefetches (a DataLoader's workers) may run ahead
    of the training: count the steps that were *trained* and seek to their number.

    Parameters
    ----------
    seed : int
        From 0 upwards.
    rank, world_size : int
        Which of how many processes this one is.

    Raises
    ------
    ParameterError
        If a number is negative or the rank is none of the processes.
    """

    _n_steps: int  # of every epoch; the subclass knows

    def __init__(self, seed: int, rank: int, world_size: int) -> None:
        check_at_least("seed", seed, 0)
        check_at_least("world_size", world_size, 1)
        if not 0 <= rank < world_size:
            raise ParameterError(
                "rank is none of the processes",
                value=rank,
                allowed=f"0 to {world_size - 1}, for world_size={world_size}",
                remedy="pass RANK and WORLD_SIZE as the launcher sets them",
            )
        self.seed, self.rank, self.world_size = seed, rank, world_size
        self._epoch = self._step = 0

    @property
    def epoch(self) -> int:
        """The epoch that was sought."""
        return self._epoch

    @property
    def step(self) -> int:
        """The step that was sought: where the next iteration begins."""
        return self._step

    def seek(self, epoch: int, step: int = 0) -> None:
        """Begin the next iteration at ``step`` of ``epoch``; the number of steps is the epoch's end.

        Raises
        ------
        ParameterError
            If a number is negative or the step is beyond the end of the epoch.
        """
        check_at_least("epoch", epoch, 0)
        if not 0 <= step <= self._n_steps:
            raise ParameterError(
                "the step is beyond the epoch",
                value=step,
                allowed=f"0 to {self._n_steps}",
                remedy="resume with the windows, batch size and number of processes the checkpoint was made with",
            )
        self._epoch, self._step = epoch, step

    def __len__(self) -> int:
        """Return the steps of a whole epoch, wherever was sought to."""
        return self._n_steps

    def __iter__(self) -> Iterator[Positions]:
        return self._batches(self._epoch, self._step)

    @abstractmethod
    def _batches(self, epoch: int, step: int) -> Iterator[Positions]:
        """Yield this rank's batches of an epoch from a step on."""


class SeekableBatches(EpochBatches):
    """Batches of ``range(n)``, shuffled anew in every epoch: a pure function of seed, epoch, rank, world size.

    The order is cut into global batches of ``world_size * batch_size``, and rank r takes the r-th part of each:
    together the ranks see in each step what one process with the global batch sees, and never the same window.

    With ``drop_last`` the windows that do not fill the last global batch are left out; others in each epoch,
    because of the shuffle. Without, they are divided among the ranks as evenly as they can be and nobody misses
    a window; **a rank whose share is empty gets an empty batch**, so that all ranks take equally many steps
    and none waits forever for the others. That is for evaluation: it must not be averaged as if it were a batch.

    Parameters
    ----------
    n : int
        Number of windows.
    batch_size : int
        Windows per batch and rank.
    seed : int
        From 0 upwards.
    shuffle : bool
        False: in the order of their numbers, in every epoch.
    blocks : ndarray of int, shape (n,), optional
        Block of each window, to be visited as `block_order` does: every rank then reads every block in turn.
    buffer_blocks : int
        Blocks that are mixed with each other.
    rank, world_size : int
        Which of how many processes this one is.
    drop_last : bool
        Whether to leave out the windows that do not fill a global batch.

    Raises
    ------
    ParameterError
        If a number is out of range, ``blocks`` has another length, or there are fewer windows than one batch.
    """

    def __init__(
        self,
        n: int,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = True,
        blocks: NDArray[np.integer] | None = None,
        buffer_blocks: int = 32,
        rank: int = 0,
        world_size: int = 1,
        drop_last: bool = True,
    ) -> None:
        super().__init__(seed, rank, world_size)
        check_at_least("batch_size", batch_size, 1)
        check_at_least("buffer_blocks", buffer_blocks, 1)
        self._global = batch_size * world_size
        _check_enough(n, self._global if drop_last else 1, world_size)
        self._n_steps = n // self._global if drop_last else -(-n // self._global)
        if blocks is not None and len(blocks) != n:
            raise ParameterError(
                "blocks are not those of the windows", value=len(blocks), allowed=f"{n} numbers"
            )
        self._n, self.batch_size = n, batch_size
        self._shuffle, self._blocks, self._buffer_blocks = shuffle, blocks, buffer_blocks

    @property
    def n_dropped(self) -> int:
        """Windows that no rank sees in an epoch."""
        return max(self._n - len(self) * self._global, 0)

    def _batches(self, epoch: int, step: int) -> Iterator[Positions]:
        order = self._order(epoch)
        for start in range(step * self._global, len(self) * self._global, self._global):
            together = order[start : start + self._global]
            first, last = (len(together) * rank // self.world_size for rank in (self.rank, self.rank + 1))
            yield together[first:last]

    def _order(self, epoch: int) -> Positions:
        if not self._shuffle:
            return np.arange(self._n, dtype=np.intp)
        if self._blocks is None:
            return epoch_order(self._n, self.seed, epoch)
        return block_order(self._blocks, self.seed, epoch, self._buffer_blocks)


def _check_enough(n: int, least: int, world_size: int) -> None:
    if n < least:
        raise ParameterError(
            "fewer windows than one batch",
            value=n,
            allowed=f"{least} or more" + (f", over {world_size} processes" if world_size > 1 else ""),
            remedy="a smaller batch_size or drop_last=False; if the set is empty, look into report_sampling",
        )
