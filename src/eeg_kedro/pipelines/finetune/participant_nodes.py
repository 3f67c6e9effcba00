"""The node of ``finetune`` on one label per participant, such as remission; without a table it does nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from eeg_kedro.pipelines.finetune.telling import tell_epoch, tell_step
from eeg_kedro.training.finetune_options import FinetuneOptions
from eeg_kedro.training.pretrain_options import PretrainOptions

if TYPE_CHECKING:
    from eeg_kedro.training.participant_job import ParticipantJob

logger = logging.getLogger(__name__)

CheckpointStore: TypeAlias = Any
PretrainedModel: TypeAlias = Any
ModelFolder: TypeAlias = Any
MaterialisedWindows: TypeAlias = Any
JUDGED = ("output_participant_predictions", "report_participant_history")


def judge_participants(
    labels: pd.DataFrame | None,
    balanced: pd.DataFrame,
    signals: MaterialisedWindows,
    split: pd.DataFrame,
    latest: PretrainedModel,
    pretrained: ModelFolder,
    checkpoints: CheckpointStore,
    options: FinetuneOptions,
    pretrain: PretrainOptions,
) -> dict[str, pd.DataFrame]:
    """Train the participant head with every seed and judge who has a label; empty tables where nobody has."""
    from eeg_kedro.training.find_pretrained import find_pretrained
    from eeg_kedro.training.history import TYPES
    from eeg_kedro.training.participant_finetuning import PREDICTION_TYPES, predict_participants
    from eeg_kedro.training.participant_job import ParticipantJob
    from eeg_kedro.training.participant_labels import match_labels

    if labels is None:
        logger.info("no table of labels of participants: no participant head is trained")
        empty = (pd.DataFrame(columns=[*types]).astype(types) for types in (PREDICTION_TYPES, TYPES))
        return dict(zip(JUDGED, empty, strict=True))
    signals.check(balanced)
    labelled = match_labels(labels, split, options.participant)
    model = find_pretrained(options, pretrain, latest, pretrained)
    job = ParticipantJob(options.participant, labelled, signals, balanced, model, checkpoints.folder)
    history = _train(job, checkpoints)
    found = [checkpoints.last(job.name(seed)) for seed in options.participant.seeds]
    return dict(zip(JUDGED, (predict_participants(job, found), history), strict=True))


def _train(job: ParticipantJob, checkpoints: CheckpointStore) -> pd.DataFrame:
    """Train and save through the handle: a generator node, which the catalog saves for, must yield something."""
    from eeg_kedro.training.history import list_history
    from eeg_kedro.training.participant_finetuning import finetune_participants

    known: dict[str, pd.DataFrame] = {}
    for report in finetune_participants(job, tell_step, logger.info):
        tell_epoch(report)
        told = report.checkpoint
        checkpoints.save(told)
        known[told.name] = list_history(told).assign(name=told.name, seed=int(told.about["seed"]))
    return pd.concat(known.values(), ignore_index=True)
