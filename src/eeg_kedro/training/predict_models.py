"""Every trained network and every baseline on every recording nobody trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.scoring.prediction_types import PREDICTION_TYPES as TYPES
from eeg_kedro.training.baselines.fitting import fit_baseline
from eeg_kedro.training.choose_detector import find_checkpoint
from eeg_kedro.training.detector_file import load_detector
from eeg_kedro.training.detector_plan import name_detector
from eeg_kedro.training.finetune_options import NETWORKS
from eeg_kedro.training.predicting import computing_with, predict_runs
from eeg_kedro.training.prediction_table import (
    PredictingModel,
    judge_with_baseline,
    list_runs,
    tabulate,
)
from eeg_kedro.training.processes import choose_device, choose_threads

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
    from eeg_kedro.sampling.windows.window_files import Place, RunKey
    from eeg_kedro.training.baselines.options import BaselineKind
    from eeg_kedro.training.checkpoint import CheckpointStore
    from eeg_kedro.training.finetune_options import FinetuneOptions
    from eeg_kedro.training.predicting import RunPrediction

OnRun = Callable[["RunPrediction"], None]


@dataclass(frozen=True, eq=False)
class Recordings:
    """What is predicted, and what baselines are fitted on.

    Attributes
    ----------
    files : mapping
        (participant, run) -> where its windows are.
    split : DataFrame
        ``participant, role``.
    inventory : DataFrame or None
        ``participant, run, duration``.
    balanced : DataFrame
        Windows of training, with their ``role``.
    signals : MaterialisedWindows
        Their samples and labels.
    """

    files: Mapping[RunKey, Place]
    split: pd.DataFrame
    inventory: pd.DataFrame | None
    balanced: pd.DataFrame
    signals: MaterialisedWindows


def predict_models(
    store: CheckpointStore,
    recordings: Recordings,
    options: FinetuneOptions,
    pretrained: str,
    tell: Callable[[str, int], OnRun],
) -> pd.DataFrame:
    """Predict with the best weights of each network and seed, and with each baseline.

    Parameters
    ----------
    store : CheckpointStore
        The networks.
    recordings : Recordings
        Whom to predict.
    options : FinetuneOptions
        Which models and seeds, and how runs are cut.
    pretrained : str
        Name of the pretrained model, by which networks are called.
    tell : callable
        Given a model's name and the number of runs, returns what is told of each run.

    Returns
    -------
    DataFrame
        One row per model, seed and run: `eeg_kedro.training.prediction_table.TYPES`.

    Raises
    ------
    CheckpointError
        If a network was not trained, or its checkpoint is damaged.
    """
    recordings.signals.check(recordings.balanced)
    first = _open(store, options, pretrained, next(name for name in options.models if name in NETWORKS))
    names = [*first["ch_names"]]
    reader = WindowReader(recordings.files, ch_names=names, cache_megabytes=options.cache_megabytes)
    runs = list_runs(recordings.split, recordings.inventory, reader)
    tables = [pd.DataFrame(columns=[*TYPES]).astype(TYPES)] if runs.empty else []
    with computing_with(choose_threads(options.loop.threads, 1)):
        for model, said in _judgements(store, recordings, options, pretrained, reader, runs, first):
            tables.append(tabulate(model, said, runs, tell(f"predictions of {model.name}", len(runs))))
    return pd.concat(tables, ignore_index=True)


def _judgements(
    store: CheckpointStore,
    recordings: Recordings,
    options: FinetuneOptions,
    pretrained: str,
    reader: WindowReader,
    runs: pd.DataFrame,
    first: Mapping[str, Any],
) -> Iterator[tuple[PredictingModel, Iterator[RunPrediction]]]:
    if runs.empty:
        return
    keys = [*runs[["participant", "run"]].itertuples(index=False, name=None)]
    device = torch.device(choose_device(options.device, 1))
    for variant in options.models:
        if variant not in NETWORKS:
            yield _with_baseline(variant, recordings, options, reader, keys, first)  # type: ignore[arg-type]
            continue
        for seed in options.seeds:
            found = find_checkpoint(store, name_detector(variant, pretrained, seed, options.tag))
            about = found.about
            network = load_detector(found.best_weights or found.weights, about, device)
            model = PredictingModel(variant, found.name, seed, about["prior_trained"], about["prior_true"])
            yield model, predict_runs(network, about, reader, keys, options.predict, device)


def _with_baseline(
    kind: BaselineKind,
    recordings: Recordings,
    options: FinetuneOptions,
    reader: WindowReader,
    keys: list[RunKey],
    first: Mapping[str, Any],
) -> tuple[PredictingModel, Iterator[RunPrediction]]:
    """Fit a baseline; it has one seed, for nothing in it is left to chance but which seconds are fitted."""
    seed, names = options.seeds[0], [*first["ch_names"]]
    train = np.flatnonzero(recordings.balanced["role"] == "train")
    fitted = fit_baseline(kind, recordings.signals, train, options.baselines, seed)
    prior_true = float(first["prior_true"])
    model = PredictingModel(kind, kind, seed, fitted.prior_trained, prior_true)
    return model, judge_with_baseline(fitted, reader, keys, names, prior_true)


def _open(
    store: CheckpointStore, options: FinetuneOptions, pretrained: str, variant: str
) -> Mapping[str, Any]:
    """Return what one network's file says; channels and true prior are those of all."""
    return find_checkpoint(store, name_detector(variant, pretrained, options.seeds[0], options.tag)).about
