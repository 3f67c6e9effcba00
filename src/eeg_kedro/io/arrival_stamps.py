"""What stamps of arrival say about rate and losses of a recording.

Apps stamp a sample when it reaches them. Radio packets arrive late and in bursts, never early: delays come and
go, a loss stays. So a loss is a step of the *earliest* arrivals, seen over a stretch long enough for a delayed
burst to catch up, and a single late packet is none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
_LOOK = 2.0  # s on either side of a step; more where a longer delay has to catch up
_BLOCK = 512  # rows over which a rate is measured; bursts even out


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


def measure_rate(times: Times, shortest: float = 1.0) -> float:
    """Measure the rate of rows from their stamps, in Hz; 0 if they tell none.

    Parameters
    ----------
    times : ndarray of float64, (n_rows,)
        Seconds, all finite.
    shortest : float
        Losses at least this long (seconds) are taken out of the time.
    """
    rough = _usual_rate(times)
    if not rough:
        return 0.0
    lost = sum(loss.seconds for loss in find_losses(times, rough, shortest))
    span = float(times[-1] - times[0]) - lost
    return (times.size - 1) / span if span > 0 else 0.0


def find_losses(times: Times, sfreq: float, shortest: float = 1.0) -> list[Loss]:
    """Find where time is missing between rows, and where the clock goes back.

    Parameters
    ----------
    times : ndarray of float64, (n_rows,)
        Seconds, all finite.
    sfreq : float
        Hz.
    shortest : float
        Seconds; less is told from jitter by nobody.
    """
    excess = np.diff(times) - 1 / sfreq
    # at one row per second or less a single late row is no loss
    least = max(shortest, 1.5 / sfreq)
    found: list[Loss] = []
    start = 0
    for step in np.flatnonzero(np.abs(excess) > shortest / 2):
        row = int(step) + 1
        seconds = step_at(times, row, sfreq, start)
        if abs(seconds) > least:
            found.append(Loss(row, seconds))
            start = row
    return found


def step_at(times: Times, row: int, sfreq: float, start: int = 0) -> float:
    """Measure by how many seconds the earliest arrivals step up between `row` - 1 and `row`.

    Parameters
    ----------
    times : ndarray of float64, (n_rows,)
        Seconds, all finite.
    row : int
        First row after the step.
    sfreq : float
        Hz.
    start : int
        Rows before this one lie behind another step and are not looked at.
    """
    seconds = _LOOK + 1.5 * abs(float(times[row] - times[row - 1]))
    look = max(4, int(np.ceil(seconds * sfreq)))
    first, last = max(start, row - look), min(times.size, row + look)
    late = times[first:last] - np.arange(first - row, last - row) / sfreq
    return float(late[row - first :].min() - late[: row - first].min())


def _usual_rate(times: Times) -> float:
    """Give the middle of the rates of many stretches: gaps are in few of them."""
    size = min(_BLOCK, max(1, (times.size - 1) // 4))
    steps = times[size:] - times[:-size]
    if not steps.size or not (steps > 0).any():
        return 0.0
    every = max(1, size // 4)
    middle = float(np.median(steps[::every]))
    return size / middle if middle > 0 else 0.0
