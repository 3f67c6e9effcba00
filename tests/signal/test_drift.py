import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.drift import DriftOptions, remove_drift

OPTIONS = DriftOptions()


def remove(x, sfreq=256.0, sizes=(), options=OPTIONS):
    borders = [0, *np.minimum(np.cumsum(sizes), x.shape[1]).astype(int), x.shape[1]]
    blocks = [x[:, a:b].copy() for a, b in itertools.pairwise(borders)]
    return np.concatenate([b.copy() for b in remove_drift(blocks, x.shape[1], sfreq, options)], axis=1)


def tone(freq, sfreq=256.0, seconds=120.0, phase=0.3):
    return np.sin(2 * np.pi * freq * np.arange(round(seconds * sfreq)) / sfreq + phase)[None].astype(
        np.float32
    )


@pytest.mark.parametrize("freq", [1.0, 1.37, 3.0, 3.9, 10.0, 15.9, 31.9, 40.0])
@pytest.mark.parametrize("phase", [0.0, 1.57])
def test_one_hertz_and_above_stay_within_one_percent_edges_included(freq, phase):
    x = 100 * tone(freq, phase=phase)
    assert np.abs(remove(x) - x).max() < 1.0


@pytest.mark.parametrize("seconds", [5.0, 9.0, 33.0, 65.0])
def test_recordings_of_any_length_keep_three_hertz(seconds):
    x = 100 * tone(3.0, seconds=seconds)
    assert np.abs(remove(x) - x).max() < 1.5


def test_slow_drift_and_offset_go():
    x = 60_000 + 200 * tone(0.02, seconds=300.0) + np.linspace(0, 500, 300 * 256, dtype=np.float32)
    left = remove(x)
    assert np.abs(left).max() < 20  # the ends, where half the window is missing
    assert np.abs(left[:, 3000:-3000]).max() < 5


def test_a_pop_does_not_bend_the_baseline():
    x = 10 * np.random.default_rng(0).standard_normal((1, 256 * 60)).astype(np.float32)
    popped = x.copy()
    popped[:, 7000:7200] += 5000
    away = np.r_[0:6900, 7300:15360]
    assert np.abs(remove(popped) - remove(x))[:, away].max() < 15


@pytest.mark.parametrize(("n", "sfreq"), [(1, 256.0), (3, 256.0), (50, 100.0), (40, 1.0), (700, 10.0)])
def test_tiny_recordings_and_low_rates_are_no_error(n, sfreq):
    assert np.isfinite(remove(np.ones((2, n), np.float32), sfreq)).all()


def test_a_recording_of_another_length_is_refused():
    with pytest.raises(SignalError, match="length"):
        list(remove_drift([np.ones((1, 50), np.float32)], 60, 256.0, OPTIONS))


def test_switched_off_it_changes_nothing():
    x = tone(0.01)
    np.testing.assert_array_equal(remove(x, options=DriftOptions(enabled=False)), x)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 9000), st.lists(st.integers(0, 3000), max_size=6), st.sampled_from([10.0, 50.0, 16.0]))
def test_the_result_does_not_depend_on_how_samples_arrive(n, sizes, sfreq):
    x = np.cumsum(np.random.default_rng(n).standard_normal((2, n)), axis=1).astype(np.float32)
    assert remove(x, sfreq, sizes).tobytes() == remove(x, sfreq).tobytes()
