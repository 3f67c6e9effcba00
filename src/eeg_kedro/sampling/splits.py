"""Who is in training, who in validation, who in test: whole persons, never windows or recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.corpora.names import person_of
from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.categories import FULL, PARTIAL, codes_of, text_codes

ROLES = ("train", "validation", "test")
# the names of TUSZ, which keeps them; the role says what each is for
ROLE_OF_OFFICIAL = {"train": "train", "dev": "validation", "eval": "test"}
SPLIT_TYPES = {
    "participant": "str",
    "person": "str",
    "split": "str",
    "role": "str",
    "origin": "str",
    "n_runs": "int64",
    "hours": "float64",
    "n_seizures": "Int64",  # missing where no inventory counted them
    "n_windows": "int64",
    "partial_windows": "int64",
    "seizure_windows": "int64",
}


class SplitOptions(BaseModel):
    """Options of the participant split."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    validation: float = Field(0.15, ge=0, lt=1, description="share of persons for validation")
    test: float = Field(0.15, ge=0, lt=1, description="share of persons for test")
    seed: int = Field(0, ge=0, description="chooses the persons")
    use_official: bool = Field(True, description="keep the splits train, dev and eval a corpus comes with")

    @model_validator(mode="after")
    def _leaves_training(self) -> SplitOptions:
        if self.validation + self.test >= 1:
            raise ValueError("validation + test must be below 1: training needs persons too")
        return self


def split_participants(
    inventory: pd.DataFrame | None, manifest: pd.DataFrame, options: SplitOptions
) -> pd.DataFrame:
    """Give every participant a role; all participants of one person share it.

    Persons with an official split keep it. The others are drawn in an order that depends on the seed and
    their name only, first the persons with partial seizure windows (each role gets one where there are three
    or more such persons), then the rest, until each role has its share of persons.

    Parameters
    ----------
    inventory : DataFrame or None
        ``participant``, ``person``, ``run``, ``split`` ("" or train, dev, eval), ``duration`` (s),
        ``n_seizures``. None, or an inventory of other participants: persons come from the manifest.
    manifest : DataFrame
        Windows with their category.
    options : SplitOptions
        Shares, seed, and whether official splits are kept.

    Returns
    -------
    DataFrame
        One row per participant, sorted, with the columns of ``SPLIT_TYPES``. ``split`` is the official name
        or, where drawn, the role; ``origin`` is ``official`` or ``drawn``.

    Raises
    ------
    SplitError
        If a person is in two official splits, or a split has a name nobody knows.
    """
    table = _participants(inventory, manifest).join(_window_counts(manifest), on="participant")
    table = table.fillna({"n_windows": 0, "partial_windows": 0, "seizure_windows": 0})
    official = _official_splits(table) if options.use_official else {}
    persons = table.groupby("person")["partial_windows"].sum()
    free = persons[~persons.index.isin(official)]
    drawn = draw_roles(free[free > 0].index.tolist(), free[free == 0].index.tolist(), options)
    table["split"] = table["person"].map(official | drawn)
    table["role"] = table["person"].map(
        {who: ROLE_OF_OFFICIAL[name] for who, name in official.items()} | drawn
    )
    table["origin"] = table["person"].isin(official).map({True: "official", False: "drawn"})
    table = table.sort_values("participant", ignore_index=True)[list(SPLIT_TYPES)].astype(SPLIT_TYPES)
    assert_disjoint(table)
    return table


def draw_roles(with_seizures: Sequence[str], without: Sequence[str], options: SplitOptions) -> dict[str, str]:
    """Give each person a role: those with seizures first, then the others up to each role's share."""
    scarce = _quotas(len(with_seizures), options)
    total = _quotas(len(with_seizures) + len(without), options)
    rest = {role: max(total[role] - scarce[role], 0) for role in ("test", "validation")}
    roles: dict[str, str] = {}
    for people, quotas in ((with_seizures, scarce), (without, rest)):
        ordered = sorted(people, key=lambda person: _lot(person, options.seed))
        held_out = ["test"] * quotas["test"] + ["validation"] * quotas["validation"]
        padded = held_out + ["train"] * len(ordered)
        roles |= dict(zip(ordered, padded, strict=False))
    return roles


