"""Batches of tokens with their masks, at any step of any epoch, alike for every number of processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.sequences.planned_sequences import PlannedSequences
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.masking import HIDDEN, NOISE, VISIBLE, Kinds
from eeg_kedro.training.plan_masks import PlanMasks, Side
from eeg_kedro.training.prefetch import one_ahead
from eeg_kedro.training.scaling import to_units
from eeg_kedro.training.token_batch import TokenBatch

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_files import Place, RunKey
    from eeg_kedro.training.pretrain_options import PretrainOptions

Samples = NDArray[np.float32]
Positions = NDArray[np.intp]
MIXED_PIECES = 64  # pieces of runs whose sequences are mixed: as many as a reader keeps files open


class TokenBatches:
    """The batches of one side of a plan that one process sees.

    Training: shuffled anew and masked anew in every epoch; sequences that do not fill the last batch are left out,
    others in each epoch. If there are fewer sequences than a batch, one batch of all of them is the epoch.
    Validation: in the order of the plan, every sequence once, always under the same masks; the last batch is smaller.

    The batches of w processes together hold what the batch of one holds; masks and noise depend on the sequence, not
    on where it is read. A process whose share is empty gets a batch of no items, for all must take as many steps.

    Parameters
    ----------
    reader_or_files : WindowReader or mapping
        Where the windows are.
    plan : DataFrame
        From `plan_sequences`; ``items`` of a batch are its row numbers.
    side : {"train", "validation"}
        Which rows.
    options : PretrainOptions
        Tokens, masks, seed, ``loop.batch_size``, ``cache_megabytes``.
    rank, world_size : int
        Which of how many processes this one is.
    batch_size : int, optional
        Sequences of a step over all processes; ``options.loop.batch_size`` if None.

    Raises
    ------
    ParameterError
        If the side is empty, the batch does not divide among the processes, or the ratio masks nothing.
    """

    def __init__(
        self,
        reader_or_files: WindowReader | Mapping[RunKey, Place],
        plan: pd.DataFrame,
        side: Side,
        options: PretrainOptions,
        rank: int = 0,
        world_size: int = 1,
        batch_size: int | None = None,
    ) -> None:
        self._rows = np.flatnonzero(plan["side"] == side)
        self._plan, used = plan, plan.iloc[self._rows]
        # decoded sequences are kept by `PlannedSequences`: row groups of all channels would take the room of them
        reader = (
            WindowReader(reader_or_files, cache_megabytes=0)
            if isinstance(reader_or_files, Mapping)
            else reader_or_files
        )
        self.sequences = PlannedSequences(reader, used, options.token_length, options.cache_megabytes)
        self.masks = PlanMasks(used, side, options)
        self._scales = used[["center", "spread"]].to_numpy(np.float32)
        self._places = used[["x", "y", "z"]].to_numpy(np.float32)
        self._order = self._find_order(
            side, options.seed, batch_size or options.loop.batch_size, rank, world_size
        )

    @property
    def steps_per_epoch(self) -> int:
        """Batches of an epoch, the same in every process."""
        return len(self._order)

    def __len__(self) -> int:
        """Return the sequences of this side, over all processes."""
        return len(self.sequences)

    def batches(self, epoch: int, step: int = 0) -> Iterator[TokenBatch]:
        """Yield this process's batches of an epoch, from a step on.

        Raises
        ------
        NonFiniteError
            If a sample is not a number.
        WindowError
            If a file is missing or damaged.
        """
        self._order.seek(epoch, step)
        return one_ahead(partial(self.assemble, epoch=epoch), iter(self._order))

    def assemble(self, positions: Positions, epoch: int) -> TokenBatch:
        """Make a batch of sequences, given by their number on this side."""
        shape = (positions.size, self.sequences.longest(positions))
        given, targets = (np.empty((*shape, self.sequences.token_length), np.float32) for _ in range(2))
        valid, kinds = np.zeros(shape, bool), np.zeros(shape, np.int8)
        # one sequence after another stays in the processor's cache from decoding to hiding
        for place in self.sequences.by_piece(positions).tolist():
            position = int(positions[place])
            allowed = self.masks.allowed(position)
            valid[place, : allowed.size] = allowed
            kinds[place, : allowed.size] = self.masks.kinds(position, epoch)
            self._read(position, targets[place], valid[place])
            given[place] = targets[place]
            self._take_away(position, epoch, given[place], valid[place], kinds[place])
        return TokenBatch(
            inputs=torch.from_numpy(given),
            targets=torch.from_numpy(targets),
            valid=torch.from_numpy(valid),
            hidden=torch.from_numpy(kinds == HIDDEN),
            masked=torch.from_numpy(kinds != VISIBLE),
            positions=torch.from_numpy(self._places[positions]),
            items=torch.from_numpy(self._rows[positions].astype(np.int64)),
        )

    def describe(self, batch: TokenBatch) -> str:
        """Name recording and channel of each item, for errors."""
        rows = self._plan.iloc[batch.items.tolist()]
        names = zip(rows["participant"], rows["run"], rows["channel"], strict=True)
        return ", ".join(f"{participant}_{run} {channel}" for participant, run, channel in names)

    def _read(self, position: int, target: Samples, valid: NDArray[np.bool_]) -> None:
        """Put a sequence in units into ``target`` (T, L); zeros where it is not valid."""
        self.sequences.read(position, target)
        to_units(target[: int(self.sequences.lengths[position])], *self._scales[position])
        target[~valid] = 0

    def _take_away(
        self, position: int, epoch: int, given: Samples, valid: NDArray[np.bool_], kinds: Kinds
    ) -> None:
        """Hide the masked tokens of one sequence in place, and put noise where it belongs."""
        noisy = kinds == NOISE
        if noisy.any():
            # as loud as what can be seen, not as what was hidden: its loudness would tell of it
            loudness = given[valid & (kinds == VISIBLE)].std()
            shape = (int(noisy.sum()), given.shape[1])
            given[noisy] = loudness * self.masks.noise(position, epoch, shape)
        given[kinds == HIDDEN] = 0

    def _find_order(
        self, side: Side, seed: int, batch_size: int, rank: int, world_size: int
    ) -> SeekableBatches:
        if batch_size % world_size:
            raise ParameterError(
                "the batch does not divide among the processes",
                value=f"batch_size={batch_size}, {world_size} processes",
                allowed=f"multiples of {world_size}",
                remedy="change pretrain.loop.batch_size or pretrain.nproc",
            )
        train = side == "train"
        return SeekableBatches(
            len(self.sequences),
            batch_size // world_size,
            seed=seed,
            shuffle=train,
            blocks=self.sequences.blocks if train else None,
            buffer_blocks=MIXED_PIECES,
            rank=rank,
            world_size=world_size,
            drop_last=train and len(self.sequences) >= batch_size,
        )
