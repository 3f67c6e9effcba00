"""The courses of several trainings as one table, and their curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.training.history import list_history, metric_history

if TYPE_CHECKING:
    from eeg_kedro.training.checkpoint_files import Checkpoint

Points = dict[str, list[dict[str, float]]]


def new_points(checkpoint: Checkpoint, known: dict[str, pd.DataFrame]) -> Points:
    """Return the points of a training's curves that were not known, as ``<variant>_s<seed>.<metric>``; remember them.

    Parameters
    ----------
    checkpoint : Checkpoint
        Its history is the whole course, from the first epoch.
    known : dict of str to DataFrame
        Histories by name of the model; changed.
    """
    about: dict[str, Any] = checkpoint.about
    history = list_history(checkpoint)
    before = known.get(checkpoint.name)
    told = [] if before is None else before["epoch"].tolist()
    known[checkpoint.name] = history.assign(
        model=about["variant"], name=checkpoint.name, seed=int(about["seed"])
    )
    curves = metric_history(history[~history["epoch"].isin(told)])
    return {f"{about['variant']}_s{about['seed']}.{name}": curve for name, curve in curves.items()}


def join_histories(known: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return all histories as one table, in the order in which the models were trained."""
    filled = [table for table in known.values() if len(table)]
    return pd.concat(filled or [*known.values()], ignore_index=True)
