"""Probabilities learned at one share of seizures, told at another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eeg_kedro.errors import ScoringError


def shift_prior(probability: ArrayLike, prior_trained: float, prior_true: float) -> NDArray[np.floating[Any]]:
    """Recalibrate probabilities from the prior of their training to the true one.

    The odds are multiplied with the ratio of the odds of the priors (Saerens, Latinne and Decaestecker 2002,
    equation 2.4): right wherever training drew seizures more often and otherwise as they are. The order of the
    probabilities stays, and so do 0 and 1.

    Parameters
    ----------
    probability : array_like of float, any shape
        As a model trained at ``prior_trained`` gives them.
    prior_trained, prior_true : float
        Share of seizure in what the model was trained on, and where it is used; in (0, 1). Where they are equal, or
        all probabilities are 0 or 1, they are not looked at.

    Returns
    -------
    ndarray of float, same shape
        float32 stays float32; anything else becomes float64.

    Raises
    ------
    ScoringError
        If a probability is not within [0, 1], or a prior not within (0, 1).
    """
    given = np.asarray(probability)
    values = given.astype(np.float64)
    check_probability(values)
    kind = given.dtype if given.dtype == np.float32 else np.dtype(np.float64)
    if prior_trained == prior_true or bool(np.isin(values, (0.0, 1.0)).all()):
        return values.astype(kind)
    for name, prior in (("prior_trained", prior_trained), ("prior_true", prior_true)):
        _check_prior(name, prior)
    seizure = values * (prior_true / prior_trained)
    other = (1 - values) * ((1 - prior_true) / (1 - prior_trained))
    return (seizure / (seizure + other)).astype(kind)


def check_probability(probability: NDArray[np.float64]) -> None:
    """Raise `ScoringError` unless all are within [0, 1]."""
    if probability.size and not (probability.min() >= 0 and probability.max() <= 1):  # False for NaN
        wrong = probability[~((probability >= 0) & (probability <= 1))]
        raise ScoringError(
            "a probability is no probability",
            value=float(wrong[0]),
            allowed="[0, 1]",
            remedy="look at the model that gave it; logits go through a sigmoid first",
        )


def _check_prior(name: str, prior: float) -> None:
    if not 0 < prior < 1:
        raise ScoringError(
            f"probabilities cannot be recalibrated: {name} says that all is seizure, or nothing is",
            value=prior,
            allowed="(0, 1)",
            remedy="the training split needs annotated recordings with seizure and without",
        )
