"""A run from its first sample to its last, window after window: what inference sees."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.manifest import whole_samples

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader

RunKey = tuple[str, str]


class _Grid(NamedTuple):
    """How windows lie over the runs; ``ends``: windows up to and with each run."""

    sfreq: float
    length: int
    stride: int
    n_times: NDArray[np.int64]
    ends: NDArray[np.int64]


class RunSequences(Dataset[dict[str, Any]]):
    """Windows ``[kS, kS + L)`` over whole runs, until the last sample is covered; none of a run is left out.

    The last window of a run reaches beyond its end: it is filled with zeros and ``n_samples`` tells how many
    samples are real. A run shorter than a window is one such window. Windows are numbered run after run in
    order of time: walk over them with ``SeekableBatches(..., shuffle=False, drop_last=False)``. A batch is in
    memory at a time, never a run.

    An item is a dict of ``samples`` (C, L) float32 microvolts, ``valid`` (C,) bool, ``n_samples`` () int64,
    ``onset`` () float64 (s), ``participant`` and ``run``. A batch has one more axis, and lists of names.

    Parameters
    ----------
    reader : WindowReader
        Where the windows are; footers are read when the length is first asked for.
    runs : sequence of (participant, run)
        Runs in the order wanted.
    window_seconds, stride_seconds : float
        Length of a window and distance between two, s; a stride above the window would lose samples.
    ch_names : sequence of str, optional
        Channels in the order wanted; the reader's if None. Only those of the reader are kept in its cache: for
        windows that overlap, make a reader of the channels wanted.

    Raises
    ------
    ParameterError
        At once if the stride is above the window; with the footers if a length is not a whole number of
        samples, or the runs have different rates.
    WindowError
        With the footers, if a run is not there or its file is broken.
    """

    def __init__(
        self,
        reader: WindowReader,
        runs: Sequence[RunKey],
        window_seconds: float,
        stride_seconds: float,
        ch_names: Sequence[str] | None = None,
    ) -> None:
        if stride_seconds > window_seconds:
            raise ParameterError(
                "samples between two windows would be lost",
                value=f"a stride of {stride_seconds:g} s",
                allowed=f"a stride up to the window, {window_seconds:g} s",
            )
        self._reader, self.runs = reader, tuple(runs)
        self._seconds = window_seconds, stride_seconds
        self._ch_names = None if ch_names is None else tuple(ch_names)

    @cached_property
    def ch_names(self) -> tuple[str, ...]:
        """Channels of every window (C)."""
        return self._reader.ch_names if self._ch_names is None else self._ch_names

    def __len__(self) -> int:
        ends = self._grid.ends
        return int(ends[-1]) if ends.size else 0

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {name: values[0] for name, values in self.__getitems__([index]).items()}

    def __getitems__(self, indices: Sequence[int] | NDArray[np.integer]) -> dict[str, Any]:
        """Return the windows of these indices as one batch."""
        chosen, grid = np.asarray(indices, np.int64), self._grid
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise IndexError(f"index beyond the {len(self)} windows")
        run = np.searchsorted(grid.ends, chosen, side="right")
        start = (chosen - np.concatenate([[0], grid.ends])[run]) * grid.stride
        n_samples = np.minimum(grid.length, grid.n_times[run] - start)
        names = [self.runs[i] for i in run.tolist()]
        samples, valid = self._read(names, start.tolist(), n_samples.tolist())
        return {
            "samples": torch.from_numpy(samples),
            "valid": torch.from_numpy(valid),
            "n_samples": torch.from_numpy(n_samples),
            "onset": torch.from_numpy(start / grid.sfreq),
            "participant": [participant for participant, _ in names],
            "run": [name for _, name in names],
        }

    def _read(
        self, runs: Sequence[RunKey], starts: Sequence[int], lengths: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        shape = (len(runs), len(self.ch_names), self._grid.length)
        samples, valid = np.zeros(shape, np.float32), np.zeros(shape[:2], bool)
        for i, (run, start, length) in enumerate(zip(runs, starts, lengths, strict=True)):
            _, valid[i] = self._reader.read_samples(
                *run, start, length, self._ch_names, out=samples[i, :, :length]
            )
        return samples, valid

    @cached_property
    def _grid(self) -> _Grid:
        layouts = [self._reader.layout(*run) for run in self.runs]
        rates = sorted({layout.sfreq for layout in layouts})
        if len(rates) > 1:
            raise ParameterError(
                "runs have different rates",
                value=rates[:5],
                allowed="one rate, Hz",
                remedy="one RunSequences per rate, or clean the runs to one rate with clean.sfreq",
            )
        sfreq, first = (rates[0], "_".join(self.runs[0])) if layouts else (1.0, "")
        length, stride = (
            whole_samples(value, sfreq, name, first)
            for value, name in zip(self._seconds, ("window_seconds", "stride_seconds"), strict=True)
        )
        n_times = np.array([layout.n_times for layout in layouts], np.int64)
        counts = 1 + np.maximum(-((length - n_times) // stride), 0)
        return _Grid(sfreq, length, stride, n_times, np.cumsum(counts))
