import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.signal.cell_measures import CellMeter, count_cells, fast_gain, signal_to_noise

SFREQ = 256.0


def measure(samples, sfreq=SFREQ, sizes=(), tracked=()):
    meter = CellMeter(len(samples), samples.shape[1], sfreq, tracked)
    for block in np.split(samples, np.cumsum(sizes), axis=1):
        meter.update(block)
    return meter.finish(), meter.slow_course()


def sine(freq, amplitude, seconds=20, sfreq=SFREQ):
    return np.float32(amplitude * np.sin(2 * np.pi * freq * np.arange(int(seconds * sfreq)) / sfreq))[None]


def band_noise(low, high, density, seconds=200):
    """White noise between two frequencies with ``density`` (µV²/Hz)."""
    n = int(seconds * SFREQ)
    freqs = np.fft.rfftfreq(n, 1 / SFREQ)
    bins = np.random.default_rng(0).standard_normal((2, len(freqs))) * ((freqs >= low) & (freqs <= high))
    noise = np.fft.irfft(bins[0] + 1j * bins[1], n)
    return np.float32(noise / noise.std() * np.sqrt(density * (high - low)))[None]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 900), max_size=6), st.integers(1, 5000))
def test_the_way_samples_arrive_changes_no_bit(sizes, n_times):
    samples = np.random.default_rng(n_times).standard_normal((3, n_times), np.float32)
    whole, cut = measure(samples, 100.0, (), [(0,), (1, 2)]), measure(samples, 100.0, sizes, [(0,), (1, 2)])
    assert all((getattr(whole[0], name) == getattr(cut[0], name)).all() for name in vars(whole[0]))
    assert (whole[1] == cut[1]).all()


def test_numbers_are_those_of_each_second():
    samples = np.random.default_rng(1).standard_normal((2, 5000), np.float32)
    found, _ = measure(samples)
    for second in range(count_cells(5000, SFREQ)):
        part = samples[:, second * 256 : (second + 1) * 256]
        assert found.mean[:, second] == pytest.approx(part.mean(axis=1), abs=1e-5)
        assert found.rms[:, second] == pytest.approx(np.sqrt((part**2).mean(axis=1)), rel=1e-5)
        assert (found.high[:, second] == part.max(axis=1)).all()
        assert (found.low[:, second] == part.min(axis=1)).all()


def test_fast_activity_of_white_noise_is_its_amplitude():
    found, _ = measure(band_noise(20, 50, 2.0))
    assert np.median(found.fast) == pytest.approx(np.sqrt(2.0 * 30), rel=0.05)


def test_fast_activity_does_not_see_what_is_below_ten_hertz():
    assert measure(sine(3, 200))[0].fast.max() < 0.1
    assert measure(sine(10, 50))[0].fast.max() < 0.3


@pytest.mark.parametrize("density", [0.02, 0.1, 0.5])
def test_signal_to_noise_of_a_sine_in_white_noise_is_its_closed_form(density):
    samples = sine(8, 20, 200) + band_noise(0, 50, density)
    ratio = np.median(signal_to_noise(measure(samples)[0], SFREQ))
    assert ratio == pytest.approx(10 * np.log10(20**2 / 2 / (50 * density)), abs=0.6)


def test_nothing_at_all_has_the_lowest_ratio_and_nothing_but_a_sine_a_high_one():
    assert (signal_to_noise(measure(np.zeros((1, 512), np.float32))[0], SFREQ) == -20).all()
    assert signal_to_noise(measure(sine(2, 50))[0], SFREQ).min() > 40


@pytest.mark.parametrize(("sfreq", "seen"), [(50.0, False), (64.0, False), (70.0, True), (1000.0, True)])
def test_rates_below_67_hertz_have_no_fast_activity(sfreq, seen):
    assert (fast_gain(sfreq) > 0) == seen


def test_the_slow_course_is_the_mean_of_its_group():
    samples = np.repeat(np.arange(64, dtype=np.float32), 16)[None] * np.array([[1.0], [3.0]], np.float32)
    _, course = measure(samples, tracked=[(0,), (0, 1)])
    assert course == pytest.approx(np.arange(64) * np.array([[1.0], [2.0]]))
