"""Folds for cross-validation: whole persons dealt to folds, so that each fold has its part of the seizures.

Nested folds tune without looking at the test persons (Varma and Simon, BMC Bioinformatics 7:91, 2006).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from eeg_kedro.errors import ParameterError, SplitError
from eeg_kedro.sampling.categories import text_codes
from eeg_kedro.sampling.splits import SplitOptions, assert_disjoint

Integers = NDArray[np.int64]

TEST, REST = "test", "rest"
TESTED, ALWAYS_TRAINS = -1, -2  # inner_fold of those who validate in no inner fold
MOST_PERSONS = 2000  # left out one by one: 4 million rows and 2000 models
FOLD_TYPES = {
    "fold": "int16",
    "participant": "str",
    "person": "str",
    "side": "str",  # test | rest
    "inner_fold": "int16",  # in which one the person validates; TESTED, ALWAYS_TRAINS
}


class FoldOptions(BaseModel):
    """Options of cross-validation over persons."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["none", "k_fold", "leave_one_out"] = Field(
        "k_fold", description="none: no folds; leave_one_out: one person per fold"
    )
    n_folds: int = Field(5, ge=2, le=100, description="k_fold only: test folds; at most one per person")
    inner_folds: int = Field(
        0, ge=0, le=100, description="0: balance.split.validation of the rest validates; from 2: nested folds"
    )
    seed: int = Field(0, ge=0, description="chooses among persons alike, and who validates")

    @field_validator("inner_folds")
    @classmethod
    def _some_or_none(cls, n: int) -> int:
        if n == 1:
            raise ValueError("1 inner fold would leave nobody to train: 0, or at least 2")
        return n


def make_folds(split: pd.DataFrame, options: FoldOptions, shares: SplitOptions) -> pd.DataFrame:
    """Deal persons to folds; each is tested in exactly one of them.

    Persons with partial seizure windows come first, those with most before the others, each to the fold with
    the fewest partial windows so far; then the persons without, the longest first, each to the fold with the
    fewest hours. Equals are ordered by a hash of seed and name, so the order of rows does not matter. Of the
    rest of each fold, inner folds are dealt the same way, or a share of persons is drawn to validate.

    Persons whose official role is test (``origin`` official, ``role`` test) are in no fold: they stay the
    untouched test set that is looked at once, at the end. Everybody else takes part.

    Parameters
    ----------
    split : DataFrame
        One row per participant with the columns of ``splits.SPLIT_TYPES``.
    options : FoldOptions
        Kind and number of folds, and the seed.
    shares : SplitOptions
        ``validation``, the share of the rest that validates where there are no inner folds.

    Returns
    -------
    DataFrame
        One row per outer fold and participant, sorted, with the columns of ``FOLD_TYPES``; empty for the kind
        ``none``. ``inner_fold`` is the inner fold in which the person validates (0 without inner folds),
        ``ALWAYS_TRAINS`` for the rest that does not validate, ``TESTED`` on the test side.

    Raises
    ------
    SplitError
        If there are fewer persons than folds, or a person is on two sides of ``split``.
    ParameterError
        If more than ``MOST_PERSONS`` would be left out one by one.
    """
    assert_disjoint(split)
    untouched = split.loc[(split["origin"] == "official") & (split["role"] == "test"), "person"]
    table = split[~split["person"].isin(untouched)].sort_values("participant", ignore_index=True)
    if options.kind == "none":
        return _fold_table(table, np.zeros((0, len(table)), np.int64))
    people = _people_of(table, options.seed)
    fold_of = _outer_folds(people, options)
    tested = fold_of == np.arange(fold_of.max() + 1)[:, None]
    inner = _inner_folds(people, tested, options, shares.validation)
    folds = _fold_table(table, inner[:, people.place])
    assert_folds(folds)
    return folds


