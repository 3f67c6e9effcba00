"""On which side of pretraining a participant is, and what to do where a side has nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.errors import ParameterError, SplitError, WindowError
from eeg_kedro.sampling.splits import assert_disjoint

if TYPE_CHECKING:
    from eeg_kedro.sampling.plan_options import PlanOptions

Sides = Mapping[str, tuple[str, str]]  # participant -> side, and the reason where that is "none"
MORE_PEOPLE = "add recordings of more participants, or raise balance.split.validation"


def sides_of(split: pd.DataFrame, use_test_participants: bool) -> dict[str, tuple[str, str]]:
    """Give every participant of the split a side: training, validation, or none with the reason.

    Raises
    ------
    SplitError
        If a participant, or a person under two names, has two roles, or a role has a name nobody knows.
    """
    tested = ("train", "") if use_test_participants else ("none", "test participant")
    of_role = {"train": ("train", ""), "validation": ("validation", ""), "test": tested}
    roles = split["role"].astype("str")
    if unknown := sorted({*roles} - {*of_role}):
        raise SplitError("unknown role in the split", value=unknown[0], allowed=", ".join(of_role))
    assert_disjoint(split if "person" in split else split.assign(person=split["participant"]))
    return {str(who): of_role[role] for who, role in zip(split["participant"], roles, strict=True)}


def demand_sides(table: pd.DataFrame, sides: Sides, options: PlanOptions) -> None:
    """Raise unless training and validation have a sequence each; the error says what to change.

    Parameters
    ----------
    table : DataFrame
        ``participant``, ``side`` and ``reason`` of every sequence, used or not.
    sides : mapping
        From `sides_of`.
    options : PlanOptions
        For the remedy.

    Raises
    ------
    SplitError
        If nobody with a recording is on a side.
    ParameterError
        If all recordings of a side are shorter than two tokens, or have none of the chosen channels.
    WindowError
        If the quality rejects all of a side.
    """
    meant = table["participant"].map({who: side for who, (side, _) in sides.items()})
    for side in ("train", "validation"):
        if (table["side"] == side).any():
            continue
        reasons = table.loc[meant == side, "reason"].unique().tolist()
        if not reasons:
            raise _nobody(side, table["participant"].nunique())
        if any("min_quality" in reason for reason in reasons):
            raise WindowError(
                f"all windows of the {side} side are rejected",
                value=f"min_quality={options.min_quality:g}",
                remedy="lower pretrain.min_quality; quality_overview.html shows what is wrong with the recordings",
            )
        if any("shorter" in reason for reason in reasons):
            raise ParameterError(
                f"all recordings of the {side} side are shorter than two tokens",
                value=f"token_length={options.token_length}",
                allowed="two tokens and more per recording",
                remedy="a smaller pretrain.token_length",
            )
        raise ParameterError(
            f"no channel of the {side} side may be used",
            value=sorted(reasons),
            remedy="choose others with pretrain.ch_names, or set pretrain.include_interpolated=true",
        )


def _nobody(side: str, n_participants: int) -> SplitError:
    alone = "a single participant cannot be validated: " if n_participants == 1 else ""
    return SplitError(
        f"{alone}nobody is on the {side} side of pretraining",
        value=f"{n_participants} participants with windows",
        allowed="at least one participant for training and another one for validation",
        remedy=f"{MORE_PEOPLE}, then run `kedro run --pipelines=sample`",
    )
