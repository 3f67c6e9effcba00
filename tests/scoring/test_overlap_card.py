import pandas as pd
import pytest

from eeg_kedro.errors import OverlapError, StaleError
from eeg_kedro.scoring.overlap_card import (
    CARD_TYPES,
    Seen,
    demand_no_overlap,
    demand_same_roles,
    list_overlap,
    list_seen,
    scored_participants,
)
from tests.scoring import small_cohorts as small

SPLIT = pd.DataFrame(
    [("t1", "t1", "train"), ("a", "a", "validation"), ("b", "b", "validation"), ("c", "c", "test")],
    columns=["participant", "person", "role"],
)
TOLD = {"train": ["t1"], "validation": ["a", "b"]}


class Primary:
    def __init__(self, participants, name="x_finetuned"):
        self.name, self.about = name, {"participants": participants, "seed": 1}


def card(participants=TOLD, model="scratch", split=SPLIT, scored=("c",), primary=None):
    predictions = small.predictions({model: small.perfect}, {"c": "test"})
    name = predictions["name"].iloc[0]
    seen = list_seen(predictions, {name: {"participants": participants}}, split, primary)
    return list_overlap(seen, split, scored)


def test_everybody_a_model_saw_is_listed_with_stage_and_use():
    table = card({**TOLD, "pretrain": {"train": ["t1"], "validation": ["b"]}}, "pretrained")
    assert dict(table.dtypes.astype(str)) == CARD_TYPES
    rows = table[["stage", "participant", "used_for"]].itertuples(index=False, name=None)
    assert sorted(rows) == [
        ("finetune", "a", "validation"),
        ("finetune", "b", "validation"),
        ("finetune", "t1", "train"),
        ("pretrain", "b", "validation"),
        ("pretrain", "t1", "train"),
    ]
    demand_no_overlap(table)


@pytest.mark.parametrize("stage", ["pretrain", "embed"])
def test_whoever_an_earlier_stage_was_trained_on_is_not_scored(stage):
    table = card({**TOLD, "pretrain": {}, stage: {"train": ["c"], "validation": []}}, "pretrained")
    with pytest.raises(OverlapError, match=rf"pretrained was trained on somebody .* in stage {stage}"):
        demand_no_overlap(table)


def test_the_error_names_model_person_and_remedy():
    with pytest.raises(OverlapError) as error:
        demand_no_overlap(card({"train": ["t1", "c"]}))
    assert "scratch_s0" in str(error.value)
    assert "person c (participant c)" in str(error.value)
    assert "run finetune again" in str(error.value)


def test_chbmit_01_and_21_are_one_person():
    split = pd.DataFrame(
        [("chb01", "chb01", "train"), ("chb21", "chb01", "test")], columns=["participant", "person", "role"]
    )
    for trained, scored in (("chb01", "chb21"), ("chb21", "chb01"), ("CHB21", "chb01")):
        with pytest.raises(OverlapError, match="person chb01"):
            demand_no_overlap(card({"train": [trained]}, split=split, scored=[scored]))


def test_one_person_under_two_names_counts_even_if_the_split_does_not_know_one():
    split = pd.DataFrame([("x1", "ann", "test")], columns=["participant", "person", "role"])
    with pytest.raises(OverlapError, match="person ann"):
        demand_no_overlap(card({"train": ["Ann"]}, split=split, scored=["x1"]))


def test_who_is_scored_may_not_have_chosen_the_epoch():
    table = card({"train": ["t1"], "validation": ["c"]})
    assert table.set_index("participant")["scored"].to_dict() == {"t1": False, "c": True}
    with pytest.raises(OverlapError, match="validated on somebody it is to be scored on"):
        demand_no_overlap(table)


def test_who_thresholds_are_tuned_on_may_have_chosen_the_epoch_but_not_trained():
    seen = [Seen("scratch", "scratch_s0", 0, {"train": ["t1"], "validation": ["v"]})]
    demand_no_overlap(list_overlap(seen, SPLIT, ["c"], ["v"]))
    with pytest.raises(OverlapError, match="trained on somebody it is to be tuned on"):
        demand_no_overlap(list_overlap(seen, SPLIT, ["c"], ["t1"]))


def test_a_checkpoint_that_is_gone_is_refused():
    predictions = small.predictions({"scratch": small.perfect})
    with pytest.raises(OverlapError, match="scratch_s0: the checkpoint of scratch is gone"):
        list_seen(predictions, {}, SPLIT)


@pytest.mark.parametrize("about", [{}, {"participants": ["t1"]}, {"participants": {"train": ["t1"]}}])
def test_a_checkpoint_that_hides_whom_it_saw_is_refused(about):
    predictions = small.predictions({"pretrained": small.perfect})
    with pytest.raises(OverlapError, match="does not say whom it was trained on"):
        list_seen(predictions, {"pretrained_s0": about}, SPLIT)


def test_baselines_without_checkpoint_were_fitted_on_the_training_participants():
    predictions = small.predictions({"line_length": small.perfect, "always_on": small.perfect})
    table = list_overlap(list_seen(predictions, {}, SPLIT), SPLIT, ["c"])
    assert table[["model", "participant", "used_for"]].to_numpy().tolist() == [["line_length", "t1", "train"]]


def test_a_primary_model_that_is_none_of_the_checkpoints_is_looked_at_too():
    table = card(primary=Primary({"train": ["c"]}))
    assert {*table["name"]} == {"scratch_s0", "x_finetuned"}
    with pytest.raises(OverlapError, match="x_finetuned"):
        demand_no_overlap(table)
    assert {*card(primary=Primary(dict(TOLD)))["name"]} == {"scratch_s0"}


def test_predictions_for_another_split_are_stale():
    predictions = small.predictions({"scratch": small.perfect}, {"c": "test", "t1": "validation"})
    with pytest.raises(StaleError, match=r"t1: .*'validation in the predictions, train in"):
        demand_same_roles(predictions, SPLIT)
    demand_same_roles(small.predictions({"scratch": small.perfect}, {"c": "test"}), SPLIT)


def test_without_test_participants_those_of_validation_are_scored():
    predictions = small.predictions({"scratch": small.perfect})
    assert scored_participants(predictions) == [*"cdef"]
    assert scored_participants(predictions[predictions["role"] == "validation"]) == [*"ab"]
    assert scored_participants(predictions[:0]) == []
