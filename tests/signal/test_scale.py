from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.signal.scale import RobustScale


def summarize(x, *edges, **options):
    scale = RobustScale(*x.shape, **options)
    bounds = [0, *sorted(edges), x.shape[1]]
    for start, stop in pairwise(bounds):
        scale.update(x[:, start:stop])
    return scale.summary()


def test_short_signals_give_the_exact_quartiles():
    x = np.random.default_rng(0).normal(5, 20, (3, 10_000)).astype(np.float32)
    low, median, high = np.quantile(x, (0.25, 0.5, 0.75), axis=1)
    assert summarize(x)["median"] == pytest.approx(median)
    assert summarize(x)["iqr"] == pytest.approx(high - low)


def test_long_signals_give_the_quartiles_within_two_percent():
    x = np.random.default_rng(0).normal(5, 20, (1, 500_000)).astype(np.float32)
    assert summarize(x)["iqr"][0] == pytest.approx(np.subtract(*np.quantile(x, (0.75, 0.25))), rel=0.02)


@given(edges=st.lists(st.integers(0, 5000), max_size=6), most=st.integers(1, 300))
def test_the_scale_does_not_depend_on_how_samples_arrive(edges, most):
    x = np.random.default_rng(1).normal(size=(2, 5000)).astype(np.float32)
    assert summarize(x, *edges, most_samples=most) == summarize(x, most_samples=most)


def test_memory_is_bounded_for_a_day():
    scale = RobustScale(21, 24 * 3600 * 256)
    assert scale._kept.nbytes < 4e6


def test_nothing_seen_is_zero():
    assert RobustScale(1, 0).summary() == {"median": [0.0], "iqr": [0.0]}
