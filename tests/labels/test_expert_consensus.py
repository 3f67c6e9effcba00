import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.labels.expert_consensus import agreed_seizures, count_votes, seizure_seconds

MARKS = st.integers(1, 40).flatmap(
    lambda n: st.lists(
        st.lists(st.sampled_from([0, 1]), min_size=n, max_size=n).map(lambda m: np.array(m, np.uint8)),
        min_size=1,
        max_size=5,
    )
)
RULES = ("majority", "unanimous", "any")


def _covered(annotations, length):
    mask = np.zeros(length, bool)
    for one in annotations:
        mask[int(one.onset) : int(one.offset)] = True
    return mask


@given(MARKS)
def test_three_rules_are_what_numpy_says_of_whole_columns(marks):
    table, votes = np.stack(marks), count_votes(marks)
    expected = {
        "majority": table.mean(axis=0) > 0.5,
        "unanimous": table.all(axis=0),
        "any": table.any(axis=0),
    }
    for rule, mask in expected.items():
        assert (seizure_seconds(votes, rule) == mask).all()
        assert (_covered(agreed_seizures(votes, rule), mask.size) == mask).all()


@given(MARKS)
def test_events_never_touch_and_their_confidence_is_the_mean_share(marks):
    found = agreed_seizures(count_votes(marks), "any")
    assert all(one.offset < other.onset for one, other in itertools.pairwise(found))
    for one in found:
        seconds = np.stack(marks)[:, int(one.onset) : int(one.offset)]
        assert math.isclose(one.confidence, seconds.mean())


@pytest.mark.parametrize(
    ("rule", "seconds"), [("majority", [1, 2, 4]), ("unanimous", [2, 4]), ("any", [0, 1, 2, 4])]
)
def test_only_experts_who_annotated_a_second_are_asked(rule, seconds):
    # the third stops after 3 s, the second left second 4 blank
    marks = [[1, 1, 1, 0, 1], [0, 1, 1, 0, 2], [0, 0, 1]]
    votes = count_votes([np.array(m, np.uint8) for m in marks])
    assert votes.asked.tolist() == [3, 3, 3, 2, 1]
    assert np.flatnonzero(seizure_seconds(votes, rule)).tolist() == seconds


def test_of_two_experts_a_majority_is_both():
    votes = count_votes([np.array([1, 1, 0], np.uint8), np.array([1, 0, 0], np.uint8)])
    assert seizure_seconds(votes, "majority").tolist() == [True, False, False]


def test_a_second_nobody_annotated_is_no_seizure_by_any_rule():
    votes = count_votes([np.array([2, 1], np.uint8), np.array([2, 1], np.uint8)])
    assert [seizure_seconds(votes, rule).tolist() for rule in RULES] == [[False, True]] * 3
