"""Bags of windows, the identity of a model, and what cannot be learned from."""

import json

import numpy as np
import pytest

from eeg_kedro.errors import ParameterError
from tests.training.participant_corpus import LABELS, PEOPLE, PeopleWindows, make_job, make_pretrained


def test_bags_hold_the_windows_of_their_participant_in_order_of_time(tmp_path):
    windows = PeopleWindows()
    shuffled = np.random.default_rng(0).permutation(len(windows))
    windows.table, windows.samples = windows.table.iloc[shuffled], windows.samples[shuffled]
    for who, bag in make_job(tmp_path, windows, most_windows=100).bags.items():
        rows = windows.table.iloc[bag]
        assert set(rows["participant"]) == {who}
        assert rows["window_start_sample"].tolist() == [200 * i for i in range(8)]


@pytest.mark.parametrize(("most", "kept"), [(1, [0]), (4, [0, 2, 4, 6]), (8, [*range(8)]), (99, [*range(8)])])
def test_too_many_windows_are_thinned_out_evenly(tmp_path, most, kept):
    assert make_job(tmp_path, most_windows=most).bags["p01"].tolist() == [8 + i for i in kept]


def test_who_has_no_label_or_no_window_is_left_out_and_named(tmp_path):
    job = make_job(tmp_path, PeopleWindows(PEOPLE[:-2]), LABELS.iloc[1:])
    assert sorted(job.bags) == PEOPLE[1:-2] == job.people["participant"].tolist()
    assert "1 participants without a label are left out: p00" in job.notices()
    assert "2 labelled participants have no window: p14, p15" in job.notices()


def test_names_tell_the_encoder_what_is_predicted_and_the_seed(tmp_path):
    assert make_job(tmp_path).name(3) == "tiny_participant_s3"
    assert make_job(tmp_path, tag="remission").name(0) == "tiny_participant_remission_s0"


def test_the_model_says_whom_it_has_seen(tmp_path):
    seen = make_job(tmp_path).about(0)["participants"]
    assert seen == {
        "pretrain": {"train": ["p00"], "validation": ["p08"]},
        "train": PEOPLE[:8],
        "validation": PEOPLE[8:12],
    }


def test_its_identity_is_json_and_knows_no_label_of_a_person(tmp_path):
    about = make_job(tmp_path).about(0)
    assert json.loads(json.dumps(about)) == about
    assert about["classes"] == {"1": "remission", "0": "relapse"}


def change_labels(seed=1):
    return LABELS.assign(label=np.random.default_rng(seed).permutation(LABELS["label"]))


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": change_labels()},
        {"most_windows": 5},
        {"hidden": 8},
        {"pretrained": make_pretrained(seed=1)},
        {"loop__lr": 0.02},
    ],
)
def test_whatever_changes_the_result_changes_the_identity(tmp_path, changes):
    assert make_job(tmp_path, **changes).about(0) != make_job(tmp_path).about(0)


@pytest.mark.parametrize(
    "changes", [{"encode_windows": 3}, {"resume": "never"}, {"loop__threads": 2}, {"seeds": (0, 4)}]
)
def test_whatever_does_not_leaves_it(tmp_path, changes):
    assert make_job(tmp_path, **changes).about(0) == make_job(tmp_path).about(0)


def test_another_table_than_that_of_the_windows_is_refused(tmp_path):
    windows = PeopleWindows()
    windows.table = windows.table.iloc[:-1]
    with pytest.raises(ParameterError, match="not that of the windows"):
        make_job(tmp_path, windows).check()


def test_another_rate_than_that_of_the_encoder_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="50 Hz"):
        make_job(tmp_path, pretrained=make_pretrained(sfreq=64.0)).check()


def test_training_needs_windows_of_both_classes(tmp_path):
    with pytest.raises(ParameterError, match="4 participants, of 1 classes"):
        make_job(tmp_path, PeopleWindows([*PEOPLE[1:8:2], *PEOPLE[8:]])).check()
