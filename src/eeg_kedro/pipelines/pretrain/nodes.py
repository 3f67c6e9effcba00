"""Nodes of ``pretrain``: plan the sequences, train, take the best, ask what it learned, draw both."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.errors import CheckpointError, ParameterError, WindowError
from eeg_kedro.figures.pretrain_history import draw_history
from eeg_kedro.figures.reconstruction import draw_reconstruction as draw_examples
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.pipelines.pretrain.telling import tell_epoch, tell_plan, tell_step
from eeg_kedro.sampling.draws.balance_options import BalanceOptions
from eeg_kedro.sampling.pretrain_plan import add_lost_runs, plan_sequences
from eeg_kedro.sampling.splits import split_participants
from eeg_kedro.sampling.windows.window_files import split_key
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.training.pretrain_options import PretrainOptions

if TYPE_CHECKING:
    from eeg_kedro.training.trainer import TrainingReport

logger = logging.getLogger(__name__)

# Kedro reads the annotations of nodes to validate their parameters, so every name in them must be there at run
# time; these come with torch, which is imported where something is trained: `kedro registry list` stays quick
CheckpointStore: TypeAlias = Any
Checkpoint: TypeAlias = Any
PretrainedModel: TypeAlias = Any
Windows = Mapping[str, Callable[[], WindowFile]]
TRAINED = ("model_pretrained_last", "report_pretrain_history", "report_pretrain_metrics")
MEASURED = ("report_pretrain_gates", "report_pretrain_examples", "report_pretrain_gate_metrics")


def plan_pretraining(
    windows: Windows,
    split: pd.DataFrame | None,
    inventory: pd.DataFrame | None,
    manifest: pd.DataFrame,
    seconds: pd.DataFrame | None,
    electrodes: Mapping[str, tuple[float, float, float]] | None,
    options: PretrainOptions,
    balance: BalanceOptions,
) -> pd.DataFrame:
    """List every channel of every run: trained on, validated on or left out, and why."""
    if split is None:
        split = split_participants(inventory, manifest, balance.split)
        logger.info("no participant split yet: made one as `sample` would, and did not store it")
    if options.electrode_file is not None and electrodes is None:
        raise ParameterError(
            "the file of electrode positions was not read",
            value="pretrain.electrode_file",
            allowed="in globals.yml or after --params",
            remedy="move it from the parameters to electrode_file in conf/local/globals.yml",
        )
    files, places = _files(windows), partial(place_channels, table=electrodes)
    plan = plan_sequences(WindowReader(files), split, options, places, seconds, files)
    plan = add_lost_runs(plan, manifest)
    tell_plan(plan, options)
    return plan


def pretrain_encoder(
    plan: pd.DataFrame, windows: Windows, checkpoints: CheckpointStore, options: PretrainOptions
) -> Iterator[dict[str, Any]]:
    """Train; hand out a checkpoint, the curves so far and the metrics of the epoch after each epoch."""
    from eeg_kedro.training.pretrain_job import PretrainJob
    from eeg_kedro.training.pretraining import pretrain

    job = PretrainJob(options=options, plan=plan, files=_files(windows), store_folder=checkpoints.folder)
    try:
        yield from _hand_out(pretrain(job, on_step=tell_step, on_notice=logger.info))
    except KeyboardInterrupt:
        logger.warning("stopped: the same command goes on from the last checkpoint")
        raise


def _hand_out(reports: Iterator[TrainingReport]) -> Iterator[dict[str, Any]]:
    from eeg_kedro.training.history import list_history, metric_history

    told: list[int] = []
    for report in reports:
        history = list_history(report.checkpoint)
        # the first report of a resumed training brings the curves of what was trained before: this MLflow run
        # has not seen them
        new = history[~history["epoch"].isin(told)]
        told += new["epoch"].tolist()
        tell_epoch(report)
        named = history.assign(model=report.checkpoint.name)
        yield dict(zip(TRAINED, (report, named, metric_history(new)), strict=True))


def choose_best(checkpoints: CheckpointStore, options: PretrainOptions) -> Checkpoint:
    """Take the checkpoint whose best weights are to be used from here on."""
    from eeg_kedro.models.model_name import name_model
    from eeg_kedro.training.trainer import TrainingReport

    if isinstance(checkpoints, TrainingReport):  # a further process of torchrun: only the first one writes
        return checkpoints.checkpoint
    name = name_model(options.encoder, options.mask_ratio, options.masking_style, options.tag)
    last = checkpoints.last(name)
    if last is None:
        raise CheckpointError(
            "no checkpoint of this name", file=name, remedy="kedro run --pipelines=pretrain"
        )
    return last


def measure_encoder(
    model: PretrainedModel, plan: pd.DataFrame, windows: Windows, options: PretrainOptions
) -> dict[str, Any]:
    """Ask whether the signal was learned: leaks, trivial predictors, structure of the output, a control."""
    from eeg_kedro.training.pretraining import measure_pretrained

    gates, examples, metrics = measure_pretrained(model, plan, _files(windows), options)
    for row in gates.to_dict("records"):
        say = logger.warning if row["passed"] is False else logger.info
        say("%s = %.4g: %s", row["gate"], row["value"], row["words"])
    history = {name: {"step": 0, "value": value} for name, value in metrics.items()}
    tables = (gates.assign(model=model.name), examples.assign(model=model.name))
    return dict(zip(MEASURED, (*tables, history), strict=True))


def draw_training(history: pd.DataFrame) -> Figure:
    """Draw the curves of the training."""
    return draw_history(history)


def draw_reconstruction(examples: pd.DataFrame) -> Figure:
    """Draw what was there, what the model was given and what it made of it, for three channels."""
    return draw_examples(examples)


def _files(windows: Windows) -> dict[tuple[str, str], str]:
    """Return where each run's windows are; nothing is opened."""
    if not windows:
        raise WindowError(
            "there are no windows to learn from",
            file="prm_windows",
            remedy="run `kedro run --pipelines=process_primary` first",
        )
    return {split_key(key): load().path.as_posix() for key, load in windows.items()}
