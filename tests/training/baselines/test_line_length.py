"""Line length against closed forms and the plain loop."""

import numpy as np
import pytest

from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.training.baselines.line_length import measure_line_length
from eeg_kedro.training.baselines.options import BaselineOptions


def measure(samples, rate, margin=2):
    starts = first_samples_of_seconds(samples.shape[-1], rate)
    found = measure_line_length(samples, starts, rate, BaselineOptions(margin_seconds=margin))
    return 10 ** found[..., 0] - 1e-3


@pytest.mark.parametrize("rate", [64.0, 50.5])
def test_a_ramp_travels_its_slope_in_every_second(rate):
    ramp = (30 * np.arange(round(9.3 * rate)) / rate).astype(np.float32)
    np.testing.assert_allclose(measure(ramp[None, None], rate)[0, 0], 30, rtol=1e-4)


def test_it_is_the_mean_step_of_the_seconds_around():
    samples = np.random.default_rng(0).standard_normal((1, 2, 640)).astype(np.float32)
    step = np.abs(np.diff(samples, axis=-1)) * 64
    expected = [step[..., max(0, 64 * (s - 1)) : 64 * (s + 2)].mean(axis=-1) for s in range(10)]
    np.testing.assert_allclose(measure(samples, 64.0, 1), np.moveaxis(expected, 0, -1), rtol=1e-4)


@pytest.mark.parametrize("n", [1, 2, 63, 65])
def test_the_shortest_of_windows_have_finite_numbers(n):
    assert np.isfinite(measure(np.ones((1, 1, n), np.float32), 64.0)).all()


def test_what_was_given_is_not_changed():
    samples = np.random.default_rng(0).standard_normal((1, 1, 128)).astype(np.float32)
    before = samples.copy()
    measure(samples, 64.0)
    np.testing.assert_array_equal(samples, before)
