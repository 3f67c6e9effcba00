import numpy as np

from eeg_kedro.sampling.windows.row_group_cache import RowGroupCache


def keep(cache, key, shape, value=0.0):
    block = cache.make_room(shape)
    block[:] = value
    cache.put(key, block)
    return block


def test_what_was_not_used_for_longest_goes_first():
    cache = RowGroupCache(3 * 400)
    for key in "abc":
        keep(cache, key, (1, 100))
    cache.get("a")
    keep(cache, "d", (1, 100))
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_never_more_is_held_than_there_is_room_for():
    cache, rng = RowGroupCache(10_000), np.random.default_rng(0)
    for key in range(200):
        block = keep(cache, key, (int(rng.integers(1, 5)), int(rng.integers(1, 400))), key)
        assert cache.n_bytes <= 10_000
        assert (cache.get(key) == key).all()
        assert block.shape == cache.get(key).shape
    assert sum(cache.get(key).nbytes for key in range(200) if cache.get(key) is not None) == cache.n_bytes


def test_the_memory_of_a_dropped_block_of_that_size_is_used_again():
    cache = RowGroupCache(800)
    first = keep(cache, "a", (1, 100))
    keep(cache, "b", (1, 100))
    assert np.shares_memory(keep(cache, "c", (2, 50)), first)


def test_a_block_larger_than_the_cache_is_made_and_not_kept():
    cache = RowGroupCache(400)
    keep(cache, "a", (1, 100))
    assert keep(cache, "b", (1, 101)).size == 101
    assert (len(cache), cache.get("b")) == (1, None)
