"""One pass over raw samples for all that must be known before filtering: pops, hardware spikes, clipping."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.pieces import PieceCutter
from eeg_kedro.signal.pop_search import PIECE_SECONDS, PopSearch, sort_pops
from eeg_kedro.signal.pops import Pop, PopOptions

Samples = NDArray[np.float32]
LEAST_RUN = 3  # equal samples at the limit that make a clipped stretch
ROUNDING = 4e-7  # relative; limits are computed in float64, samples are float32


class ClippingCounter:
    """Counts samples that stand still at the channel's own smallest or largest value, in runs of three or more.

    Parameters
    ----------
    extent : ndarray, shape (n_channels, 2)
        Smallest and largest value of each channel over the whole recording, microvolts.
    """

    def __init__(self, extent: NDArray[np.float64]) -> None:
        slack = ROUNDING * np.abs(extent).max(axis=1, initial=0.0)
        self._low = (extent[:, 0] + slack).astype(np.float32)
        self._high = (extent[:, 1] - slack).astype(np.float32)
        self._moves = extent[:, 1] - extent[:, 0] > 4 * slack
        self._counts = np.zeros(len(extent), np.int64)
        self._runs = [(0, np.float32(np.nan))] * len(extent)  # length and value of the run a block ended in

    def update(self, block: NDArray[np.floating]) -> None:
        """Take the next samples, shape (n_channels, n), microvolts."""
        if not block.shape[1]:
            return
        at_limit = (block.max(axis=1) >= self._high) | (block.min(axis=1) <= self._low)
        for channel in np.flatnonzero(self._moves):
            if at_limit[channel] or self._runs[channel][0]:
                self._count(int(channel), block[channel])

    def _count(self, channel: int, row: NDArray[np.floating]) -> None:
        places = np.flatnonzero((row >= self._high[channel]) | (row <= self._low[channel]))
        length, value = self._runs[channel]
        self._runs[channel] = (0, value)
        if not len(places):
            return
        joined = (np.diff(places) == 1) & (row[places[1:]] == row[places[:-1]])
        starts = np.concatenate([[0], np.flatnonzero(~joined) + 1])
        lengths = np.diff(np.append(starts, len(places)))
        ends = places[starts] + lengths
        goes_on = length > 0 and places[0] == 0 and row[0] == value
        carried = np.zeros(len(lengths), np.int64)
        carried[0] = length if goes_on else 0
        total = lengths + carried
        counted_before = np.where(carried >= LEAST_RUN, carried, 0)
        self._counts[channel] += int(np.sum(np.where(total >= LEAST_RUN, total - counted_before, 0)))
        if ends[-1] == len(row):
            self._runs[channel] = (int(total[-1]), row[-1])

    def counts(self) -> NDArray[np.int64]:
        """Give the number of clipped samples per channel, shape (n_channels,); 0 for a constant channel."""
        return self._counts.copy()


def count_clipped(blocks: Iterable[NDArray[np.floating]], extent: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count clipped samples per channel.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (n_channels, n)
        Consecutive raw samples in microvolts.
    extent : ndarray, shape (n_channels, 2)
        Smallest and largest value of each channel, microvolts.

    Returns
    -------
    ndarray of int64, shape (n_channels,)
        Samples in runs of three or more equal ones at the channel's own limit.
    """
    counter = ClippingCounter(extent)
    for block in blocks:
        counter.update(block)
    return counter.counts()


class RawSurvey:
    """Pops, hardware spikes and clipping in one pass.

    Parameters
    ----------
    sfreq : float
        Sampling rate in Hz.
    names : sequence of str
        Channels.
    extent : ndarray, shape (n_channels, 2)
        Smallest and largest value of each channel, microvolts.
    options : PopOptions
        What counts as a pop; clipping is counted in any case.
    """

    def __init__(
        self, sfreq: float, names: Sequence[str], extent: NDArray[np.float64], options: PopOptions
    ) -> None:
        self._clipping = ClippingCounter(extent)
        self._search = PopSearch(sfreq, names, options) if options.enabled else None
        self._cutter = PieceCutter(round(PIECE_SECONDS * sfreq), *PopSearch(sfreq, names, options).reach)

    def update(self, block: Samples) -> None:
        """Take the next samples, shape (n_channels, n), microvolts, without gaps; they are not kept."""
        self._clipping.update(block)
        if self._search is not None:
            for piece in self._cutter.push(block):
                self._search.search(piece)

    def pops(self) -> tuple[Pop, ...]:
        """Give what was found once all samples have been taken, in order of start."""
        if self._search is None:
            return ()
        for piece in self._cutter.finish():
            self._search.search(piece)
        return sort_pops(self._search.found)

    def n_clipped(self) -> NDArray[np.int64]:
        """Give the number of clipped samples per channel, shape (n_channels,)."""
        return self._clipping.counts()
