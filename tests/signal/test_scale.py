from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import SplitError
from eeg_kedro.signal.scale import RobustScale, apply_scale, pool_scales, undo_scale


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


def test_microvolts_come_back_from_scaled_samples():
    samples = np.random.default_rng(0).normal([[3.0], [-40.0], [7.0]], [[10.0], [80.0], [0.0]], (3, 4000))
    keeper = RobustScale(3, 4000)
    keeper.update(samples.astype(np.float32))
    scaled = apply_scale(samples, keeper.summary())
    np.testing.assert_allclose(np.quantile(scaled[:2], [0.25, 0.5, 0.75], axis=1)[1], 0, atol=1e-4)
    np.testing.assert_allclose(undo_scale(scaled, keeper.summary()), samples, atol=1e-3)


def test_a_pooled_scale_knows_training_recordings_only():
    one, two = (("C3", "C4"), {"median": [0, 2], "iqr": [10, 20]}), (("C3",), {"median": [4], "iqr": [30]})
    assert pool_scales({"a_1": one, "b_1": two}, {"a_1", "b_1"}) == {"C3": (2.0, 20.0), "C4": (2.0, 20.0)}
    with pytest.raises(SplitError, match="b_1"):
        pool_scales({"a_1": one, "b_1": two}, {"a_1"})