def roles_of_fold(folds: pd.DataFrame, fold: int, inner_fold: int | None = None) -> pd.DataFrame:
    """Give the participants of one fold their roles: a table for the ``split`` of `balance.draw_balanced`.

    Participants in no fold (official test) have no row: their windows must be left out of the manifest,
    ``manifest[manifest["participant"].isin(roles["participant"])]``.

    Parameters
    ----------
    folds : DataFrame
        As `make_folds` returns it.
    fold : int
        Outer fold.
    inner_fold : int, optional
        Inner fold whose persons validate. None: with nested folds nobody validates and the whole rest trains
        (the last fit, after tuning); else the only one.

    Returns
    -------
    DataFrame
        ``participant``, ``person``, ``split``, ``role``, one row per participant; ``split`` is the role.

    Raises
    ------
    ParameterError
        If there is no such fold.
    """
    mine = folds[folds["fold"] == fold]
    codes = mine["inner_fold"].to_numpy(np.int64)
    n_inner = int(codes.max(initial=0)) + 1
    if mine.empty or not 0 <= (inner_fold or 0) < n_inner:
        raise ParameterError(
            "unknown fold or inner fold",
            value=(fold, inner_fold),
            allowed=f"fold below {folds['fold'].nunique()}, inner fold below {n_inner}, both from 0",
            remedy="take a pair of `folds_of`",
        )
    default = n_inner if n_inner > 1 else 0  # nested: a code nobody has
    role = np.select([codes == TESTED, codes == (default if inner_fold is None else inner_fold)], [2, 1])
    roles = pd.array(["train", "validation", "test"], dtype="str").take(role)
    return mine[["participant", "person"]].reset_index(drop=True).assign(split=roles, role=roles)


def folds_of(folds: pd.DataFrame) -> list[tuple[int, int]]:
    """List every (outer fold, inner fold) in order; without nested folds the inner one is 0."""
    pairs = folds[["fold", "inner_fold"]].drop_duplicates().itertuples(index=False)
    return sorted({(int(fold), max(int(inner), 0)) for fold, inner in pairs})


def assert_folds(folds: pd.DataFrame) -> None:
    """Raise `SplitError`, naming the person, unless the folds keep persons apart.

    In each fold every participant has one row, a person is on one side, and nobody who is tested validates;
    over the folds, every person is tested once.
    """
    fold, side = pd.factorize(folds["fold"], sort=True)[0], folds["side"].to_numpy() == TEST
    (who, names), (person, people) = (text_codes(folds[name]) for name in ("participant", "person"))
    inner = folds["inner_fold"].to_numpy(np.int64)
    code = np.full((fold.max(initial=-1) + 1, len(people)), TESTED)
    code[fold, person] = inner  # of the last row: another one's differs below
    stray = (side != (inner == TESTED)) | ~folds["side"].isin([TEST, REST]).to_numpy()
    _stop_at(person[stray], people, "a person who is tested validates or trains, or the other way round")
    _stop_at(person[code[fold, person] != inner], people, "a person is on two sides of a fold")
    rows, known = np.zeros((len(code), len(names)), np.int64), np.zeros(len(names), np.intp)
    np.add.at(rows, (fold, who), 1)
    known[who] = person
    odd = (rows != 1).any(axis=0)[who] | (known[who] != person)
    _stop_at(person[odd], people, "a participant is missing in a fold, has two rows or two persons")
    _stop_at(np.flatnonzero((code == TESTED).sum(axis=0) != 1), people, "a person is not tested exactly once")


def _stop_at(persons: NDArray[np.integer[Any]], names: Sequence[str], what: str) -> None:
    if persons.size:
        torn = sorted({names[person] for person in np.unique(persons)})
        raise SplitError(
            what,
            file=torn[0],
            value=torn[:5],
            allowed="each person on one side of each fold, tested in exactly one",
            remedy="make the folds again with `kedro run --pipelines=sample`",
        )


class _People(NamedTuple):
    """Persons sorted by name: partial windows, seconds, lots; and which one each participant is."""

    partial: Integers
    seconds: Integers  # whole ones: their sums do not depend on an order
    lots: NDArray[np.uint64]
    place: NDArray[np.intp]


def _people_of(table: pd.DataFrame, seed: int) -> _People:
    place, names = pd.factorize(table["person"], sort=True)
    partial, seconds = np.zeros((2, len(names)), np.int64)
    np.add.at(partial, place, table["partial_windows"].to_numpy(np.int64))
    np.add.at(seconds, place, np.rint(table["hours"].to_numpy(np.float64) * 3600).astype(np.int64))
    lots = np.array([_lot(f"{seed}/{name}") for name in names], np.uint64)
    return _People(partial, seconds, lots, place)


