"""What one second of one channel (a *cell*) looks like, in five numbers, learned while samples pass by.

Every number is computed from the samples of its own cell, so none depends on how the samples arrive. The
measure of fast activity is the fourth difference of the samples: its gain grows with the fourth power of
frequency, so it sees muscle and not the EEG, for four subtractions per sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
FAST_BAND = (20.0, 50.0)  # Hz
LEAST_BAND = 10.0  # Hz of it that must be there
CELLS_AT_ONCE = 32  # about 700 kB for 21 channels at 256 Hz: what a cache holds
DIFFERENCES = 4
LOWEST_DB, HIGHEST_DB = -20.0, 60.0
COURSE_RATE = 16  # values per cell: enough for blinks, and 24 hours of 12 channels are 66 MB


def cell_samples(sfreq: float) -> int:
    """Give the samples of a cell: one second, to the nearest sample."""
    return max(1, round(sfreq))


def count_cells(n_times: int, sfreq: float) -> int:
    """Count the cells of a recording; the last one may be shorter than a second."""
    return -(-n_times // cell_samples(sfreq))


@dataclass(frozen=True)
class CellMeasures:
    """Five numbers per cell, each float32 of shape (n_channels, n_cells), in microvolts.

    Attributes
    ----------
    mean : ndarray
        Mean: what is slower than about half a cycle per second.
    rms : ndarray
        Root mean square.
    low, high : ndarray
        Smallest and largest sample.
    fast : ndarray
        Root mean square of the activity from 20 to 50 Hz, if its spectrum were white; 0 where the rate
        cannot carry 30 Hz.
    """

    mean: Samples
    rms: Samples
    low: Samples
    high: Samples
    fast: Samples

    @property
    def peak(self) -> Samples:
        """Largest distance from zero, microvolts."""
        return np.maximum(self.high, -self.low)

    @property
    def swing(self) -> Samples:
        """Peak-to-peak amplitude, microvolts."""
        return self.high - self.low


class CellMeter:
    """Measure the cells of a recording while its blocks pass by.

    Parameters
    ----------
    n_channels, n_times : int
        Size of the recording.
    sfreq : float
        Sampling rate in Hz.
    tracked : sequence of sequences of int
        Groups of channels; the slow course of each group's mean is kept.
    top : float, optional
        Highest frequency that the samples still hold, Hz; 50 or 45 % of the rate if None.
    """

    def __init__(
        self,
        n_channels: int,
        n_times: int,
        sfreq: float,
        tracked: Sequence[Sequence[int]] = (),
        top: float | None = None,
    ) -> None:
        self.length = cell_samples(sfreq)
        self._gain = fast_gain(sfreq, top)
        shape = (n_channels, count_cells(n_times, sfreq))
        self._mean, self._rms, self._low, self._high, self._fast = np.zeros((5, *shape), np.float32)
        self._rows = [channel for group in tracked for channel in group]
        self._shares = np.zeros((len(tracked), len(self._rows)), np.float32)
        first = 0
        for group, share in zip(tracked, self._shares, strict=True):
            share[first : first + len(group)] = 1 / max(len(group), 1)
            first += len(group)
        self._slow = np.zeros((len(tracked), shape[1], COURSE_RATE), np.float32)
        self._buffer = np.empty((n_channels, CELLS_AT_ONCE * self.length), np.float32)
        self._work = np.empty((2, self._buffer.size), np.float32)
        self._filled = self._done = 0

    def update(self, block: Samples) -> None:
        """Take the next samples, shape (n_channels, n), in microvolts."""
        start, size = 0, self._buffer.shape[1]
        while start < block.shape[1]:
            n = min(size - self._filled, block.shape[1] - start)
            self._buffer[:, self._filled : self._filled + n] = block[:, start : start + n]
            start, self._filled = start + n, self._filled + n
            if self._filled == size:
                self._measure(self._buffer.reshape(len(self._buffer), CELLS_AT_ONCE, self.length))
                self._filled = 0

    def finish(self) -> CellMeasures:
        """Give the measures of all cells, the last and shorter one included."""
        n_whole = self._filled // self.length
        whole = np.ascontiguousarray(self._buffer[:, : n_whole * self.length])
        rest = np.ascontiguousarray(self._buffer[:, n_whole * self.length : self._filled])
        if n_whole:
            self._measure(whole.reshape(len(whole), n_whole, self.length))
        if rest.size:
            self._measure(rest[:, np.newaxis])
        self._filled = 0
        return CellMeasures(self._mean, self._rms, self._low, self._high, self._fast)

    def slow_course(self) -> Samples:
        """Give the tracked groups at 16 values per cell, shape (n_tracked, 16 n_cells), microvolts."""
        return self._slow.reshape(len(self._slow), self._slow.shape[1] * COURSE_RATE)

    def _measure(self, cells: Samples) -> None:
        """Measure cells of shape (n_channels, n_cells, length), contiguous."""
        n, length = cells.shape[1:]
        place = slice(self._done, self._done + n)
        # einsum and argmax run three times as fast here as sum and max along a short last axis
        np.divide(np.einsum("ijk->ij", cells), length, out=self._mean[:, place])
        power = np.einsum("ijk,ijk->ij", cells, cells)
        np.sqrt(power / np.float32(length), out=self._rms[:, place])
        self._low[:, place] = _at(cells, cells.argmin(axis=-1))
        self._high[:, place] = _at(cells, cells.argmax(axis=-1))
        if self._gain and length > DIFFERENCES:
            steep = self._differences(cells)
            power = np.einsum("ijk,ijk->ij", steep, steep)
            np.sqrt(power / np.float32(steep.shape[-1] * self._gain**2), out=self._fast[:, place])
        if self._rows and length >= COURSE_RATE:
            self._follow(cells, place)
        self._done += n

    def _follow(self, cells: Samples, place: slice) -> None:
        """Note the slow course: the mean of every sixteenth of a cell."""
        step = cells.shape[-1] // COURSE_RATE
        rows = cells[self._rows, :, : step * COURSE_RATE]
        total = np.einsum("ijkl->ijk", rows.reshape(len(rows), -1, COURSE_RATE, step)) / np.float32(step)
        np.einsum("gr,rjk->gjk", self._shares, total, out=self._slow[:, place])

    def _differences(self, cells: Samples) -> Samples:
        """Take the fourth difference along the last axis, shape (n_channels, n_cells, length - 4)."""
        # over all cells in one stretch: what straddles a border is cut off below
        size = cells.size
        here, there = self._work[0, :size], self._work[1, :size]
        flat = cells.reshape(-1)
        np.subtract(flat[1:], flat[:-1], out=here[:-1])
        for order in range(2, DIFFERENCES + 1):
            np.subtract(here[1 : size - order + 1], here[: size - order], out=there[: size - order])
            here, there = there, here
        return here.reshape(cells.shape)[..., : cells.shape[-1] - DIFFERENCES]


def _at(cells: Samples, index: NDArray[np.intp]) -> Samples:
    """Pick one sample of each cell, shape (n_channels, n_cells)."""
    picked: Samples = np.take_along_axis(cells, index[..., np.newaxis], axis=-1)[..., 0]
    return picked


def highest_frequency(sfreq: float, top: float | None = None) -> float:
    """Give the highest frequency that counts, Hz: what the samples hold, or 50, and at most 45 % of the rate."""
    return min(FAST_BAND[1] if top is None else top, 0.45 * sfreq)


def fast_gain(sfreq: float, top: float | None = None) -> float:
    """Give what the fourth difference makes of white noise, over its root mean square from 20 to 50 Hz.

    |1 - exp(-iw)|**4 = (2 sin(w / 2))**4, added up as power from 20 Hz to the highest frequency there is; 0 where
    that leaves less than 10 Hz.
    """
    low, high = FAST_BAND[0], highest_frequency(sfreq, top)
    if high < low + LEAST_BAND:
        return 0.0
    freqs = np.linspace(low, high, 61)
    width = (high - low) / (FAST_BAND[1] - low)
    return float(np.sqrt(width * np.mean((2 * np.sin(np.pi * freqs / sfreq)) ** (2 * DIFFERENCES))))


def signal_to_noise(found: CellMeasures, sfreq: float, top: float | None = None) -> Samples:
    """Give the signal-to-noise ratio of every cell in dB, shape (n_channels, n_cells), within -20 and 60.

    The noise of a second is the floor that its activity above 20 Hz would be part of if it were white: there the
    scalp records muscle and amplifier rather than brain (Whitham et al. 2007). With P the power of the second and N
    that floor up to the highest frequency there is, the ratio is (P - N) / N. NaN where what is above 20 Hz was
    filtered away, or never recorded: nothing is known of the noise then.
    A sine of amplitude A in white noise of density d (µV²/Hz) has 10 log10(A**2 / 2 / (50 d)).
    """
    if not fast_gain(sfreq, top):
        return np.full(found.rms.shape, np.nan, np.float32)
    floor = found.fast.astype(np.float64) ** 2
    floor *= highest_frequency(sfreq, top) / (FAST_BAND[1] - FAST_BAND[0])
    power = found.rms.astype(np.float64) ** 2
    signal = np.maximum(power - floor, 0.0)
    least = 1e-30  # µV²: below any amplifier, and far from what a float64 can divide
    ratio = 10 * np.log10(np.maximum(signal, least) / np.maximum(floor, least))
    ratio[power == 0] = LOWEST_DB
    return np.asarray(np.clip(ratio, LOWEST_DB, HIGHEST_DB), np.float32)
