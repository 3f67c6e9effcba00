"""Who gives how many windows: even shares and a largest share, in exact integer arithmetic.

Both answers are found by bisection over whole numbers: no rounding decides who is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Positions = NDArray[np.intp]


class Cap(NamedTuple):
    """The most windows one participant may give, and whether that keeps the share that was asked for."""

    windows: int
    keeps_share: bool


def fill_evenly(most: Counts, total: int, rng: np.random.Generator, least: Counts | None = None) -> Counts:
    """Share `total` windows out as evenly as the participants have them ("water filling").

    Parameters
    ----------
    most : ndarray of int64, shape (n_participants,)
        Windows of each participant.
    total : int
        Windows wanted of all together; all they have if that is less.
    rng : Generator
        Gives the remainder, one window each, to participants in an order of its own.
    least : ndarray of int64, shape (n_participants,), optional
        Windows each has given already, not above `most`; they count.

    Returns
    -------
    ndarray of int64, shape (n_participants,)
        Windows of each, between `least` and `most`. Two participants differ by more than one only where
        `least` or `most` of one of them leaves no choice.
    """
    low = np.zeros_like(most) if least is None else least
    total = min(total, int(most.sum()))
    if total <= low.sum():
        return low.copy()
    level = _largest(lambda height: int(np.clip(height, low, most).sum()) <= total, int(most.max()))
    given: Counts = np.clip(level, low, most)
    may_give_more = np.flatnonzero((low <= level) & (level < most))
    given[rng.permutation(may_give_more)[: total - int(given.sum())]] += 1
    return given


def cap_share(counts: Counts, share: float) -> Cap:
    """Find the most windows one participant may give without holding more than a share of those drawn.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_participants,)
        Windows of each participant.
    share : float
        Largest share of the drawn windows, (0, 1], taken as the decimal it was written as.

    Returns
    -------
    Cap
        The largest c with ``c <= share * sum(min(counts, c))``. Too few participants for that (fewer than
        1 / share): the fewest windows any of them has, so that the shares are at least equal.
    """
    there = counts[counts > 0]
    if not there.size:
        return Cap(0, True)
    ratio = Fraction(str(share))

    def keeps_share(most: int) -> bool:
        # min(counts, c) / c falls as c grows, so once it is too little it stays so
        return most <= ratio * int(np.minimum(there, most).sum())

    if not keeps_share(1):
        return Cap(int(there.min()), False)
    return Cap(_largest(keeps_share, int(there.max())), True)


@dataclass(frozen=True, eq=False)
class EvenShares:
    """Draws windows evenly from participants.

    Attributes
    ----------
    who : ndarray of intp, shape (n_windows,)
        Participant of each window in key order.
    n_participants : int
        Numbers in `who` are below.
    """

    who: Positions
    n_participants: int

    def count(self, places: Positions) -> Counts:
        """Count the windows at these places per participant."""
        counts: Counts = np.bincount(self.who[places], minlength=self.n_participants)
        return counts

    def limit(self, pool: Positions, most: int, rng: np.random.Generator) -> Positions:
        """Draw all windows of a pool, but no more than `most` of one participant."""
        there = self.count(pool)
        return _choose_each(pool, there, np.minimum(there, most), rng)

    def add(self, chosen: Positions, pool: Positions, total: int, rng: np.random.Generator) -> Positions:
        """Add windows of a pool in key order to the chosen ones until there are `total`."""
        given, there = self.count(chosen), self.count(pool)
        shares = fill_evenly(given + there, total, rng, given)
        return np.concatenate([chosen, _choose_each(pool, there, shares - given, rng)])


def choose(pool: Positions, wanted: int, rng: np.random.Generator) -> Positions:
    """Choose so many windows of a pool, all alike; all of them if there are no more."""
    return pool if wanted >= pool.size else rng.choice(pool, wanted, replace=False, shuffle=False)


def _choose_each(pool: Positions, there: Counts, wanted: Counts, rng: np.random.Generator) -> Positions:
    """Choose so many of each participant, whose windows lie together in a pool in key order."""
    stops = np.cumsum(there)
    givers = np.flatnonzero(wanted)
    parts = [choose(pool[stops[i] - there[i] : stops[i]], int(wanted[i]), rng) for i in givers]
    return np.concatenate([pool[:0], *parts])


def _largest(holds: Callable[[int], bool], top: int) -> int:
    """Return the largest number from 0 to `top` for which `holds`: it holds up to there, and for 0."""
    low, high = 0, top
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
