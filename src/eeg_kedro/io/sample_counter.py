"""The sample counter of OpenBCI boards: how many samples were lost between two rows.

Boards number their radio packets and start again after the last number. Which numbers there are, and how many
samples a packet holds, differs between boards, firmware and programs; the counter itself shows which it is.
Numbers as BrainFlow's board drivers and OpenBCI's firmware give them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
_LARGEST = 2.0**53  # beyond it a float64 cannot count
_FEW = 4  # samples; so few are lost before a first number more often than a board is started anew
_GOOD = 0.8  # share of steps that a counter must explain; packets are lost, but not most of them


class Counter(NamedTuple):
    """One way to number packets.

    Attributes
    ----------
    name : str
        For people.
    numbers : ndarray of int64
        The numbers in their order; after the last comes the first.
    sizes : ndarray of int64
        Samples in the packet of each number.
    """

    name: str
    numbers: Numbers
    sizes: Numbers

    @property
    def cycle(self) -> int:
        """Samples until the numbers repeat."""
        return int(self.sizes.sum())


class CountedLosses(NamedTuple):
    """What a counter says about the rows of a table.

    Attributes
    ----------
    counter : str
        Name of the counter; empty if the numbers are none that is known, and then nothing is lost.
    cycle : int
        Samples until its numbers repeat; 0: they do not.
    rows : ndarray of int64
        Rows before which samples are missing.
    n_lost : ndarray of int64
        How many; of a counter with a cycle, or that many cycles more.
    anew : ndarray of bool
        Where the counter is back at its first number before its time: the board may have been started anew, and
        then `n_lost` says nothing.
    """

    counter: str
    cycle: int
    rows: Numbers
    n_lost: Numbers
    anew: NDArray[np.bool_]


def _every(name: str, numbers: Sequence[int], size: int = 1, first: int | None = None) -> Counter:
    sizes = [size] * len(numbers)
    return Counter(name, np.array(numbers), np.array([first or size, *sizes[1:]]))


COUNTERS = (
    _every("Cyton, 0 to 255", range(256)),
    _every("Cyton with Daisy, every second of 0 to 255", range(0, 256, 2)),
    _every("Cyton with Daisy, every second of 1 to 255", range(1, 256, 2)),
    _every("Ganglion, 0 to 200", range(201)),
    _every("Ganglion 2, packets of two from 1 to 100", range(101), size=2, first=1),
    _every("Ganglion 2, packets of two from 101 to 200", [0, *range(101, 201)], size=2, first=1),
    _every("Ganglion 3, packets of two from 0 to 99", range(100), size=2),
    _every("Ganglion 3, packets of two from 100 to 199", range(100, 200), size=2),
)


def count_losses(index: NDArray[np.float64]) -> CountedLosses:
    """Find the rows before which samples are missing.

    Parameters
    ----------
    index : ndarray of float64, (n_rows,)
        The counter as the table has it; NaN where it has none.
    """
    if index.size < 2 or not np.isfinite(index).all() or (index != np.round(index)).any() or index.min() < 0:
        return _no_counter()
    if index.max() >= _LARGEST:
        return _no_counter()
    numbers = index.astype(np.int64)
    if numbers.max() > 255:
        return _count_endless(numbers)
    score, counter = max(((_score(one, numbers), one) for one in COUNTERS), key=lambda found: found[0])
    if score < _GOOD:
        return _no_counter()
    rows, n_lost = _lost(counter, numbers)
    rows, n_lost = rows[n_lost > 0], n_lost[n_lost > 0]
    anew = (numbers[rows] == counter.numbers[0]) & (n_lost > _FEW)
    return CountedLosses(counter.name, counter.cycle, rows, n_lost, anew)


def _no_counter() -> CountedLosses:
    return CountedLosses("", 0, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))


def _score(counter: Counter, numbers: Numbers) -> float:
    """Give the share of rows that a counter explains; 0 if it lacks one of the numbers."""
    if not np.isin(numbers, counter.numbers).all():
        return 0.0
    rows, n_lost = _lost(counter, numbers)
    if (counter.sizes == 1).all():
        return float(np.mean(n_lost == 0)) if rows.size else 0.0
    if not rows.size:
        return 0.0
    # rows of one packet have one number: the first and the last packet of a table may be cut
    lengths, places = np.diff(rows), _places(counter, numbers[rows[:-1]])
    whole = np.mean(lengths == counter.sizes[places]) if lengths.size else 1.0
    return float(min(np.mean(n_lost == 0), whole))


def _lost(counter: Counter, numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return the rows that begin a packet, but for the first, and the samples lost before each."""
    single = bool((counter.sizes == 1).all())
    rows = np.arange(1, numbers.size) if single else np.flatnonzero(np.diff(numbers)) + 1
    places, size = _places(counter, numbers), counter.numbers.size
    before, after = places[rows - 1], places[rows]
    ahead = (after - before - 1) % size  # packets in between
    ends = np.concatenate([[0], np.cumsum(np.tile(counter.sizes, 2))])
    return rows, ends[before + 1 + ahead] - ends[before + 1]


def _places(counter: Counter, numbers: Numbers) -> Numbers:
    place = np.zeros(256, np.int64)
    place[counter.numbers] = np.arange(counter.numbers.size)
    return place[numbers]


def _count_endless(numbers: Numbers) -> CountedLosses:
    """Count by numbers that do not repeat, as converted tables have them."""
    steps = np.diff(numbers)
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[counts.argmax()])
    if usual <= 0 or counts.max() < _GOOD * steps.size:
        return _no_counter()
    jumps = np.flatnonzero(((steps > usual) & (steps % usual == 0)) | (steps < 0))
    n_lost = np.maximum(steps[jumps] // usual - 1, 0)
    return CountedLosses("rows counted without an end", 0, jumps + 1, n_lost, steps[jumps] < 0)
