"""Probabilities that were right at one prior are right at another: closed forms and a Bayes-optimal classifier."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.prior_shift import shift_prior

priors = st.floats(1e-4, 1 - 1e-4)
probabilities = st.floats(1e-6, 1 - 1e-6)


def gaussian_posterior(x, prior):
    """Probability of class 1 for N(1, 1) against N(-1, 1): logit = 2x + log odds of the prior."""
    return expit(2 * x + np.log(prior / (1 - prior)))


def test_a_bayes_optimal_classifier_becomes_that_of_the_other_prior():
    x = np.linspace(-6, 6, 400)
    shifted = shift_prior(gaussian_posterior(x, 0.34), 0.34, 0.002)
    np.testing.assert_allclose(shifted, gaussian_posterior(x, 0.002), rtol=1e-10)


def test_a_classifier_of_resampled_data_is_calibrated_after_the_shift():
    rng = np.random.default_rng(0)
    truth = rng.random(400_000) < 0.03
    found = gaussian_posterior(rng.standard_normal(truth.size) + np.where(truth, 1, -1), 0.4)
    shifted = shift_prior(found, 0.4, 0.03)
    assert found.mean() > 0.1
    assert shifted.mean() == pytest.approx(0.03, rel=0.02)
    high = (shifted > 0.2) & (shifted < 0.4)
    assert truth[high].mean() == pytest.approx(shifted[high].mean(), abs=0.01)


@given(probabilities, priors, priors)
def test_there_and_back_is_where_it_was(probability, first, second):
    back = shift_prior(shift_prior([probability], first, second), second, first)
    assert back[0] == pytest.approx(probability, rel=1e-6)


@given(st.lists(probabilities, min_size=2, max_size=9), priors, priors)
def test_the_order_stays(values, first, second):
    ordered = np.sort(values)
    assert (np.diff(shift_prior(ordered, first, second)) >= 0).all()


def test_the_prior_itself_becomes_the_other_prior():
    assert shift_prior(0.34, 0.34, 0.01) == pytest.approx(0.01)


@pytest.mark.parametrize(("first", "second"), [(0.3, 0.3), (0.9, 0.01)])
def test_zero_and_one_stay(first, second):
    np.testing.assert_array_equal(shift_prior([0.0, 1.0, 0.5], first, second)[:2], [0, 1])


def test_equal_priors_change_nothing_whatever_they_are():
    np.testing.assert_array_equal(shift_prior([0.25, 0.75], 0.0, 0.0), [0.25, 0.75])


def test_float32_stays_float32_and_nothing_stays_nothing():
    assert shift_prior(np.float32([0.5]), 0.3, 0.1).dtype == np.float32
    assert shift_prior([], 0.3, 0.1).size == 0


def test_what_was_given_is_not_changed():
    probability = np.array([0.5, 0.2])
    shift_prior(probability, 0.3, 0.1)
    np.testing.assert_array_equal(probability, [0.5, 0.2])


@pytest.mark.parametrize("prior", [0.0, 1.0, float("nan"), -0.1])
def test_a_prior_without_one_of_the_kinds_is_refused(prior):
    with pytest.raises(ScoringError, match="prior_true"):
        shift_prior([0.5], 0.3, prior)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_probability_is_refused(value):
    with pytest.raises(ScoringError, match="no probability"):
        shift_prior([0.5, value], 0.3, 0.1)
