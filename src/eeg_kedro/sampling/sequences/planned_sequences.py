"""The sequences of a plan, read from the windows of their run: a stretch of one channel, cut into tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from eeg_kedro.errors import NonFiniteError

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader

Samples = NDArray[np.float32]
_PIECE = ["participant", "run", "start_sample"]
Indices = Sequence[int] | NDArray[np.integer]


class _Rows(NamedTuple):
    """The columns of the plan that tell what to read, as plain lists."""

    participant: list[str]
    run: list[str]
    channel: list[str]
    start: list[int]


class PlannedSequences(Dataset[dict[str, torch.Tensor]]):
    """Rows of a plan as ``samples`` (T, L) float32 microvolts; a batch is (B, T, L) with zeros behind each end.

    A column of a window file is decoded on its own, so each sequence costs what it holds, and nothing is decoded
    twice in an epoch. What was decoded is kept until ``cache_megabytes`` are full and never dropped: in an epoch every
    sequence is asked for once, so that whatever was used longest ago is what comes next.

    Parameters
    ----------
    reader : WindowReader
        Where the windows are.
    plan : DataFrame
        Used rows of `eeg_kedro.sampling.pretrain_plan.plan_sequences`.
    token_length : int
        Samples of a token (L).
    cache_megabytes : float
        Room for decoded sequences (10**6 bytes).
    """

    def __init__(
        self, reader: WindowReader, plan: pd.DataFrame, token_length: int, cache_megabytes: float = 0.0
    ) -> None:
        self._reader, self.token_length = reader, token_length
        participant, run, channel = (plan[name].tolist() for name in ("participant", "run", "channel"))
        self._rows = _Rows(participant, run, channel, plan["start_sample"].tolist())
        self.lengths: NDArray[np.int64] = plan["n_tokens"].to_numpy(np.int64)
        self._room = int(cache_megabytes * 1e6)
        self._kept: dict[int, Samples] = {}
        #: number of each item's piece of a run, (n_items,): blocks for `orders.block_order`
        self.blocks: NDArray[np.int64] = np.asarray(plan.groupby(_PIECE, sort=False).ngroup(), np.int64)

    def __len__(self) -> int:
        return int(self.lengths.size)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {name: values[0] for name, values in self.__getitems__([index]).items()}

    def __getitems__(self, indices: Indices) -> dict[str, torch.Tensor]:
        """Return the sequences of these indices as one batch: ``samples`` (B, T, L), ``n_tokens`` (B,) int64.

        Raises
        ------
        NonFiniteError
            If a sample is not a number.
        WindowError
            If a file is missing or damaged.
        """
        chosen = np.asarray(indices, np.intp)
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise IndexError(f"index beyond the {len(self)} sequences")
        samples = np.empty((chosen.size, self.longest(chosen), self.token_length), np.float32)
        for place in self.by_piece(chosen).tolist():
            self.read(int(chosen[place]), samples[place])
        return {"samples": torch.from_numpy(samples), "n_tokens": torch.from_numpy(self.lengths[chosen])}

    def longest(self, indices: NDArray[np.intp]) -> int:
        """Return the tokens of the longest of these sequences; of none, the two that a sequence has at least."""
        return int(self.lengths[indices].max(initial=2))

    def by_piece(self, indices: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the order in which to read these sequences: those of one piece one after another."""
        return np.argsort(self.blocks[indices], kind="stable")

    def read(self, index: int, out: Samples) -> None:
        """Read one sequence into ``out`` (T, L), contiguous, and put zeros behind its end."""
        flat = out.reshape(-1)
        n_samples = int(self.lengths[index]) * self.token_length
        flat[n_samples:] = 0
        flat = flat[:n_samples]
        kept = self._kept.get(index)
        if kept is not None:
            flat[:] = kept
            return
        rows = self._rows
        run, channel = (rows.participant[index], rows.run[index]), rows.channel[index]
        self._reader.read_samples(*run, rows.start[index], n_samples, [channel], out=flat[np.newaxis])
        with np.errstate(all="ignore"):
            energy = float(np.dot(flat, flat))  # one pass without a temporary array
        if not math.isfinite(energy):  # of squares beyond float32 too: looked at again
            self._demand_finite(index, flat)
        if flat.nbytes <= self._room:
            self._kept[index] = flat.copy()
            self._room -= flat.nbytes

    def name(self, index: int) -> str:
        """Name the recording and channel of a sequence, for errors."""
        rows = self._rows
        return f"{rows.participant[index]}_{rows.run[index]} {rows.channel[index]}"

    def __getstate__(self) -> dict[str, Any]:
        room = self._room + sum(samples.nbytes for samples in self._kept.values())
        return self.__dict__ | {"_kept": {}, "_room": room}

    def _demand_finite(self, index: int, flat: Samples) -> None:
        bad = np.flatnonzero(~np.isfinite(flat))
        if bad.size == 0:
            return
        sample = self._rows.start[index] + int(bad[0])
        raise NonFiniteError(
            "a sample is not a number",
            file=self.name(index),
            value=f"{flat[bad[0]]} at sample {sample}, token {int(bad[0]) // self.token_length} of its sequence; "
            f"{bad.size} in all",
            allowed="finite microvolts",
            remedy="delete the run's window file and run `kedro run --pipelines=process_primary`: it is made again",
        )
