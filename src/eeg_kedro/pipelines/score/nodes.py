"""Nodes of ``score``: who was seen, operating points, detections, scores, annotation files, a figure."""

from __future__ import annotations

import logging
from typing import Any, TypeAlias

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.figures.operating_points import draw_operating_points as draw_points
from eeg_kedro.pipelines.score.telling import tell_card, tell_points, tell_scores, tell_truth
from eeg_kedro.scoring.cohort_scores import score_cohort
from eeg_kedro.scoring.detections import list_detections, pick_model, write_runs
from eeg_kedro.scoring.operating_points import tune
from eeg_kedro.scoring.overlap_card import (
    PRETRAINED,
    demand_no_overlap,
    demand_same_roles,
    list_overlap,
    list_seen,
    scored_participants,
    tuned_participants,
)
from eeg_kedro.scoring.run_truth import list_truth
from eeg_kedro.scoring.score_options import ScoreOptions

logger = logging.getLogger(__name__)

# they come with torch, which is not needed to list the pipelines
CheckpointStore: TypeAlias = Any
PretrainedModel: TypeAlias = Any
SCORES = (
    "report_scores",
    "report_score_summary",
    "report_pretraining_verdict",
    "report_run_scores",
    "report_calibration",
    "report_score_metrics",
)
ANNOTATIONS = ("output_hed_score", "output_csv_bi")


def check_overlap(
    checkpoints: CheckpointStore, primary: PretrainedModel, split: pd.DataFrame, predictions: pd.DataFrame
) -> pd.DataFrame:
    """List whom each model was trained on; stop where one would be scored on them."""
    demand_same_roles(predictions, split)
    names = {*predictions["name"]} & {*checkpoints.names()}
    abouts = {name: found.about for name in sorted(names) if (found := checkpoints.last(name)) is not None}
    seen = list_seen(predictions, abouts, split, primary)
    card = list_overlap(seen, split, scored_participants(predictions), tuned_participants(predictions))
    tell_card(card)
    demand_no_overlap(card)
    return card


def tune_operation(
    predictions: pd.DataFrame,
    events: pd.DataFrame,
    inventory: pd.DataFrame,
    card: pd.DataFrame,
    options: ScoreOptions,
) -> pd.DataFrame:
    """Choose the operating points of each model on validation participants, for good."""
    demand_no_overlap(card)
    points = tune(predictions, list_truth(predictions, events, inventory), options)
    tell_points(points)
    return points


def detect_events(predictions: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Apply the operating points to every prediction."""
    detections = list_detections(predictions, points)
    logger.info("%d detections of %d predictions", len(detections), len(predictions))
    return detections


def score_detections(
    predictions: pd.DataFrame,
    detections: pd.DataFrame,
    points: pd.DataFrame,
    events: pd.DataFrame,
    inventory: pd.DataFrame,
    options: ScoreOptions,
) -> dict[str, Any]:
    """Score every model on the test participants, and say whether pretraining helped."""
    truth = list_truth(predictions, events, inventory)
    tables = score_cohort(predictions, detections, points, truth, options)
    tell_truth(truth.of(tables.role), tables.role)
    tell_scores(tables)
    made = (tables.scores, tables.summary, tables.verdict, tables.runs, tables.calibration, tables.metrics)
    return dict(zip(SCORES, made, strict=True))


def write_annotations(
    predictions: pd.DataFrame, detections: pd.DataFrame, primary: PretrainedModel
) -> dict[str, dict[str, str]]:
    """Write the events of the primary model as HED-SCORE and csv_bi, one text per run."""
    seed = primary.about.get("seed")
    model = pick_model(predictions, PRETRAINED, None if seed is None else int(seed))
    texts = write_runs(predictions, detections, model)
    logger.info("annotations of %d runs by %s", len(texts[0]), model)
    return dict(zip(ANNOTATIONS, texts, strict=True))


def draw_operating_points(summary: pd.DataFrame) -> Figure:
    """Draw what each model finds at how many false alarms."""
    return draw_points(summary)
