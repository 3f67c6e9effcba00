"""Labels of participants brought together with the split: who is learned from, who is judged, who is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.corpora.names import clean_name
from eeg_kedro.errors import AnnotationError, LayoutError, ParameterError, SplitError

if TYPE_CHECKING:
    from eeg_kedro.training.participant_options import ParticipantOptions

_YES, _NO = {"1", "1.0", "yes", "true"}, {"0", "0.0", "no", "false"}


@dataclass(frozen=True, eq=False)
class LabelledParticipants:
    """Who has which label, and who has none.

    Attributes
    ----------
    table : DataFrame
        ``participant, person, role`` (str) and ``label`` (int64: 1 for the positive class), sorted by participant.
    positive, negative : str
        Names of the classes.
    missing : tuple of str
        Participants of the split without a label.
    unknown : tuple of str
        Participants of the label table that are not in the split.
    """

    table: pd.DataFrame
    positive: str
    negative: str
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    def notices(self) -> list[str]:
        """Say, as sentences, who is left out."""
        told = []
        if self.missing:
            told.append(
                f"{len(self.missing)} participants without a label are left out: {_list(self.missing)}"
            )
        if self.unknown:
            told.append(f"{len(self.unknown)} labels are of nobody recorded here: {_list(self.unknown)}")
        return told


def match_labels(
    labels: pd.DataFrame, split: pd.DataFrame, options: ParticipantOptions
) -> LabelledParticipants:
    """Find the label of each participant.

    Parameters
    ----------
    labels : DataFrame
        ``participant`` and ``label``, as `eeg_kedro.io.label_table.read_label_table` gives them. Names may be those of
        the corpus (``sub-01``) or those used here (``01``).
    split : DataFrame
        ``input_participant_split``: ``participant, person, role``.
    options : ParticipantOptions
        Which label is the positive one.

    Raises
    ------
    AnnotationError
        If a participant of the table was never recorded (unless that is allowed), is in it twice, or there are not two
        classes.
    SplitError
        If a person is on two sides of the split.
    ParameterError
        If it is not clear which class is the positive one, or training has only one of them.
    """
    _refuse_divided(split)
    given, unknown = _name_alike(labels, split)
    if unknown and not options.allow_unknown:
        raise AnnotationError(
            "labels of participants who were never recorded",
            value=_list(unknown),
            allowed=_list(sorted(split["participant"])),
            remedy="correct the names, or allow them with finetune.participant.allow_unknown=true",
        )
    positive, negative = _classes(sorted({*given.values()}), options.positive)
    table = split.loc[split["participant"].isin(given), ["participant", "person", "role"]]
    table = table.sort_values("participant", ignore_index=True)
    is_positive = table["participant"].map(given) == positive
    table = table.assign(label=is_positive.astype("int64"))
    _demand_both(table, positive, negative)
    missing = sorted({*split["participant"]} - {*given})
    return LabelledParticipants(table, positive, negative, tuple(missing), tuple(unknown))


def _name_alike(labels: pd.DataFrame, split: pd.DataFrame) -> tuple[dict[str, str], list[str]]:
    """Return the label of each participant by the name in the split, and the names nobody has there."""
    known = {_plain(name): name for name in split["participant"]}
    known |= {name: name for name in split["participant"]}
    names = labels["participant"].astype(str)
    found = [known.get(name, known.get(_plain(name))) for name in names]
    times = Counter(name for name in found if name is not None)
    if repeated := sorted(name for name, n in times.items() if n > 1):
        raise AnnotationError(
            "participants have several labels",
            value=_list(repeated),
            allowed="one row per participant",
            remedy="keep the row that counts; sub-01 and 01 are one",
        )
    pairs = zip(found, labels["label"].astype(str), strict=True)
    unknown = [name for name, match in zip(names, found, strict=True) if match is None]
    return {name: label for name, label in pairs if name is not None}, sorted(unknown)


def _plain(name: str) -> str:
    """Return a name as the corpora's layouts make it, without the prefix of BIDS; in small letters."""
    try:
        return clean_name(name, "").lower().removeprefix("sub-")
    except LayoutError:  # nothing but signs: no layout makes such a name
        return name


def _classes(names: list[str], asked: str | None) -> tuple[str, str]:
    """Return the positive and the negative class."""
    if len(names) != 2:
        raise AnnotationError(
            "a label needs two classes among the recorded participants",
            value=_list(names) or "no label",
            allowed="two",
            remedy="leave out the others, or write n/a for them",
        )
    chosen = asked
    if asked is None and {name.lower() for name in names} & _NO:
        chosen = next((name for name in names if name.lower() in _YES), None)
    if chosen not in names:
        raise ParameterError(
            "it is not clear which label the probability shall be of",
            value=asked if asked is not None else f"labels {_list(names)}",
            allowed=_list(names),
            remedy="set finetune.participant.positive to one of them",
        )
    return chosen, next(name for name in names if name != chosen)


def _demand_both(table: pd.DataFrame, positive: str, negative: str) -> None:
    there = table.loc[table["role"] == "train", "label"]
    if set(there) != {0, 1}:
        raise ParameterError(
            "training has participants of one class only, or none",
            value=f"{int(there.sum())} {positive}, {int((there == 0).sum())} {negative}",
            allowed="at least one participant of each",
            remedy="draw another split (balance.split.seed), or give more participants a label",
        )


def _refuse_divided(split: pd.DataFrame) -> None:
    roles = split.groupby("person")["role"].nunique()
    if (roles > 1).any():
        raise SplitError(
            "a person is on two sides of the split",
            value=_list(sorted(roles.index[roles > 1])),
            remedy="run `kedro run --pipelines=sample` again",
        )


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
