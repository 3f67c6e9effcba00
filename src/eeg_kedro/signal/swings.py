"""How far a raw channel swings within minutes: what a high-pass hides of a loose electrode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
# seconds: long enough for a loose contact to wander off, short beside the drift of a drying electrode
STRETCH = 100
FEWEST_STRETCHES = 2


class SwingSurvey:
    """Follow the level of raw channels second by second, in one pass over their samples.

    Parameters
    ----------
    n_channels : int
        Rows of every block.
    sfreq : float
        Hz.
    """

    def __init__(self, n_channels: int, sfreq: float) -> None:
        self._second = max(round(sfreq), 1)
        self._rest: Samples = np.empty((n_channels, 0), np.float32)
        self._levels: list[Samples] = []

    def update(self, block: Samples) -> None:
        """Take the next samples, shape (n_channels, n), microvolts; any number of them, the result is the same."""
        need = self._second - self._rest.shape[1]
        if self._rest.shape[1]:
            self._rest = np.concatenate([self._rest, block[:, :need]], axis=1)
            if self._rest.shape[1] < self._second:
                return
            self._levels.append(self._rest.mean(axis=1, keepdims=True))
            block = block[:, need:]
        whole = block.shape[1] // self._second * self._second
        seconds = np.ascontiguousarray(block[:, :whole]).reshape(len(block), -1, self._second)
        self._levels.append(seconds.mean(axis=2))
        self._rest = block[:, whole:].copy()  # its maker may reuse the block

    def swing_uv(self) -> NDArray[np.float64]:
        """Give the median over stretches of 100 s of the range of one-second means, shape (n_channels,).

        NaN below 200 s: one swing is an event, not a loose electrode. What is left behind the last whole
        stretch is not looked at.
        """
        n_channels = len(self._rest)
        levels = np.concatenate(self._levels or [np.empty((n_channels, 0), np.float32)], axis=1)
        n_stretches = levels.shape[1] // STRETCH
        if n_stretches < FEWEST_STRETCHES:
            return np.full(n_channels, np.nan)
        stretches = levels[:, : n_stretches * STRETCH].reshape(n_channels, n_stretches, STRETCH)
        ranges = np.ptp(stretches.astype(np.float64), axis=2)
        return np.asarray(np.median(ranges, axis=1), np.float64)
