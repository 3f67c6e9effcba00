"""Nodes of ``finetune``: train every network, take the best seed, predict whole recordings, draw the curves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.errors import WindowError
from eeg_kedro.figures.finetune_history import draw_finetuning
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.pipelines.finetune.telling import RunsTold, tell_epoch, tell_step
from eeg_kedro.sampling.draws.balance_options import BalanceOptions
from eeg_kedro.sampling.windows.window_files import Place, RunKey, split_key
from eeg_kedro.training.finetune_options import FinetuneOptions
from eeg_kedro.training.pretrain_options import PretrainOptions

if TYPE_CHECKING:
    from eeg_kedro.training.task import TrainingReport

logger = logging.getLogger(__name__)

# Kedro reads the annotations of nodes at run time; these come with torch, which is imported where it is needed
CheckpointStore: TypeAlias = Any
Checkpoint: TypeAlias = Any
PretrainedModel: TypeAlias = Any
ModelFolder: TypeAlias = Any
MaterialisedWindows: TypeAlias = Any
Windows = Mapping[str, Callable[[], WindowFile]]
TRAINED = ("model_finetuned_last", "report_finetune_history", "report_finetune_metrics")


def train_detectors(
    balanced: pd.DataFrame,
    signals: MaterialisedWindows,
    windows: Windows,
    manifest: pd.DataFrame,
    split: pd.DataFrame,
    events: pd.DataFrame,
    hard_negatives: pd.DataFrame | None,
    latest: PretrainedModel,
    pretrained: ModelFolder,
    checkpoints: CheckpointStore,
    options: FinetuneOptions,
    pretrain: PretrainOptions,
    balance: BalanceOptions,
) -> Iterator[dict[str, Any]]:
    """Train every network with every seed; hand out a checkpoint, the curves so far and new points of them."""
    from eeg_kedro.training.find_pretrained import find_pretrained
    from eeg_kedro.training.finetune_job import FinetuneJob
    from eeg_kedro.training.finetuning import finetune

    job = FinetuneJob(
        options=options,
        balanced=balanced,
        signals=signals,
        files=_files(windows),
        manifest=manifest,
        split=split,
        events=events,
        hard_negatives=hard_negatives,
        balance=balance,
        pretrained=find_pretrained(options, pretrain, latest, pretrained) if options.needs_encoder else None,
        microvolts=pretrain.scale.microvolts,
        store_folder=checkpoints.folder,
    )
    try:
        yield from _hand_out(finetune(job, tell_step, logger.info, logger.warning))
    except KeyboardInterrupt:
        logger.warning("stopped: the same command goes on from the last checkpoints")
        raise


def _hand_out(reports: Iterator[TrainingReport]) -> Iterator[dict[str, Any]]:
    from eeg_kedro.training.detector_history import join_histories, new_points

    known: dict[str, pd.DataFrame] = {}
    for report in reports:
        tell_epoch(report)
        points = new_points(report.checkpoint, known)
        yield dict(zip(TRAINED, (report, join_histories(known), points), strict=True))


def choose_detector(
    checkpoints: CheckpointStore, options: FinetuneOptions, pretrain: PretrainOptions
) -> Checkpoint:
    """Take the seed with the smallest validation loss of the network this is about: the detector from here on."""
    from eeg_kedro.training.choose_detector import choose_best_seed
    from eeg_kedro.training.find_pretrained import name_wanted

    return choose_best_seed(checkpoints, options, name_wanted(options, pretrain), logger.info)


def predict_detectors(
    checkpoints: CheckpointStore,
    primary: PretrainedModel,
    balanced: pd.DataFrame,
    signals: MaterialisedWindows,
    windows: Windows,
    split: pd.DataFrame,
    inventory: pd.DataFrame,
    options: FinetuneOptions,
    pretrain: PretrainOptions,
) -> pd.DataFrame:
    """Let every network, with every seed, and every baseline predict whole runs of validation and test participants."""
    from eeg_kedro.training.find_pretrained import name_wanted
    from eeg_kedro.training.predict_models import Recordings, predict_models

    logger.info("the detector is %s, trained with seed %s", primary.name, primary.about["seed"])
    recordings = Recordings(_files(windows), split, inventory, balanced, signals)
    table = predict_models(checkpoints, recordings, options, name_wanted(options, pretrain), RunsTold)
    if table.empty:
        logger.warning("no runs of validation or test participants: nothing was predicted")
    # which of the seeds is handed on: what describes single recordings describes that one
    return table.assign(chosen=table["name"] == f"{primary.name}_s{primary.about['seed']}")


def draw_finetune_history(history: pd.DataFrame) -> Figure:
    """Draw the curves of all networks and seeds."""
    return draw_finetuning(history)


def _files(windows: Windows) -> dict[RunKey, Place]:
    """Return where each run's windows are; nothing is opened."""
    if not windows:
        raise WindowError(
            "there are no windows to learn from",
            file="prm_windows",
            remedy="run `kedro run --pipelines=process_primary` first",
        )
    return {split_key(key): load().path.as_posix() for key, load in windows.items()}
