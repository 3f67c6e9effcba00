"""What stamps of arrival say about rate and losses of a recording.

Apps stamp a sample when it reaches them. Radio packets arrive late and in bursts, never early: delays come and
go, a loss stays. So a loss is a step of the *earliest* arrivals, seen over a stretch long enough for a delayed
burst to catch up, and a single late packet is none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError

Times = NDArray[np.float64]
_LOOK = 2.0  # s on either side of a step; more where a longer delay has to catch up
_BLOCK = 512  # rows over which a rate is measured; bursts even out
MOST_LOSSES = 5_000  # what is annotated is looked up for each
_MOST_LOOKED = 500_000_000  # rows, all steps together: gaps of weeks; beyond it, stamps leap to and fro


class Loss(NamedTuple):
    """Time without samples.

    Attributes
    ----------
    row : int
        The first sample after it.
    seconds : float
        How long; negative where the clock went back.
    """

    row: int
    seconds: float


class Arrivals:
    """The stamps of all rows of a recording, held against an even clock.

    Parameters
    ----------
    times : ndarray of float64, (n_rows,)
        Seconds, all finite.
    sfreq : float
        Hz.
    file : str
        The file, for messages.
    """

    def __init__(self, times: Times, sfreq: float, file: str = "") -> None:
        self._times, self._sfreq, self._file = times, sfreq, file
        self._late = times - np.arange(times.size) / sfreq
        self._looked = 0

    def find_losses(self, shortest: float = 1.0) -> list[Loss]:
        """Find where time is missing between rows, and where the clock goes back.

        Parameters
        ----------
        shortest : float
            Seconds; less is told from jitter by nobody.

        Raises
        ------
        SignalError
            If the stamps leap so often that they are no clock.
        """
        excess = np.diff(self._times) - 1 / self._sfreq
        # at one row per second or less a single late row is no loss
        least = max(shortest, 1.5 / self._sfreq)
        found: list[Loss] = []
        start = 0
        for step in np.flatnonzero(np.abs(excess) > shortest / 2):
            row = int(step) + 1
            seconds = self.step_at(row, start)
            if abs(seconds) > least:
                found.append(Loss(row, seconds))
                start = row
            if len(found) > MOST_LOSSES:
                raise restless_stamps(self._file)
        return found

    def step_at(self, row: int, start: int = 0) -> float:
        """Measure by how many seconds the earliest arrivals step up between `row` - 1 and `row`.

        Parameters
        ----------
        row : int
            First row after the step.
        start : int
            Rows before this one lie behind another step and are not looked at.

        Raises
        ------
        SignalError
            If so many steps were asked for, and such long ones, that the stamps are no clock.
        """
        seconds = _LOOK + 1.5 * abs(float(self._times[row] - self._times[row - 1]))
        look = int(max(4, min(self._times.size, np.ceil(seconds * self._sfreq))))
        first, last = max(start, row - look), min(self._times.size, row + look)
        self._looked += last - first
        if self._looked > _MOST_LOOKED:
            raise restless_stamps(self._file)
        return float(self._late[row:last].min() - self._late[first:row].min())


def measure_rate(times: Times, shortest: float = 1.0, file: str = "") -> float:
    """Measure the rate of rows from their stamps, in Hz; 0 if they tell none.

    Parameters
    ----------
    times : ndarray of float64, (n_rows,)
        Seconds, all finite.
    shortest : float
        Losses at least this long (seconds) are taken out of the time.
    file : str
        The file, for messages.

    Raises
    ------
    SignalError
        If the stamps leap so often that they are no clock.
    """
    rough = _usual_rate(times)
    if not rough:
        return 0.0
    lost = sum(loss.seconds for loss in find_losses(times, rough, shortest, file))
    span = float(times[-1] - times[0]) - lost
    return (times.size - 1) / span if span > 0 else 0.0


def find_losses(times: Times, sfreq: float, shortest: float = 1.0, file: str = "") -> list[Loss]:
    """Find where time is missing between rows, and where the clock goes back; see `Arrivals.find_losses`."""
    return Arrivals(times, sfreq, file).find_losses(shortest)


def restless_stamps(file: str) -> SignalError:
    """Make the error for stamps or counters that leap too often to be any."""
    return SignalError(
        "the stamps or the counter of the rows leap to and fro, or too often",
        file=file,
        allowed=f"rows that follow each other, with {MOST_LOSSES} losses at most",
        remedy="export the recording again, or mend the column with the stamps",
    )


def _usual_rate(times: Times) -> float:
    """Give the middle of the rates of many stretches: gaps are in few of them."""
    size = min(_BLOCK, max(1, (times.size - 1) // 4))
    steps = times[size:] - times[:-size]
    if not steps.size or not (steps > 0).any():
        return 0.0
    every = max(1, size // 4)
    middle = float(np.median(steps[::every]))
    return size / middle if middle > 0 else 0.0
