import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.run_truth import Unscored, list_truth
from tests.scoring import small_cohorts as small

MODELS = {"scratch": small.perfect}


def truth(predictions=None, events=None, inventory=None):
    return list_truth(
        small.predictions(MODELS) if predictions is None else predictions,
        small.events() if events is None else events,
        small.inventory() if inventory is None else inventory,
    )


def test_runs_nobody_annotated_have_no_truth_and_are_named():
    known = small.inventory().assign(annotated=[True] * 5 + [False])
    found = truth(inventory=known)
    assert found.unscored == (Unscored("f", "1", "test", 1800.0, False, "nobody annotated it"),)
    assert ("f", "1") not in found.runs


def test_a_run_that_the_inventory_does_not_know_is_not_background():
    found = truth(inventory=small.inventory("abcd"))
    assert [run.participant for run in found.unscored] == ["e", "f"]


def test_a_run_that_one_model_could_not_predict_is_scored_for_none():
    both = small.predictions({"scratch": small.perfect, "eegnet": small.perfect})
    lost = (both["participant"] == "d") & (both["model"] == "eegnet")
    both["probability"] = [
        np.zeros(0) if gone else values for gone, values in zip(lost, both["probability"], strict=True)
    ]
    found = truth(both.assign(note=lost.map({True: "no windows", False: ""})))
    assert ("d", "1") not in found.runs
    assert found.unscored == (
        Unscored("d", "1", "test", 1800.0, True, "not predicted by eegnet: no windows"),
    )


def test_only_seizures_count():
    found = truth(events=pd.concat([small.events("c"), small.events("d", kind="other")]))
    assert {key: run.n_seizures for key, run in found.of("test").runs.items()} == {
        ("c", "1"): 1,
        ("d", "1"): 0,
        ("e", "1"): 0,
        ("f", "1"): 0,
    }


def test_channels_that_repeat_a_seizure_are_one():
    overlapping = pd.concat([small.events("c"), small.events("c", onset=330.0)])
    found = truth(events=overlapping).runs["c", "1"]
    assert (found.seizures.starts.tolist(), found.seizures.stops.tolist()) == ([300.0], [390.0])


def test_an_event_of_negative_duration_is_refused_by_name():
    with pytest.raises(ScoringError, match="c_1"):
        truth(events=small.events("c", duration=-3.0))


def test_a_second_counts_if_half_of_it_is_seizure():
    marks = truth(
        small.predictions(MODELS, {"c": "test"}, 9.5),
        small.events("c", onset=2.6, duration=2.9),
        small.inventory("c", 9.5),
    ).runs["c", "1"]
    assert np.flatnonzero(marks.seizure_seconds()).tolist() == [3, 4, 5]
    assert marks.seizure_seconds().size == 10


def test_half_of_a_cut_last_second_is_enough():
    marks = truth(
        small.predictions(MODELS, {"c": "test"}, 9.5),
        small.events("c", onset=9.2, duration=0.3),
        small.inventory("c", 9.5),
    ).runs["c", "1"]
    assert np.flatnonzero(marks.seizure_seconds()).tolist() == [9]


def test_a_recording_that_has_changed_since_is_refused():
    with pytest.raises(ScoringError, match=r"1800 s predicted, 1700 s in int_inventory"):
        truth(inventory=small.inventory(duration=1700.0))


def test_two_roles_of_one_recording_are_refused():
    both = pd.concat([small.predictions(MODELS), small.predictions(MODELS, {"c": "validation"})])
    with pytest.raises(ScoringError, match="c_1: the predictions disagree"):
        truth(both)
