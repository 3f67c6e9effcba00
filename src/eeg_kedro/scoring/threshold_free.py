"""What probabilities are worth before any threshold: AUROC, AUPRC, Brier score and calibration, per second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.scoring.calibration import brier

Values = NDArray[np.float64]
Truths = NDArray[np.bool_]
METRICS = ("auroc", "auprc", "brier", "ece")
LEVELS = 256  # of resamples: so many quantiles of all seconds, and so many of those with seizure


@dataclass(frozen=True, eq=False)
class Seconds:
    """The seconds of one model in one participant.

    Attributes
    ----------
    probability : ndarray of float64, (n,)
        As the model gives it.
    truth : ndarray of bool, (n,)
        Whether it is seizure.
    """

    probability: Values
    truth: Truths


def auroc(probability: Values, truth: Truths) -> float:
    """Return the area under the ROC curve; NaN where a class is missing.

    Parameters
    ----------
    probability : ndarray of float64, (n,)
        Higher for seizure.
    truth : ndarray of bool, (n,)
        Whether it is seizure.
    """
    return float(_auroc(*_by_value(probability, truth)))


def auprc(probability: Values, truth: Truths) -> float:
    """Return the area under the precision-recall curve as average precision; NaN without seizure.

    Parameters
    ----------
    probability : ndarray of float64, (n,)
        Higher for seizure.
    truth : ndarray of bool, (n,)
        Whether it is seizure.
    """
    return float(_auprc(*_by_value(probability, truth)))


def measure_together(people: Sequence[Seconds], n_bins: int) -> dict[str, float]:
    """Return each metric of the seconds of all participants together, NaN where it is undefined."""
    everything = _pool(people)
    return {name: float(values[0]) for name, values in measure_each([everything], n_bins).items()}


def redraw_together(
    people: Sequence[Seconds], draws: Values, n_bins: int, exact: Mapping[str, float]
) -> dict[str, Values]:
    """Return each metric of the seconds of all participants together, in each draw of participants.

    The areas are taken over some 500 levels of probability rather than all of them, and then shifted so that
    with every participant once they are exact.

    Parameters
    ----------
    people : sequence of Seconds
        P participants.
    draws : ndarray of float64, (n, P)
        How often each participant counts.
    n_bins : int
        Of the calibration error.
    exact : mapping of str to float
        What `measure_together` gives.

    Returns
    -------
    dict of str to ndarray of float64, (n,)
        One for each of `METRICS`.
    """
    positives, negatives = _count_levels(people, _levels(_pool(people)))
    once = np.ones(len(people))
    redrawn = {}
    for name, area in (("auroc", _auroc), ("auprc", _auprc)):
        off = exact[name] - area(once @ positives, once @ negatives)
        redrawn[name] = area(draws @ positives, draws @ negatives) + off
    squares = np.array([[np.square(who.probability - who.truth).sum(), who.truth.size] for who in people])
    error, n = (draws @ squares).T
    redrawn["brier"] = _divide(error, n)
    redrawn["ece"] = _calibration_error(people, draws, n_bins)
    return redrawn


def measure_each(people: Sequence[Seconds], n_bins: int) -> dict[str, Values]:
    """Return each metric of each participant, (P,), NaN where it is undefined."""
    levels = [_by_value(who.probability, who.truth) for who in people]
    return {
        "auroc": np.array([float(_auroc(*level)) for level in levels]),
        "auprc": np.array([float(_auprc(*level)) for level in levels]),
        "brier": np.array([brier(who.probability, who.truth) for who in people]),
        "ece": _calibration_error(people, np.eye(len(people)), n_bins),
    }


def _pool(people: Sequence[Seconds]) -> Seconds:
    return Seconds(
        np.concatenate([who.probability for who in people]), np.concatenate([who.truth for who in people])
    )


def _levels(seconds: Seconds) -> Values:
    """Return edges that tell apart what a curve needs: the quantiles of all seconds and of those with seizure."""
    shares = np.linspace(0, 1, LEVELS)
    kinds = [seconds.probability, seconds.probability[seconds.truth]]
    return np.unique(np.concatenate([np.quantile(kind, shares) for kind in kinds if kind.size]))


def _count_levels(people: Sequence[Seconds], levels: Values) -> tuple[Values, Values]:
    """Count the seconds with and without seizure of each participant at each level, (P, levels + 1)."""
    positives, negatives = np.zeros((2, len(people), levels.size + 1))
    for row, who in enumerate(people):
        place = np.searchsorted(levels, who.probability)
        positives[row] = np.bincount(place[who.truth], minlength=levels.size + 1)
        negatives[row] = np.bincount(place[~who.truth], minlength=levels.size + 1)
    return positives, negatives


def _calibration_error(people: Sequence[Seconds], draws: Values, n_bins: int) -> Values:
    """Return the expected calibration error in each draw, (n,); bins as in `calibration`."""
    edges = np.linspace(0, 1, n_bins + 1)[1:-1]
    gaps, n = np.zeros((2, len(people), n_bins))
    for row, who in enumerate(people):
        place = np.searchsorted(edges, who.probability)
        gaps[row] = np.bincount(place, weights=who.probability - who.truth, minlength=n_bins)
        n[row] = np.bincount(place, minlength=n_bins)
    return _divide(np.abs(draws @ gaps).sum(axis=-1), (draws @ n).sum(axis=-1))


def _by_value(probability: Values, truth: Truths) -> tuple[Values, Values]:
    """Count seconds with and without seizure at each value, ascending."""
    _, place = np.unique(probability, return_inverse=True)
    positives = np.bincount(place[truth], minlength=place.max(initial=-1) + 1)
    negatives = np.bincount(place[~truth], minlength=place.max(initial=-1) + 1)
    return positives.astype(np.float64), negatives.astype(np.float64)


def _auroc(positives: Values, negatives: Values) -> Values:
    """Return the share of pairs in the right order, ties as halves, over the last axis (ascending levels)."""
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    return _divide((positives * below).sum(axis=-1), pairs)


def _auprc(positives: Values, negatives: Values) -> Values:
    """Return the precision at each level weighted with the recall gained there, over the last axis."""
    found = np.cumsum(positives[..., ::-1], axis=-1)
    alarms = np.cumsum(negatives[..., ::-1], axis=-1)
    precision = _divide(found, found + alarms)
    gained = np.where(positives[..., ::-1] > 0, positives[..., ::-1] * precision, 0.0)
    return _divide(gained.sum(axis=-1), positives.sum(axis=-1))


def _divide(above: Values, below: Values) -> Values:
    ratio: Values = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return ratio
