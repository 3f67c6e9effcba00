"""What each split has, and how much of it is wanted: everything about a draw that does not depend on chance."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.categories import FULL, NONE, PARTIAL, UNKNOWN, codes_of, text_codes
from eeg_kedro.sampling.draws.balance_options import BalanceOptions
from eeg_kedro.sampling.draws.hard_negatives import find_listed
from eeg_kedro.sampling.draws.key_order import KeyOrder, find_key_order
from eeg_kedro.sampling.draws.participant_shares import Cap, EvenShares, cap_share
from eeg_kedro.sampling.draws.recorded_people import People
from eeg_kedro.sampling.draws.window_draws import Pools, Positions, Quotas, WindowDraws
from eeg_kedro.sampling.splits import ROLE_OF_OFFICIAL, ROLES, assert_disjoint


@dataclass(frozen=True, eq=False)
class Side:
    """One split as planned.

    Attributes
    ----------
    draws : WindowDraws
        What may be drawn and how much of it.
    people : People
        Who is in it.
    annotated : ndarray
        Places of its annotated windows, those of too low a quality included.
    n_unknown : int
        Windows nobody annotated.
    n_listed : int
        Distinct windows among the hard negatives.
    cap : Cap
        The most partial windows of one participant, and whether that keeps the share asked for.
    share : float
        That share.
    """

    draws: WindowDraws
    people: People
    annotated: Positions
    n_unknown: int
    n_listed: int
    cap: Cap
    share: float


class DrawPlan(NamedTuple):
    """All splits as planned.

    Attributes
    ----------
    keys : KeyOrder
        Of the manifest.
    category : ndarray of int8, shape (n_windows,)
        Category codes in key order.
    good : ndarray of bool, shape (n_windows,), or None
        Windows not below the least quality, in key order; None: all.
    sides : list of Side
        Training first.
    """

    keys: KeyOrder
    category: NDArray[np.int8]
    good: NDArray[np.bool_] | None
    sides: list[Side]


def plan_sides(
    manifest: pd.DataFrame, split: pd.DataFrame, options: BalanceOptions, listed: pd.DataFrame | None
) -> DrawPlan:
    """Find out what each split has and how much of it is wanted.

    Parameters and errors are those of `balance.draw_balanced`; ``listed`` are the hard negatives.
    """
    assert_disjoint(split)
    keys = find_key_order(manifest, split)
    category = keys.take(codes_of(manifest["category"]))
    good = _good_enough(manifest, options.min_quality)
    plan = DrawPlan(keys, category, None if good is None else keys.take(good), [])
    hard = np.zeros(0, np.intp) if listed is None else find_listed(listed, manifest, keys)
    codes, names = text_codes(split["split"])
    side, people = codes.astype(np.int16)[keys.side_of][keys.who], People.of(split)
    for role, name in _splits_in_order(split):
        number = names.index(name) if name in names else -1
        who = people.take(np.flatnonzero(codes == number))
        plan.sides.append(_plan_side(plan, (name, role), np.flatnonzero(side == number), who, hard, options))
    return plan


def _plan_side(
    plan: DrawPlan,
    side: tuple[str, str],
    mine: Positions,
    people: People,
    hard: Positions,
    options: BalanceOptions,
) -> Side:
    """Plan one split, given its name and role, the places of its windows and its participants."""
    (name, role), keys, trains = side, plan.keys, side[1] == "train"
    found = plan.category[mine]
    listed = hard[np.isin(hard, mine)] if hard.size else hard
    pools = _pools(mine, found, plan.good, listed if trains else listed[:0])
    shares = EvenShares(keys.who, len(keys.participants)) if options.stratify == "participant" else None
    cap = _cap(pools.partial, shares, options)
    draws = WindowDraws(
        split=name,
        role=role,
        pools=pools,
        quotas=_quotas(pools.partial, shares, cap, options),
        seed=options.seed,
        redraws=options.redraw == "per_epoch" and trains,
        shares=shares,
        cap=cap.windows if options.max_participant_share < 1 else None,
        order=keys.order,
    )
    known = found != UNKNOWN
    annotated = mine if known.all() else mine[known]
    counts = (mine.size - annotated.size, listed.size)
    return Side(draws, people, annotated, *counts, cap, options.max_participant_share)


def _good_enough(manifest: pd.DataFrame, least: float) -> NDArray[np.bool_] | None:
    """Tell which windows are not below the least quality; None: all, nothing was asked for or is known."""
    if least == 0 or "quality" not in manifest:
        return None
    return ~(manifest["quality"].to_numpy(np.float32) < np.float32(least))  # a missing value is not below


def _splits_in_order(split: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (role, split) pairs, train first; a role nobody has is listed under its own name."""
    pairs = {*zip(split["role"], split["split"], strict=True)}
    roles, names = zip(*pairs, strict=True) if pairs else ((), ())
    if torn := sorted({name for name in names if names.count(name) > 1}):
        raise SplitError(
            "a split has two roles",
            value=torn,
            allowed="one role per name of a split",
            remedy="build the split again with `kedro run --pipelines=sample`",
        )
    pairs |= {(role, role) for role in ROLES if role not in roles and role not in names}
    return sorted(pairs, key=lambda pair: (ROLES.index(pair[0]), pair[1] not in ROLE_OF_OFFICIAL, pair[1]))


def _pools(
    mine: Positions, found: NDArray[np.int8], good: NDArray[np.bool_] | None, hard: Positions
) -> Pools:
    """Sort the windows of a split that may be drawn by category; `found` is the category of each."""
    if good is not None:
        kept = good[mine]
        mine, found = mine[kept], found[kept]
    none = mine[found == NONE]
    if not hard.size:
        return Pools(mine[found == PARTIAL], mine[found == FULL], none, hard)
    listed = np.isin(none, hard)
    return Pools(mine[found == PARTIAL], mine[found == FULL], none[~listed], none[listed])


def _cap(partial: Positions, shares: EvenShares | None, options: BalanceOptions) -> Cap:
    if shares is None or options.max_participant_share == 1:
        return Cap(partial.size, True)
    return cap_share(shares.count(partial), options.max_participant_share)


def _quotas(partial: Positions, shares: EvenShares | None, cap: Cap, options: BalanceOptions) -> Quotas:
    """Return floor(ratio * P), with ratios as the decimals they were written as: 0.29 of 100 is 29."""
    n = partial.size if shares is None else int(np.minimum(shares.count(partial), cap.windows).sum())
    none = _floor(options.none_ratio, n)
    return Quotas(n, _floor(options.full_ratio, n), none, _floor(options.hard_share, none))


def _floor(ratio: float, n: int) -> int:
    return floor(Fraction(str(ratio)) * n)
