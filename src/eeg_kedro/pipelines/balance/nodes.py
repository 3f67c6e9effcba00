"""Nodes of ``balance``: split the persons, draw the windows, draw the figure."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.figures.categories import draw_categories
from eeg_kedro.sampling.balance import BalanceOptions, draw_balanced
from eeg_kedro.sampling.splits import split_participants

logger = logging.getLogger(__name__)

COUNTS = (
    "n_partial",
    "full_drawn",
    "none_drawn",
    "full_shortfall",
    "none_shortfall",
    "prior",
    "excluded_windows",
    "excluded_seizure_windows",
    "seizures_lost",
)


def split_persons(
    inventory: pd.DataFrame | None, manifest: pd.DataFrame, options: BalanceOptions
) -> pd.DataFrame:
    """Give every participant a role; recordings of one person stay together."""
    split = split_participants(inventory, manifest, options.split)
    logger.info("participants: %s", split.groupby("split").size().to_dict())
    return split


def draw_windows(
    manifest: pd.DataFrame,
    split: pd.DataFrame,
    options: BalanceOptions,
    events: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Draw the balanced set of each split; report what was short, and what the least quality costs."""
    if options.min_quality and ("quality" not in manifest or manifest["quality"].isna().all()):
        logger.warning(
            "balance.min_quality=%g leaves nothing out: no window has a quality", options.min_quality
        )
    windows, report = draw_balanced(manifest, split, options, events)
    for row in report.to_dict("records"):
        logger.info(
            "%s: %d partial, %d of %d full, %d of %d without seizure",
            row["split"],
            row["n_partial"],
            row["full_drawn"],
            row["full_wanted"],
            row["none_drawn"],
            row["none_wanted"],
        )
        if row["excluded_windows"]:
            logger.warning(
                "%s: %d windows below balance.min_quality=%g are not drawn, %d of them with seizure; "
                "%s of %s seizures have no window left",
                row["split"],
                row["excluded_windows"],
                options.min_quality,
                row["excluded_seizure_windows"],
                *("?" if pd.isna(row[name]) else row[name] for name in ("seizures_lost", "seizures")),
            )
        if row["advice"]:
            logger.warning("%s: %s", row["split"], row["advice"])
    metrics = {
        f"{row['split']}.{name}": {"step": 0, "value": float(row[name])}
        for row in report.to_dict("records")
        for name in COUNTS
        if not pd.isna(row[name])
    }
    return {
        "input_balanced_windows": windows,
        "report_balance": report,
        "report_balance_metrics": metrics,
    }


def draw_split_categories(manifest: pd.DataFrame, balanced: pd.DataFrame, split: pd.DataFrame) -> Figure:
    """Draw windows per category per split, before and after balancing."""
    return draw_categories(manifest, balanced, split)
