from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.synthetic.states import ICTAL, NAMES, POSTICTAL, STATES, draw_states, gain_course


@given(seconds=st.integers(1, 5000), seed=st.integers(0, 100))
def test_every_second_has_a_state_and_recordings_begin_awake(seconds, seed):
    course = draw_states(np.random.default_rng(seed), seconds, [])
    assert course.shape == (seconds,)
    assert course[0] == 0
    assert set(course) <= set(range(4))


def test_a_seizure_overrides_the_state_and_leaves_slowing():
    course = draw_states(np.random.default_rng(0), 300, [(100.4, 130.2)])
    assert np.all(course[100:131] == ICTAL)
    assert np.all(course[131:146] == POSTICTAL)
    assert ICTAL not in course[:100]


def test_nobody_falls_asleep_without_getting_drowsy():
    course = draw_states(np.random.default_rng(1), 50_000, [])
    changes = set(pairwise(course))
    assert (NAMES.index("eyes_open"), NAMES.index("asleep")) not in changes
    assert (NAMES.index("drowsy"), NAMES.index("asleep")) in changes


def test_gains_are_looked_up_second_by_second():
    course = np.array([0, 3, 1], np.int8)
    assert np.array_equal(gain_course(course, "slow"), np.float32([STATES[i].slow for i in course]))
