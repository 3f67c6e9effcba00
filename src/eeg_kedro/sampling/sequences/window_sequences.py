"""Windows of all channels with labels per window, per second or per sample: a batch is one gather."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from eeg_kedro.errors import ParameterError

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_source import WindowSource

Positions = NDArray[np.intp]
Batch = dict[str, torch.Tensor]
Unit = Literal["window", "second", "sample"]


class WindowSequences(Dataset[Batch]):
    """Windows as batches that are already tensors: give them to `loading.make_loader`, which collates nothing.

    An item is a dict of ``samples`` (C, L) float32 microvolts; ``valid`` (C,) bool, False where the run lacks
    the channel and its samples are zeros; ``position`` () int64, the window's number in the source; ``labels``
    float32, the share of seizure samples in each unit: () per window, (S,) per second, (L,) per sample, where it
    is 0 or 1. A batch has one more axis in front. Threshold the shares as you like: nothing is rounded here.

    Second s holds the samples i with ``floor(i / sfreq) == s``, computed with the rate as the decimal it was
    written as. Every sample belongs to one second; at 250.5 Hz seconds have 251 and 250 samples in turn, and
    the last second of a window may be an incomplete one: its share is that of the samples it has.

    Parameters
    ----------
    source : WindowSource
        Numbered windows.
    positions : ndarray of int, shape (n,), optional
        Windows of the source to use, as those of training; all if None. Item i is ``positions[i]``.
    unit : {"window", "second", "sample"}
        What one label is of.
    labels : bool
        False: items have none, and the source need not know any, as in pretraining.

    Raises
    ------
    ParameterError
        If the unit is none of these, or a position is beyond the source.
    """

    def __init__(
        self,
        source: WindowSource,
        positions: Sequence[int] | NDArray[np.integer] | None = None,
        unit: Unit = "window",
        labels: bool = True,
    ) -> None:
        if unit not in ("window", "second", "sample"):
            raise ParameterError("unknown unit of labels", value=unit, allowed="window, second, sample")
        self.source, self.unit, self._labels = source, unit, labels
        self._positions = None if positions is None else _as_positions(positions, len(source))

    def __len__(self) -> int:
        return len(self.source) if self._positions is None else len(self._positions)

    def __getitem__(self, index: int) -> Batch:
        return {name: values[0] for name, values in self.__getitems__([index]).items()}

    def __getitems__(self, indices: Sequence[int] | NDArray[np.integer]) -> Batch:
        """Return the items of these indices as one batch."""
        chosen = np.asarray(indices, np.intp)
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise IndexError(
                f"index beyond the {len(self)} windows"
            )  # the end of a for loop over the data set
        positions = chosen if self._positions is None else self._positions[chosen]
        samples, valid = self.source.gather(positions)
        batch = {
            "samples": _single(samples),
            "valid": torch.from_numpy(valid.astype(bool, copy=False)),
            "position": torch.from_numpy(positions.astype(np.int64)),
        }
        if self._labels:
            batch["labels"] = torch.from_numpy(self._shares(self.source.labels(positions)))
        return batch

    def _shares(self, labels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the share of ones in each unit of (B, L) labels."""
        if self.unit == "sample":
            return labels.astype(np.float32)
        first = self._first_samples
        counts = np.add.reduceat(labels, first, axis=1, dtype=np.int32)
        shares = (counts / np.diff(first, append=labels.shape[1])).astype(np.float32)
        return shares[:, 0] if self.unit == "window" else shares

    @cached_property
    def _first_samples(self) -> Positions:
        """First sample of each unit of a window."""
        if self.unit == "window":
            return np.zeros(1, np.intp)
        return first_samples_of_seconds(self.source.n_samples, self.source.sfreq)


def _single(samples: NDArray[np.float16] | NDArray[np.float32]) -> torch.Tensor:
    """Return samples as float32: the same memory, or converted by torch, six times faster than by NumPy."""
    if samples.dtype == np.float32:
        return torch.from_numpy(samples)
    # into memory from NumPy, which asks for huge pages: a tenth of the batch's time is saved in page faults
    return torch.from_numpy(np.empty(samples.shape, np.float32)).copy_(torch.from_numpy(samples))


def first_samples_of_seconds(n_samples: int, sfreq: float) -> Positions:
    """Return the first sample of each second that holds one of ``n_samples``.

    Raises
    ------
    ParameterError
        If the rate is below 1 Hz: some seconds would have no sample.
    """
    if sfreq < 1:
        raise ParameterError(
            "a second has no sample at this rate", value=sfreq, allowed="1 Hz or more", remedy="unit=window"
        )
    rate = Fraction(str(sfreq))
    n_seconds = floor((n_samples - 1) / rate) + 1
    return np.array([ceil(second * rate) for second in range(n_seconds)], np.intp)


def _as_positions(positions: Sequence[int] | NDArray[np.integer], n: int) -> Positions:
    """Return positions as integers; a mask is refused, which as numbers would be windows 0 and 1 again and again."""
    found = np.asarray(positions)
    if found.size == 0:
        return np.zeros(0, np.intp)
    if found.dtype.kind not in "iu":
        raise ParameterError(
            "positions are no whole numbers",
            value=str(found.dtype),
            allowed="indices of windows",
            remedy="np.flatnonzero(mask) gives those of a mask",
        )
    _check_inside(found, n)
    return found.astype(np.intp)


def _check_inside(positions: Positions, n: int) -> None:
    for position in (int(positions.min()), int(positions.max())):
        if not 0 <= position < n:
            raise ParameterError(
                "a position is beyond the windows of the source",
                value=position,
                allowed=f"0 to {n - 1}",
                remedy="take positions of the table the source was made from",
            )
