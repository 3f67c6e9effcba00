import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.signal.burst_gate import plan_gate, split_bursts

SFREQ = 256
FIELD = np.array([[1.0], [0.8], [0.1]])
READ = np.array([[1.0, 0.0, 0.0]])
SECONDS = 300


def noise(seed=0, seconds=SECONDS):
    return 5 * np.random.default_rng(seed).standard_normal((3, seconds * SFREQ)).astype(np.float32)


def blinks(every=2.7, seconds=SECONDS):
    """100 µV at the first channel for 0.35 s."""
    trace = np.zeros(seconds * SFREQ)
    shape = 100 * np.hanning(round(0.35 * SFREQ))
    for start in np.arange(3, seconds - 1, every):
        trace[int(start * SFREQ) :][: len(shape)] += shape
    return trace


def bursts_of(samples, cut=1000):
    gate = plan_gate(FIELD, READ, samples, SFREQ, 4.0)
    blocks = (samples[:, i : i + cut] for i in range(0, samples.shape[1], cut))
    parts = [(x.copy(), b.copy()) for x, b in split_bursts(blocks, gate)]
    back, bursts = (np.concatenate([part[i] for part in parts], axis=1) for i in (0, 1))
    assert np.array_equal(back, samples)
    return bursts


def test_blinks_are_taken_whole_and_with_their_field():
    background, trace = noise(), blinks()
    bursts = bursts_of((background + FIELD * trace).astype(np.float32))
    left = FIELD * trace - bursts
    inside = trace > 1
    assert np.mean(left[0, inside] ** 2) < 0.02 * np.mean(trace[inside] ** 2)
    np.testing.assert_allclose(bursts[1], 0.8 * bursts[0], rtol=1e-5)


def test_between_blinks_nothing_is_touched():
    trace = blinks(every=10.0)
    bursts = bursts_of((noise() + FIELD * trace).astype(np.float32))
    away = np.convolve(trace > 0, np.ones(3 * SFREQ), "same") == 0
    assert not bursts[:, away].any()


@pytest.mark.parametrize("freq", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("size", [40, 200])
def test_a_rhythm_of_seconds_is_left_alone(freq, size):
    at = np.arange(SECONDS * SFREQ) / SFREQ
    seizure = size * np.sin(2 * np.pi * freq * at) * ((at > 100) & (at < 130))
    bursts = bursts_of((noise() + FIELD * (seizure + blinks(every=5.0) * (at < 90))).astype(np.float32))
    inside = slice(101 * SFREQ, 129 * SFREQ)
    assert np.mean(bursts[0, inside] ** 2) < 0.01 * np.mean(seizure[inside] ** 2)
    assert bursts[0, : 90 * SFREQ].max() > 80


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5000))
def test_the_result_does_not_depend_on_how_the_samples_arrive(cut):
    samples = (noise(seconds=20) + FIELD * blinks(seconds=20)).astype(np.float32)
    assert np.array_equal(bursts_of(samples, cut), bursts_of(samples, 20 * SFREQ))
