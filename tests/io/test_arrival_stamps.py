import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.io.arrival_stamps import find_losses, measure_rate


def bursts(n_times, sfreq, size, seed=0):
    late = np.random.default_rng(seed).uniform(0, 0.05, n_times // size + 1)
    rows = np.arange(n_times) // size
    return np.maximum.accumulate(rows * size / sfreq + late[rows])


@settings(max_examples=80, deadline=None)
@given(
    place=st.integers(300, 4700),
    lost=st.one_of(st.just(0.0), st.floats(1.3, 5000)),
    sfreq=st.sampled_from([128.0, 256.0, 1000.0]),
    size=st.integers(1, 24),
)
def test_a_loss_is_found_where_it_is_and_nothing_else(place, lost, sfreq, size):
    place -= place % size
    times = bursts(5000, sfreq, size) + lost * (np.arange(5000) >= place)
    found = find_losses(times, sfreq)
    assert [loss.row for loss in found] == ([place] if lost else [])
    assert all(abs(loss.seconds - lost) < 0.08 for loss in found)


@pytest.mark.parametrize("stall", [0.7, 2.0, 9.0])
def test_a_stall_that_catches_up_is_no_loss(stall):
    times = bursts(10_000, 256.0, 12)
    stalled = np.maximum(times, np.where(np.arange(10_000) >= 3000, times[3000] + stall, 0))
    assert find_losses(stalled, 256.0) == []


def test_a_loss_in_a_stall_is_as_long_as_what_stays_lost():
    times = bursts(10_000, 256.0, 12) + 4.0 * (np.arange(10_000) >= 3000)
    stalled = np.maximum(times, np.where(np.arange(10_000) >= 3000, times[3000] + 2, 0))
    (loss,) = find_losses(stalled, 256.0)
    assert (loss.row, round(loss.seconds, 1)) == (3000, 4.0)


def test_two_losses_are_two():
    rows = np.arange(6000)
    times = bursts(6000, 256.0, 1) + 3.0 * (rows >= 2000) + 5.0 * (rows >= 2300)
    found = find_losses(times, 256.0)
    assert [(loss.row, round(loss.seconds)) for loss in found] == [(2000, 3), (2300, 5)]


@pytest.mark.parametrize("sfreq", [1.0, 10.0, 128.0, 256.0])
def test_the_rate_is_measured_across_gaps_and_bursts(sfreq):
    rows = np.arange(4000)
    times = bursts(4000, sfreq, 1 if sfreq < 20 else 12) + 700.0 * (rows >= 1000) + 30.0 * (rows >= 3500)
    assert measure_rate(times) == pytest.approx(sfreq, rel=0.01)


@pytest.mark.parametrize("times", [np.zeros(50), np.zeros(1), np.empty(0), np.arange(50)[::-1] / 256.0])
def test_stamps_that_do_not_go_on_tell_no_rate(times):
    assert measure_rate(times) == 0.0
