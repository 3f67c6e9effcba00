"""Embedders from windows to the last checkpoint, in one stage or two, and the embeddings of windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.errors import CheckpointError, NoSeizureError, ParameterError, StaleError
from eeg_kedro.training.channel_units import describe_channels
from eeg_kedro.training.checkpoint_files import Checkpoint
from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.embed_job import EmbedJob, Stage, digest_weights, list_stages, persons_in_common
from eeg_kedro.training.embed_pass import embed_rows
from eeg_kedro.training.embed_task import EmbedTask
from eeg_kedro.training.embedder_file import IN_TRAINING, keep_embedder, load_embedder
from eeg_kedro.training.processes import choose_device
from eeg_kedro.training.single_run import SingleRun, run_alone
from eeg_kedro.training.task import StepReport, TrainingReport
from eeg_kedro.training.window_batches import LabelledWindows

if TYPE_CHECKING:
    from torch import Tensor

    from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
    from eeg_kedro.training.embed_options import EmbedOptions
    from eeg_kedro.training.model_file import PretrainedModel

Say = Callable[[str], None]


def train_embedder(
    job: EmbedJob,
    on_step: Callable[[StepReport], None] | None = None,
    on_notice: Say | None = None,
    on_warning: Say | None = None,
) -> Iterator[tuple[Stage, TrainingReport]]:
    """Train, stage after stage, and report every state that is worth keeping; who calls this saves it.

    Parameters
    ----------
    job : EmbedJob
        What to train on what.
    on_step : callable, optional
        Told where the training is, every few seconds.
    on_notice, on_warning : callable, optional
        Told, as sentences, what was decided, and what makes the result weaker than what was asked for.

    Yields
    ------
    stage : Stage
        The training that this is of; each begins with the best weights of the one before.
    report : TrainingReport
        As of `eeg_kedro.training.single_run.run_alone`.

    Raises
    ------
    CollapseError
        If the embedding has become one point.
    CheckpointError, StaleError, SplitError, NoSeizureError, ParameterError, NonFiniteError, BusyError
        If the model, the windows or the options do not fit, before anything is trained, or a loss is no number.
    """
    say = on_notice or (lambda _: None)
    job.check()
    job, stages = _fit(job, on_warning or (lambda _: None))
    before: Checkpoint | None = None
    for stage in stages:
        run = _make_run(job, stage, before)
        start = None if before is None else _embedder_of(before)
        for report in run_alone(run, partial(EmbedTask, job, stage, run.about, start), on_step, say):
            yield stage, report
            before = report.checkpoint


def tidy(checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint with the weights that are used after training only: no projection, no queue."""
    best = None if checkpoint.best_weights is None else keep_embedder(checkpoint.best_weights)
    return replace(checkpoint, weights=keep_embedder(checkpoint.weights), best_weights=best)


def embed_table(
    model: PretrainedModel, windows: pd.DataFrame, signals: MaterialisedWindows, options: EmbedOptions
) -> pd.DataFrame:
    """Embed windows, in the order of their table.

    Parameters
    ----------
    model : PretrainedModel
        An embedder.
    windows : DataFrame
        ``input_balanced_windows``.
    signals : MaterialisedWindows
        Their samples.
    options : EmbedOptions
        Device, and windows at a time.

    Returns
    -------
    DataFrame
        ``participant, run, onset`` (s), ``duration`` (s), ``role``, ``category``, ``label`` (1 with a seizure),
        ``embedding`` (float32, E of them).

    Raises
    ------
    CheckpointError
        If the model is no embedder, or of another sampling rate.
    StaleError
        If the signals are not those of the table.
    NonFiniteError
        If an embedding is not a number, naming its windows.
    """
    signals.check(windows)
    about, device = model.about, choose_device(options.device, 1)
    embedder = load_embedder(model.weights, about, device)
    if float(about["sfreq"]) != signals.sfreq:
        raise CheckpointError(
            "the embedder is of another sampling rate",
            file=model.name,
            value=f"{about['sfreq']:g} Hz",
            allowed=f"{signals.sfreq:g} Hz, as the windows",
            remedy="kedro run --pipelines=embed",
        )
    held_out = windows.loc[windows["role"] != "train", "participant"].astype(str)
    if both := persons_in_common(about["participants"]["train"], held_out):
        raise StaleError(
            "the embedder was trained on somebody who is held out here",
            file=model.name,
            value=", ".join(both[:5]),
            remedy="kedro run --pipelines=embed",
        )
    labelled = LabelledWindows(windows, signals)
    channels = describe_channels(signals.ch_names, about["channels"])
    tokens = DetectorTokens(channels, int(about["token_length"]), device)
    found = embed_rows(embedder, labelled, labelled.windows.index.to_numpy(), tokens, options.batch_size)
    kept = labelled.windows[["participant", "run", "onset", "duration", "role", "category"]]
    return kept.assign(label=labelled.labels, embedding=[*found])


