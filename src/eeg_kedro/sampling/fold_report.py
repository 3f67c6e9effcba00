"""What each fold tests, validates and trains on, and what to do where a side has no seizure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.folds import TESTED, FoldOptions

COUNT_TYPES = {
    "n_participants": "int64",
    "n_persons": "int64",
    "hours": "float64",
    "n_seizures": "Int64",  # missing where those of somebody on this side were never counted
    "partial_windows": "int64",
    "seizure_windows": "int64",
    "n_windows": "int64",
}
PREFIXES = ("", "train_", "validation_")  # of the columns; the test side has plain names
REPORT_TYPES = {
    "fold": "int16",
    "inner_fold": "int16",
    **{prefix + name: kind for prefix in PREFIXES for name, kind in COUNT_TYPES.items()},
    "advice": "str",
}
MORE_PERSONS = (
    "recordings of more persons with seizures are needed, or other categorize.window_seconds and "
    "categorize.stride_seconds so that windows begin or end inside seizures"
)


def report_folds(folds: pd.DataFrame, split: pd.DataFrame, options: FoldOptions) -> pd.DataFrame:
    """Count what is on each side of each fold.

    Parameters
    ----------
    folds : DataFrame
        As `folds.make_folds` returns it.
    split : DataFrame
        The table the folds were made from, with the columns of ``splits.SPLIT_TYPES``.
    options : FoldOptions
        As the folds were made with: for the advice.

    Returns
    -------
    DataFrame
        One row per outer and inner fold (0 if not nested), with the columns of ``REPORT_TYPES``: counts of
        the test side under plain names, of training and validation with ``train_`` and ``validation_``; and
        ``advice``, "" if all is well.

    Raises
    ------
    SplitError
        If the folds have participants the split does not know.
    """
    fold, numbers = pd.factorize(folds["fold"], sort=True)
    who, names = pd.factorize(folds["participant"], sort=True)
    codes = np.full((len(numbers), len(names)), TESTED, np.int64)
    codes[fold, who] = folds["inner_fold"]
    counts = _counts_of(folds.drop_duplicates("participant").set_index("participant").loc[names], split)
    parts = []
    for inner in range(max(int(codes.max(initial=0)) + 1, 1) if len(numbers) else 0):
        sides = (codes == TESTED, (codes != TESTED) & (codes != inner), codes == inner)
        summed = [
            _sums(counts, side).add_prefix(prefix) for prefix, side in zip(PREFIXES, sides, strict=True)
        ]
        parts.append(pd.concat(summed, axis=1).assign(fold=numbers, inner_fold=inner))
    if not parts:
        return pd.DataFrame(columns=list(REPORT_TYPES)).astype(REPORT_TYPES)
    report = pd.concat(parts).sort_values(["fold", "inner_fold"], ignore_index=True)
    n_sick = int(counts["sick"].sum())
    report["advice"] = [_advice(row, n_sick, options) for row in report.to_dict("records")]
    return report[list(REPORT_TYPES)].astype(REPORT_TYPES)


def _counts_of(participants: pd.DataFrame, split: pd.DataFrame) -> pd.DataFrame:
    """Return per participant what a side sums; a person counts with the first of its participants."""
    known = split.set_index("participant")
    if strangers := sorted({*participants.index} - {*known.index}):
        raise SplitError(
            "folds of participants the split does not know",
            value=strangers[:5],
            remedy="make the folds from this split: `kedro run --pipelines=sample`",
        )
    mine = known.loc[participants.index]
    partial = mine["partial_windows"].groupby(participants["person"]).transform("sum")
    first = ~participants["person"].duplicated()
    names = ["hours", "partial_windows", "seizure_windows", "n_windows"]
    return (
        mine[names]
        .assign(
            n_participants=1,
            n_persons=first,
            n_seizures=mine["n_seizures"].fillna(0),
            uncounted=mine["n_seizures"].isna(),
            sick=first & (partial > 0),
        )
        .astype("float64")
    )


def _sums(counts: pd.DataFrame, side: NDArray[np.bool_]) -> pd.DataFrame:
    """Return one row per fold: the sums over the participants on a side, shape (n_folds, n_participants)."""
    sums = pd.DataFrame(side.astype(np.float64) @ counts.to_numpy(), columns=counts.columns)
    return sums.assign(n_seizures=sums["n_seizures"].mask(sums["uncounted"] > 0))


def _advice(row: Mapping[Hashable, Any], n_sick: int, options: FoldOptions) -> str:
    """Return what to do about a fold; the dealing leaves a side without seizures only if persons are few."""
    hints = []
    n_rest = int(row["train_sick"] + row["validation_sick"])
    if not row["partial_windows"]:
        hints.append(
            "the test side has no partial seizure window, only false alarms can be counted; " + _fewer(n_sick)
        )
    if not row["train_partial_windows"]:
        lower = n_rest and options.inner_folds
        hints.append(
            "training has no partial seizure window: "
            + ("set balance.folds.inner_folds=0" if lower else MORE_PERSONS)
        )
    if row["validation_n_persons"] and not row["validation_partial_windows"]:
        hints.append("validation has no partial seizure window: " + _who_validates(n_rest, options))
    if row["train_n_persons"] + row["validation_n_persons"] == 1:
        hints.append("one person is left to train and nobody to validate: more persons are needed")
    return "; ".join(hints)


def _fewer(n_sick: int) -> str:
    if n_sick < 2:
        return f"{n_sick} person has any: " + MORE_PERSONS
    return f"{n_sick} persons have any: balance.folds.kind=k_fold with n_folds at most {n_sick} gives some to each fold"


def _who_validates(n_rest: int, options: FoldOptions) -> str:
    if options.inner_folds and n_rest > 1:
        return f"{n_rest} persons of the rest have any: set balance.folds.inner_folds to at most {n_rest}"
    return "too few of the rest have any: do not choose a model by it, train a fixed number of epochs"
