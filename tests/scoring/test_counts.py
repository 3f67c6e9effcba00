import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from timescoring.scoring import _Scoring

from eeg_kedro.scoring.counts import METRICS, Counts, count_matrix, figures
from eeg_kedro.scoring.nedc import NedcCounts


def by_timescoring(tp, fp, n_reference, seconds):
    scoring = _Scoring()
    scoring.tp, scoring.fp, scoring.refTrue, scoring.numSamples, scoring.fs = tp, fp, n_reference, seconds, 1
    scoring.computeScores()
    return [scoring.sensitivity, scoring.precision, scoring.f1, scoring.fpRate]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(1, 10**6))
def test_figures_and_what_is_undefined_are_as_timescoring_has_them(tp, fp, missed, seconds):
    counts = Counts(tp, fp, tp + missed, seconds)
    ours = [getattr(counts, name) for name in METRICS]
    np.testing.assert_allclose(ours, by_timescoring(tp, fp, tp + missed, seconds), rtol=1e-12)


def test_all_missed_is_f1_0_and_not_undefined():
    assert Counts(0, 0, 3, 3600).f1 == 0
    assert math.isnan(Counts(0, 0, 3, 3600).precision)


def test_figures_of_many_rows_are_those_of_each():
    several = [Counts(1, 2, 3, 4), Counts(0, 0, 0, 0), NedcCounts(5, 6, 7, 8, alarms_per_fp=0.25)]
    table = figures(count_matrix(several))
    for name in METRICS:
        np.testing.assert_array_equal(table[name], [getattr(counts, name) for counts in several])


def test_no_counts_are_an_empty_matrix():
    assert count_matrix([]).shape == (0, 5)
