from itertools import chain, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.batches import SeekableBatches

sizes = st.integers(1, 90)
batch_sizes = st.integers(1, 7)
worlds = st.integers(1, 5)


def listed(batches):
    return [batch.tolist() for batch in batches]


def over_ranks(n, batch_size, world_size, epoch=0, **options):
    """Batches of each rank, all of one epoch."""
    found = []
    for rank in range(world_size):
        batches = SeekableBatches(n, batch_size, rank=rank, world_size=world_size, **options)
        batches.seek(epoch)
        found.append(listed(batches))
    return found


def test_batches_are_arrays_of_distinct_positions():
    batches = [*SeekableBatches(100, 8)]
    assert [(batch.dtype, batch.shape) for batch in batches] == [(np.intp, (8,))] * 12
    assert len({*np.concatenate(batches).tolist()}) == 96


@settings(max_examples=80, deadline=None)
@given(sizes, batch_sizes, worlds, st.booleans(), st.booleans(), st.integers(0, 3))
def test_the_union_over_ranks_is_the_batch_of_one_process(n, batch_size, world_size, drop, shuffle, epoch):
    n += batch_size * world_size
    options = {"drop_last": drop, "shuffle": shuffle, "seed": 5}
    ranks = over_ranks(n, batch_size, world_size, epoch, **options)
    (alone,) = over_ranks(n, batch_size * world_size, 1, epoch, **options)
    assert [[*chain(*parts)] for parts in zip(*ranks, strict=True)] == alone


@settings(max_examples=80, deadline=None)
@given(sizes, batch_sizes, worlds)
def test_without_dropping_every_window_comes_exactly_once_over_all_ranks(n, batch_size, world_size):
    ranks = over_ranks(n, batch_size, world_size, drop_last=False)
    assert sorted(chain(*chain(*ranks))) == [*range(n)]
    assert len({len(rank) for rank in ranks}) == 1  # all ranks take equally many steps
    shares = [len(rank[-1]) for rank in ranks]
    assert max(shares) - min(shares) <= 1


def test_a_rank_without_a_share_gets_an_empty_batch_and_stays_in_step():
    ranks = over_ranks(5, 2, 2, drop_last=False)
    assert [[len(batch) for batch in rank] for rank in ranks] == [[2, 0], [2, 1]]


@settings(max_examples=80, deadline=None)
@given(sizes, batch_sizes, worlds, st.integers(0, 4), st.data())
def test_seeking_is_dropping_the_first_batches(n, batch_size, world_size, epoch, data):
    n += batch_size * world_size
    batches = SeekableBatches(n, batch_size, rank=world_size - 1, world_size=world_size)
    step = data.draw(st.integers(0, len(batches)))
    batches.seek(epoch)
    whole = listed(batches)
    batches.seek(epoch, step)
    assert listed(batches) == whole[step:]
    assert len(batches) == len(whole)


def test_a_new_object_resumes_where_another_one_stopped():
    for options in ({}, {"blocks": np.arange(60) // 6, "buffer_blocks": 2}):
        before, after = (SeekableBatches(60, 4, seed=3, **options) for _ in range(2))
        before.seek(2)
        walk = iter(before)
        seen = listed(islice(walk, 5))
        after.seek(2, len(seen))
        assert listed(after) == listed(walk)


def test_iterating_moves_nothing_and_a_walk_keeps_the_place_it_began_at():
    batches = SeekableBatches(40, 4)
    batches.seek(1, 3)
    walk = iter(batches)
    batches.seek(7)
    assert len([*walk]) == 7
    assert (batches.epoch, batches.step) == (7, 0)
    assert listed(batches) == listed(batches)


def test_every_epoch_has_an_order_and_left_out_windows_of_its_own():
    batches, orders, left_out = SeekableBatches(43, 4), set(), set()
    assert batches.n_dropped == 3
    for epoch in range(8):
        batches.seek(epoch)
        order = [*chain(*batches)]
        orders.add(tuple(order))
        left_out |= {*range(43)} - {*order}
    assert len(orders) == 8
    assert len(left_out) > 10


def test_nothing_is_dropped_where_the_windows_fill_the_batches_or_dropping_is_off():
    assert SeekableBatches(40, 4, world_size=2).n_dropped == 0
    assert SeekableBatches(43, 4, drop_last=False).n_dropped == 0


def test_without_shuffle_windows_come_in_their_order_in_every_epoch():
    batches = SeekableBatches(7, 3, shuffle=False, drop_last=False)
    batches.seek(4)
    assert listed(batches) == [[0, 1, 2], [3, 4, 5], [6]]


def test_blocks_are_read_a_buffer_at_a_time():
    batches = SeekableBatches(640, 16, blocks=np.arange(640) // 16, buffer_blocks=4)
    blocks = [{*(batch // 16).tolist()} for batch in batches]
    assert max(len(set().union(*blocks[at : at + 4])) for at in range(0, 40, 4)) == 4


def test_pure_functions_do_not_know_how_often_they_were_called():
    one, other = SeekableBatches(50, 5, seed=1), SeekableBatches(50, 5, seed=1)
    for epoch in (3, 1, 0):
        one.seek(epoch)
        listed(one)
    one.seek(2)
    other.seek(2)
    assert listed(one) == listed(other)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"batch_size": 0}, "batch_size is below 1"),
        ({"world_size": 0}, "world_size is below 1"),
        ({"rank": 2, "world_size": 2}, "rank is none of the processes.*0 to 1"),
        ({"rank": -1}, "rank is none"),
        ({"seed": -1}, "seed is below 0"),
        ({"n": 7}, "fewer windows than one batch.*drop_last=False"),
        ({"n": 15, "world_size": 2}, "fewer windows than one batch.*16 or more, over 2 processes"),
        ({"n": 0, "drop_last": False}, "fewer windows than one batch"),
        ({"blocks": np.zeros(9)}, "blocks are not those of the windows"),
        ({"buffer_blocks": 0}, "buffer_blocks is below 1"),
    ],
)
def test_what_cannot_be_cut_into_batches_is_refused(arguments, text):
    with pytest.raises(ParameterError, match=text):
        SeekableBatches(**{"n": 20, "batch_size": 8} | arguments)


@pytest.mark.parametrize("place", [(0, 6), (0, -1), (-1, 0)])
def test_seeking_beyond_the_epoch_is_refused_and_its_end_is_not(place):
    batches = SeekableBatches(20, 4)
    batches.seek(0, 5)
    assert listed(batches) == []
    with pytest.raises(ParameterError):
        batches.seek(*place)
    assert (batches.epoch, batches.step) == (0, 5)
