"""Scores over seeds: one row per model, which model is best, and what MLflow is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.scoring.averages import interval_of, mean_of
from eeg_kedro.scoring.measurements import EVENT, Measurement
from eeg_kedro.scoring.run_truth import Truth
from eeg_kedro.scoring.score_options import EVENT_F1
from eeg_kedro.scoring.score_tables import make_scores

SUMMARY_TYPES = {
    "model": "str",
    "target": "str",
    "scorer": "str",
    "average": "str",
    "metric": "str",
    "mean": "float64",
    "sd": "float64",
    "low": "float64",
    "high": "float64",
    "n_seeds": "int64",
    "n_participants": "int64",
    "n_seizures": "int64",
    "hours": "float64",
    "best": "bool",
    "role": "str",
}
LOWER_IS_BETTER = ("fa_per_24h", "brier", "ece")
WHAT = ["target", "scorer", "average", "metric"]


@dataclass(frozen=True, eq=False)
class OverSeeds:
    """One figure of one model, over the seeds of its training.

    Attributes
    ----------
    values : ndarray of float64, (n_seeds,)
        One per seed.
    by_seed : ndarray of float64, (n_seeds, n_draws)
        The figure of each seed in each draw of participants.
    n_participants : int
        As for the seed with most.
    """

    values: NDArray[np.float64]
    by_seed: NDArray[np.float64]
    n_participants: int

    @property
    def redrawn(self) -> NDArray[np.float64]:
        """Mean over seeds in each draw of participants, (n_draws,)."""
        return _mean_over_seeds(self.by_seed)

    def redraw_seeds(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Mean over as many seeds drawn with replacement, others in each draw of participants, (n_draws,)."""
        chosen = rng.integers(len(self.by_seed), size=self.by_seed.shape)
        return _mean_over_seeds(np.take_along_axis(self.by_seed, chosen, axis=0))

    @property
    def mean(self) -> float:
        """Mean over the seeds for which the figure is defined."""
        return mean_of(self.values)

    @property
    def spread(self) -> float:
        """Standard deviation over seeds (n - 1); NaN for one."""
        defined = self.values[np.isfinite(self.values)]
        return float(defined.std(ddof=1)) if defined.size > 1 else float("nan")


def join_seeds(measurements: Sequence[Measurement]) -> dict[tuple[str, str, str, str, str], OverSeeds]:
    """Put the seeds of each model together, by model, target, scorer, average and metric."""
    groups: dict[tuple[str, str, str, str, str], list[Measurement]] = {}
    for found in measurements:
        groups.setdefault((found.model, *found.what), []).append(found)
    return {
        key: OverSeeds(
            np.array([found.value for found in group]),
            np.stack([found.redrawn for found in group]),
            max(found.n_participants for found in group),
        )
        for key, group in groups.items()
    }


def summarise(measurements: Sequence[Measurement], truth: Truth, role: str) -> pd.DataFrame:
    """Write one row per model and figure: mean and spread over seeds, interval over participants.

    The interval is that of the mean over seeds when other participants are drawn; ``best`` marks the model with
    the largest mean, of false alarms, Brier score and calibration error with the smallest.

    Parameters
    ----------
    measurements : sequence of Measurement
        Of the participants of ``truth``.
    truth : Truth
        The cohort.
    role : str
        Of the cohort.

    Returns
    -------
    DataFrame
        ``report_score_summary``: columns of `SUMMARY_TYPES`.
    """
    rows: list[dict[str, Any]] = []
    for key, found in join_seeds(measurements).items():
        low, high = interval_of(found.redrawn)
        rows.append(
            {
                **dict(zip(("model", *WHAT), key, strict=True)),
                "mean": found.mean,
                "sd": found.spread,
                "low": low,
                "high": high,
                "n_seeds": found.values.size,
                "n_participants": found.n_participants,
                "n_seizures": truth.n_seizures,
                "hours": truth.hours,
                "best": False,
                "role": role,
            }
        )
    return _mark_best(make_scores(rows, SUMMARY_TYPES))


def _mark_best(summary: pd.DataFrame) -> pd.DataFrame:
    sign = summary["metric"].isin(LOWER_IS_BETTER).map({True: -1.0, False: 1.0})
    worth = (sign * summary["mean"]).round(12)
    largest = worth.groupby([summary[name] for name in WHAT]).transform("max")
    return summary.assign(best=(worth == largest) & worth.notna())


def name_metrics(summary: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Name the figures MLflow is told, ``pretrained.szcore_event.f1.macro``; what is undefined is left out.

    All figures at ``event_f1`` and without threshold; of the limits of false alarms the sensitivity to events,
    ``pretrained.szcore_event.sensitivity_at_fa_1.macro``.
    """
    named: dict[str, dict[str, float]] = {}
    for row in summary.to_dict("records"):
        metric, target = row["metric"], row["target"]
        if target not in ("", EVENT_F1):
            if (row["scorer"], metric) != (EVENT, "sensitivity"):
                continue
            metric = f"{metric}_at_{target}"
        if isfinite(row["mean"]):
            name = f"{row['model']}.{row['scorer']}.{metric}.{row['average']}"
            named[name] = {"step": 0, "value": float(row["mean"])}
    return named


def _mean_over_seeds(redrawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average (n_seeds, n_draws) over the seeds that are defined in a draw; NaN where none is."""
    defined = np.isfinite(redrawn)
    total, n = np.where(defined, redrawn, 0.0).sum(axis=0), defined.sum(axis=0)
    mean: NDArray[np.float64] = np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
    return mean
