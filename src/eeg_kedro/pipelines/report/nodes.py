"""Nodes of ``report``: place embeddings on a plane, draw what was measured, write it all on one page."""

from __future__ import annotations

import logging
from typing import TypeAlias

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.figures.calibration import draw_calibration as draw_curves
from eeg_kedro.figures.embedding_map import draw_by_label, draw_by_participant, draw_each
from eeg_kedro.figures.event_timeline import draw_timelines as draw_runs
from eeg_kedro.figures.learn_report import write_learn_report
from eeg_kedro.figures.learn_report_tables import LearnTables
from eeg_kedro.figures.scores import draw_scores as draw_models
from eeg_kedro.pipelines.report.options import ReportOptions
from eeg_kedro.scoring.embedding_map import EVERYBODY
from eeg_kedro.scoring.embedding_map import map_embeddings as place_windows

logger = logging.getLogger(__name__)

Table: TypeAlias = pd.DataFrame | None  # None: the pipeline that makes it has not run
Drawing: TypeAlias = Figure | None
MAPS = ("report_map_label_figure", "report_map_participant_figure", "report_map_each_figure")
FIGURES = (
    *("report_pretrain_history_figure", "report_embed_history_figure", "report_finetune_history_figure"),
    *MAPS,
    *("report_timeline_figure", "report_scores_figure", "report_calibration_figure"),
    "report_operating_points_figure",
)


def map_embeddings(
    embeddings: Table, predictions: Table, points: Table, options: ReportOptions
) -> pd.DataFrame:
    """Place windows on the plane by PCA and UMAP, and say what the detector made of each."""
    told = embeddings if embeddings is not None else pd.DataFrame(columns=["label", "participant"])
    table = place_windows(told, options.maps, predictions, points)
    for panel, rows in table.groupby("panel"):
        if panel == EVERYBODY:
            first = rows.iloc[0]
            logger.info("map of %d of %d windows, seed %d", first["n_shown"], first["n_total"], first["seed"])
    logger.info("maps of single participants: %d", table.loc[table["panel"] != EVERYBODY, "panel"].nunique())
    return table


def draw_maps(table: pd.DataFrame) -> dict[str, Figure]:
    """Draw the maps by label, by participant, and one per participant."""
    drawn = (draw_by_label(table), draw_by_participant(table), draw_each(table))
    return dict(zip(MAPS, drawn, strict=True))


def draw_timelines(
    detections: Table, events: Table, predictions: Table, scores: Table, options: ReportOptions
) -> Figure:
    """Draw annotated and detected seizures of the recordings with most errors."""
    return draw_runs(detections, events, predictions, scores, options.most_runs)


def draw_scores(summary: Table, scores: Table) -> Figure:
    """Draw the scores of all detectors with intervals and seeds."""
    return draw_models(summary, scores)


def draw_calibration(table: Table) -> Figure:
    """Draw what probabilities were worth."""
    return draw_curves(table)


def gather_figures(
    pretrain: Drawing,
    embed: Drawing,
    finetune: Drawing,
    label: Drawing,
    participant: Drawing,
    each: Drawing,
    timeline: Drawing,
    scores: Drawing,
    calibration: Drawing,
    points: Drawing,
) -> dict[str, Figure | None]:
    """Collect the figures of the report under their names."""
    drawn = (pretrain, embed, finetune, label, participant, each, timeline, scores, calibration, points)
    return dict(zip(FIGURES, drawn, strict=True))


def write_report(
    inventory: Table,
    events: Table,
    ingest_report: Table,
    recording_quality: Table,
    categories: Table,
    sampling: Table,
    split: Table,
    gates: Table,
    pretrain_history: Table,
    embed_history: Table,
    embed_quality: Table,
    embedding_map: Table,
    finetune_history: Table,
    predictions: Table,
    points: Table,
    detections: Table,
    scores: Table,
    summary: Table,
    verdict: Table,
    run_scores: Table,
    calibration: Table,
    overlap: Table,
    figures: dict[str, Figure | None],
) -> str:
    """Write the page: what was done, how far to trust it, and everything behind both."""
    tables = LearnTables(
        *(inventory, events, ingest_report, recording_quality, categories, sampling, split, gates),
        *(pretrain_history, embed_history, embed_quality, embedding_map, finetune_history),
        *(predictions, points, detections, scores, summary, verdict, run_scores, calibration, overlap),
        figures=figures,
    )
    page = write_learn_report(tables)
    absent = tables.absent()
    logger.info("report of %.1f MB", len(page.encode()) / 1e6)
    if absent:
        logger.warning("the report is without: %s", ", ".join(absent))
    return page
