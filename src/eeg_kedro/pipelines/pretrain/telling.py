"""What the log says of a pretraining: counts, durations, losses; never a sample."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.sampling.pretrain_plan import LOST
from eeg_kedro.training.pretrain_options import PretrainOptions

if TYPE_CHECKING:
    from eeg_kedro.training.trainer import StepReport, TrainingReport

logger = logging.getLogger(__name__)


def tell_plan(plan: pd.DataFrame, options: PretrainOptions) -> None:
    """Say how much there is on each side, and what is left out."""
    for side, rows in plan.groupby("side"):
        who, tokens = rows["participant"].nunique(), rows["n_tokens"].sum()
        bad = sum(map(len, rows["rejected_tokens"]))
        if side != "none":
            logger.info(
                "%s: %d sequences of %d participants, %d tokens, %d of them below min_quality",
                *(side, len(rows), who, tokens, bad),
            )
    for reason, rows in plan[plan["reason"] != ""].groupby("reason"):
        say = logger.warning if reason == LOST else logger.info
        say(
            "left out, %s: %d channels of runs, %s",
            reason,
            len(rows),
            _shorten(rows["participant"] + "_" + rows["run"]),
        )
    if options.use_test_participants:
        logger.warning("pretrain.use_test_participants: nothing made from this model can be tested on them")


def tell_step(step: StepReport) -> None:
    """Say where the training is."""
    logger.info(
        "epoch %d of %d, step %d of %d: loss %.4f, %.0f tokens/s, %s left",
        *(step.epoch + 1, step.epochs, step.step, step.steps_per_epoch, step.loss, step.tokens_per_second),
        f"{step.eta_seconds / 60:.0f} min" if step.eta_seconds >= 120 else f"{step.eta_seconds:.0f} s",
    )


def tell_epoch(report: TrainingReport) -> None:
    """Say what an epoch has brought, and when all is over."""
    if report.metrics is not None:
        logger.info(
            "epoch %d is done: training loss %.4f, validation loss %.4f%s; %.0f tokens/s, peak %.0f MB",
            len(report.checkpoint.history),
            *(report.metrics[name] for name in ("train_loss", "validation_loss")),
            ", the best so far" if report.is_best else "",
            *(report.metrics[name] for name in ("tokens_per_second", "peak_memory_megabytes")),
        )
    if report.finished:
        logger.info("training is over: %s", report.reason)


def _shorten(runs: pd.Series) -> str:
    names = sorted({*runs})
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more runs" if len(names) > 3 else "")
