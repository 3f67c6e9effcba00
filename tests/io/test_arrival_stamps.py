import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.io.arrival_stamps import MOST_LOSSES, find_losses, measure_rate


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


@pytest.mark.parametrize("judge", [measure_rate, lambda times, file: find_losses(times, 256.0, file=file)])
def test_stamps_that_leap_to_and_fro_are_refused_in_no_time(judge):
    times = 1.5e9 + np.arange(60_000) / 256.0 + 2e6 * (np.arange(60_000) % 2)
    begin = time.perf_counter()
    with pytest.raises(SignalError, match=r"a\.csv: the stamps .* leap to and fro"):
        judge(times, file="a.csv")
    assert time.perf_counter() - begin < 1


def test_more_losses_than_anybody_can_mean_are_refused():
    rows = np.arange(20 * (MOST_LOSSES + 2))
    with pytest.raises(SignalError, match=f"{MOST_LOSSES} losses at most"):
        find_losses(rows / 100.0 + 30.0 * (rows // 20), 100.0)
    few = rows[:2000]
    assert len(find_losses(few / 100.0 + 30.0 * (few // 20), 100.0)) == 99


def test_a_night_with_long_gaps_is_no_leaping():
    rows = np.arange(6_000_000)  # six and a half hours
    times = 1.5e9 + rows / 256.0 + 5000.0 * (rows // 300_000)
    assert [loss.row for loss in find_losses(times, 256.0)] == list(range(300_000, 6_000_000, 300_000))
