"""Balanced windows as batches of P participants times K windows, at any step of any epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from eeg_kedro.sampling.categories import NONE, codes_of
from eeg_kedro.sampling.orders.participant_batches import ParticipantBatches
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences
from eeg_kedro.training.prefetch import one_ahead

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_source import WindowSource

Positions = NDArray[np.intp]
NAMED = 4  # windows that a description names


@dataclass(frozen=True)
class WindowBatch:
    """Windows as they were recorded; they become tokens on the device.

    Attributes
    ----------
    samples : Tensor (B, C, N) float32
        Microvolts, zeros where a channel is absent.
    valid : Tensor (B, C) bool
        Channels that are there.
    labels : Tensor (B,) int64
        1 with a seizure, 0 without.
    participants : Tensor (B,) int64
        Whose window, as a number.
    positions : Tensor (B,) int64
        Rows of the table of windows.
    epoch : int
        What augmentation may depend on, beside the positions.
    """

    samples: Tensor
    valid: Tensor
    labels: Tensor
    participants: Tensor
    positions: Tensor
    epoch: int

    def to(self, device: torch.device) -> WindowBatch:
        """Return the batch on a device."""
        names = ("samples", "valid", "labels", "participants", "positions")
        return replace(self, **{name: getattr(self, name).to(device, non_blocking=True) for name in names})


class LabelledWindows:
    """A table of windows with its signals: whose each is, what it shows, and its samples.

    Parameters
    ----------
    windows : DataFrame
        ``participant, run, onset, category``; row i is window i of ``source``.
    source : WindowSource
        Samples.
    """

    def __init__(self, windows: pd.DataFrame, source: WindowSource) -> None:
        self.windows, self.source = windows.reset_index(drop=True), source
        self.labels: NDArray[np.int64] = (codes_of(windows["category"]) > NONE).astype(np.int64)
        self.names = windows["participant"].astype(str).to_numpy(object)
        self.participants: NDArray[np.int64] = np.unique(self.names, return_inverse=True)[1].astype(np.int64)
        self._sequences = WindowSequences(source, labels=False)

    def read(self, positions: Positions, epoch: int = 0) -> WindowBatch:
        """Read windows."""
        found = self._sequences.__getitems__(positions)
        labels, participants = (
            torch.from_numpy(values[positions]) for values in (self.labels, self.participants)
        )
        return WindowBatch(found["samples"], found["valid"], labels, participants, found["position"], epoch)

    def rows_of(self, role: str) -> Positions:
        """Return the windows of a role, those of each participant in the order of time."""
        own = self.windows[self.windows["role"] == role]
        return own.sort_values(["participant", "run", "onset"], kind="stable").index.to_numpy(np.intp)

    def describe(self, positions: Sequence[int] | Positions) -> str:
        """Name recording and onset of windows."""
        rows = self.windows.iloc[[int(position) for position in positions]]
        named = [
            f"{row['participant']}_{row['run']} at {row['onset']:g} s"
            for row in rows.head(NAMED).to_dict("records")
        ]
        more = len(rows) - NAMED
        return ", ".join(named) + (f" and {more} more windows" if more > 0 else "")


class PairBatches:
    """The batches of one side: P participants times K windows, half of them with a seizure where there are.

    Parameters
    ----------
    windows : LabelledWindows
        All windows.
    rows : ndarray of int, shape (n,)
        Those of this side.
    n_participants, n_windows : int
        P, at most the participants there are, and K.
    balance_seizures : bool
        Whether half of each participant's windows shall be seizure windows; without any in the side it has no
        effect.
    seed : int
        Of the order.
    steps : int, optional
        Of an epoch; None: until as many windows were drawn as there are.

    Raises
    ------
    ParameterError
        If there are too few participants.
    """

    def __init__(
        self,
        windows: LabelledWindows,
        rows: Positions,
        n_participants: int,
        n_windows: int,
        *,
        balance_seizures: bool,
        seed: int,
        steps: int | None = None,
    ) -> None:
        self._windows, self._rows = windows, rows
        positive = windows.labels[rows] > 0
        self.order = ParticipantBatches(
            pd.Series(windows.names[rows], dtype="str"),
            n_participants,
            n_windows,
            positive=positive if balance_seizures and positive.any() else None,
            seed=seed,
            steps=steps,
        )

    def __len__(self) -> int:
        return len(self.order)

    def positions(self, epoch: int, step: int = 0) -> Iterator[Positions]:
        """Yield the rows of the table that each batch of an epoch holds, from a step on."""
        self.order.seek(epoch, step)
        for chosen in self.order:
            yield self._rows[chosen]

    def batches(self, epoch: int, step: int = 0) -> Iterator[WindowBatch]:
        """Yield the batches of an epoch from a step on; the next is read while one is trained on."""
        yield from one_ahead(lambda rows: self._windows.read(rows, epoch), self.positions(epoch, step))
