"""The balanced set: all partial windows, 0.3 times as many full ones and 2.5 times as many without seizure.

The ratios are those of Wu, Zhao and Yener, SeizureTransformer (2025), who draw without telling how; here the
draw depends on the seed and the sorted keys of the windows only, and what is short is reported.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.balance_report import describe_draw, stop_without_seizures
from eeg_kedro.sampling.categories import FULL, NONE, PARTIAL, UNKNOWN, codes_of, text_codes
from eeg_kedro.sampling.quality_cost import COST_TYPES, count_costs
from eeg_kedro.sampling.splits import ROLE_OF_OFFICIAL, ROLES, SplitOptions, assert_disjoint

Positions = NDArray[np.intp]


class BalanceOptions(BaseModel):
    """Options of the participant split and of the balanced set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    full_ratio: float = Field(0.3, ge=0, le=1000, description="full windows per partial window")
    none_ratio: float = Field(2.5, ge=0, le=1000, description="windows without seizure per partial window")
    min_quality: float = Field(
        0.0, ge=0, le=1, description="windows of a lower quality are not drawn; of unknown quality they are"
    )
    seed: int = Field(0, ge=0, description="chooses the windows")
    split: SplitOptions = Field(
        default_factory=lambda: SplitOptions.model_validate({}),
        description="who is in training, validation and test",
    )


class BalancedSet(NamedTuple):
    """The drawn windows and, per split, what was wanted, there and drawn."""

    windows: pd.DataFrame
    report: pd.DataFrame


def draw_balanced(
    manifest: pd.DataFrame,
    split: pd.DataFrame,
    options: BalanceOptions,
    events: pd.DataFrame | None = None,
) -> BalancedSet:
    """Draw the balanced set of each split.

    Parameters
    ----------
    manifest : DataFrame
        Windows in any order; those without a category (not annotated) are never drawn.
    split : DataFrame
        ``participant``, ``person``, ``split``, ``role``.
    options : BalanceOptions
        Ratios, least quality and seed.
    events : DataFrame, optional
        Labelled intervals: to tell how many seizures the least quality costs.

    Returns
    -------
    BalancedSet
        ``windows``: rows of the manifest with ``split`` and ``role``, ordered by role, split, participant,
        run and onset; training shuffles them anew in each epoch. ``report``: one row per split.

    Raises
    ------
    NoSeizureError
        If training has no partial window.
    SplitError
        If the manifest has participants the split does not know.
    """
    assert_disjoint(split)
    manifest, place = _in_key_order(manifest, split)
    category = codes_of(manifest["category"])
    good = _good_enough(manifest, options.min_quality)
    costs = count_costs(manifest, good, category, events)
    sides, names = text_codes(split["split"])
    side = sides.astype(np.int8)[place]
    drawn, rows = [], []
    for role, name in _splits_in_order(split):
        all_mine = np.flatnonzero(side == names.index(name)) if name in names else np.zeros(0, np.intp)
        mine = all_mine if good is None else all_mine[good[all_mine]]
        found = category[mine]
        pools = {code: mine[found == code] for code in (NONE, PARTIAL, FULL, UNKNOWN)}
        wanted = _wanted(pools[PARTIAL].size, options)
        rng = np.random.default_rng([options.seed, *name.encode()])  # splits do not disturb each other
        chosen = [pools[PARTIAL], *(_choose(pools[code], wanted[code], rng) for code in (FULL, NONE))]
        drawn.append(np.sort(np.concatenate(chosen)))
        people = int((split["split"] == name).sum())
        cost = costs.of(all_mine, set(split["participant"][split["split"] == name]))
        sizes = {code: pool.size for code, pool in pools.items()}
        # nobody draws what nobody annotated, good or not: all of it is counted
        sizes[UNKNOWN] = int((category[all_mine] == UNKNOWN).sum())
        rows.append(describe_draw(name, role, people, sizes, wanted, cost))
    report = pd.DataFrame(rows).astype(COST_TYPES)
    stop_without_seizures(report)
    positions = np.concatenate(drawn)
    windows = manifest.iloc[positions].reset_index(drop=True)
    belongs = {name: split[name].array.take(place[positions]) for name in ("split", "role")}
    return BalancedSet(windows.assign(**belongs), report)


def _good_enough(manifest: pd.DataFrame, least: float) -> NDArray[np.bool_] | None:
    """Tell which windows are not below the least quality; None: all, nothing was asked for or is known."""
    if least == 0 or "quality" not in manifest:
        return None
    return ~(manifest["quality"].to_numpy(np.float32) < np.float32(least))  # a missing value is not below


def _in_key_order(manifest: pd.DataFrame, split: pd.DataFrame) -> tuple[pd.DataFrame, Positions]:
    """Return the windows in the order of (participant, run, onset), and each one's row in ``split``."""
    who, names = text_codes(manifest["participant"])
    run, runs = text_codes(manifest["run"])
    row_of = pd.Index(split["participant"]).get_indexer(pd.Index(names, dtype="str"))
    if (row_of < 0).any():
        raise SplitError(
            "windows of participants the split does not know",
            value=[name for name, row in zip(names, row_of, strict=True) if row < 0][:5],
            remedy="build the split from this manifest: `kedro run --pipelines=sample`",
        )
    key = _ranks(names)[who] * max(len(runs), 1) + _ranks(runs)[run]
    onset = manifest["onset"].to_numpy()
    in_order = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & (onset[1:] > onset[:-1]))
    if in_order.all():  # as categorize writes them: sorting would cost more than everything else here
        return manifest, row_of[who]
    order = np.lexsort((onset, key))
    return manifest.iloc[order], row_of[who[order]]


def _ranks(names: list[str]) -> Positions:
    return np.argsort(np.argsort(np.array(names, object), kind="stable"))


def _splits_in_order(split: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (role, split) pairs, train first; a role nobody has is listed under its own name."""
    pairs = {*zip(split["role"], split["split"], strict=True)}
    pairs |= {(role, role) for role in ROLES if role not in {found for found, _ in pairs}}
    return sorted(pairs, key=lambda pair: (ROLES.index(pair[0]), pair[1] not in ROLE_OF_OFFICIAL, pair[1]))


def _wanted(n_partial: int, options: BalanceOptions) -> dict[int, int]:
    """Return floor(ratio * P), with ratios as the decimals they were written as: 0.29 of 100 is 29."""
    ratios = {FULL: options.full_ratio, NONE: options.none_ratio}
    return {code: floor(Fraction(str(ratio)) * n_partial) for code, ratio in ratios.items()}


def _choose(pool: Positions, wanted: int, rng: np.random.Generator) -> Positions:
    return pool if wanted >= pool.size else rng.choice(pool, wanted, replace=False, shuffle=False)
