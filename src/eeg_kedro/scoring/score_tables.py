"""The tables of scores: by model and seed, by model, by run, and how probabilities are calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.scoring.averages import interval_of
from eeg_kedro.scoring.calibration import calibration_table
from eeg_kedro.scoring.measurements import (
    Measurement,
    found_events,
    index_detections,
    pool_seconds,
)
from eeg_kedro.scoring.run_truth import RunKey, RunTruth, Truth
from eeg_kedro.scoring.score_options import EVENT_F1
from eeg_kedro.scoring.szcore_reference import score_events

SCORE_TYPES = {
    "model": "str",
    "seed": "int64",
    "role": "str",
    "target": "str",
    "scorer": "str",
    "average": "str",
    "metric": "str",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "n_participants": "int64",
    "n_seizures": "int64",
    "hours": "float64",
}
RUN_TYPES = {
    "model": "str",
    "seed": "int64",
    "role": "str",
    "participant": "str",
    "run": "str",
    "duration": "float64",
    "annotated": "bool",
    "n_seizures": "Int64",  # missing where it cannot be scored
    "n_detected": "Int64",
    "n_false": "Int64",
    "fa_per_24h": "float64",
    "note": "str",  # why it has no counts
}
CALIBRATION_TYPES = {
    "model": "str",
    "seed": "int64",
    "role": "str",
    "bin_low": "float64",
    "bin_high": "float64",
    "predicted": "float64",
    "observed": "float64",
    "n": "int64",
}
Model = tuple[str, int]


def list_scores(measurements: Sequence[Measurement], truth: Truth, role: str) -> pd.DataFrame:
    """Write one row per measurement, with its 95 % interval over participants.

    Parameters
    ----------
    measurements : sequence of Measurement
        Of the participants of ``truth``.
    truth : Truth
        The cohort.
    role : str
        Whose scores these are: ``test``, or ``validation`` where nobody is left for test.

    Returns
    -------
    DataFrame
        ``report_scores``: columns of `SCORE_TYPES`.
    """
    size = {"role": role, "n_seizures": truth.n_seizures, "hours": truth.hours}
    rows = [
        {**vars(found), **size, **dict(zip(("low", "high"), interval_of(found.redrawn), strict=True))}
        for found in measurements
    ]
    return make_scores(rows, SCORE_TYPES)


def list_runs(detections: pd.DataFrame, models: Sequence[Model], truth: Truth, role: str) -> pd.DataFrame:
    """Say of every run how many seizures were found, and how many alarms were false, at ``event_f1``.

    Seizures are counted as SzCORE does: close ones are merged, long ones are split.

    Parameters
    ----------
    detections : DataFrame
        ``output_detections``.
    models : sequence of (model, seed)
        Those that were scored.
    truth : Truth
        The cohort; runs that cannot be scored are listed, too, without counts.
    role : str
        Of the cohort.

    Returns
    -------
    DataFrame
        ``report_run_scores``: columns of `RUN_TYPES`.
    """
    found = index_detections(detections[detections["target"] == EVENT_F1])
    rows: list[dict[str, Any]] = []
    for model, seed in models:
        named = {"model": model, "seed": seed, "role": role}
        for key, run in truth.runs.items():
            events = found_events(found, (model, seed, EVENT_F1), key, run.duration)
            rows.append({**named, **_run_row(run), **_counted(run, score_events(run.seizures, events))})
        rows += [{**vars(run), **named} for run in truth.unscored]
    return make_scores(rows, RUN_TYPES)


def _run_row(run: RunTruth) -> dict[str, Any]:
    return {"participant": run.participant, "run": run.run, "duration": run.duration, "annotated": True}


def _counted(run: RunTruth, counts: Any) -> dict[str, Any]:
    return {
        "note": "",
        "n_seizures": int(counts.n_reference),
        "n_detected": int(counts.tp),
        "n_false": int(counts.fp),
        "fa_per_24h": counts.fa_per_24h,
    }


def list_calibration(
    predictions: pd.DataFrame, runs: Mapping[RunKey, RunTruth], role: str, n_bins: int
) -> pd.DataFrame:
    """Compare what was predicted with what was observed, over the seconds of all participants.

    Returns
    -------
    DataFrame
        ``report_calibration``: columns of `CALIBRATION_TYPES`; NaN where a bin is empty.
    """
    tables = [
        calibration_table(
            np.concatenate([who.probability for who in people]),
            np.concatenate([who.truth for who in people]),
            n_bins,
        ).assign(model=model, seed=seed, role=role)
        for (model, seed), people in (pool_seconds(predictions, runs) if runs else {}).items()
    ]
    return make_scores([row for table in tables for row in table.to_dict("records")], CALIBRATION_TYPES)


def make_scores(rows: Sequence[Mapping[Any, Any]], types: Mapping[str, str]) -> pd.DataFrame:
    """Make a table of rows, with the columns and types it has without any row, too."""
    return pd.DataFrame(list(rows), columns=list(types)).astype(dict(types))
