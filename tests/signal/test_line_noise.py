import numpy as np
import pytest

from eeg_kedro.signal.line_noise import detect_line_freq


def noise(sfreq, seconds=60.0, n_channels=8, seed=0):
    return (
        np.random.default_rng(seed).standard_normal((n_channels, round(seconds * sfreq))).astype(np.float32)
    )


def hum(freq, sfreq, n, size=1.0):
    return (size * np.sin(2 * np.pi * freq * np.arange(n) / sfreq)).astype(np.float32)


@pytest.mark.parametrize("freq", [50.0, 60.0])
@pytest.mark.parametrize("sfreq", [128.0, 200.0, 256.0, 1000.0])
def test_the_line_is_found_at_every_usual_rate(freq, sfreq):
    x = 5 * noise(sfreq)
    assert detect_line_freq(x + hum(freq, sfreq, x.shape[1]), sfreq).freq == freq


@pytest.mark.parametrize("seconds", [1.5, 4.0, 10.0, 60.0])
@pytest.mark.parametrize("seed", range(10))
def test_noise_alone_has_no_line(seed, seconds):
    found = detect_line_freq(noise(256.0, seconds, seed=seed), 256.0)
    assert found.freq is None
    assert found.note


def test_one_humming_electrode_is_no_witness():
    x = noise(256.0)
    x[0] += hum(50.0, 256.0, x.shape[1], 100.0)
    assert detect_line_freq(x, 256.0).freq is None


def test_the_harmonic_decides_where_both_stand_out():
    x = noise(512.0)
    x += hum(50.0, 512.0, x.shape[1], 1.0) + hum(60.0, 512.0, x.shape[1], 1.2) + hum(100.0, 512.0, x.shape[1])
    assert detect_line_freq(x, 512.0).freq == 50.0


@pytest.mark.parametrize("sfreq", [1.0, 64.0, 100.0])
def test_a_rate_that_carries_no_line_is_said(sfreq):
    found = detect_line_freq(noise(sfreq), sfreq)
    assert found.freq is None
    assert "carries neither" in found.note


@pytest.mark.parametrize(
    "x", [np.zeros((3, 5000)), np.zeros((0, 5000)), np.ones((2, 10)), np.full((2, 900), np.nan)]
)
def test_samples_without_a_signal_are_no_error(x):
    assert detect_line_freq(x.astype(np.float32), 256.0).freq is None
