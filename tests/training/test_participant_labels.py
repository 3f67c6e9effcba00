"""Labels find their participants, whoever is left out is named, and what is unclear is asked."""

import pandas as pd
import pytest

from eeg_kedro.errors import AnnotationError, ParameterError, SplitError
from eeg_kedro.training.participant_labels import match_labels
from eeg_kedro.training.participant_options import ParticipantOptions

SPLIT = pd.DataFrame(
    {
        "participant": ["01", "02", "03", "04"],
        "person": ["01", "02", "03", "04"],
        "role": ["train"] * 3 + ["test"],
    }
)


def table(**labels):
    return pd.DataFrame({"participant": [name.lstrip("_") for name in labels], "label": [*labels.values()]})


def match(labels, split=SPLIT, **options):
    return match_labels(labels, split, ParticipantOptions(**options))


def test_each_participant_has_role_person_and_label():
    found = match(table(_01="1", _02="0", _04="1")).table
    assert found.to_dict("list") == {
        "participant": ["01", "02", "04"],
        "person": ["01", "02", "04"],
        "role": ["train", "train", "test"],
        "label": [1, 0, 1],
    }


def test_who_has_no_label_is_left_out_and_named():
    found = match(table(_01="1", _02="0"))
    assert found.missing == ("03", "04")
    assert found.notices() == ["2 participants without a label are left out: 03, 04"]


def test_names_of_bids_are_those_of_the_corpus():
    labels = pd.DataFrame({"participant": ["sub-01", "SUB-02"], "label": ["yes", "no"]})
    assert match(labels).table["label"].tolist() == [1, 0]


def test_a_name_as_it_is_goes_before_one_that_is_alike():
    split = SPLIT.assign(participant=["a", "A", "c", "d"], person=["a", "A", "c", "d"])
    labels = pd.DataFrame({"participant": ["a", "A"], "label": ["1", "0"]})
    assert match(labels, split).table.set_index("participant")["label"].to_dict() == {"a": 1, "A": 0}


@pytest.mark.parametrize("pair", [("1", "0"), ("1.0", "0.0"), ("yes", "no"), ("True", "False")])
def test_yes_and_no_need_no_explanation(pair):
    found = match(table(_01=pair[0], _02=pair[1]))
    assert (found.positive, found.negative) == pair


def test_other_labels_need_to_be_told_which_is_the_positive_one():
    labels = table(_01="relapse", _02="remission")
    with pytest.raises(ParameterError, match="positive"):
        match(labels)
    assert match(labels, positive="remission").table["label"].tolist() == [0, 1]
    with pytest.raises(ParameterError, match="relapse, remission"):
        match(labels, positive="Remission!")


@pytest.mark.parametrize("values", [("1", "0", "2"), ("1", "1", "1"), ("a", "b", "c")])
def test_one_or_three_classes_are_refused(values):
    with pytest.raises(AnnotationError, match="two classes"):
        match(table(**dict(zip(("_01", "_02", "_03"), values, strict=True))))


def test_an_empty_table_is_refused():
    with pytest.raises(AnnotationError, match="two classes"):
        match(table())


def test_names_that_nobody_has_are_listed():
    labels = table(_01="1", _02="0", _99="1", _x="0")
    with pytest.raises(AnnotationError, match="99, x"):
        match(labels)
    found = match(labels, allow_unknown=True)
    assert found.unknown == ("99", "x")
    assert "99, x" in found.notices()[-1]


def test_a_class_that_only_unknown_people_have_does_not_count():
    with pytest.raises(AnnotationError, match="two classes"):
        match(table(_01="1", _02="1", _99="0"), allow_unknown=True)


def test_two_rows_of_one_participant_are_refused_whatever_they_are_called():
    labels = pd.DataFrame({"participant": ["sub-01", "01", "02"], "label": ["1", "0", "1"]})
    with pytest.raises(AnnotationError, match="several labels"):
        match(labels)


def test_training_with_one_class_is_refused():
    with pytest.raises(ParameterError, match="2 1, 0 0"):
        match(table(_01="1", _02="1", _04="0"))


def test_a_person_on_two_sides_is_refused():
    with pytest.raises(SplitError, match="01"):
        match(table(_01="1", _02="0"), SPLIT.assign(person=["01", "02", "03", "01"]))


def test_what_has_no_letter_is_nobody():
    with pytest.raises(AnnotationError, match=r"\?\?\?"):
        match(pd.DataFrame({"participant": ["???", "01", "02"], "label": ["1", "0", "1"]}))
