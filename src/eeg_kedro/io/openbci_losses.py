"""Where samples are missing in a file of the OpenBCI GUI: its counter says how many, its stamps how long.

The counter repeats after about a second and starts anew with the board; stamps of arrival jitter. Each mends the
other: a loss the stamps show is made exact by the counter, and a leap of the counter that took no time is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.io.arrival_stamps import MOST_LOSSES, Arrivals, Loss, restless_stamps
from eeg_kedro.io.sample_counter import CountedLosses, count_losses
from eeg_kedro.io.stamp_text import Stamps, join_stamps

LONGEST_FILLED = 1.0  # s; longer losses cut the recording
_SURE = 0.25  # s; a shorter leap of the counter cannot be held against jittering stamps
_EXACT = 0.1  # s; how far counter and stamps may be apart and still mean one loss
_NEAR = 0.05  # how far stamps of arrival may be from the stated rate before it is told

Times = NDArray[np.float64]


class Losses(NamedTuple):
    """Where samples are missing, and what was seen on the way.

    Attributes
    ----------
    n_rows : int
        Rows of the table.
    filled : tuple of (int, int)
        Row before which samples are missing, and how many; each at most `LONGEST_FILLED`.
    breaks : tuple of Loss
        Rows before which more is missing; seconds are negative where the clock goes back.
    notes : tuple of str
        For the report.
    """

    n_rows: int
    filled: tuple[tuple[int, int], ...]
    breaks: tuple[Loss, ...]
    notes: tuple[str, ...]

    @property
    def n_times(self) -> int:
        """Samples of the recording, with those that are filled in."""
        return self.places([self.n_rows])[0]

    def places(self, rows: Sequence[int]) -> list[int]:
        """Give the samples of rows: those that are filled in before a row count."""
        before = np.array([row for row, _ in self.filled], np.int64)
        gone = np.cumsum([0, *(n_lost for _, n_lost in self.filled)])
        asked = np.asarray(rows, np.int64)
        places: list[int] = (asked + gone[np.searchsorted(before, asked, side="right")]).tolist()
        return places


def judge_losses(
    index: NDArray[np.float64], stamps: Sequence[Stamps], sfreq: float, file: str = ""
) -> Losses:
    """Find the losses of a whole file.

    Parameters
    ----------
    index : ndarray of float64, (n_rows,)
        The sample counter.
    stamps : sequence of Stamps
        Stamps of arrival of the same rows, in pieces; empty if there are none.
    sfreq : float
        Hz.
    file : str
        The file, for messages.

    Raises
    ------
    SignalError
        If stamps or counter leap so often that they are none.
    """
    counted, times = count_losses(index), join_stamps(stamps)
    lost = dict(zip(counted.rows.tolist(), counted.n_lost.tolist(), strict=True))
    arrivals = Arrivals(times, sfreq, file)
    breaks = _place(counted, lost, arrivals.find_losses(LONGEST_FILLED), sfreq)
    anew = set() if times.size else {row for row in counted.rows[counted.anew].tolist() if row in lost}
    notes = _hold_against(arrivals, lost, breaks, sfreq) if times.size else _drop_repeats(lost, counted)
    long = [row for row, n_lost in lost.items() if n_lost > LONGEST_FILLED * sfreq or row in anew]
    if len(breaks) + len(long) > MOST_LOSSES:
        raise restless_stamps(file)
    breaks += [Loss(row, lost.pop(row) / sfreq) for row in long]
    filled = tuple(sorted((row, n_lost) for row, n_lost in lost.items() if n_lost))
    found = Losses(index.size, filled, tuple(sorted(breaks)), ())
    notes += [*_tell(counted, found, bool(times.size), len(anew), sfreq), *_tell_rate(times, found, sfreq)]
    return found._replace(notes=tuple(notes))


def _place(counted: CountedLosses, lost: dict[int, int], losses: Sequence[Loss], sfreq: float) -> list[Loss]:
    """Put each loss of time where the counter leaps; the leap that belongs to it leaves `lost`."""
    left, breaks = counted.n_lost.copy(), []
    for row, seconds in losses:
        where = _nearest(counted.rows, left, row, sfreq) if seconds > 0 else row
        breaks.append(Loss(where, _exact(counted, lost.pop(where, 0), seconds, sfreq)))
        left[counted.rows == where] = -1
    return breaks


def _nearest(rows: NDArray[np.int64], left: NDArray[np.int64], row: int, sfreq: float) -> int:
    """Find the leap of the counter that belongs to a loss of time: rows of one burst share their stamps.

    `left` are the samples lost before each of `rows`, negative where the leap belongs to another loss.
    """
    first = np.searchsorted(rows, row - 2 * sfreq, side="left")
    near = left[first : np.searchsorted(rows, row + 2 * sfreq, side="right")]
    here = near[rows[first : first + near.size] == row]
    if (here >= 0).any() or not (near >= 0).any():
        return row
    return int(rows[first + near.argmax()])


def _exact(counted: CountedLosses, n_lost: int, seconds: float, sfreq: float) -> float:
    """Make a loss that the stamps show exact by the counter, which knows it but for whole cycles."""
    measured = round(seconds * sfreq) / sfreq
    if not counted.counter or (not counted.cycle and not n_lost):
        return measured
    cycles = round((seconds * sfreq - n_lost) / counted.cycle) if counted.cycle else 0
    exact = (n_lost + cycles * counted.cycle) / sfreq
    # a counter that was started anew says nothing
    return exact if abs(exact - seconds) < _EXACT else measured


def _hold_against(
    arrivals: Arrivals, lost: dict[int, int], breaks: Sequence[Loss], sfreq: float
) -> list[str]:
    """Believe the stamps where the counter leaps by more than jitter: it may have been started anew."""
    leaps = [row for row, n_lost in lost.items() if n_lost > _SURE * sfreq or not n_lost]
    starts, gone = sorted({0, *(loss.row for loss in breaks)}), 0
    for row in leaps:
        start = starts[max(bisect_left(starts, row) - 1, 0)]
        seconds = arrivals.step_at(row, start)
        if abs(seconds - lost[row] / sfreq) < _EXACT:
            continue
        lost[row] = max(0, round(seconds * sfreq)) if seconds >= _EXACT else 0
        gone += not lost[row]
    return [f"the sample index leaps in {_places(gone)} where no time is lost: not believed"] if gone else []


def _drop_repeats(lost: dict[int, int], counted: CountedLosses) -> list[str]:
    """Take a number that comes twice for a repetition: nothing says that a whole cycle lies in between."""
    repeats = [row for row, n_lost in lost.items() if counted.cycle and n_lost == counted.cycle - 1]
    for row in repeats:
        del lost[row]
    return [f"the sample index repeats a number in {_places(len(repeats))}"] if repeats else []


def _places(count: int) -> str:
    return f"{count} place{'s' * (count > 1)}"


def _tell(counted: CountedLosses, found: Losses, stamped: bool, n_anew: int, sfreq: float) -> list[str]:
    told = []
    if not counted.counter:
        told.append("the sample index is no counter of a board that is known: short losses cannot be seen")
    if found.filled:
        n_lost = sum(n for _, n in found.filled)
        told.append(
            f"{n_lost} sample{'s' * (n_lost > 1)} ({n_lost / sfreq:.3g} s) lost in {_places(len(found.filled))} "
            "by the sample index: filled with missing values"
        )
    if n_anew:
        told.append(
            f"the sample index starts anew in {_places(n_anew)}: the board was stopped there for a time that "
            "nothing tells, and the shortest is taken"
        )
    if not stamped:
        told.append("no readable time stamps: a loss of whole cycles of the sample index cannot be seen")
    return told


def _tell_rate(times: Times, found: Losses, sfreq: float) -> list[str]:
    """Say so where the stamps tell another rate than the one that is used."""
    if not times.size:
        return []
    span = float(times[-1] - times[0]) - sum(loss.seconds for loss in found.breaks)
    measured = (found.n_times - 1) / span if span > 0 else 0.0
    if not measured or abs(measured / sfreq - 1) <= _NEAR:
        return []
    return [f"stated are {sfreq:g} Hz, the stamps of arrival tell {measured:.4g} Hz: the stated rate is used"]
