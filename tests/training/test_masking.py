import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError
from eeg_kedro.training.masking import (
    HIDDEN,
    NOISE,
    TRAIN_MASKS,
    UNCHANGED,
    VALIDATION_MASKS,
    VISIBLE,
    SequenceName,
    demand_masks,
    draw_bert,
    draw_mask,
    mask_generator,
    mask_key,
)

FZ = SequenceName("a", "1", 0, "FZ", 6)
sizes, ratios = st.integers(2, 300), st.floats(0.01, 0.99)
shapes, blocks, seeds = st.sampled_from(["random", "block"]), st.integers(1, 12), st.integers(0, 9)


def stretches(mask):
    """Lengths of the stretches on a ring."""
    mask = np.roll(mask, -int(np.argmin(mask)))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask, [0]])))
    return (edges[1::2] - edges[::2]).tolist()


def draw(n, ratio, shape="block", block=4, seed=0, allowed=None):
    return draw_mask(n, ratio, shape, block, np.random.default_rng(seed), allowed)


@given(sizes, ratios, shapes, blocks, seeds)
def test_exactly_the_share_is_masked_and_something_stays_visible(n, ratio, shape, block, seed):
    mask = draw(n, ratio, shape, block, seed)
    assert mask.shape == (n,)
    assert mask.dtype == bool
    assert mask.sum() == min(max(1, round(ratio * n)), n - 1)


@given(st.lists(st.booleans(), min_size=2, max_size=200), ratios, shapes, blocks, seeds)
def test_only_allowed_tokens_are_masked_and_the_share_is_of_them(allowed, ratio, shape, block, seed):
    allowed = np.array(allowed)
    mask = draw(allowed.size, ratio, shape, block, seed, allowed)
    assert not (mask & ~allowed).any()
    n = int(allowed.sum())
    assert mask.sum() == min(max(1, round(ratio * n)), max(n - 1, 0))


@given(sizes, st.floats(0.05, 0.75), st.integers(2, 8), seeds)
def test_stretches_are_about_as_long_as_asked_and_do_not_touch(n, ratio, block, seed):
    found = stretches(draw(n, ratio, "block", block, seed))
    n_masked = sum(found)
    assert len(found) == min(max(round(n_masked / block), 1), n - n_masked)
    assert max(found) - min(found) <= 1


def test_a_stretch_goes_on_behind_tokens_that_may_not_be_masked():
    allowed = np.array([1, 1, 1, 0, 0, 1, 1, 1], bool)
    drawn = {tuple(np.flatnonzero(draw(8, 0.5, block=3, seed=seed, allowed=allowed))) for seed in range(60)}
    assert drawn == {(0, 1, 2), (1, 2, 5), (2, 5, 6), (5, 6, 7), (0, 6, 7), (0, 1, 7)}


@pytest.mark.parametrize("shape", ["random", "block"])
def test_every_token_is_masked_equally_often(shape):
    share = np.mean([draw(64, 0.5, shape, seed=seed) for seed in range(2000)], axis=0)
    assert abs(share.mean() - 0.5) < 1e-9
    assert np.abs(share - 0.5).max() < 0.05  # four standard deviations


def test_bert_hides_most_and_leaves_the_rest_as_it_is_or_noisy():
    masked = np.random.default_rng(1).random(40_000) < 0.5
    kinds = draw_bert(masked, np.random.default_rng(0))
    assert np.array_equal(kinds != VISIBLE, masked)
    shares = np.bincount(kinds[masked], minlength=4)[[HIDDEN, NOISE, UNCHANGED]] / masked.sum()
    assert np.allclose(shares, [0.8, 0.1, 0.1], atol=0.01)


@pytest.mark.parametrize(
    ("sharing", "alike"),
    [("none", {"FZ"}), ("neighbours", {"FZ", "CZ"}), ("all", {"FZ", "CZ", "O1"})],
)
def test_a_key_is_shared_by_those_who_share_a_mask(sharing, alike):
    channels = {"FZ": FZ, "CZ": FZ._replace(channel="CZ"), "O1": FZ._replace(channel="O1", neighbourhood=7)}
    key = mask_key(FZ, sharing)
    assert {name for name, channel in channels.items() if mask_key(channel, sharing) == key} == alike
    others = [FZ._replace(participant="b"), FZ._replace(run="2"), FZ._replace(start_sample=400)]
    assert key not in [mask_key(other, sharing) for other in others]


def test_names_that_run_together_have_different_keys():
    assert mask_key(FZ._replace(participant="a1", run="1"), "all") != mask_key(
        FZ._replace(participant="a", run="11"), "all"
    )


def test_generators_depend_on_seed_epoch_purpose_and_key_only():
    key = mask_key(FZ, "none")
    ways = [(0, 0, TRAIN_MASKS, key), (1, 0, TRAIN_MASKS, key), (0, 1, TRAIN_MASKS, key)]
    ways += [(0, 0, VALIDATION_MASKS, key), (0, 0, TRAIN_MASKS, mask_key(FZ, "all"))]
    drawn = [mask_generator(*way).integers(1 << 60) for way in ways]
    assert len({*drawn}) == len(drawn)
    assert drawn == [mask_generator(*way).integers(1 << 60) for way in ways]


def test_a_ratio_that_masks_nothing_is_refused_with_the_least_that_does():
    with pytest.raises(ParameterError, match=r"0.01 of 40 tokens.*0.0125.*pretrain.mask_ratio"):
        demand_masks(0.01, np.array([10, 40]))
    demand_masks(0.01, np.array([10, 60]))
