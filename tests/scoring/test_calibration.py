"""Calibration tables and scores against scikit-learn, and what is empty or of one class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.calibration import (
    brier,
    calibration_table,
    expected_calibration_error,
    summarise_calibration,
)


def draw(n=5_000, seed=0):
    rng = np.random.default_rng(seed)
    probability = rng.random(n)
    return probability, rng.random(n) < probability**2


# tenths lie on the edges of bins
pairs = st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=40)


@given(pairs, st.integers(1, 12))
def test_bins_are_those_of_sklearn(drawn, n_bins):
    probability, truth = np.array([p / 100 for p, _ in drawn]), np.array([y for _, y in drawn])
    observed, predicted = (
        calibration_curve(truth, probability, n_bins=n_bins) if truth.any() else (None, None)
    )
    table = calibration_table(probability, truth, n_bins)
    assert table["n"].sum() == len(drawn)
    if observed is not None and not truth.all():
        kept = table[table["n"] > 0]
        np.testing.assert_allclose(kept["observed"], observed)
        np.testing.assert_allclose(kept["predicted"], predicted)


def test_every_bin_has_its_row():
    table = calibration_table([0.05, 0.15], [0, 1], n_bins=10)
    assert table.columns.tolist() == ["bin_low", "bin_high", "predicted", "observed", "n"]
    assert table["n"].tolist() == [1, 1] + [0] * 8
    assert table["bin_low"].tolist() == pytest.approx([i / 10 for i in range(10)])
    assert table.loc[2:, ["predicted", "observed"]].isna().all(axis=None)


def test_brier_is_that_of_sklearn():
    probability, truth = draw()
    assert brier(probability, truth) == pytest.approx(brier_score_loss(truth, probability))


def test_the_error_is_the_weighted_distance_of_the_curve_from_the_diagonal():
    probability, truth = draw()
    observed, predicted = calibration_curve(truth, probability, n_bins=10)
    n = np.histogram(probability, bins=10, range=(0, 1))[0]
    expected = np.average(np.abs(observed - predicted), weights=n)
    assert expected_calibration_error(probability, truth) == pytest.approx(expected)
    assert summarise_calibration(calibration_table(probability, truth)) == pytest.approx(expected)


def test_what_is_right_has_hardly_any_error_and_what_is_wrong_has_its_distance():
    rng = np.random.default_rng(1)
    probability = rng.random(200_000)
    assert expected_calibration_error(probability, rng.random(200_000) < probability) < 0.01
    assert expected_calibration_error(np.full(1000, 0.9), np.zeros(1000)) == pytest.approx(0.9)


def test_nothing_gives_an_empty_table_and_nan():
    assert calibration_table([], [])["n"].sum() == 0
    assert np.isnan(expected_calibration_error([], []))
    assert np.isnan(brier([], []))


@pytest.mark.parametrize("truth", [0, 1])
def test_one_class_is_enough(truth):
    probability = np.linspace(0, 1, 101)
    table = calibration_table(probability, np.full(101, truth))
    assert (table["observed"] == truth).all()
    assert brier(probability, np.full(101, truth)) == pytest.approx(np.mean((probability - truth) ** 2))


def test_constants_are_judged_too():
    assert brier(np.zeros(4), [0, 0, 0, 1]) == 0.25
    assert expected_calibration_error(np.ones(4), [0, 0, 0, 1]) == 0.75


def test_float32_and_booleans_will_do():
    probability, truth = draw(100)
    found = brier(probability.astype(np.float32), truth)
    assert found == pytest.approx(brier(probability, truth.astype(int)), rel=1e-5)


def test_unequal_lengths_are_refused():
    with pytest.raises(ScoringError, match="3 and 2"):
        calibration_table([0.1, 0.2, 0.3], [0, 1])


@pytest.mark.parametrize(
    ("probability", "truth"), [([1.5], [1]), ([np.nan], [1]), ([0.5], [2]), ([0.5], [np.nan])]
)
def test_what_is_neither_probability_nor_truth_is_refused(probability, truth):
    with pytest.raises(ScoringError):
        brier(probability, truth)
