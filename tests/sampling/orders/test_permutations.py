import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.permutations import block_order, epoch_order, local_generator, row_group_blocks

small_blocks = st.lists(st.integers(-3, 9), max_size=60)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 200), st.integers(0, 2**70), st.integers(0, 10**6))
def test_an_epoch_order_is_a_permutation_that_seed_and_epoch_decide(n, seed, epoch):
    order = epoch_order(n, seed, epoch)
    assert np.array_equal(np.sort(order), np.arange(n))
    assert order.dtype == np.intp
    assert np.array_equal(order, epoch_order(n, seed, epoch))


def test_seeds_and_epochs_that_look_alike_have_orders_of_their_own():
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2**32, 0), (2**32, 1), (0, 2**32), (2**32 + 1, 0)]
    assert len({tuple(epoch_order(50, *pair)) for pair in pairs}) == len(pairs)


def test_purposes_do_not_share_a_stream():
    draws = {
        float(local_generator(7, 3, purpose, *more).random()) for purpose in range(4) for more in ((), (0,))
    }
    assert len(draws) == 8


def test_the_global_random_state_is_neither_read_nor_moved():
    np.random.seed(1)
    first = epoch_order(20, 0, 0)
    states = np.random.get_state()[1].copy(), random.getstate()
    assert np.array_equal(epoch_order(20, 0, 0), first)
    block_order(np.arange(20), 0, 0, 2)
    assert np.array_equal(np.random.get_state()[1], states[0])
    assert random.getstate() == states[1]


@pytest.mark.parametrize(("seed", "epoch"), [(-1, 0), (0, -1)])
def test_negative_seeds_and_epochs_are_refused(seed, epoch):
    with pytest.raises(ParameterError, match="is below 0"):
        epoch_order(5, seed, epoch)


@settings(max_examples=100, deadline=None)
@given(small_blocks, st.integers(0, 99), st.integers(1, 12))
def test_a_block_order_is_a_permutation(blocks, seed, buffer_blocks):
    order = block_order(np.array(blocks, np.int64), seed, 1, buffer_blocks)
    assert np.array_equal(np.sort(order), np.arange(len(blocks)))
    assert order.dtype == np.intp


@settings(max_examples=100, deadline=None)
@given(small_blocks, st.integers(0, 99), st.integers(1, 12))
def test_blocks_are_visited_a_buffer_at_a_time(blocks, seed, buffer_blocks):
    visited = np.array(blocks, np.int64)[block_order(np.array(blocks, np.int64), seed, 0, buffer_blocks)]
    _, first = np.unique(visited, return_index=True)
    turns = [visited[at] for at in np.sort(first)]  # blocks in the order they are met
    for at in range(0, len(turns), buffer_blocks):
        together = np.flatnonzero(np.isin(visited, turns[at : at + buffer_blocks]))
        assert np.array_equal(together, np.arange(together[0], together[-1] + 1))


def test_one_block_at_a_time_keeps_every_block_in_a_row_and_shuffles_within():
    blocks = np.repeat(np.arange(10), 20)
    order = block_order(blocks, 0, 0, 1)
    visited = blocks[order].reshape(10, 20)
    assert (visited == visited[:, :1]).all()
    assert visited[:, 0].tolist() != sorted(visited[:, 0])
    assert (np.diff(order.reshape(10, 20), axis=1) < 0).any(axis=1).all()


@pytest.mark.parametrize("buffer_blocks", [10, 999])
def test_a_buffer_of_all_blocks_is_a_full_shuffle(buffer_blocks):
    order = block_order(np.repeat(np.arange(10), 100), 0, 0, buffer_blocks)
    first_half = np.bincount(order[:500] // 100, minlength=10)
    assert first_half.min() > 25  # of each block's hundred, about half
    assert np.abs(np.corrcoef(order, np.arange(1000))[0, 1]) < 0.1


def test_each_epoch_mixes_other_blocks():
    blocks = np.repeat(np.arange(12), 5)
    partners = {frozenset(blocks[block_order(blocks, 0, epoch, 2)][:10].tolist()) for epoch in range(10)}
    assert len(partners) > 5


def test_a_million_items_keep_their_buffers_apart():
    blocks = np.arange(1_000_000) // 16
    visited = blocks[block_order(blocks, 3, 0, 32)]
    changes = np.array([len(np.unique(part)) for part in visited[: 512 * 500].reshape(500, 512)])
    assert (changes == 32).all()


def test_more_than_65536_buffers_stay_apart():
    blocks = np.repeat(np.arange(70_000), 2)
    visited = blocks[block_order(blocks, 0, 0, 1)].reshape(-1, 2)
    assert (visited[:, 0] == visited[:, 1]).all()


def test_no_block_in_the_buffer_is_refused():
    with pytest.raises(ParameterError, match="buffer_blocks"):
        block_order(np.arange(3), 0, 0, 0)


def windows(*rows):
    return pd.DataFrame(rows, columns=["participant", "run", "window_start_sample"])


def test_windows_of_one_row_group_of_one_run_share_a_block():
    table = windows(
        ("a", "1", 0), ("a", "1", 99), ("a", "1", 100), ("a", "2", 0), ("b", "1", 50), ("a", "1", 7)
    )
    assert pd.factorize(row_group_blocks(table, 100))[0].tolist() == [0, 0, 1, 2, 3, 0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"), st.integers(0, 500)), max_size=40))
def test_blocks_are_those_of_a_plain_loop(rows):
    blocks = row_group_blocks(windows(*rows), 64)
    names = [(participant, run, start // 64) for participant, run, start in rows]
    assert len(set(zip(blocks.tolist(), names, strict=True))) == len(set(names)) == len(set(blocks.tolist()))
    assert set(blocks.tolist()) == set(range(len(set(names))))


def test_row_groups_without_samples_are_refused():
    with pytest.raises(ParameterError, match="samples_per_group"):
        row_group_blocks(windows(("a", "1", 0)), 0)
