from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.labels.intervals import overlap_lengths, sample_of, unite

INTERVALS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), max_size=8)


def _mask(pairs, size=200):
    mask = np.zeros(size, bool)
    for start, length in pairs:
        mask[start : start + length] = True
    return mask


def _split(pairs):
    starts = np.array([start for start, _ in pairs], np.int64)
    return starts, starts + np.array([length for _, length in pairs], np.int64)


@given(INTERVALS)
def test_united_intervals_cover_the_same_samples_and_never_touch(pairs):
    starts, stops = unite(*_split(pairs))
    assert (_mask(pairs) == _mask(zip(starts, stops - starts, strict=True))).all()
    assert (starts[1:] > stops[:-1]).all()


@given(INTERVALS, st.lists(st.integers(-20, 150), max_size=8), st.integers(0, 60))
def test_overlap_equals_counting_samples(pairs, window_starts, length):
    mask = np.concatenate([np.zeros(50, bool), _mask(pairs, 300)])
    counted = [mask[50 + start : 50 + start + length].sum() for start in window_starts]
    found = overlap_lengths(np.array(window_starts, np.int64), length, *unite(*_split(pairs)))
    assert found.tolist() == counted


def test_overlap_refuses_intervals_that_were_not_united():
    with pytest.raises(ValueError, match="unite"):
        overlap_lengths([0], 10, [0, 5], [8, 9])


@given(st.integers(0, 864_000_000), st.sampled_from([200, 250, 256, 400, 500, 512, 1000]))
def test_times_of_four_decimals_become_the_exact_sample(ten_thousandths, sfreq):
    exact = Fraction(ten_thousandths, 10_000) * sfreq + Fraction(1, 2)
    assert sample_of(ten_thousandths / 10_000, sfreq) == exact.numerator // exact.denominator


def test_half_a_sample_rounds_up_for_each_rate():
    assert sample_of([0.001, 0.0009], [500.0, 500.0]).tolist() == [1, 0]
