"""A part of a recording as a sample source of its own: what lies outside of it is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.io.sample_blocks import Extent, measure_extent

if TYPE_CHECKING:
    from eeg_kedro.io.samples import SampleSource

BLOCK = 1 << 15  # samples at a time, where the whole part is looked at


class SegmentSamples:
    """Samples ``[first, first + n_times)`` of another source.

    Parameters
    ----------
    source : SampleSource
        The whole recording.
    first, n_times : int
        Which of its samples.
    n_picks : int
        How many channels it has.
    """

    def __init__(self, source: SampleSource, first: int, n_times: int, n_picks: int) -> None:
        self._source, self._first, self._n_picks = source, first, n_picks
        self.sfreq, self.n_times = source.sfreq, n_times

    def extent(self) -> Extent:
        """Find minimum and maximum (microvolts) and the number of non-finite samples of each pick."""
        return measure_extent(self.blocks(BLOCK), self._n_picks)

    def blocks(self, n_block: int) -> Iterator[NDArray[np.float32]]:
        """Yield the part in order, as float32 (n_picks, n_block) in microvolts; the last is shorter."""
        return self.spans([(start, start + n_block) for start in range(0, self.n_times, n_block)])

    def spans(self, spans: Sequence[tuple[int, int]]) -> Iterator[NDArray[np.float32]]:
        """Yield spans ``[start, stop)`` of samples in order of their start, counted from the part's first."""
        return self._source.spans(
            [(self._first + start, self._first + min(stop, self.n_times)) for start, stop in spans]
        )

    def fingerprint(self) -> str:
        """Give the SHA-256 of the whole file's and of where the part lies in it, as hex digits."""
        whole = f"{self._source.fingerprint()} {self._first} {self.n_times}"
        return hashlib.sha256(whole.encode()).hexdigest()
