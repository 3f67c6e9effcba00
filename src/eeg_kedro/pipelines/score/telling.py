"""What the log says of scoring: who is scored, where the operating points come from, what came out."""

from __future__ import annotations

import logging

import pandas as pd

from eeg_kedro.scoring.cohort_scores import ScoreTables
from eeg_kedro.scoring.measurements import EVENT
from eeg_kedro.scoring.run_truth import Truth
from eeg_kedro.scoring.score_options import EVENT_F1

logger = logging.getLogger(__name__)
MOST = 5  # names in a line


def tell_card(card: pd.DataFrame) -> None:
    """Say whom the models saw, and whom of those to be scored they were validated on."""
    logger.info("%d models saw %d persons", card["name"].nunique(), card["person"].nunique())
    validated = card[card["scored"] & (card["used_for"] == "validation")]
    for name, rows in validated.groupby("name"):
        logger.warning(
            "%s: %d persons to be scored chose the epoch of its training (%s)",
            *(name, rows["person"].nunique(), _shorten(rows["person"])),
        )


def tell_points(points: pd.DataFrame) -> None:
    """Say once per reason why an operating point could not be chosen as asked."""
    reasons = points.assign(note=points["note"].str.split("; ")).explode("note")
    for note, rows in reasons[reasons["note"] != ""].groupby("note", sort=False):
        logger.warning("%s (%s): %s", _shorten(rows["model"]), _shorten(rows["target"]), note)


def tell_truth(cohort: Truth, role: str) -> None:
    """Say on whom models are scored, and what nobody annotated."""
    if role != "test" and cohort.runs:
        logger.warning(
            "no annotated test recording: scores are those of %s, where thresholds were tuned", role
        )
    if not cohort.runs:
        logger.warning("no annotated recording of a test or validation participant: nothing can be scored")
    if cohort.runs and not cohort.n_seizures:
        logger.warning("no seizure in %s: there is no sensitivity, only false alarms", role)
    left_out = pd.DataFrame([(f"{run.participant}_{run.run}", run.note) for run in cohort.unscored])
    for note, names in left_out.groupby(1)[0] if len(left_out) else ():
        logger.warning("%d recordings are not scored (%s): %s", len(names), note, _shorten(names))
    logger.info(
        "scored on %d runs of %d participants (%s): %.2f h, %d seizures",
        *(len(cohort.runs), len(cohort.participants), role, cohort.hours, cohort.n_seizures),
    )


def tell_scores(tables: ScoreTables) -> None:
    """Say how each model did on events, and whether pretraining helped."""
    table = tables.summary
    at = (table["scorer"] == EVENT) & (table["target"] == EVENT_F1) & (table["average"] == "macro")
    for model, rows in table[at].groupby("model", sort=False):
        mean = dict(zip(rows["metric"], rows["mean"], strict=True))
        logger.info(
            "%s: event F1 %.3f, sensitivity %.3f, %.1f false alarms per 24 h",
            *(model, mean["f1"], mean["sensitivity"], mean["fa_per_24h"]),
        )
    for words in tables.verdict["words"]:
        logger.info("%s", words)


def _shorten(names: pd.Series) -> str:
    every = list(dict.fromkeys(names))
    return ", ".join(every[:MOST]) + (f" and {len(every) - MOST} more" if len(every) > MOST else "")
