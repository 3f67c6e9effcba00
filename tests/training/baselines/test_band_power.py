"""Band powers against SciPy's Welch and closed forms."""

import numpy as np
import pytest
from scipy.signal import welch

from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.signal.features import BANDS
from eeg_kedro.training.baselines.band_power import measure_band_power
from eeg_kedro.training.baselines.options import BaselineOptions


def measure(samples, rate, **options):
    starts = first_samples_of_seconds(samples.shape[-1], rate)
    return 10 ** measure_band_power(samples, starts, rate, BaselineOptions(**options)) - 1e-3


@pytest.mark.parametrize("second", [2, 5, 7])
def test_a_second_has_the_welch_power_of_the_five_around_it(second):
    samples = (20 * np.random.default_rng(0).standard_normal((1, 2, 10 * 128))).astype(np.float32)
    found = measure(samples, 128.0)[0, :, second]
    around = samples[0, :, (second - 2) * 128 : (second + 3) * 128]
    freqs, density = welch(around, 128.0, nperseg=256, noverlap=128, window="hann", detrend="constant")
    for band, (low, high) in enumerate(BANDS.values()):
        inside = (freqs >= low) & (freqs < high)
        np.testing.assert_allclose(found[:, band], density[:, inside].sum(axis=1) * 0.5, rtol=1e-3)


@pytest.mark.parametrize(("freq", "band"), [(2, 0), (6, 1), (10, 2), (20, 3), (40, 4)])
def test_a_sine_has_half_its_squared_amplitude_in_its_band_and_nothing_elsewhere(freq, band):
    t = np.arange(1280) / 128
    found = measure((40 * np.sin(2 * np.pi * freq * t)).astype(np.float32)[None, None], 128.0)[0, 0]
    np.testing.assert_allclose(found[:, band], 800, rtol=1e-3)
    assert np.delete(found, band, axis=1).max() < 1


def test_an_offset_is_no_power():
    assert np.abs(measure(np.full((1, 1, 640), 500, np.float32), 64.0)).max() < 1e-3


def test_bands_above_half_the_rate_are_silent():
    found = measure(np.random.default_rng(0).standard_normal((1, 1, 500)).astype(np.float32), 50.0)
    np.testing.assert_allclose(found[..., 4], 0, atol=1e-6)
    assert found[..., 2].min() > 1e-3


@pytest.mark.parametrize("n", [1, 3, 64, 65, 127, 200])
@pytest.mark.parametrize("frame_seconds", [0.5, 2.0, 10.0])
def test_the_shortest_of_windows_have_finite_numbers(n, frame_seconds):
    found = measure(np.ones((1, 1, n), np.float32), 64.0, frame_seconds=frame_seconds, margin_seconds=1)
    assert found.shape[2] == -(-n // 64)
    assert np.isfinite(found).all()


def test_what_was_given_is_not_changed():
    samples = np.random.default_rng(0).standard_normal((1, 1, 640)).astype(np.float32)
    before = samples.copy()
    measure(samples, 64.0)
    np.testing.assert_array_equal(samples, before)
