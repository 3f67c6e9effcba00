import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eeg_kedro.io.mantissa import round_mantissa, round_samples

FLOATS = hnp.arrays(np.float32, 16, elements=st.floats(width=32, allow_nan=False, allow_infinity=False))
NORMAL = hnp.arrays(np.float32, 16, elements=st.floats(2.0**-90, 2.0**90, width=32))


def rounded(samples, bits):
    out = samples.copy()
    round_mantissa(out, bits)
    return out


@given(samples=NORMAL, bits=st.integers(1, 23))
def test_rounding_is_to_nearest_half_to_even(samples, bits):
    fraction, exponent = np.frexp(samples.astype(np.float64))
    steps = np.rint(fraction * 2.0 ** (bits + 1))  # numpy rounds half to even
    assert np.array_equal(
        rounded(samples, bits), np.ldexp(steps / 2.0 ** (bits + 1), exponent).astype(np.float32)
    )


@given(samples=FLOATS, bits=st.integers(1, 23))
def test_finite_stays_finite_and_keeps_its_sign(samples, bits):
    out = rounded(samples, bits)
    assert np.isfinite(out).all()
    assert np.array_equal(np.signbit(out), np.signbit(samples))


@given(samples=FLOATS, bits=st.integers(1, 23))
def test_rounding_twice_changes_nothing(samples, bits):
    assert np.array_equal(rounded(rounded(samples, bits), bits), rounded(samples, bits))


@pytest.mark.parametrize("value", [3.4028235e38, -3.4028235e38])
def test_the_largest_float_does_not_become_infinite(value):
    assert np.isfinite(rounded(np.array([value], np.float32), 10)).all()


@pytest.mark.parametrize("amplitude", [1.0, 1.3, 1.7, 30.0, 0.01])
def test_ten_bits_of_a_typical_sample_are_an_error_below_two_in_ten_thousand(amplitude):
    exact = (amplitude * np.random.default_rng(0).standard_normal(32_768)).astype(np.float32)
    found = exact.copy()
    round_samples(found, 10)
    assert np.sqrt(np.mean((found - exact) ** 2) / np.mean(exact**2)) < 2e-4


def test_a_pop_does_not_coarsen_the_quiet_signal_around_it():
    exact = np.random.default_rng(0).standard_normal(32_768).astype(np.float32)
    exact[1000:1500] += 5000
    found = exact.copy()
    round_samples(found, 10)
    assert np.abs(found - exact)[2000:].max() < 2.0**-10


@pytest.mark.parametrize("samples", [np.zeros(99), np.full(99, 1e-42), np.r_[1e-35, 1e38, np.zeros(99)]])
def test_odd_amplitudes_stay_finite(samples):
    found = samples.astype(np.float32)
    round_samples(found, 10)
    assert np.isfinite(found).all()


def test_23_bits_change_nothing():
    exact = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    found = exact.copy()
    round_samples(found, 23)
    assert np.array_equal(found, exact)
