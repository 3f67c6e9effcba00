"""What the log says of training and predicting: counts, durations, losses; never a sample."""

from __future__ import annotations

import logging
from math import isnan
from typing import TYPE_CHECKING

from eeg_kedro.datasets.progress import Progress

if TYPE_CHECKING:
    from eeg_kedro.training.predicting import RunPrediction
    from eeg_kedro.training.task import StepReport, TrainingReport

logger = logging.getLogger(__name__)


def tell_step(step: StepReport) -> None:
    """Say where the training of a network is."""
    logger.info(
        "epoch %d of %d, step %d of %d: loss %.4f, %s left",
        *(step.epoch + 1, step.epochs, step.step, step.steps_per_epoch, step.loss),
        f"{step.eta_seconds / 60:.0f} min" if step.eta_seconds >= 120 else f"{step.eta_seconds:.0f} s",
    )


def tell_epoch(report: TrainingReport) -> None:
    """Say what an epoch has brought, and when a network is done."""
    if report.metrics is not None:
        told = {
            "validation loss": report.metrics["validation_loss"],
            "AUROC": report.metrics.get("validation_auroc", float("nan")),
            "AUPRC": report.metrics.get("validation_auprc", float("nan")),
        }
        words = ", ".join(f"{name} {value:.4f}" for name, value in told.items() if not isnan(value))
        logger.info(
            "epoch %d is done: training loss %.4f%s%s",
            len(report.checkpoint.history),
            report.metrics["train_loss"],
            f"; unseen participants: {words}" if words else "",
            ", the best so far" if report.is_best else "",
        )
    if report.finished:
        logger.info("%s is trained: %s", report.checkpoint.name, report.reason)


class RunsTold:
    """Says now and then how many runs a model has predicted, how many it could not, and how long it will take.

    Parameters
    ----------
    name : str
        Of the model.
    n_runs : int
        All of them.
    """

    def __init__(self, name: str, n_runs: int) -> None:
        self._progress = Progress(name, n_runs, 0)

    def __call__(self, found: RunPrediction) -> None:
        """Count a run."""
        self._progress.count("failed" if found.note else "done")
        if found.note:
            logger.warning("not predicted: %s", found.note)
        made = self._progress.done + self._progress.failed
        self._progress.speak(at_once=made == self._progress.expected)
