from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.signal.pop_search import find_pops
from eeg_kedro.signal.pops import PopOptions
from eeg_kedro.signal.raw_survey import RawSurvey, count_clipped


def extent(x):
    return np.stack([x.min(axis=1), x.max(axis=1)], axis=1).astype(np.float64)


def brute_count(row):
    low, high, count, i = row.min(), row.max(), 0, 0
    while low < high and i < len(row):
        j = i
        while j < len(row) and row[j] == row[i]:
            j += 1
        count += (j - i) if row[i] in (low, high) and j - i >= 3 else 0
        i = j
    return count


def cut(x, sizes):
    borders = [0, *np.minimum(np.cumsum(sizes), x.shape[1]).astype(int), x.shape[1]]
    return [x[:, a:b] for a, b in pairwise(borders)]


def test_three_equal_samples_at_the_limit_are_clipped_and_two_are_not():
    x = np.array([[0, 9, 9, 9, 1, 9, 9, 2], [3, 3, 3, 0, 9, 0, 0, 0]], np.float32)
    assert count_clipped([x], extent(x)).tolist() == [3, 3]


def test_a_constant_channel_is_flat_not_clipped():
    x = np.full((1, 50), 7.0, np.float32)
    assert count_clipped([x], extent(x)).tolist() == [0]


def test_limits_in_double_precision_match_samples_in_single():
    x = np.clip(np.random.default_rng(0).standard_normal((1, 5000)), -1, 1) * 3276.7
    found = count_clipped([x.astype(np.float32)], extent(x))
    assert found[0] == brute_count(x[0]) > 0


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.lists(st.integers(0, 9), max_size=12))
def test_the_count_equals_brute_force_however_samples_arrive(values, sizes):
    x = np.array([values], np.float32)
    assert count_clipped(cut(x, sizes), extent(x))[0] == brute_count(x[0])


@pytest.mark.parametrize("enabled", [True, False])
def test_one_pass_gives_what_two_give(enabled):
    x = np.clip(np.cumsum(np.random.default_rng(1).standard_normal((4, 20_000)), axis=1), -60, 60).astype(
        np.float32
    )
    x[1, 9000:] += 500
    names, options = ["FP1", "F3", "C3", "P3"], PopOptions(enabled=enabled)
    survey = RawSurvey(256.0, names, extent(x), options)
    for block in cut(x, [4096] * 4):
        survey.update(block)
    assert survey.pops() == find_pops([x], 256.0, names, options)
    assert survey.n_clipped().tolist() == count_clipped([x], extent(x)).tolist()
