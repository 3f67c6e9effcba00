import mne
import numpy as np
import pytest
from scipy import signal

from eeg_kedro.errors import ParameterError
from eeg_kedro.signal.spectra import (
    BandTransform,
    frame_samples,
    mean_spectrum,
    multitaper_power,
    slepian_tapers,
    stft_power,
    window_tapers,
)

SFREQ = 200.0
NOISE = np.random.default_rng(0).standard_normal((3, 5000)).astype(np.float32)


def test_only_whole_frames_are_framed():
    assert frame_samples(NOISE, 400, 200).shape == (3, 24, 400)
    assert frame_samples(NOISE[:, :399], 400, 200).shape == (3, 0, 400)


def test_stft_power_is_that_of_scipy():
    freqs, power = stft_power(NOISE, SFREQ, 2.0, 1.0)
    peer, _, expected = signal.spectrogram(
        NOISE.astype(float), SFREQ, signal.get_window("hann", 400), noverlap=200, detrend=False
    )
    np.testing.assert_allclose(freqs, peer)
    np.testing.assert_allclose(power, expected.swapaxes(1, 2), rtol=2e-5, atol=1e-8)


def test_multitaper_power_is_that_of_mne_but_for_the_weights_of_the_tapers():
    freqs, power = multitaper_power(NOISE[:, :800], SFREQ, 4.0, 4.0, 4.0)
    expected, peer = mne.time_frequency.psd_array_multitaper(
        NOISE[:, :800].astype(float),
        SFREQ,
        bandwidth=2.0,
        normalization="full",
        remove_dc=False,
        verbose="ERROR",
    )
    np.testing.assert_allclose(freqs, peer)
    # MNE weighs the last of the tapers by its concentration, we count all alike
    assert np.median(np.abs(power[:, 0] / expected - 1)) < 0.02


@pytest.mark.parametrize("length", [400, 401])
def test_the_spectrum_sums_to_the_variance_of_a_frame(length):
    tapers = np.ones((1, length)) / np.sqrt(length)
    rows = NOISE[:, :length] - NOISE[:, :length].mean(axis=1, keepdims=True)
    freqs, power = mean_spectrum(rows, SFREQ, tapers, length)
    np.testing.assert_allclose(power.sum(axis=1) * freqs[1], rows.var(axis=1), rtol=1e-5)


@pytest.mark.parametrize("taper", ["hann", "hamming"])
def test_the_mean_spectrum_is_that_of_welch(taper):
    _, power = mean_spectrum(NOISE + 5, SFREQ, window_tapers(400, taper), 200)
    _, expected = signal.welch(NOISE.astype(float) + 5, SFREQ, taper, 400)
    np.testing.assert_allclose(power, expected, rtol=1e-4, atol=1e-7)


def test_a_band_transform_agrees_with_the_fft_on_its_grid():
    tapers = slepian_tapers(800, 2.0)
    freqs = np.arange(2, 80) * 0.25
    power = BandTransform(tapers, freqs, SFREQ).power(frame_samples(NOISE[0], 800, 400))
    _, expected = multitaper_power(NOISE[0], SFREQ, 4.0, 2.0, 2.0)
    np.testing.assert_allclose(power, expected[:, 2:80], rtol=1e-3, atol=1e-6)


def test_slepian_tapers_are_orthonormal_and_concentrated():
    tapers = slepian_tapers(800, 2.0)
    np.testing.assert_allclose(tapers @ tapers.T, np.eye(3), atol=1e-9)
    _, power = multitaper_power(
        np.sin(2 * np.pi * 10 * np.arange(800) / SFREQ)[None].astype("f4"), SFREQ, 4, 4, 2.0
    )
    assert power[0, 0, 38:43].sum() / power.sum() > 0.95


def test_a_frame_too_short_for_its_tapers_is_refused():
    with pytest.raises(ParameterError, match="too short for its tapers"):
        slepian_tapers(8, 4.0)
