"""All tables of scores of one cohort, from predictions, detections and what is known of the runs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eeg_kedro.scoring.measurements import Point, measure_events, measure_probabilities
from eeg_kedro.scoring.operating_points import within_limit
from eeg_kedro.scoring.pretraining_verdict import judge_pretraining
from eeg_kedro.scoring.run_truth import Truth
from eeg_kedro.scoring.score_options import ScoreOptions
from eeg_kedro.scoring.score_summary import name_metrics, summarise
from eeg_kedro.scoring.score_tables import list_calibration, list_runs, list_scores


@dataclass(frozen=True, eq=False)
class ScoreTables:
    """What is reported of one cohort; tables without a row have their columns.

    Attributes
    ----------
    role : str
        Of the cohort.
    scores, summary, verdict, runs, calibration : DataFrame
        ``report_scores``, ``report_score_summary``, ``report_pretraining_verdict``, ``report_run_scores``,
        ``report_calibration``.
    metrics : dict
        For MLflow.
    """

    role: str
    scores: pd.DataFrame
    summary: pd.DataFrame
    verdict: pd.DataFrame
    runs: pd.DataFrame
    calibration: pd.DataFrame
    metrics: dict[str, dict[str, float]]


def choose_cohort(truth: Truth) -> tuple[str, Truth]:
    """Return the test runs, or, where none of them is annotated, those of validation, and what they are."""
    for role in ("test", "validation"):
        cohort = truth.of(role)
        if cohort.runs:
            return role, cohort
    return "test", truth.of("test")


def score_cohort(
    predictions: pd.DataFrame,
    detections: pd.DataFrame,
    points: pd.DataFrame,
    truth: Truth,
    options: ScoreOptions,
) -> ScoreTables:
    """Score every model at every operating point on the test runs, by every scorer.

    Parameters
    ----------
    predictions, detections, points : DataFrame
        ``output_predictions``, ``output_detections`` and ``output_operating_points``.
    truth : Truth
        What is known of the predicted runs.
    options : ScoreOptions
        How sure one wants to be.

    Raises
    ------
    ScoringError
        If a model lacks the prediction of a run, or one is no probability.
    """
    role, cohort = choose_cohort(truth)
    measured = []
    if cohort.runs:
        keys = points.loc[within_limit(points), ["model", "seed", "target"]].itertuples(
            index=False, name=None
        )
        operated: list[Point] = [(str(model), int(seed), str(target)) for model, seed, target in keys]
        draws = (options.seed, options.bootstrap)
        measured = [
            *measure_probabilities(predictions, cohort.runs, *draws, options.calibration_bins),
            *measure_events(detections, operated, cohort.runs, *draws),
        ]
    summary = summarise(measured, cohort, role)
    models = [*dict.fromkeys((found.model, found.seed) for found in measured)]
    return ScoreTables(
        role,
        list_scores(measured, cohort, role),
        summary,
        judge_pretraining(measured, cohort, role, options),
        list_runs(detections, models, cohort, role),
        list_calibration(predictions, cohort.runs, role, options.calibration_bins),
        name_metrics(summary),
    )