def _fit(job: EmbedJob, warn: Say) -> tuple[EmbedJob, list[Stage]]:
    """Lower what was asked for to what the windows can give, and say so."""
    stages = list(list_stages(job.options))
    n_people, asked = len(job.participants["train"]), job.options.n_participants
    if n_people < asked:
        warn(f"embed.n_participants={asked}, and {n_people} take part in training: {n_people} per batch")
        job = replace(job, options=job.options.model_copy(update={"n_participants": n_people}))
    if n_people == 1 and stages[0].by_participant:
        if len(stages) == 1:
            raise ParameterError(
                "one participant cannot be told from others",
                value="embed.loss.positives=participant",
                allowed="two training participants or more",
                remedy="set embed.loss.positives=label",
            )
        warn(
            "only one training participant: there are no patients to tell apart, the first stage is left out"
        )
        stages = stages[1:]
    if stages[-1].by_label:
        _demand_both_classes(job)
        if stages[-1].loss.cross_participant and job.count_with_seizure("train") < 2:
            warn(
                "only one training participant has seizure windows: they can be alike only with each other, and "
                "the embedding may learn the person instead of the seizure"
            )
    _warn_of_validation(job, warn)
    return job, stages


def _demand_both_classes(job: EmbedJob) -> None:
    rows = job.windows[job.windows["role"] == "train"]
    n_seizure = int((rows["category"] != "no_seizure").sum())
    if 0 < n_seizure < len(rows):
        return
    lacking = "without seizure" if n_seizure else "with a seizure"
    raise NoSeizureError(
        f"training participants have no window {lacking}: there is nothing to tell apart",
        file="input_balanced_windows",
        value=f"0 of {len(rows)} windows",
        remedy="look into report_sampling, or take embed.loss.objective=simclr, which needs no labels",
    )


def _warn_of_validation(job: EmbedJob, warn: Say) -> None:
    unseen = job.participants["validation"]
    if not unseen:
        warn(
            "no validation participant has windows: quality is not measured while it trains, and the last weights "
            "are taken instead of the best"
        )
    elif not job.count_with_seizure("validation"):
        warn("validation participants have no seizure windows: label metrics are not defined")
    if job.pretrained is not None:
        held_out = job.windows.loc[job.windows["role"] != "train", "participant"].astype(str)
        seen = persons_in_common(job.pretrained.about["participants"].get("train", ()), held_out)
        if seen:
            warn(
                f"the encoder was pretrained on {len(seen)} persons that are not in training here "
                f"({', '.join(seen[:3])}): what is measured on them is too good"
            )


def _make_run(job: EmbedJob, stage: Stage, before: Checkpoint | None) -> SingleRun:
    options, pretrained = job.options, job.pretrained
    if before is not None:
        start = digest_weights(_embedder_of(before))
    else:
        start = "" if pretrained is None else digest_weights(pretrained.weights, "encoder.")
    return SingleRun(
        about=job.about(stage, start),
        loop=options.loop,
        seed=options.seed,
        store_folder=job.store_folder,
        pipeline="embed",
        resume=options.resume,
        device=options.device,
    )


def _embedder_of(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """Return the embedder's weights of the best epoch, with its projection."""
    weights = checkpoint.best_weights or checkpoint.weights
    return {
        name.removeprefix(IN_TRAINING): value
        for name, value in weights.items()
        if name.startswith(IN_TRAINING)
    }
