"""Figures over participants: macro, micro, and how far they would move with other participants.

The bootstrap draws participants with replacement (Efron and Tibshirani, "An introduction to the bootstrap",
1993): recordings of one person are not independent. One seed and one number of participants give the same draws,
whatever is averaged: differences between models, and means over seeds, are paired.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eeg_kedro.scoring.counts import COLUMNS, METRICS, Counts, count_matrix, figures

Average = Literal["macro", "micro"]
Floats = NDArray[np.float64]

N_DRAWS = 2000
LEVEL = 0.95
LEAST_PARTICIPANTS = 2  # one participant drawn again and again is always the same one
LEAST_DEFINED = 0.5  # share of the draws in which a figure is defined, for an interval to mean anything


def sum_by_participant(
    counts: Iterable[Counts], participants: Sequence[str]
) -> tuple[tuple[str, ...], Floats]:
    """Add the counts of all runs of each participant.

    Parameters
    ----------
    counts : iterable of Counts
        One per run.
    participants : sequence of str
        Whose run it is.

    Returns
    -------
    names : tuple of str
        The participants, sorted.
    sums : ndarray, (n_participants, 5)
        Columns ``counts.COLUMNS``.
    """
    rows = count_matrix(counts)
    names, owners = np.unique(np.asarray(participants, dtype=str), return_inverse=True)
    if owners.size != len(rows):
        raise ValueError(f"{len(rows)} counts of {owners.size} participants: one each is needed")
    sums = np.zeros((names.size, len(COLUMNS)))
    np.add.at(sums, owners, rows)
    return tuple(names.tolist()), sums


def macro(sums: Floats) -> dict[str, float]:
    """Average the figures of the participants; those for whom one is undefined are left out of that one.

    Parameters
    ----------
    sums : ndarray, (n_participants, 5)
        As `sum_by_participant` gives them.
    """
    return {name: mean_of(values) for name, values in figures(sums).items()}


def micro(sums: Floats) -> dict[str, float]:
    """Make the figures of all participants' counts together: who was recorded for longer counts for more."""
    return {name: float(value) for name, value in figures(sums.sum(axis=0)).items()}


def mean_of(values: ArrayLike) -> float:
    """Average the values that are defined; NaN if none is."""
    numbers = np.asarray(values, np.float64)
    defined = ~np.isnan(numbers)
    return float(numbers[defined].mean()) if defined.any() else float("nan")


@lru_cache(maxsize=16)
def draw_participants(n_participants: int, seed: int, n_draws: int = N_DRAWS) -> Floats:
    """Draw as many participants as there are, with replacement, again and again.

    Returns
    -------
    ndarray, (n_draws, n_participants)
        How often each one is in each draw; no draw at all (0 rows) of fewer than two participants.
    """
    if n_participants < LEAST_PARTICIPANTS:
        return np.zeros((0, n_participants))
    rng = np.random.default_rng([seed, n_participants])
    shares = np.full(n_participants, 1 / n_participants)
    draws = rng.multinomial(n_participants, shares, size=n_draws).astype(np.float64)
    draws.flags.writeable = False  # the next caller gets the same
    return draws


def redraw_figures(sums: Floats, average: Average, seed: int, n_draws: int = N_DRAWS) -> dict[str, Floats]:
    """Average the figures in each draw of participants, shape (n_draws,) per metric.

    Parameters
    ----------
    sums : ndarray, (n_participants, 5)
        As `sum_by_participant` gives them.
    """
    draws = draw_participants(len(sums), seed, n_draws)
    if average == "micro":
        return figures(draws @ sums)
    return {name: _mean_in_draws(values, draws) for name, values in figures(sums).items()}


def redraw_mean(values: ArrayLike, seed: int, n_draws: int = N_DRAWS) -> Floats:
    """Average one value per participant, NaN where it is undefined, in each draw, shape (n_draws,)."""
    numbers = np.asarray(values, np.float64)
    return _mean_in_draws(numbers, draw_participants(numbers.size, seed, n_draws))


def interval_of(redrawn: ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of redrawn figures; NaN if fewer than half of them are defined."""
    numbers = np.asarray(redrawn, np.float64)
    defined = numbers[~np.isnan(numbers)]
    if not defined.size or defined.size < LEAST_DEFINED * numbers.size:
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_interval(
    sums: Floats, average: Average, seed: int, n_draws: int = N_DRAWS, level: float = LEVEL
) -> dict[str, tuple[float, float]]:
    """Return low and high of every metric; NaN for one participant.

    Parameters
    ----------
    sums : ndarray, (n_participants, 5)
        As `sum_by_participant` gives them.
    """
    redrawn = redraw_figures(sums, average, seed, n_draws)
    return {name: interval_of(redrawn[name], level) for name in METRICS}


def difference_interval(
    first: Sequence[Floats], second: Sequence[Floats], average: Average, metric: str, seed: int
) -> tuple[float, float, float]:
    """Compare two models on the same participants, each a mean over its seeds.

    Parameters
    ----------
    first, second : sequence of ndarray, (n_participants, 5)
        Sums of each seed, the same participants in the same order in all of them.

    Returns
    -------
    difference, low, high : float
        First minus second and its interval; NaN where one of them is undefined.
    """
    shapes = {sums.shape for sums in (*first, *second)}
    if len(shapes) != 1:
        raise ValueError(f"models scored on different participants: {sorted(shapes)}")
    whole = macro if average == "macro" else micro
    now = [np.mean([whole(sums)[metric] for sums in seeds]) for seeds in (first, second)]
    drawn = [
        np.mean([redraw_figures(sums, average, seed)[metric] for sums in seeds], axis=0)
        for seeds in (first, second)
    ]
    return float(now[0] - now[1]), *interval_of(drawn[0] - drawn[1])


def _mean_in_draws(values: Floats, draws: Floats) -> Floats:
    defined = ~np.isnan(values)
    n_defined = draws @ defined.astype(np.float64)
    total = draws @ np.where(defined, values, 0.0)
    means = np.full(len(draws), np.nan)
    np.divide(total, n_defined, out=means, where=n_defined > 0)
    return means
