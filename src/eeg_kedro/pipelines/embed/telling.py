"""What the log says of an embedder: counts, durations, losses, quality; never a sample."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from eeg_kedro.training.embed_job import Stage
    from eeg_kedro.training.trainer import StepReport, TrainingReport

logger = logging.getLogger(__name__)

_TOLD = {
    "validation_label_knn_auroc": "seizure by its neighbours (AUROC) %.2f",
    "validation_label_probe_auroc": "by a linear probe %.2f",
    "validation_participant_probe_accuracy": "whose window it is, named right %.2f",
    "validation_effective_rank": "effective rank %.1f",
}


def tell_step(step: StepReport) -> None:
    """Say where the training is."""
    logger.info(
        "epoch %d of %d, step %d of %d: loss %.4f, %s left",
        *(step.epoch + 1, step.epochs, step.step, step.steps_per_epoch, step.loss),
        f"{step.eta_seconds / 60:.0f} min" if step.eta_seconds >= 120 else f"{step.eta_seconds:.0f} s",
    )


def tell_epoch(stage: Stage, report: TrainingReport) -> None:
    """Say what an epoch has brought, and when a stage is over."""
    where = f"{stage.name}: " if stage.number else ""
    if (metrics := report.metrics) is not None:
        known = [words % metrics[name] for name, words in _TOLD.items() if not math.isnan(metrics[name])]
        logger.info(
            "%sepoch %d is done: training loss %.4f, validation loss %.4f%s%s",
            *(where, len(report.checkpoint.history), metrics["train_loss"], metrics["validation_loss"]),
            ", the best so far" if report.is_best else "",
            f"; on unseen participants: {', '.join(known)}" if known else "",
        )
    if report.finished:
        logger.info("%straining is over: %s", where, report.reason)


def tell_embeddings(table: pd.DataFrame) -> None:
    """Say how much was embedded."""
    for role, rows in table.groupby("role"):
        logger.info(
            "%s: %d windows of %d participants, %d of them with a seizure",
            *(role, len(rows), rows["participant"].nunique(), int(rows["label"].sum())),
        )


def tell_quality(table: pd.DataFrame) -> None:
    """Say what the embeddings are worth."""
    for row in table.to_dict("records"):
        logger.info("%s participants, %s = %.4g: %s", *(row[k] for k in ("role", "metric", "value", "words")))
    if table.empty:
        logger.warning(
            "no validation or test participant has windows: nobody can say what the embeddings are worth"
        )
