"""The course of a training run as a table and as curves."""

from __future__ import annotations

import math

import pandas as pd

from eeg_kedro.training.checkpoint_files import Checkpoint

TYPES = {
    "epoch": "int64",
    "step": "int64",
    "train_loss": "float64",
    "validation_loss": "float64",
    "lr": "float64",
    "grad_norm": "float64",
    "tokens_per_second": "float64",
    "seconds": "float64",
    "peak_memory_megabytes": "float64",
    "is_best": "bool",
}


def list_history(checkpoint: Checkpoint) -> pd.DataFrame:
    """Return one row per epoch that is done: the columns of `TYPES`, then whatever else the task measured.

    Epochs count from 0; ``step`` is the steps done over all epochs; ``grad_norm`` is the mean before clipping.
    """
    table = pd.DataFrame(checkpoint.history)
    others = [name for name in table.columns if name not in TYPES]
    return table.reindex(columns=[*TYPES, *others]).astype(TYPES)


def metric_history(history: pd.DataFrame) -> dict[str, list[dict[str, float]]]:
    """Return the curves as MLflow knows them: per metric a list of ``{"step": epoch, "value": ...}``, none empty.

    What is not known of an epoch (NaN) has no point.
    """
    names = [str(name) for name in history.select_dtypes("number") if name not in ("epoch", "step")]
    curves = {
        name: [
            {"step": int(epoch), "value": float(value)}
            for epoch, value in zip(history["epoch"], history[name], strict=True)
            if not math.isnan(value)
        ]
        for name in names
    }
    return {name: curve for name, curve in curves.items() if curve}
