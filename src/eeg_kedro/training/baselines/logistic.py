"""Logistic regression on standardised features: weights as numbers, never as a pickled object."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import NoSeizureError, ParameterError

MOST_STEPS = 1_000  # of the optimiser; fifteen standardised features need a few dozen


@dataclass(frozen=True)
class LogisticWeights:
    """What was learned, one number per feature.

    Attributes
    ----------
    center, spread : tuple of float
        Mean and standard deviation of each feature in training; a feature that never changes has spread 1.
    weights : tuple of float
        Of the standardised features.
    intercept : float
        The log odds of the average second.
    """

    center: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the probability of each row of ``features`` (..., n_features); a NaN counts as the average."""
        from scipy.special import expit

        standard = (features - np.asarray(self.center)) / np.asarray(self.spread)
        np.nan_to_num(standard, copy=False, nan=0.0)
        probability: NDArray[np.float32] = expit(standard @ np.asarray(self.weights) + self.intercept)
        return probability.astype(np.float32)


def fit_logistic(
    features: NDArray[np.float32], truth: NDArray[np.bool_], inverse_penalty: float
) -> LogisticWeights:
    """Fit a logistic regression with a ridge penalty; the classes count as often as they come.

    Parameters
    ----------
    features : ndarray of float32, shape (n, n_features)
        Rows that hold NaN are left out.
    truth : ndarray of bool, shape (n,)
        True in a seizure.
    inverse_penalty : float
        C of scikit-learn.

    Raises
    ------
    NoSeizureError
        If nothing is in a seizure.
    ParameterError
        If everything is.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    known = np.isfinite(features).all(axis=1)
    rows, labels = features[known].astype(np.float64), truth[known]
    _demand_both(labels)
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=inverse_penalty, max_iter=MOST_STEPS)
    with warnings.catch_warnings():
        # classes that can be told apart without error: the weights of the last step are as good as any
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(scaler.transform(rows), labels)
    return LogisticWeights(
        tuple(scaler.mean_.tolist()),
        tuple(scaler.scale_.tolist()),
        tuple(model.coef_[0].tolist()),
        float(model.intercept_[0]),
    )


def _demand_both(labels: NDArray[np.bool_]) -> None:
    if not labels.any():
        raise NoSeizureError(
            "a detector cannot be fitted: no second of its training is in a seizure",
            value=f"0 of {labels.size} seconds",
            remedy="look into report_sampling: the training split needs windows with seizure",
        )
    if labels.all():
        raise ParameterError(
            "a detector cannot be fitted: every second of its training is in a seizure",
            value=f"{labels.size} seconds",
            allowed="seconds of both kinds",
            remedy="raise balance.none_ratio, or look into report_sampling",
        )
