"""Batches of P participants with K windows each, for losses that compare windows with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import NoSeizureError, ParameterError
from eeg_kedro.sampling.categories import text_codes
from eeg_kedro.sampling.orders.batches import EpochBatches
from eeg_kedro.sampling.orders.permutations import (
    PARTICIPANTS,
    WINDOWS,
    Positions,
    check_at_least,
    local_generator,
)


class _Draw(NamedTuple):
    """Windows of one kind, and how many of them a batch takes."""

    pool: Positions
    taken: int


class ParticipantBatches(EpochBatches):
    """Batches of ``n_participants`` times ``n_windows`` positions, the windows of one participant in a row.

    In each step all participants over all ranks differ. Participants come in shuffled cycles, and so do the
    windows of each: none is used a second time before all were used once, and no batch holds a window twice
    unless its participant has fewer than ``n_windows``. With ``positive``, half of the windows of each (rounded
    up) are positive where the participant has so many; what is short of one kind is filled with the other.
    What an epoch holds is a pure function of seed, epoch and the global batch.

    Parameters
    ----------
    participants : sequence of str, length n
        Participant of each window.
    n_participants, n_windows : int
        Participants per batch and rank; windows of each.
    positive : ndarray of bool, shape (n,), optional
        Windows of the kind that half of each participant's windows shall be, as seizure windows.
    seed : int
        From 0 upwards.
    rank, world_size : int
        Which of how many processes this one is.
    steps : int, optional
        Steps of an epoch; as many as it takes to draw as many windows as there are if None.

    Attributes
    ----------
    shortfalls : dict of str to int
        Participants with fewer than ``n_windows``, and how many they lack: so many are repeated in each batch.
    positive_shortfalls : dict of str to int
        Participants with too few positive windows, and how many they lack; those without any are among them.

    Raises
    ------
    ParameterError
        If there are fewer participants than one step needs, or a number is out of range.
    NoSeizureError
        If positive windows are asked for and there is none.
    """

    def __init__(
        self,
        participants: Sequence[str] | pd.Series,
        n_participants: int,
        n_windows: int,
        *,
        positive: NDArray[np.bool_] | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        steps: int | None = None,
    ) -> None:
        super().__init__(seed, rank, world_size)
        for name, value in (("n_participants", n_participants), ("n_windows", n_windows), ("steps", steps)):
            check_at_least(name, 1 if value is None else value, 1)
        per_step = n_participants * world_size * n_windows
        self._n_steps = max(len(participants) // per_step, 1) if steps is None else steps
        if positive is not None:
            positive = np.asarray(positive, bool)  # a Series would be indexed by its labels
        _check_positive(positive, len(participants))
        pools = _windows_of_participants(participants)
        _check_enough(len(pools), n_participants, world_size)
        self.n_participants, self.n_windows = n_participants, n_windows
        self._draws = [_plan(pool, positive, n_windows) for pool in pools.values()]
        sizes = {name: pool.size for name, pool in pools.items()}
        self.shortfalls = _short(sizes, n_windows)
        if positive is not None:
            sizes = {name: int(np.count_nonzero(positive[pool])) for name, pool in pools.items()}
        self.positive_shortfalls = {} if positive is None else _short(sizes, _half(n_windows))

    def _batches(self, epoch: int, step: int) -> Iterator[Positions]:
        first = self.rank * self.n_participants
        for windows in self._windows_of(epoch)[step:, first : first + self.n_participants]:
            yield windows.reshape(-1)

    def _windows_of(self, epoch: int) -> Positions:
        """Return the windows of an epoch over all ranks, (n_steps, participants of a step, n_windows)."""
        per_step, n_people = self.n_participants * self.world_size, len(self._draws)
        rng = local_generator(self.seed, epoch, PARTICIPANTS)
        who = shuffled_cycles(n_people, len(self) * per_step, per_step, rng)
        by_person = np.argsort(who, kind="stable")
        uses = np.split(by_person, np.searchsorted(who[by_person], np.arange(1, n_people)))
        windows = np.empty((who.size, self.n_windows), np.intp)
        for person, (places, draws) in enumerate(zip(uses, self._draws, strict=True)):
            rng = local_generator(self.seed, epoch, WINDOWS, person)
            windows[places] = np.concatenate([_choose(draw, places.size, rng) for draw in draws], axis=1)
        return windows.reshape(len(self), per_step, self.n_windows)


def shuffled_cycles(n_items: int, length: int, group: int, rng: np.random.Generator) -> Positions:
    """Return ``length`` numbers below ``n_items``: one shuffle of all of them after another.

    Every ``group`` in a row, counted from the start, are different ones if there are so many: where a group
    begins in one shuffle and ends in the next, the next one's first numbers are chosen among the others.
    """
    n_cycles = -(-length // n_items)
    cycles = rng.permuted(np.tile(np.arange(n_items, dtype=np.intp), (n_cycles, 1)), axis=1)
    for cycle in range(1, n_cycles if group <= n_items else 0):
        begun = cycle * n_items % group
        if begun:
            cycles[cycle] = _bring_forward(cycles[cycle], cycles[cycle - 1, n_items - begun :], group - begun)
    return cycles.ravel()[:length]


def _bring_forward(cycle: Positions, used: Positions, wanted: int) -> Positions:
    """Move the first ``wanted`` numbers that are not ``used`` to the front."""
    is_used = np.zeros(cycle.size, bool)
    is_used[used] = True
    first = np.flatnonzero(~is_used[cycle])[:wanted]
    return np.concatenate([cycle[first], np.delete(cycle, first)])


def _choose(draw: _Draw, n_uses: int, rng: np.random.Generator) -> Positions:
    """Return the windows of one kind for each use of a participant, (n_uses, taken)."""
    chosen = shuffled_cycles(draw.pool.size, n_uses * draw.taken, draw.taken, rng)
    return draw.pool[chosen].reshape(n_uses, draw.taken)


def _half(n_windows: int) -> int:
    return -(-n_windows // 2)


def _plan(pool: Positions, positive: NDArray[np.bool_] | None, n_windows: int) -> list[_Draw]:
    """Tell which and how many windows of one participant a batch takes; too few are repeated."""
    rounds, rest = divmod(n_windows, pool.size)
    if positive is None or rounds:
        return [_Draw(pool, pool.size)] * rounds + ([_Draw(pool, rest)] if rest else [])
    hits, others = pool[positive[pool]], pool[~positive[pool]]
    n_hits = max(min(_half(n_windows), hits.size), n_windows - others.size)
    draws = [_Draw(hits, n_hits), _Draw(others, n_windows - n_hits)]
    return [draw for draw in draws if draw.taken]


def _short(sizes: dict[str, int], wanted: int) -> dict[str, int]:
    return {name: wanted - size for name, size in sizes.items() if size < wanted}


def _windows_of_participants(participants: Sequence[str] | pd.Series) -> dict[str, Positions]:
    """Return the positions of each participant's windows; participants sorted by name."""
    who, names = text_codes(pd.Series(participants, dtype="str"))
    by_person = np.argsort(who, kind="stable")
    pools = np.split(by_person, np.searchsorted(who[by_person], np.arange(1, len(names))))
    return dict(sorted(zip(names, pools, strict=False)))


def _check_positive(positive: NDArray[np.bool_] | None, n: int) -> None:
    if positive is None:
        return
    if len(positive) != n:
        raise ParameterError(
            "positive is not that of the windows", value=len(positive), allowed=f"{n} booleans"
        )
    if not positive.any():
        raise NoSeizureError(
            "half of the windows shall be positive and none is",
            value=f"0 of {n}",
            remedy="look into report_sampling for this split, or draw without positive=",
        )


def _check_enough(n_people: int, n_participants: int, world_size: int) -> None:
    needed = n_participants * world_size
    if n_people < needed:
        most = n_people // world_size
        raise ParameterError(
            "fewer participants than one step needs",
            value=n_people,
            allowed=f"{needed} or more: {n_participants} per batch in each of {world_size} processes",
            remedy=f"set n_participants to {most} or less"
            if most
            else "fewer processes or more participants",
        )
