"""What a scorer counted, and the figures made of it: sensitivity, precision, F1, false alarms per 24 hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAY = 24 * 3600  # seconds
METRICS = ("sensitivity", "precision", "f1", "fa_per_24h")
# the columns of a matrix of counts; any sum of rows is again a row
COLUMNS = ("tp", "fp", "n_reference", "seconds", "alarms")


@dataclass(frozen=True)
class Counts:
    """What one scorer counted in one run, or in several that were added.

    Attributes
    ----------
    tp, fp : float
        Hits and false alarms: events, samples of 1 s, or whatever the scorer counts; fractions for TAES.
    n_reference : float
        What was there to be found.
    seconds : float
        Length of the recording as the scorer sees it.
    """

    tp: float
    fp: float
    n_reference: float
    seconds: float

    @property
    def fn(self) -> float:
        """What was missed."""
        return self.n_reference - self.tp

    @property
    def alarms(self) -> float:
        """False alarms as the rate per 24 hours counts them."""
        return self.fp

    @property
    def sensitivity(self) -> float:
        """Share of the reference that was found; NaN where there is nothing to find."""
        return self._figure("sensitivity")

    @property
    def precision(self) -> float:
        """Share of what was found that is in the reference; NaN where nothing was found."""
        return self._figure("precision")

    @property
    def f1(self) -> float:
        """``2 TP / (2 TP + FP + FN)``; 0 where all is missed, NaN where there is nothing to find and no alarm."""
        return self._figure("f1")

    @property
    def fa_per_24h(self) -> float:
        """False alarms per 24 hours of recording; NaN for no recording at all."""
        return self._figure("fa_per_24h")

    def _figure(self, metric: str) -> float:
        return float(figures(count_matrix([self]))[metric][0])


def count_matrix(counts: Iterable[Counts]) -> NDArray[np.float64]:
    """Write counts as a matrix that can be summed, shape (n, 5), columns `COLUMNS`."""
    rows = [(c.tp, c.fp, c.n_reference, c.seconds, c.alarms) for c in counts]
    return np.array(rows, np.float64).reshape(-1, len(COLUMNS))


def figures(matrix: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Make the figures of each row of counts.

    The rules for what is undefined are those of timescoring 0.0.7 (its F1 changed there: a participant of whom
    nothing was found has F1 0 and is no longer left out of the mean).

    Parameters
    ----------
    matrix : ndarray, (..., 5)
        Columns `COLUMNS`.

    Returns
    -------
    dict of str to ndarray, (...)
        One per name in `METRICS`; NaN where undefined.
    """
    tp, fp, n_reference, seconds, alarms = np.moveaxis(np.asarray(matrix, np.float64), -1, 0)
    return {
        "sensitivity": _ratio(tp, n_reference),
        "precision": _ratio(tp, tp + fp),
        "f1": _ratio(2 * tp, 2 * tp + fp + (n_reference - tp)),
        "fa_per_24h": _ratio(alarms, seconds / DAY),
    }


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share
