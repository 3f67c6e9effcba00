import numpy as np
import pytest

from eeg_kedro.training.gates.leak_meter import count_leaked, leaked_share

B, T, L = 3, 400, 64


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def cut(rng, hop, n_tokens=T):
    """Cut noise into tokens that begin every ``hop`` samples."""
    signal = rng.standard_normal((B, n_tokens * hop + L)).astype(np.float32)
    return np.lib.stride_tricks.sliding_window_view(signal, L, axis=1)[:, : n_tokens * hop : hop]


def measure(targets, masked, inputs=None, valid=None):
    given = np.where(masked[..., None], 0, targets) if inputs is None else inputs
    return leaked_share(given, targets, masked, np.ones(masked.shape, bool) if valid is None else valid)


@pytest.mark.parametrize(("hop", "share"), [(L, 0.0), (L // 2, 0.4), (L // 4, 1 - 0.6**3)])
def test_random_masks_leak_through_overlap_as_they_must(rng, hop, share):
    masked = rng.random((B, T)) < 0.6
    measured = measure(cut(rng, hop), masked)
    assert measured == pytest.approx(known_share(masked, hop), abs=1e-9)
    assert measured == pytest.approx(share, abs=0.06 if share else 0)


def known_share(masked, hop):
    """Count by the places of the samples, which the meter does not know."""
    places = np.arange(T)[:, None] * hop + np.arange(L)
    seen = [np.isin(places[row], places[~row]) for row in masked]
    return np.mean(np.concatenate(seen))


def test_one_long_mask_leaks_only_at_its_ends(rng):
    masked = np.zeros((B, T), bool)
    masked[:, 100:200] = True
    # three tokens at either end share 3/4, 2/4 and 1/4 with those outside
    assert measure(cut(rng, L // 4), masked) == pytest.approx(2 * 1.5 / 100)


def test_tokens_left_unchanged_by_bert_leak(rng):
    targets = cut(rng, L)
    masked, unchanged = rng.random((2, B, T)) < np.array([0.4, 0.1])[:, None, None]
    inputs = np.where((masked & ~unchanged)[..., None], 0, targets)
    expected = (masked & unchanged).sum() / masked.sum()
    assert measure(targets, masked, inputs) == pytest.approx(expected)


def test_noise_in_place_of_the_signal_does_not_leak(rng):
    targets, masked = cut(rng, L), rng.random((B, T)) < 0.4
    noise = rng.standard_normal(targets.shape).astype(np.float32)
    assert measure(targets, masked, np.where(masked[..., None], noise, targets)) == 0


def test_a_copy_at_any_offset_across_tokens_is_found(rng):
    targets, masked = cut(rng, L), np.zeros((B, T), bool)
    masked[:, 7] = True
    inputs = np.where(masked[..., None], 0, targets)
    inputs.reshape(B, -1)[:, 1000 : 1000 + L] = targets[:, 7]
    assert measure(targets, masked, inputs) == 1


def test_what_the_model_may_not_look_at_does_not_leak(rng):
    masked = rng.random((B, T)) < 0.6
    valid = np.ones((B, T), bool)
    valid[0] = masked[0]
    targets = cut(rng, L // 2)
    assert measure(targets[:1], masked[:1], valid=valid[:1]) == 0
    assert measure(targets, masked, valid=valid) > 0.2


def test_another_item_is_no_leak(rng):
    targets = cut(rng, L)
    targets = np.stack([targets[0], targets[0]])
    masked = np.stack([np.arange(T) % 2 == 0, np.arange(T) % 2 == 1])
    assert measure(targets, masked) == 0


def test_flat_lines_and_clipped_tops_do_not_count(rng):
    masked = rng.random((B, T)) < 0.5
    flat = np.full((B, T, L), 3.0, np.float32)
    assert count_leaked(flat, flat, masked, np.ones((B, T), bool)) == (0, 0)
    slow = np.clip(5 * np.sin(np.arange(T * L) / 300), -1, 1).astype(np.float32).reshape(1, T, L)
    leaked, judged = count_leaked(slow, slow, masked[:1], np.ones((1, T), bool))
    assert leaked == judged < masked[0].sum() * L / 2


def test_a_quiet_channel_in_coarse_steps_does_not_leak_by_chance(rng):
    walk = np.cumsum(rng.integers(-1, 2, (1, 400 * 256)), axis=1) % 11
    targets = (walk * 0.05).astype(np.float32).reshape(1, 400, 256)
    assert measure(targets, rng.random((1, 400)) < 0.5) == 0


def test_tokens_shorter_than_a_stretch_are_compared_whole(rng):
    targets = rng.standard_normal((1, 50, 4)).astype(np.float32)
    targets[0, 1] = targets[0, 0]
    masked = np.arange(50)[None] % 2 == 0
    assert measure(targets, masked) == pytest.approx(1 / 25)


def test_nothing_masked_leaks_nothing(rng):
    assert measure(cut(rng, L // 2), np.zeros((B, T), bool)) == 0
