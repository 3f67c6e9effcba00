"""Detections: what each operating point makes of each prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.operating_points import list_settings
from eeg_kedro.scoring.post_processing import PostProcessing, Times, detect
from eeg_kedro.scoring.score_options import EVENT_F1

DETECTION_TYPES = {
    "model": "str",
    "seed": "int64",
    "target": "str",
    "participant": "str",
    "run": "str",
    "onset": "float64",
    "duration": "float64",
    "confidence": "float64",
}


def list_detections(predictions: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Apply every operating point to every prediction of its model, annotated or not.

    Parameters
    ----------
    predictions : DataFrame
        ``output_predictions``.
    points : DataFrame
        ``output_operating_points``.

    Returns
    -------
    DataFrame
        ``output_detections``: columns of `DETECTION_TYPES`, sorted; ``confidence`` is the largest probability in
        the event.

    Raises
    ------
    ScoringError
        If a model has no operating point, or a prediction is no probability.
    """
    settings: dict[tuple[str, int], dict[str, PostProcessing]] = {}
    for (name, number, target), setting in list_settings(points).items():
        settings.setdefault((name, number), {})[target] = setting
    rows: list[dict[str, Any]] = []
    for row in predictions.to_dict("records"):
        if not len(row["probability"]):  # `list_truth` tells
            continue
        mine = settings.get((str(row["model"]), int(row["seed"])))
        if mine is None:
            raise ScoringError(
                "there is no operating point for a model",
                file=str(row["name"]),
                value=f"{row['model']}, seed {row['seed']}",
                remedy="run `kedro run --pipelines=score` from its first node",
            )
        for target, setting in mine.items():
            rows += _detect_in(row, target, setting)
    table = pd.DataFrame(rows, columns=list(DETECTION_TYPES)).astype(DETECTION_TYPES)
    return table.sort_values(list(DETECTION_TYPES)[:6], ignore_index=True)


def _detect_in(row: Mapping[Any, Any], target: str, setting: PostProcessing) -> list[dict[str, Any]]:
    values = np.asarray(row["probability"], np.float64)
    events = detect(values, float(row["duration"]), setting, f"{row['participant']}_{row['run']}")
    named = {key: row[key] for key in ("model", "seed", "participant", "run")} | {"target": target}
    return [
        {**named, "onset": start, "duration": stop - start, "confidence": _most(values, start, stop)}
        for start, stop in zip(events.starts, events.stops, strict=True)
    ]


def _most(values: Times, start: float, stop: float) -> float:
    return float(values[int(start) : int(np.ceil(stop))].max())


def pick_model(predictions: pd.DataFrame, primary: str, seed: int | None) -> tuple[str, int] | None:
    """Choose the model whose events are written: the primary one, else the first network, else the first of all.

    Parameters
    ----------
    predictions : DataFrame
        ``model, name, seed``.
    primary : str
        Variant that is preferred.
    seed : int or None
        Its seed; None, or one that is not there: the smallest.

    Returns
    -------
    (model, seed) or None
        None where nothing was predicted.
    """
    models = predictions[["model", "name", "seed"]].drop_duplicates()
    if models.empty:
        return None
    networks = models[models["model"] != models["name"]]  # what has no checkpoint is named like its variant
    preferred = models[models["model"] == primary]
    mine = preferred if len(preferred) else networks if len(networks) else models
    mine = mine[mine["model"] == mine["model"].iloc[0]]
    seeds = sorted(mine["seed"].tolist())
    taken = seed if seed is not None and seed in seeds else seeds[0]
    return str(mine["model"].iloc[0]), int(taken)


def write_runs(
    predictions: pd.DataFrame, detections: pd.DataFrame, model: tuple[str, int] | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Write the events of one model at ``event_f1``, for every run it predicted; no file for the others.

    Returns
    -------
    hed_score, csv_bi : dict of str to str
        ``<participant>_<run>`` -> text of the file.
    """
    from eeg_kedro.io.annotation_writing import write_csv_bi, write_hed_score

    hed: dict[str, str] = {}
    csv_bi: dict[str, str] = {}
    if model is None:
        return hed, csv_bi
    named = (predictions["model"] == model[0]) & (predictions["seed"] == model[1])
    named &= predictions["probability"].map(len) > 0
    found = detections[(detections["model"] == model[0]) & (detections["seed"] == model[1])]
    found = found[found["target"] == EVENT_F1]
    by_run = dict(list(found.groupby(["participant", "run"])))
    for row in predictions[named].sort_values(["participant", "run"]).to_dict("records"):
        mine, duration = by_run.get((row["participant"], row["run"]), found.iloc[:0]), float(row["duration"])
        starts = mine["onset"].to_numpy(np.float64)
        stops = np.minimum(starts + mine["duration"].to_numpy(np.float64), duration)
        sure = mine["confidence"].to_numpy(np.float64)
        name = f"{row['participant']}_{row['run']}"
        hed[name] = write_hed_score(starts, stops, duration, sure)
        csv_bi[name] = write_csv_bi(starts, stops, duration, name, sure)
    return hed, csv_bi
