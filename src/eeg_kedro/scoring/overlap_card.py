"""Who each model was trained on, and the refusal to score it on any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from eeg_kedro.corpora.names import person_of
from eeg_kedro.errors import OverlapError, StaleError

CARD_TYPES = {
    "model": "str",
    "name": "str",
    "seed": "int64",
    "stage": "str",
    "participant": "str",
    "person": "str",
    "used_for": "str",
    "scored": "bool",
    "tuned": "bool",  # a person that thresholds are chosen on
}
TRAIN, VALIDATION, TEST = "train", "validation", "test"
FINETUNE, PRETRAIN = "finetune", "pretrain"
PRETRAINED = "pretrained"
# they leave no checkpoint: fitted on the training participants of the split, or on nobody
FITTED, CONSTANT = ("band_power", "line_length"), ("always_on", "always_off")
AGAIN = "run `kedro run --pipelines=finetune` again"


@dataclass(frozen=True)
class Seen:
    """Whom one model saw.

    Attributes
    ----------
    model : str
        Variant.
    name : str
        Of the checkpoint.
    seed : int
        Of the training.
    participants : mapping
        ``train`` and ``validation``: names; whatever else is a mapping of the same kind, for the stage it names, as
        ``pretrain``.
    """

    model: str
    name: str
    seed: int
    participants: Mapping[str, Any]


class Described(Protocol):
    """A model that says what it is, as `eeg_kedro.training.model_file.PretrainedModel`."""

    @property
    def name(self) -> str:
        """Of the model."""

    @property
    def about(self) -> Mapping[str, Any]:
        """Configuration and origin, with its ``participants``."""


def list_seen(
    predictions: pd.DataFrame,
    abouts: Mapping[str, Mapping[str, Any]],
    split: pd.DataFrame,
    primary: Described | None = None,
) -> list[Seen]:
    """Find whom each model of the predictions saw.

    Parameters
    ----------
    predictions : DataFrame
        ``model, name, seed``.
    abouts : mapping of str to mapping
        What the checkpoints say of themselves, by name.
    split : DataFrame
        ``participant, role``: whom the baselines without a checkpoint were fitted on.
    primary : Described, optional
        The model that is handed on; listed where it is none of the checkpoints.

    Raises
    ------
    OverlapError
        If a checkpoint is gone, or does not say whom it saw: then nobody can know.
    """
    models = predictions[["model", "name", "seed"]].drop_duplicates().sort_values(["model", "seed"])
    fitted_on = {TRAIN: split.loc[split["role"] == TRAIN, "participant"].tolist()}
    seen = []
    for model, name, seed in models.itertuples(index=False, name=None):
        if name in abouts:
            people = _told(name, abouts[name], model == PRETRAINED)
        elif model in FITTED + CONSTANT:
            people = fitted_on if model in FITTED else {}
        else:
            raise OverlapError(
                f"the checkpoint of {model} is gone: whom it was trained on is not known",
                file=name,
                remedy=AGAIN,
            )
        seen.append(Seen(model, name, int(seed), people))
    if primary is None:
        return seen
    people = _told(primary.name, primary.about, False)
    known = any(one.participants == people for one in seen)
    return (
        seen if known else [*seen, Seen("primary", primary.name, int(primary.about.get("seed", 0)), people)]
    )


def _told(name: str, about: Mapping[str, Any], is_pretrained: bool) -> Mapping[str, Any]:
    people = about.get("participants")
    if not isinstance(people, Mapping) or (is_pretrained and PRETRAIN not in people):
        raise OverlapError(
            "the checkpoint does not say whom it was trained on, pretraining included",
            file=name,
            value=sorted(about),
            allowed="participants: {train: [...], validation: [...], pretrain: {...}}",
            remedy=AGAIN,
        )
    return people


def list_overlap(
    seen: Iterable[Seen], split: pd.DataFrame, scored: Sequence[str], tuned: Sequence[str] = ()
) -> pd.DataFrame:
    """List everybody a model saw at any stage, and whether it is to be scored on that person.

    Persons count, not names: CHB-MIT 01 and 21 are one person, and so are participants that the split gives to one
    person; upper and lower case are one.

    Parameters
    ----------
    seen : iterable of Seen
        The models.
    split : DataFrame
        ``participant, person``.
    scored : sequence of str
        Participants to be scored.

    Returns
    -------
    DataFrame
        ``output_overlap_card``: columns of `CARD_TYPES`.
    """
    known = dict(zip(split["participant"], split["person"], strict=True))
    persons, choosing = ({name_person(who, known) for who in names} for names in (scored, tuned))
    rows = [
        {
            "model": one.model,
            "name": one.name,
            "seed": one.seed,
            "stage": stage,
            "participant": who,
            "person": name_person(who, known),
            "used_for": used_for,
            "scored": name_person(who, known) in persons,
            "tuned": name_person(who, known) in choosing,
        }
        for one in seen
        for stage, used_for, who in _flatten(one.participants, FINETUNE)
    ]
    return pd.DataFrame(rows, columns=list(CARD_TYPES)).astype(CARD_TYPES)


def name_person(participant: str, known: Mapping[str, str]) -> str:
    """Return the person behind a participant, by the split and by what is known of corpora."""
    return person_of(str(known.get(participant, participant))).lower()


def _flatten(participants: Mapping[str, Any], stage: str) -> Iterator[tuple[str, str, str]]:
    """Yield stage, what for and whom."""
    for key, value in participants.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, str(key))
        else:
            for who in value or ():
                yield stage, str(key), str(who)


def demand_no_overlap(card: pd.DataFrame) -> None:
    """Refuse to score a model on somebody it was trained on, at whatever stage.

    Having been validated on is listed and allowed: it chose an epoch, and set no weight.

    Raises
    ------
    OverlapError
        Naming the first model, person and stage.
    """
    trained = (card["scored"] | card["tuned"]) & (card["used_for"] != VALIDATION)
    # whoever thresholds are tuned on may choose epochs, too; whoever is only scored may choose nothing
    chose = card["scored"] & ~card["tuned"] & (card["used_for"] == VALIDATION)
    wrong = card[trained | chose]
    if wrong.empty:
        return
    first = wrong.iloc[0]
    retrain = "pretrain and finetune" if first["stage"] == PRETRAIN else "finetune"
    raise OverlapError(
        f"{first['model']} was {'validated' if first['used_for'] == VALIDATION else 'trained'} on somebody it is to be "
        f"{'scored' if first['scored'] else 'tuned'} on, in stage {first['stage']}: "
        f"{wrong['person'].nunique()} persons in {wrong['name'].nunique()} models are affected",
        file=str(first["name"]),
        value=f"person {first['person']} (participant {first['participant']})",
        allowed="persons that no stage was trained on",
        remedy=f"run {retrain} again with the split as it is now, "
        "or without pretrain.use_test_participants if that was set",
    )


def demand_same_roles(predictions: pd.DataFrame, split: pd.DataFrame) -> None:
    """Refuse predictions that were made for another split.

    Raises
    ------
    StaleError
        Naming the first participant whose role has changed.
    """
    roles = dict(zip(split["participant"], split["role"], strict=True))
    told = predictions[["participant", "role"]].drop_duplicates().sort_values("participant")
    for who, role in told.itertuples(index=False, name=None):
        if roles.get(who) != role:
            raise StaleError(
                "the split is not the one that the predictions were made for",
                file=str(who),
                value=f"{role} in the predictions, {roles.get(who, 'nobody')} in the split",
                remedy=AGAIN,
            )


def tuned_participants(predictions: pd.DataFrame) -> list[str]:
    """Return on whom thresholds are chosen: those of validation."""
    return sorted({*predictions.loc[predictions["role"] == VALIDATION, "participant"]})


def scored_participants(predictions: pd.DataFrame) -> list[str]:
    """Return who will be scored: test participants, or, where there is none, those of validation."""
    for role in (TEST, VALIDATION):
        found = sorted({*predictions.loc[predictions["role"] == role, "participant"]})
        if found:
            return found
    return []
