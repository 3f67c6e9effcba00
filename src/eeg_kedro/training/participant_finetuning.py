"""Fine-tune a pretrained encoder on one label per participant, and say how likely it is for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pandas as pd
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint_files import Checkpoint
from eeg_kedro.training.participant_job import ParticipantJob
from eeg_kedro.training.participant_network import build_participant_detector
from eeg_kedro.training.participant_task import ParticipantTask, judge_bag
from eeg_kedro.training.processes import choose_device
from eeg_kedro.training.ranks import Ranks
from eeg_kedro.training.single_run import SingleRun, run_alone
from eeg_kedro.training.task import StepReport, TrainingReport
from eeg_kedro.training.window_features import WindowFeatures

PIPELINE = "finetune.participant"  # whose `tag` and `resume` messages speak of
PREDICTION_TYPES = {
    "participant": "str",
    "person": "str",
    "role": "str",
    "label": "int64",
    "probability": "float64",
    "model": "str",
    "seed": "int64",
}


def finetune_participants(
    job: ParticipantJob,
    on_step: Callable[[StepReport], None] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Iterator[TrainingReport]:
    """Train one model per seed, one after the other; who calls this saves what is reported.

    Parameters
    ----------
    job : ParticipantJob
        What to learn.
    on_step : callable, optional
        Told where the training is, every few seconds.
    on_notice : callable, optional
        Told, as sentences, who is left out and what was decided.

    Yields
    ------
    TrainingReport
        As `eeg_kedro.training.single_run.run_alone`; metrics are ``validation_loss``, ``validation_accuracy`` and
        ``validation_auroc`` (NaN where validation has one class).

    Raises
    ------
    ParameterError
        If windows and table do not belong together, or training has one class only.
    CheckpointError
        If the last checkpoint is of another run.
    NonFiniteError
        If samples are no finite numbers.
    """
    job.check()
    for sentence in job.notices():
        (on_notice or (lambda _: None))(sentence)
    features = _features(job, choose_device(job.options.device, 1))
    for seed in job.options.seeds:
        run = SingleRun(
            about=job.about(seed),
            loop=job.options.loop,
            seed=seed,
            store_folder=job.store_folder,
            pipeline=PIPELINE,
            resume=job.options.resume,
            device=job.options.device,
        )
        yield from run_alone(run, partial(_make_task, job, features, seed), on_step, on_notice)


def predict_participants(job: ParticipantJob, checkpoints: Iterable[Checkpoint]) -> pd.DataFrame:
    """Judge every labelled participant who has windows, those of training too: ``role`` says which they are.

    Parameters
    ----------
    job : ParticipantJob
        Whose windows; the same as in training.
    checkpoints : iterable of Checkpoint
        One per seed; the best weights are used, or the last where nobody validated.

    Returns
    -------
    DataFrame
        One row per checkpoint and participant with the columns of `PREDICTION_TYPES`; ``probability`` is that of the
        positive class, at the prior of the training participants.

    Raises
    ------
    CheckpointError
        If a checkpoint is of another model, or of other windows or channels.
    """
    device = choose_device(job.options.device, 1)
    features = _features(job, device)
    tables = [_predict(job, features, checkpoint, device) for checkpoint in checkpoints]
    empty = pd.DataFrame({name: [] for name in PREDICTION_TYPES})
    return pd.concat(tables or [empty], ignore_index=True).astype(PREDICTION_TYPES)


def _features(job: ParticipantJob, device: str) -> WindowFeatures:
    about = job.about(job.options.seeds[0])
    return WindowFeatures(job.windows, about, job.options.encode_windows, torch.device(device))


def _make_task(job: ParticipantJob, features: WindowFeatures, seed: int, ranks: Ranks) -> ParticipantTask:
    return ParticipantTask(job, features, seed, ranks.device)


def _predict(
    job: ParticipantJob, features: WindowFeatures, checkpoint: Checkpoint, device: str
) -> pd.DataFrame:
    told, seed = checkpoint.about, int(checkpoint.about["seed"])
    _demand_same(job, checkpoint)
    network = build_participant_detector(told, seed, device)
    network.load_state_dict(checkpoint.best_weights or checkpoint.weights)
    network.eval()
    describe = features.recall if told["freeze_backbone"] else features.describe
    with torch.no_grad():
        found = [judge_bag(network, describe(network, job.bags[who])) for who in job.people["participant"]]
    return job.people.assign(probability=found, model=told["model"], seed=seed)


def _demand_same(job: ParticipantJob, checkpoint: Checkpoint) -> None:
    asked = job.about(int(checkpoint.about["seed"]))
    for key in ("kind", "model", "pretrained", "ch_names", "n_samples", "classes"):
        if checkpoint.about.get(key) != asked[key]:
            raise CheckpointError(
                f"the checkpoint is of another model: {key} differs",
                file=checkpoint.name,
                value=str(checkpoint.about.get(key))[:200],
                allowed=str(asked[key])[:200],
                remedy="train it again with finetune.participant.resume=never, or give it a tag",
            )
