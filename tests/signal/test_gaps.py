import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.signal.gaps import Gap, fill_gaps, find_gaps


def cut(x, sizes):
    borders = [0, *np.minimum(np.cumsum(sizes), x.shape[1]), x.shape[1]]
    return [x[:, a:b].copy() for a, b in itertools.pairwise(borders)]


def fill(x, sizes=()):
    gaps = find_gaps(cut(x, sizes))
    return np.concatenate([b.copy() for b in fill_gaps(cut(x, sizes), gaps)], axis=1)


def test_a_gap_is_bridged_by_a_straight_line():
    x = np.array([[1, 2, np.nan, np.inf, np.nan, 6, 7]], np.float32)
    assert find_gaps([x]) == (Gap(0, 2, 5, 2.0, 6.0),)
    np.testing.assert_allclose(fill(x), [[1, 2, 3, 4, 5, 6, 7]])


def test_a_gap_at_an_end_keeps_the_value_at_its_other_side():
    x = np.array([[np.nan, np.nan, 5, 4, np.nan]], np.float32)
    assert find_gaps([x]) == (Gap(0, 0, 2, 5.0, 5.0), Gap(0, 4, 5, 4.0, 4.0))
    np.testing.assert_array_equal(fill(x), [[5, 5, 5, 4, 4]])


def test_a_channel_without_any_value_becomes_zero():
    x = np.stack([np.full(9, np.nan), np.arange(9)]).astype(np.float32)
    np.testing.assert_array_equal(fill(x, [4])[0], 0)


def test_whole_samples_pass_untouched_and_uncopied():
    x = np.ones((2, 5), np.float32)
    assert find_gaps([x]) == ()
    assert next(fill_gaps([x], ())) is x


def test_read_only_blocks_are_copied():
    x = np.array([[1, np.nan, 3]], np.float32)
    x.flags.writeable = False
    assert next(fill_gaps([x], find_gaps([x])))[0, 1] == 2


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 30), max_size=8))
def test_gaps_and_lines_do_not_depend_on_how_samples_arrive(seed, sizes):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((3, 80)).astype(np.float32)
    x[np.repeat(rng.random((3, 16)) < 0.4, 5, axis=1)] = np.nan
    assert find_gaps(cut(x, sizes)) == find_gaps([x])
    assert fill(x, sizes).tobytes() == fill(x).tobytes()
    assert np.isfinite(fill(x)).all()
