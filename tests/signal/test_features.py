import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import stats

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.features import BANDS, FeatureOptions, feature_fields, window_features

SFREQ = 200.0
TIMES = np.arange(10_000) / SFREQ
OPTIONS = FeatureOptions()


def features_of(x, sfreq=SFREQ, **options):
    samples = np.asarray(x, np.float32)[np.newaxis, np.newaxis]
    found = window_features(samples, sfreq, FeatureOptions(**options))
    return {name: float(value[0, 0]) for name, value in found.items()}


def eeg(n_windows=2, n_channels=3, n_times=10_000):
    """Noise with the slope of EEG, without its slowest part."""
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.standard_normal((n_windows, n_channels, n_times)))
    freqs = np.fft.rfftfreq(n_times, 1 / SFREQ)
    shape = np.where(freqs > 0.4, np.maximum(freqs, 0.4) ** -0.7, 0)
    return (20 * np.fft.irfft(spectrum * shape, n_times)).astype(np.float32)


def test_a_sine_has_the_features_of_a_sine():
    found = features_of(50 * np.sin(2 * np.pi * 10.24 * TIMES + 0.3))
    assert found["sd"] == pytest.approx(50 / np.sqrt(2), rel=1e-3)
    assert found["kurtosis"] == pytest.approx(1.5, rel=1e-3)
    assert found["skewness"] == pytest.approx(0, abs=1e-3)
    assert found["zero_crossings"] == pytest.approx(2 * 10.24 * 50, abs=1)
    assert found["hjorth_mobility"] == pytest.approx(2 * np.sin(np.pi * 10.24 / SFREQ), rel=1e-3)
    assert found["hjorth_complexity"] == pytest.approx(1, rel=1e-3)


def test_the_power_of_a_sine_is_half_its_squared_amplitude_in_its_band():
    found = features_of(50 * np.sin(2 * np.pi * 10 * TIMES))
    assert found["power_alpha"] == pytest.approx(1250, rel=1e-3)
    assert found["relative_alpha"] == pytest.approx(1, rel=1e-3)
    assert found["edge_frequency"] == pytest.approx(10.5)
    assert found["power_theta"] < 1e-3


def test_white_noise_spreads_its_power_evenly():
    found = features_of(np.random.default_rng(0).standard_normal(10_000) * 10)
    assert found["relative_beta"] == pytest.approx(17 / 100, rel=0.1)
    assert found["edge_frequency"] == pytest.approx(95, abs=1.5)
    assert found["spectral_entropy"] == pytest.approx(np.log2(200), rel=0.02)
    assert found["line_length"] == pytest.approx(20 / np.sqrt(np.pi), rel=0.02)


def test_a_ramp_and_an_offset_have_closed_forms():
    found = features_of(7 + np.linspace(-30, 30, 10_000))
    assert found["mean"] == pytest.approx(7, rel=1e-4)
    assert found["line_length"] == pytest.approx(60 / 9999, rel=1e-3)
    assert found["zero_crossings"] == 1


def test_moments_are_those_of_scipy():
    x = eeg()
    found = window_features(x, SFREQ, OPTIONS)
    np.testing.assert_allclose(found["sd"], x.std(axis=2, ddof=1, dtype=float), rtol=1e-5)
    np.testing.assert_allclose(found["skewness"], stats.skew(x.astype(float), axis=2), atol=1e-4)
    np.testing.assert_allclose(
        found["kurtosis"], stats.kurtosis(x.astype(float), axis=2, fisher=False), rtol=1e-4
    )


@pytest.fixture(scope="module")
def peer():
    from mne_features import univariate

    return univariate


def test_features_are_those_of_mne_features(peer):
    x = eeg(1)[0].astype(float)
    found = window_features(x[np.newaxis].astype("f4"), SFREQ, OPTIONS)
    for ours, theirs in (("mean", "mean"), ("sd", "std"), ("line_length", "line_length")):
        np.testing.assert_allclose(
            found[ours][0], getattr(peer, f"compute_{theirs}")(x), rtol=1e-5, atol=1e-5
        )
    np.testing.assert_array_equal(found["zero_crossings"][0], peer.compute_zero_crossings(x))
    np.testing.assert_allclose(found["hjorth_mobility"][0], peer.compute_hjorth_mobility(x), rtol=2e-3)
    np.testing.assert_allclose(found["hjorth_complexity"][0], peer.compute_hjorth_complexity(x), rtol=2e-3)


