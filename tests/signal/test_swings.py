import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.signal.swings import SwingSurvey


def survey(samples, cuts=(), sfreq=10.0):
    found = SwingSurvey(len(samples), sfreq)
    for block in np.split(samples, sorted(cuts), axis=1):
        found.update(block)
    return found.swing_uv()


def test_the_range_of_one_second_means_is_found():
    level = np.repeat(np.arange(200.0), 10)  # a microvolt per second
    fast = 50 * np.sin(2 * np.pi * np.arange(2000) / 10)
    found = survey(np.array([level, level + fast, 0 * level], np.float32))
    assert found == pytest.approx([99, 99, 0], abs=1e-3)


def test_one_jump_in_five_stretches_does_not_count():
    samples = np.zeros((1, 5000), np.float32)
    samples[0, 2500:] = 400
    assert survey(samples) == [0]


@pytest.mark.parametrize("sfreq", [12.8, 37.0])
@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 8000), max_size=8))
def test_the_result_does_not_depend_on_how_samples_are_cut(sfreq, cuts):
    samples = np.cumsum(np.random.default_rng(0).standard_normal((3, 8000)), axis=1).astype(np.float32)
    assert np.array_equal(survey(samples, cuts, sfreq), survey(samples, (), sfreq))
    assert np.isfinite(survey(samples, (), sfreq)).all()


@pytest.mark.parametrize("n_times", [0, 9, 10, 1999])
def test_recordings_below_200_s_have_no_swing(n_times):
    assert np.isnan(survey(np.ones((2, n_times), np.float32))).all()
