"""Labels of seconds, sums around them, and channels made one, each against the plain way to do it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.training.baselines.seconds import label_seconds, pool_channels, sum_around


def values(n_channels=4, seed=0):
    return np.random.default_rng(seed).standard_normal((2, n_channels, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("rate", [4.0, 5.0, 4.5])
def test_a_second_is_seizure_if_half_of_its_samples_are(rate):
    masks = np.random.default_rng(0).integers(0, 2, (20, 31)).astype(np.uint8)
    found = label_seconds(masks, first_samples_of_seconds(31, rate))
    second = np.floor(np.arange(31) / rate).astype(int)
    expected = [[mask[second == s].mean() >= 0.5 for s in range(second[-1] + 1)] for mask in masks]
    np.testing.assert_array_equal(found, expected)


numbers = arrays(np.float32, st.integers(1, 12), elements=st.integers(-50, 50))


@given(numbers, st.integers(0, 14), st.integers(0, 14))
def test_sums_are_those_of_the_neighbours_that_exist(drawn, before, behind):
    expected = [drawn[max(0, s - before) : s + behind + 1].sum() for s in range(drawn.size)]
    np.testing.assert_array_equal(sum_around(drawn, before, behind), expected)


def test_channels_become_mean_maximum_and_deviation():
    given_values = values()
    pooled = pool_channels(given_values, np.ones((2, 4), bool))
    parts = [given_values.mean(axis=1), given_values.max(axis=1), given_values.std(axis=1)]
    np.testing.assert_allclose(pooled, np.concatenate(parts, axis=-1), rtol=1e-5, atol=1e-6)


def test_channels_that_are_not_there_do_not_count_whatever_they_hold():
    given_values, valid = values(), np.array([[1, 0, 1, 0], [1, 1, 1, 1]], bool)
    expected = pool_channels(given_values[:1, [0, 2]], np.ones((1, 2), bool))
    given_values[~valid] = np.nan
    np.testing.assert_allclose(pool_channels(given_values, valid)[:1], expected, rtol=1e-6)


def test_a_window_without_channels_is_unknown():
    pooled = pool_channels(values(), np.array([[0] * 4, [1] * 4], bool))
    assert np.isnan(pooled[0]).all()
    assert np.isfinite(pooled[1]).all()


def test_windows_of_a_source_without_channels_are_unknown():
    assert np.isnan(pool_channels(values(0), np.zeros((2, 0), bool))).all()


def test_a_number_that_is_none_is_refused_and_counted():
    broken = values()
    broken[1, 2, 3, 0] = np.inf
    with pytest.raises(NonFiniteError, match="1 of 2 windows, 1 channels"):
        pool_channels(broken, np.ones((2, 4), bool))
