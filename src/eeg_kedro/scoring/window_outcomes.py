"""Which windows the detector got right: hit, missed, false alarm or correct rejection."""

from __future__ import annotations

from math import ceil, floor, nan

import numpy as np
import pandas as pd

PRIMARY = "pretrained"
TARGET = "event_f1"
HIT, MISSED, FALSE_ALARM, REJECTED = "hit", "missed", "false alarm", "correct rejection"
OUTCOMES = (HIT, MISSED, FALSE_ALARM, REJECTED)
ERRORS = (MISSED, FALSE_ALARM)
KEY = ["participant", "run"]


def primary_seed(predictions: pd.DataFrame | None, model: str = PRIMARY) -> int | None:
    """Return the seed of the model that is handed on (``chosen``), else the lowest; None where it predicted nothing."""
    if predictions is None or predictions.empty:
        return None
    mine = predictions.loc[predictions["model"] == model]
    if "chosen" in mine and mine["chosen"].any():
        mine = mine.loc[mine["chosen"].astype(bool)]
    return int(mine["seed"].min()) if len(mine) else None


def primary_rows(table: pd.DataFrame | None, model: str = PRIMARY, seed: int | None = None) -> pd.DataFrame:
    """Return the rows of one variant at one seed (None: its lowest); none where the table lacks it.

    Parameters
    ----------
    table : DataFrame or None
        Any table with ``model`` and ``seed``.
    """
    if table is None or table.empty:
        return pd.DataFrame(columns=[*KEY, "model", "seed"] if table is None else table.columns)
    mine = table.loc[table["model"] == model]
    first: pd.DataFrame = mine.loc[mine["seed"] == (mine["seed"].min() if seed is None else seed)]
    return first


def primary_threshold(points: pd.DataFrame | None, model: str = PRIMARY, seed: int | None = None) -> float:
    """Return the threshold of one variant at a seed (None: its lowest) for event F1; NaN where none was chosen."""
    mine = primary_rows(points, model, seed)
    if mine.empty:
        return nan
    chosen = mine.loc[mine["target"] == TARGET, "threshold"]
    return float(chosen.iloc[0]) if len(chosen) else nan


def judge_windows(
    windows: pd.DataFrame, predictions: pd.DataFrame | None, points: pd.DataFrame | None
) -> pd.Series:
    """Say of each window what the primary model made of it: detected is whoever reaches the threshold in a second.

    Parameters
    ----------
    windows : DataFrame
        ``participant, run, onset`` (s)``, duration`` (s)``, label`` (1: some of it is seizure).
    predictions : DataFrame or None
        ``output_predictions``.
    points : DataFrame or None
        ``output_operating_points``.

    Returns
    -------
    Series of str, the index of ``windows``
        One of `OUTCOMES`; "" where nothing was predicted: participants trained on, no model, no threshold.
    """
    seed = primary_seed(predictions)
    threshold = primary_threshold(points, seed=seed)
    outcomes = pd.Series("", index=windows.index, dtype="str")
    mine = primary_rows(predictions, seed=seed)
    if np.isnan(threshold) or mine.empty:
        return outcomes
    curves = {
        (row["participant"], row["run"]): np.asarray(row["probability"], np.float64)
        for row in mine.to_dict("records")
    }
    said = [
        _outcome(curves.get((participant, run)), onset, onset + duration, label, threshold)
        for participant, run, onset, duration, label in windows[
            [*KEY, "onset", "duration", "label"]
        ].itertuples(index=False)
    ]
    return pd.Series(said, index=windows.index, dtype="str")


def _outcome(curve: np.ndarray | None, start: float, stop: float, label: int, threshold: float) -> str:
    seconds = curve[floor(start) : ceil(stop)] if curve is not None else ()
    if not len(seconds):
        return ""
    is_detected = bool(np.max(seconds) >= threshold)
    if label:
        return HIT if is_detected else MISSED
    return FALSE_ALARM if is_detected else REJECTED