def test_the_spectral_features_are_those_of_mne_features(peer):
    x = eeg(1)[0].astype(float)
    found = window_features(
        x[np.newaxis].astype("f4"), SFREQ, FeatureOptions(taper="hamming", segment_seconds=1.28)
    )
    params = {"welch_n_fft": 256, "welch_n_per_seg": 256, "welch_n_overlap": 128}
    bands = np.array([[low, high - 1e-6] for low, high in BANDS.values()])
    expected = peer.compute_pow_freq_bands(SFREQ, x, bands, psd_params=params).reshape(3, 5)
    np.testing.assert_allclose(
        np.stack([found[f"relative_{band}"][0] for band in BANDS], 1), expected, rtol=1e-4
    )
    entropy = peer.compute_spect_entropy(SFREQ, x, psd_params=params)
    np.testing.assert_allclose(found["spectral_entropy"][0], entropy, rtol=1e-4)
    edge = peer.compute_spect_edge_freq(SFREQ, x, edge=[0.95], psd_params=params)
    np.testing.assert_allclose(found["edge_frequency"][0], edge)


def test_the_wavelet_energies_are_those_of_mne_features(peer):
    x = eeg(1)[0].astype(float)
    found = window_features(x[np.newaxis].astype("f4"), SFREQ, FeatureOptions(wavelet_levels=6))
    expected = peer.compute_wavelet_coef_energy(x).reshape(3, 6)
    ours = np.stack([found[f"wavelet_energy_{level}"][0] for level in range(1, 7)], 1)
    np.testing.assert_allclose(ours, expected, rtol=1e-4)


def test_multitaper_and_welch_agree_on_smooth_spectra():
    x = eeg()
    welch, multitaper = (
        window_features(x, SFREQ, FeatureOptions(spectrum=kind)) for kind in ("welch", "multitaper")
    )
    np.testing.assert_allclose(multitaper["power_beta"], welch["power_beta"], rtol=0.1)


def test_windows_may_be_views_that_overlap():
    x = eeg(1)[0]
    views = np.lib.stride_tricks.sliding_window_view(x, 4000, axis=1)[:, ::1000].swapaxes(0, 1)
    whole = window_features(views, SFREQ, OPTIONS)
    alone = window_features(x[np.newaxis, :, 2000:6000], SFREQ, OPTIONS)
    assert all((whole[name][2] == alone[name][0]).all() for name in whole)


def test_a_value_does_not_depend_on_what_is_computed_beside_it():
    x = eeg(2, 20, 3000)
    whole = window_features(x, SFREQ, OPTIONS)
    for window, channel in ((0, 0), (1, 7), (1, 19)):
        alone = window_features(x[window : window + 1, channel : channel + 1], SFREQ, OPTIONS)
        assert {k: v[window, channel] for k, v in whole.items()} == {k: v[0, 0] for k, v in alone.items()}


def test_the_samples_handed_in_stay_as_they_are():
    x = eeg() + np.float32(5)
    kept = x.copy()
    window_features(x, SFREQ, OPTIONS)
    np.testing.assert_array_equal(x, kept)


def test_a_channel_without_signal_has_zeros():
    found = features_of(np.zeros(10_000))
    assert set(found.values()) == {0.0}


def test_an_unknown_wavelet_is_refused_before_anything_runs():
    with pytest.raises(ValidationError, match="db4"):
        FeatureOptions(wavelet="morlet")


def test_every_feature_has_a_field_with_unit_and_meaning():
    fields = feature_fields(OPTIONS)
    assert [field.name for field in fields] == [*window_features(eeg(1, 1), SFREQ, OPTIONS)]
    assert all(field.unit and field.description for field in fields)


@pytest.mark.parametrize("n_times", [4, 30, 100])
def test_short_windows_and_slow_rates_give_finite_values(n_times):
    found = features_of(np.random.default_rng(0).standard_normal(n_times), 64.0)
    assert np.isfinite([*found.values()]).all()


@pytest.mark.parametrize("x", [np.zeros(3), np.full(100, np.nan)])
def test_unusable_windows_are_refused(x):
    with pytest.raises(SignalError):
        features_of(x)


def test_real_recordings_with_electrodes_of_9400_microvolts_have_finite_features(shared_data):
    for file in sorted((shared_data / "iiic/train_eegs").glob("*.parquet")):
        samples = pd.read_parquet(file).to_numpy(np.float32).T[np.newaxis]
        found = window_features(samples, SFREQ, OPTIONS)
        assert all(np.isfinite(value).all() for value in found.values())
