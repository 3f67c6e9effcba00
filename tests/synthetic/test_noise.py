import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import welch

from eeg_kedro.synthetic.noise import add_noise, count_pieces, unit_spectrum

SFREQ = 128


def make(n_times, spectra, choice=None, n_sources=1, n_channels=1, seed=0):
    x = np.zeros((n_channels, n_times), np.float32)
    pieces = count_pieces(n_times, 2 * (spectra.shape[-1] - 1))
    choice = np.zeros(pieces, np.intp) if choice is None else choice
    add_noise(
        x,
        np.random.default_rng(seed),
        np.ones((n_channels, n_sources), np.float32),
        spectra,
        choice,
        np.ones((n_sources, pieces), np.float32),
    )
    return x


def flat(n_piece):
    return unit_spectrum(np.ones(n_piece // 2 + 1))[None, None]


def test_a_unit_spectrum_gives_unit_variance():
    assert make(200_000, flat(512)).var() == pytest.approx(1, abs=0.03)


def test_power_is_constant_across_the_seams_of_pieces():
    x = np.concatenate([make(6400, flat(128), seed=seed) for seed in range(100)])
    assert x.var(axis=0).reshape(-1, 64).mean(axis=0) == pytest.approx(1, abs=0.1)


def test_one_over_f_has_the_slope_asked_for():
    freqs = np.fft.rfftfreq(1024, 1 / SFREQ)
    spectrum = unit_spectrum(np.maximum(freqs, 1.0) ** -0.75)[None, None]
    f, power = welch(make(300_000, spectrum)[0], SFREQ, nperseg=1024)
    band = (f > 3) & (f < 40)
    assert np.polyfit(np.log(f[band]), np.log(power[band]), 1)[0] == pytest.approx(-1.5, abs=0.1)


def test_the_spectrum_follows_the_choice_of_each_piece():
    spectra = np.concatenate([flat(128), 0 * flat(128)])
    choice = (np.arange(count_pieces(64 * 100, 128)) >= 50).astype(np.intp)
    x = make(64 * 100, spectra, choice)[0]
    assert x[: 64 * 48].std() > 0.9
    assert np.all(x[64 * 50 :] == 0)


@settings(max_examples=30, deadline=None)
@given(n_times=st.integers(1, 20_000), half=st.integers(1, 300))
def test_any_length_is_filled_and_finite(n_times, half):
    x = make(n_times, flat(2 * half) if half > 1 else np.ones((1, 1, 2), np.float32))
    assert x.shape == (1, n_times)
    assert np.isfinite(x).all()


def test_a_longer_recording_costs_no_more_per_sample():
    short, long = make(64 * 100, flat(128)), make(64 * 200, flat(128))
    assert np.array_equal(short[:, : 64 * 60], long[:, : 64 * 60])
