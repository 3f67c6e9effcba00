from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.sampling.draws.participant_shares import EvenShares, cap_share, fill_evenly

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=8)


def rng(seed=0):
    return np.random.default_rng(seed)


@settings(deadline=None)
@given(COUNTS, st.integers(0, 260), st.integers(0, 3))
def test_shares_differ_by_one_at_most_unless_somebody_has_no_more(most, total, seed):
    given_out = fill_evenly(np.array(most), total, rng(seed))
    assert given_out.sum() == min(total, sum(most))
    assert (given_out <= most).all()
    poorer = given_out < most  # they could give more
    assert not poorer.any() or given_out.max() - given_out[poorer].min() <= 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6), st.integers(0, 99))
def test_what_is_given_already_counts(pairs, total):
    least, extra = np.array(pairs).T
    most = least + extra
    shares = fill_evenly(most, total, rng(), least)
    assert ((least <= shares) & (shares <= most)).all()
    assert shares.sum() == max(least.sum(), min(total, most.sum()))
    above = shares > least
    assert not above.any() or shares[above].max() - shares[shares < most].min(initial=99) <= 1


def test_whoever_gave_more_than_the_others_already_gets_none_of_the_remainder():
    least, most = np.array([5, 0, 0]), np.array([9, 9, 9])
    assert {int(fill_evenly(most, 8, rng(seed), least)[0]) for seed in range(20)} == {5}


def test_the_remainder_goes_to_participants_the_generator_chooses():
    winners = {tuple(np.flatnonzero(fill_evenly(np.array([9] * 5), 7, rng(s)) == 2)) for s in range(30)}
    assert len(winners) > 5
    assert (fill_evenly(np.array([9] * 5), 7, rng(3)) == fill_evenly(np.array([9] * 5), 7, rng(3))).all()


@settings(deadline=None)
@given(COUNTS, st.integers(1, 100))
def test_the_cap_is_the_largest_that_keeps_the_share(counts, percent):
    share = percent / 100
    there = [n for n in counts if n]
    kept = [
        c for c in range(1, max(counts) + 1) if c <= Fraction(str(share)) * sum(min(n, c) for n in counts)
    ]
    found = cap_share(np.array(counts), share)
    expected = (max(kept), True) if kept else (min(there), False) if there else (0, True)
    assert tuple(found) == expected


def test_a_share_is_the_decimal_it_was_written_as():
    assert 0.29 * 100 < 29  # what a float would say
    assert cap_share(np.array([29, 29, 29, 13]), 0.29) == (29, True)


def test_windows_are_chosen_within_each_participant():
    shares = EvenShares(np.repeat([0, 1, 2], [50, 5, 20]), 3)
    chosen = shares.add(np.arange(2), np.arange(10, 75), 25, rng())
    assert shares.count(chosen).tolist() == [10, 5, 10]
    assert np.unique(chosen).size == 25
    assert shares.count(shares.limit(np.arange(75), 6, rng())).tolist() == [6, 5, 6]