def _lot(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _outer_folds(people: _People, options: FoldOptions) -> Integers:
    """Return the fold in which each person is tested."""
    n = people.partial.size
    alone = options.kind == "leave_one_out"
    if n < (wanted := 2 if alone else options.n_folds):
        raise SplitError(
            "fewer persons than folds need, without the official test set",
            value=n,
            allowed=f"at least {wanted}",
            remedy=f"set balance.folds.n_folds={n}" if n > 1 else "add recordings of other persons",
        )
    if alone and n > MOST_PERSONS:
        raise ParameterError(
            "too many persons to leave out one by one",
            value=n,
            allowed=f"at most {MOST_PERSONS}",
            remedy="set balance.folds.kind=k_fold",
        )
    nobody = np.zeros((1, n), bool)
    return np.arange(n) if alone else _deal(people, people.lots[None], nobody, options.n_folds)[0]


def _inner_folds(people: _People, tested: NDArray[np.bool_], options: FoldOptions, share: float) -> Integers:
    """Return per fold and person the code of the column ``inner_fold``; both are axes of ``tested``."""
    # an odd factor shuffles the lots anew for each fold, and is quicker than a hash for each pair
    odd = np.array([_lot(f"{options.seed}/fold {fold}") | 1 for fold in range(len(tested))], np.uint64)
    lots = people.lots * odd[:, None]
    if not options.inner_folds:
        return _draw_validation(people, lots, tested, share)
    n = int((~tested).sum(axis=1).min())
    if n < options.inner_folds:
        raise SplitError(
            "a fold leaves fewer persons than there are inner folds",
            value=n,
            allowed=f"at least {options.inner_folds}",
            remedy=f"set balance.folds.inner_folds={n if n > 1 else 0}",
        )
    return _deal(people, lots, tested, options.inner_folds)


def _deal(people: _People, lots: NDArray[np.uint64], absent: NDArray[np.bool_], n_folds: int) -> Integers:
    """Return the fold of each person but the ``absent`` (``TESTED``), dealt on as many tables as that has rows.

    ``lots`` and ``absent`` have shape (n_tables, n_persons); lots put persons alike in order.
    """
    well = (people.partial == 0).astype(np.intp)
    keys = (lots, -people.seconds * well, -people.partial, absent)
    order = np.lexsort([np.broadcast_to(key, absent.shape) for key in keys], axis=-1)
    weights, tables = np.stack([people.partial, people.seconds]), np.arange(len(absent))
    loads, persons = np.zeros((2, len(absent), n_folds), np.int64), np.zeros((len(absent), n_folds), np.int64)
    folds = np.full(absent.shape, TESTED, np.int64)
    for who in order.T:  # the next person at every table
        load = loads[well[who], tables]
        to = (load * (well.size + 1) + persons).argmin(axis=1)  # least load, fewest persons, lowest number
        seated = ~absent[tables, who]
        at, who, to = tables[seated], who[seated], to[seated]
        folds[at, who] = to
        loads[:, at, to] += weights[:, who]
        persons[at, to] += 1
    return folds


def _draw_validation(
    people: _People, lots: NDArray[np.uint64], tested: NDArray[np.bool_], share: float
) -> Integers:
    """Draw who validates, as `splits.draw_roles` does: first of the persons with seizures, then the others."""
    sick = people.partial > 0
    n_sick, n_rest = (~tested & sick).sum(axis=1), (~tested).sum(axis=1)
    scarce = _quota(n_sick, share)
    inner = np.where(tested, TESTED, ALWAYS_TRAINS)
    for mine, quota in ((sick, scarce), (~sick, np.maximum(_quota(n_rest, share) - scarce, 0))):
        rank = np.argsort(np.lexsort((lots, tested | ~mine), axis=-1), axis=-1)
        inner[rank < quota[:, None]] = 0
    return inner


def _quota(n: Integers, share: float) -> Integers:
    """Return how many of ``n`` persons validate: their share, one at least of two or more, never all."""
    wanted = np.maximum(np.floor(share * n + 0.5).astype(np.int64), int(share > 0))
    return np.asarray(np.clip(wanted, 0, np.maximum(n - 1, 0)), np.int64)


def _fold_table(table: pd.DataFrame, inner: Integers) -> pd.DataFrame:
    """Return the table of folds; ``inner`` has shape (n_folds, n_participants)."""
    fold, row = (place.ravel() for place in np.indices(inner.shape))
    columns = {
        "fold": fold,
        **{name: table[name].astype("str").array.take(row) for name in ("participant", "person")},
        "side": pd.array([REST, TEST], dtype="str").take((inner.ravel() == TESTED).astype(np.intp)),
        "inner_fold": inner.ravel(),
    }
    return pd.DataFrame(columns, copy=False).astype(FOLD_TYPES)
