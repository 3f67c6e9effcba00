"""The balanced set: all partial windows, 0.3 times as many full ones and 2.5 times as many without seizure.

The ratios are those of Wu, Zhao and Yener, SeizureTransformer (2025), who draw without telling how; here the
draw depends on the seed, the epoch and the sorted keys of the windows only, and what is short is reported.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from eeg_kedro.sampling.draws.balance_options import BalanceOptions
from eeg_kedro.sampling.draws.draw_plan import plan_sides
from eeg_kedro.sampling.draws.quality_cost import count_costs
from eeg_kedro.sampling.draws.recorded_people import unite_seizures
from eeg_kedro.sampling.draws.sampling_report import (
    Windows,
    describe_side,
    report_table,
    stop_without_seizures,
)
from eeg_kedro.sampling.draws.window_draws import WindowDraws

__all__ = ["BalanceOptions", "BalancedSet", "draw_balanced", "plan_draws"]


class BalancedSet(NamedTuple):
    """The drawn windows and, per split, what was wanted, there and drawn."""

    windows: pd.DataFrame
    report: pd.DataFrame


def draw_balanced(
    manifest: pd.DataFrame,
    split: pd.DataFrame,
    options: BalanceOptions,
    events: pd.DataFrame | None = None,
    hard_negatives: pd.DataFrame | None = None,
) -> BalancedSet:
    """Draw the balanced set of each split.

    Parameters
    ----------
    manifest : DataFrame
        Windows in any order; those without a category (not annotated) are never drawn.
    split : DataFrame
        ``participant``, ``person``, ``split``, ``role`` and, for the report, the other columns of
        ``SPLIT_TYPES``.
    options : BalanceOptions
        Ratios, least quality, seed, and how participants share.
    events : DataFrame, optional
        Labelled intervals: to tell the hours in seizures, and how many the least quality costs.
    hard_negatives : DataFrame, optional
        ``participant``, ``run``, ``onset`` (s) of windows a former model got wrong: training draws those
        without seizure first.

    Returns
    -------
    BalancedSet
        ``windows``: rows of the manifest with ``split`` and ``role``, ordered by role, split, participant,
        run and onset; training shuffles them anew in each epoch. ``report``: one row per split with the
        columns of ``SAMPLING_TYPES``.

    Raises
    ------
    NoSeizureError
        If training has no partial window.
    SplitError
        If the manifest has participants the split does not know, or a split has two roles.
    ParameterError
        If a hard negative is no window of the manifest.
    """
    plan = plan_sides(manifest, split, options, hard_negatives)
    drawn = [side.draws.drawn() for side in plan.sides]
    ordered = manifest if plan.keys.order is None or events is None else manifest.iloc[plan.keys.order]
    costs = count_costs(ordered, plan.good, plan.category, events)
    seizures = None if events is None else unite_seizures(events)
    windows = Windows.of(manifest, plan.keys)
    told = [
        describe_side(side, got, windows, costs.of(side.annotated, {*side.people.participants}), seizures)
        for side, got in zip(plan.sides, drawn, strict=True)
    ]
    stop_without_seizures(told)
    places = np.concatenate([np.sort(np.concatenate(got[:3])) for got in drawn])
    table = manifest.iloc[plan.keys.rows(places)].reset_index(drop=True)
    rows = plan.keys.side_of[plan.keys.who[places]]
    belongs = {name: split[name].array.take(rows) for name in ("split", "role")}
    return BalancedSet(table.assign(**belongs), report_table(told))


def plan_draws(
    manifest: pd.DataFrame,
    split: pd.DataFrame,
    options: BalanceOptions,
    hard_negatives: pd.DataFrame | None = None,
) -> dict[str, WindowDraws]:
    """Prepare the draws of every epoch, by name of the split; epoch 0 is what `draw_balanced` draws.

    Only training is drawn anew (``redraw=per_epoch``): what a model is compared on stays the same. Parameters
    and errors are those of `draw_balanced`.
    """
    plan = plan_sides(manifest, split, options, hard_negatives)
    if not any(side.draws.pools.partial.size for side in plan.sides if side.draws.role == "train"):
        draw_balanced(manifest, split, options)  # says what is there and what to do
    return {side.draws.split: side.draws for side in plan.sides}
