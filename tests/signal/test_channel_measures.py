import numpy as np
import pytest

from eeg_kedro.signal.channel_measures import measure_channels
from eeg_kedro.signal.channel_outliers import local_outlier_factors, robust_z

SFREQ = 256
SECONDS = np.arange(60 * SFREQ) / SFREQ


def tone(freq, amplitude=1.0, phase=0.0):
    return amplitude * np.sin(2 * np.pi * freq * SECONDS + phase)


def measure(*rows, seconds=5.0, most=100):
    return measure_channels(np.array(rows, np.float32), SFREQ, seconds, most)


def test_amplitude_and_steps_of_a_tone_are_those_of_the_closed_form():
    found = measure(tone(10, 30.0))
    assert found.amplitude == pytest.approx([30 / 2**0.5], rel=1e-4)
    assert found.steps == pytest.approx([30 / 2**0.5 * 2 * np.sin(np.pi * 10 / SFREQ)], rel=0.01)


def test_what_fills_less_than_half_of_the_seconds_does_not_count():
    blinks = tone(10, 20.0)
    blinks[: 25 * SFREQ] += 300 * np.hanning(25 * SFREQ) * tone(1)[: 25 * SFREQ]
    assert measure(blinks).amplitude == pytest.approx([20 / 2**0.5], rel=1e-3)


def test_correlation_is_the_mean_of_the_two_best_whatever_the_sign():
    same, half = tone(10), tone(10, 5.0, np.pi / 3)
    found = measure(same, -7 * same, half, tone(17))
    assert found.correlation.shape == (12, 4)
    np.testing.assert_allclose(found.correlation[3], [0.75, 0.75, 0.5, 0.0], atol=0.01)


def test_windows_are_spread_evenly_if_there_are_too_many():
    found = measure(SECONDS, most=4)
    np.testing.assert_allclose(found.windows[:, 0, 0], [0, 20, 35, 55])
    assert found.second_rms.shape == (1, 20)


@pytest.mark.parametrize(("n_times", "n_windows", "n_seconds"), [(100, 1, 1), (700, 1, 2), (2700, 2, 10)])
def test_short_excerpts_have_one_window(n_times, n_windows, n_seconds):
    found = measure_channels(np.ones((3, n_times), np.float32), SFREQ, 5.0, 100)
    assert (len(found.windows), found.second_rms.shape[1]) == (n_windows, n_seconds)


def test_robust_z_is_not_moved_by_the_outlier_it_measures():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 1000.0])
    usual = np.array([True] * 5 + [False])
    np.testing.assert_allclose(robust_z(values, usual), (values - 3) / 1.4826)


def test_channels_that_are_nearly_alike_have_no_outliers():
    values = np.array([0.0, 0.001, -0.001, 0.002, 0.3])
    assert np.abs(robust_z(values, np.ones(5, bool))).max() < 2


def test_the_local_outlier_factor_tells_the_one_that_stands_apart():
    features = np.random.default_rng(0).standard_normal((8, 3))
    features[5] += 20
    factors = local_outlier_factors(features)
    assert factors.argmax() == 5
    assert factors[5] > 5 > np.delete(factors, 5).max()