def _quotas(n: int, options: SplitOptions) -> dict[str, int]:
    """Return how many of ``n`` persons are held out: their share, at least one of three or more.

    One person trains; of two, the second tests (a score on the training person would be worth nothing).
    """
    shares = {"test": options.test, "validation": options.validation}
    quotas = {role: max(int(share * n + 0.5), share > 0) for role, share in shares.items()}
    for role in ("validation", "test"):  # the first to give way where there are too few
        while quotas[role] and sum(quotas.values()) >= max(n, 1):
            quotas[role] -= 1
    return quotas


def _lot(person: str, seed: int) -> str:
    """Return a person's place in the draw: it does not move when others join or leave."""
    return hashlib.sha256(f"{seed}/{person}".encode()).hexdigest()


def assert_disjoint(split: pd.DataFrame) -> None:
    """Raise `SplitError` if a participant has two rows or a person two roles."""
    sides = split[["person", "role"]].drop_duplicates()
    torn = {*sides.loc[sides["person"].duplicated(), "person"]}
    twice = {*split.loc[split["participant"].duplicated(), "participant"]}
    for who in sorted(torn | twice):
        rows = split[(split["person"] == who) | (split["participant"] == who)]
        raise SplitError(
            "a person is on two sides of the split",
            file=who,
            value=sorted(rows["participant"] + ": " + rows["role"]),
            allowed="one row per participant, one role per person",
            remedy="build the split again with `kedro run --pipelines=sample`",
        )


def _participants(inventory: pd.DataFrame | None, manifest: pd.DataFrame) -> pd.DataFrame:
    """Return participant, person, official (set of names), n_runs, hours, n_seizures."""
    present = {*manifest["participant"].unique()}
    if inventory is None or (present and present.isdisjoint(inventory["participant"])):
        return _from_manifest(manifest)
    groups = inventory.groupby("participant")
    table = groups.agg(
        person=("person", "first"),
        official=("split", lambda names: {*names} - {""}),
        n_runs=("run", "nunique"),
        hours=("duration", lambda seconds: seconds.sum() / 3600),
        n_seizures=("n_seizures", "sum"),
    ).reset_index()
    strangers = manifest[~manifest["participant"].isin(inventory["participant"])]
    return pd.concat([table, _from_manifest(strangers)]) if len(strangers) else table


def _from_manifest(manifest: pd.DataFrame) -> pd.DataFrame:
    """Return what windows alone tell; a folder called train, dev or eval in a cache is the official split."""
    runs = manifest.groupby(["participant", "run"])
    ends = runs[["onset", "duration"]].last().sum(axis=1)
    files = runs["source_file"].first() if "source_file" in manifest else ends.map(lambda _: "")
    parts = files.map(lambda name: {*PurePosixPath(name).parts[:-1]} & {*ROLE_OF_OFFICIAL})
    table = pd.DataFrame({"seconds": ends, "official": parts}).groupby("participant")
    told = table.agg(
        hours=("seconds", lambda seconds: seconds.sum() / 3600),
        n_runs=("seconds", "size"),
        official=("official", lambda sets: set().union(*sets)),
    ).reset_index()
    person = told["participant"].map(person_of)
    return told.assign(person=person, n_seizures=pd.array([pd.NA] * len(told), dtype="Int64"))


def _window_counts(manifest: pd.DataFrame) -> pd.DataFrame:
    who, names = text_codes(manifest["participant"])
    category = codes_of(manifest["category"])
    chosen = {
        "n_windows": who,
        "partial_windows": who[category == PARTIAL],
        "seizure_windows": who[(category == PARTIAL) | (category == FULL)],
    }
    counts = {name: np.bincount(rows, minlength=len(names)) for name, rows in chosen.items()}
    return pd.DataFrame(counts, index=pd.Index(names, dtype="str"))


def _official_splits(table: pd.DataFrame) -> dict[str, str]:
    """Return the official split of each person that has one."""
    names: dict[str, set[str]] = {}
    for person, found in zip(table["person"], table["official"], strict=True):
        names.setdefault(str(person), set()).update(found)
    for person, found in names.items():
        if len(found) > 1:
            raise SplitError(
                "a person is in two official splits",
                file=person,
                value=sorted(found),
                allowed="one of " + ", ".join(ROLE_OF_OFFICIAL),
                remedy="move the recordings into one folder, or set balance.split.use_official=false",
            )
        if unknown := found - {*ROLE_OF_OFFICIAL}:
            raise SplitError(
                "unknown official split",
                file=person,
                value=sorted(unknown)[0],
                allowed=", ".join(ROLE_OF_OFFICIAL),
                remedy="rename the folder, or set balance.split.use_official=false",
            )
    return {person: next(iter(found)) for person, found in names.items() if found}
