"""Baselines learn what is there, from training only, and say what they cannot learn from."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from eeg_kedro.errors import CheckpointError, NonFiniteError, NoSeizureError, ParameterError
from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.training.baselines.fitted import FittedBaseline, describe_seconds
from eeg_kedro.training.baselines.fitting import fit_baseline
from eeg_kedro.training.baselines.options import BaselineOptions
from tests.training.baselines.two_rhythms import RATE, SECONDS, RhythmWindows

OPTIONS = BaselineOptions()
LEARNED = ("line_length", "band_power")


def fit(kind, windows=None, positions=None, seed=0, **options):
    windows = windows or RhythmWindows()
    positions = np.arange(len(windows)) if positions is None else np.asarray(positions)
    return fit_baseline(kind, windows, positions, BaselineOptions(**options), seed)


@pytest.mark.parametrize(("kind", "probability"), [("always_off", 0), ("always_on", 1)])
def test_constants_give_their_constant_and_know_their_prior(kind, probability):
    windows = RhythmWindows()
    fitted = fit(kind, windows)
    found = fitted.predict(*windows.gather(np.arange(3)), RATE)
    assert found.shape == (3, SECONDS)
    assert (found == probability).all()
    assert fitted.prior_trained == pytest.approx(windows.masks.mean())


@pytest.mark.parametrize("kind", LEARNED)
def test_a_rhythm_that_can_be_measured_is_found_in_windows_never_seen(kind):
    windows = RhythmWindows(24)
    fitted = fit(kind, windows, np.arange(12))
    found = fitted.predict(*windows.gather(np.arange(12, 24)), RATE)
    assert roc_auc_score(windows.masks[12:].ravel(), found.ravel()) > 0.95


@pytest.mark.parametrize("kind", LEARNED)
def test_it_is_the_logistic_regression_of_sklearn(kind):
    windows, everything = RhythmWindows(), np.arange(12)
    starts = first_samples_of_seconds(windows.n_samples, RATE)
    features = describe_seconds(kind, *windows.gather(everything), RATE, starts, OPTIONS)
    flat = features.reshape(-1, features.shape[-1]).astype(float)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    expected = pipeline.fit(flat, windows.masks.ravel()).predict_proba(flat)[:, 1]
    found = fit(kind, windows, inverse_penalty=0.1).predict(*windows.gather(everything), RATE)
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-5)


@pytest.mark.parametrize("kind", LEARNED)
def test_mean_probability_is_the_prior_of_training(kind):
    windows = RhythmWindows()
    fitted = fit(kind, windows)
    found = fitted.predict(*windows.gather(np.arange(12)), RATE)
    assert found.mean() == pytest.approx(fitted.prior_trained, abs=0.01)


@pytest.mark.parametrize("kind", LEARNED)
def test_windows_that_are_not_training_are_not_looked_at(kind):
    windows = RhythmWindows()
    expected = fit(kind, windows, np.arange(8))
    windows.samples[8:] = np.nan
    assert fit(kind, windows, np.arange(8)) == expected


def test_seed_and_order_matter_only_where_windows_are_drawn():
    windows, positions = RhythmWindows(80), np.arange(80)
    assert fit("line_length", windows, positions, 1) == fit("line_length", windows, positions[::-1], 2)
    few = [fit("line_length", windows, positions, seed, most_seconds=1000) for seed in (1, 1, 2)]
    assert few[0] == few[1] != few[2]
    assert few[0].n_seconds == 1000


@pytest.mark.parametrize("kind", ["always_off", *LEARNED])
def test_it_comes_back_from_json_as_it_was(kind):
    fitted = fit(kind)
    stored = json.dumps(fitted.as_dict(), allow_nan=False)
    assert FittedBaseline.from_dict(json.loads(stored)) == fitted


def test_features_of_another_version_are_refused():
    stored = fit("band_power").as_dict()
    stored["feature_names"][0] = "mean_power_of_old"
    with pytest.raises(CheckpointError, match="other features"):
        FittedBaseline.from_dict(stored)


@pytest.mark.parametrize("kind", LEARNED)
def test_without_seizure_nothing_is_fitted(kind):
    with pytest.raises(NoSeizureError, match="0 of 60"):
        fit(kind, RhythmWindows(masks=np.zeros((3, SECONDS))))


@pytest.mark.parametrize("kind", LEARNED)
def test_with_nothing_but_seizure_nothing_is_fitted(kind):
    with pytest.raises(ParameterError, match="every second"):
        fit(kind, RhythmWindows(masks=np.ones((3, SECONDS))))


def test_no_window_is_a_clear_message():
    with pytest.raises(ParameterError, match="no window"):
        fit("band_power", positions=np.zeros(0, int))


@pytest.mark.parametrize("kind", LEARNED)
def test_a_sample_that_is_no_number_is_refused(kind):
    windows = RhythmWindows()
    windows.samples[3, 1, 70] = np.nan
    with pytest.raises(NonFiniteError, match="1 of 12 windows"):
        fit(kind, windows)


@pytest.mark.parametrize("kind", LEARNED)
def test_channels_that_are_always_flat_are_no_trouble(kind):
    windows = RhythmWindows()
    windows.samples[:] = 0
    fitted = fit(kind, windows)
    found = fitted.predict(*windows.gather(np.arange(2)), RATE)
    np.testing.assert_allclose(found, fitted.prior_trained, atol=1e-3)


@pytest.mark.parametrize("kind", LEARNED)
def test_windows_without_channels_do_not_teach_and_are_judged_as_average(kind):
    windows = RhythmWindows()
    expected = fit(kind, windows, np.arange(11)).learned
    windows.there[11] = False
    fitted = fit(kind, windows)
    assert fitted.learned == expected
    found = fitted.predict(*windows.gather(np.array([11])), RATE)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-expected.intercept)), rtol=1e-5)


def test_the_state_of_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    fit("line_length", RhythmWindows(60), most_seconds=1000)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
