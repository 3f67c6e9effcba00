"""What is drawn from the windows of one split, in each epoch: a pure function of seed, split and epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.draws.participant_shares import EvenShares, choose

Positions = NDArray[np.intp]


class Pools(NamedTuple):
    """Windows that may be drawn, as ascending places in key order."""

    partial: Positions
    full: Positions
    none: Positions  # without the hard ones
    hard: Positions  # without seizure, and a former model got them wrong


class Quotas(NamedTuple):
    """How many windows to draw; less where there are not so many."""

    partial: int
    full: int
    none: int  # hard ones included
    hard: int  # the most hard ones among `none`, as long as there are others


class Drawn(NamedTuple):
    """Windows drawn, as places in key order, in no order."""

    partial: Positions
    full: Positions
    none: Positions
    n_hard: int


@dataclass(frozen=True, eq=False)
class WindowDraws:
    """The windows of one split for every epoch.

    Attributes
    ----------
    split, role : str
        Name of the split and what it is for.
    pools, quotas : Pools, Quotas
        What may be drawn and how much of it.
    seed : int
        Chooses the windows, with the name of the split and the epoch.
    redraws : bool
        Whether epochs differ.
    shares : EvenShares or None
        Draws evenly from participants; None: from all windows alike.
    cap : int or None
        The most partial windows of one participant, if drawn evenly; None: no limit.
    order : ndarray, shape (n_windows,), or None
        Row of the manifest at each place of the key order; None: the same.
    """

    split: str
    role: str
    pools: Pools
    quotas: Quotas
    seed: int
    redraws: bool = False
    shares: EvenShares | None = None
    cap: int | None = None
    order: Positions | None = None

    def draw(self, epoch: int = 0) -> Positions:
        """Return the rows of the manifest that an epoch looks at, ascending.

        Raises
        ------
        ParameterError
            If the epoch is negative.
        """
        drawn = self.drawn(epoch)
        places = np.concatenate([drawn.partial, drawn.full, drawn.none])
        return np.sort(places if self.order is None else self.order[places])

    def drawn(self, epoch: int = 0) -> Drawn:
        """Return the windows of an epoch by category."""
        rng = self._generator(epoch)
        nothing = self.pools.partial[:0]
        partial = self._partial(rng)
        full = self._add(nothing, self.pools.full, self.quotas.full, rng)
        # listed ones first, then the others; if these are too few, the rest of the listed ones
        hard = self._add(nothing, self.pools.hard, min(self.quotas.hard, self.quotas.none), rng)
        none = self._add(hard, self.pools.none, self.quotas.none, rng)
        n_others = none.size - hard.size
        if hard.size < self.pools.hard.size and none.size < self.quotas.none:
            none = self._add(none, np.setdiff1d(self.pools.hard, hard), self.quotas.none, rng)
        return Drawn(partial, full, none, none.size - n_others)

    def _generator(self, epoch: int) -> np.random.Generator:
        if epoch < 0:
            raise ParameterError("no such epoch", value=epoch, allowed="a whole number from 0")
        # the name keeps splits from disturbing each other; it holds no 0, so the 0 tells epochs from names
        later = [0, epoch] if self.redraws and epoch else []
        return np.random.default_rng([self.seed, *self.split.encode(), *later])

    def _partial(self, rng: np.random.Generator) -> Positions:
        """Return all partial windows, or of each participant no more than the cap."""
        if self.shares is None or self.cap is None:
            return self.pools.partial
        return self.shares.limit(self.pools.partial, self.cap, rng)

    def _add(self, chosen: Positions, pool: Positions, total: int, rng: np.random.Generator) -> Positions:
        """Add windows of the pool to the chosen ones until there are `total`."""
        if self.shares is None:
            return np.concatenate([chosen, choose(pool, total - chosen.size, rng)])
        return self.shares.add(chosen, pool, total, rng)
