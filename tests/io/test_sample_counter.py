import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.io.sample_counter import COUNTERS, count_losses


def numbers(counter, n_cycles=6):
    return np.concatenate([np.repeat(counter.numbers, counter.sizes)] * n_cycles).astype(float)


def packets(counter, n_cycles=6):
    sizes = np.tile(counter.sizes, n_cycles)
    return np.repeat(np.arange(sizes.size), sizes)


@pytest.mark.parametrize("counter", COUNTERS, ids=lambda counter: counter.name)
def test_every_counter_is_known_and_loses_nothing(counter):
    found = count_losses(numbers(counter))
    assert (found.counter, found.cycle, found.rows.size) == (counter.name, counter.sizes.sum(), 0)


@settings(max_examples=100, deadline=None)
@given(counter=st.sampled_from(COUNTERS), seed=st.integers(0, 10_000), share=st.floats(0, 0.05))
def test_lost_packets_are_counted_to_the_sample(counter, seed, share):
    index, packet = numbers(counter), packets(counter)
    gone = np.random.default_rng(seed).random(packet.max() + 1) < share
    gone[[0, -1]] = False
    found = count_losses(index[~gone[packet]])
    assert found.n_lost.sum() == gone[packet].sum()
    places = found.rows + np.cumsum(found.n_lost) - found.n_lost  # where they were in the whole
    assert gone[packet][places].all()


def test_numbers_that_do_not_repeat_are_counted_too():
    found = count_losses(np.delete(np.arange(0, 40_000.0, 40), [500, 501]))
    assert (found.rows.tolist(), found.n_lost.tolist(), found.cycle) == ([500], [2], 0)


@pytest.mark.parametrize("start", [1000, 5000])
def test_a_counter_that_starts_anew_says_so(start):
    found = count_losses(np.concatenate([np.arange(start) % 256, np.arange(1000) % 256]).astype(float))
    assert (found.rows.tolist(), found.anew.tolist()) == ([start], [True])


@pytest.mark.parametrize(
    "index",
    [np.zeros(100), np.arange(100) + 0.5, np.full(100, np.nan), -np.arange(100.0), np.empty(0),
     np.random.default_rng(0).integers(0, 256, 500).astype(float)],
)  # fmt: skip
def test_what_is_no_counter_loses_nothing(index):
    found = count_losses(index)
    assert (found.counter, found.rows.size) == ("", 0)
