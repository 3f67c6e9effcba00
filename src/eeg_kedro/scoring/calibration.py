"""Whether probabilities are what they say: of all seconds given 0.3, three in ten should be seizure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.prior_shift import check_probability

CALIBRATION_TYPES = {
    "bin_low": "float64",
    "bin_high": "float64",
    "predicted": "float64",
    "observed": "float64",
    "n": "int64",
}


def calibration_table(probability: ArrayLike, truth: ArrayLike, n_bins: int = 10) -> pd.DataFrame:
    """Compare mean probability and share of seizure in bins of equal width.

    Parameters
    ----------
    probability : array_like of float, shape (n,)
        Of seizure, in [0, 1].
    truth : array_like of bool (or 0 and 1), shape (n,)
        1 in a seizure.
    n_bins : int
        Bins of [0, 1]; each ends with its upper edge, the first also holds 0, as scikit-learn's.

    Returns
    -------
    DataFrame
        One row per bin with the columns of `CALIBRATION_TYPES`; ``predicted`` and ``observed`` are NaN where the bin
        is empty.

    Raises
    ------
    ScoringError
        If the lengths differ, a probability is not within [0, 1] or the truth is neither 0 nor 1.
    """
    given, is_seizure = _read(probability, truth)
    edges = np.linspace(0, 1, n_bins + 1)
    place = np.searchsorted(edges[1:-1], given)
    n = np.bincount(place, minlength=n_bins)
    sums = [np.bincount(place, weights=values, minlength=n_bins) for values in (given, is_seizure)]
    predicted, observed = (np.divide(total, n, out=np.full(n_bins, np.nan), where=n > 0) for total in sums)
    columns = (edges[:-1], edges[1:], predicted, observed, n)
    return pd.DataFrame(dict(zip(CALIBRATION_TYPES, columns, strict=True))).astype(CALIBRATION_TYPES)


def expected_calibration_error(probability: ArrayLike, truth: ArrayLike, n_bins: int = 10) -> float:
    """Return the mean distance of what was predicted from what was observed, over bins (Naeini et al. 2015).

    Parameters and errors as in `calibration_table`; NaN where there is nothing.
    """
    return summarise_calibration(calibration_table(probability, truth, n_bins))


def summarise_calibration(table: pd.DataFrame) -> float:
    """Return the expected calibration error of what `calibration_table` gave; NaN where it is empty."""
    n, predicted, observed = (table[name].to_numpy(np.float64) for name in ("n", "predicted", "observed"))
    distance = np.abs(predicted - observed)
    return float(np.average(distance[n > 0], weights=n[n > 0])) if n.any() else float("nan")


def brier(probability: ArrayLike, truth: ArrayLike) -> float:
    """Return the mean squared distance of probability and truth (Brier 1950); NaN where there is nothing.

    Parameters and errors as in `calibration_table`.
    """
    given, is_seizure = _read(probability, truth)
    return float(np.square(given - is_seizure).mean()) if given.size else float("nan")


def _read(probability: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as numbers, after looking at them."""
    given, is_seizure = (np.asarray(values, np.float64).reshape(-1) for values in (probability, truth))
    if given.size != is_seizure.size:
        raise ScoringError(
            "there are not as many probabilities as seconds of truth",
            value=f"{given.size} and {is_seizure.size}",
            allowed="one for each",
            remedy="both are one per second [s, s + 1) of a recording, the incomplete last one too",
        )
    check_probability(given)
    if not ((is_seizure == 0) | (is_seizure == 1)).all():
        raise ScoringError("the truth is neither seizure nor none", allowed="0 and 1")
    return given, is_seizure
