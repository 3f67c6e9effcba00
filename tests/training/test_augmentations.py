import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import signal

from eeg_kedro.errors import ParameterError
from eeg_kedro.training.augment_options import AugmentOptions
from eeg_kedro.training.augmentations import augment, drop_channels, shift_windows, stop_band

NAMES, SFREQ, N = ["FP1", "FP2", "CZ", "C3", "C4"], 200, 2000
OFF = {"amplitude": 0, "shift_seconds": 0, "channel_dropout": 0, "noise": 0, "bandstop_share": 0, "flip": 0}


def windows(n=6, n_times=N):
    return 30 * torch.randn(n, len(NAMES), n_times, generator=torch.Generator().manual_seed(0))


def change(samples, valid=None, positions=None, seed=0, epoch=0, view=0, **options):
    valid = torch.ones(samples.shape[:2], dtype=torch.bool) if valid is None else valid
    positions = torch.arange(len(samples)) if positions is None else positions
    given = (NAMES, SFREQ, AugmentOptions(**options), seed, epoch, positions, view)
    return augment(samples, valid, *given)


def test_with_everything_off_a_window_is_itself():
    samples, valid = change(windows(), **OFF)
    assert torch.equal(samples, windows())
    assert valid.all()


def test_a_view_is_the_same_in_any_batch_and_order():
    some = torch.tensor([4, 1])
    whole, there = change(windows())
    part, there_too = change(windows()[some], positions=some)
    torch.testing.assert_close(part, whole[some], rtol=1e-5, atol=1e-4)
    assert torch.equal(there_too, there[some])


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"epoch": 1}, {"view": 1}, {"positions": torch.arange(6) + 9}]
)
def test_another_seed_epoch_view_or_position_is_another_view(other):
    first, second = change(windows())[0], change(windows(), **other)[0]
    assert not torch.isclose(first, second).flatten(1).all(1).any()


def test_neither_the_windows_given_nor_global_random_states_are_moved():
    samples, torch_state, numpy_state = windows(), torch.get_rng_state(), np.random.get_state()[1].copy()
    change(samples)
    assert torch.equal(samples, windows())
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert (np.random.get_state()[1] == numpy_state).all()


def test_amplitude_is_one_factor_per_window_within_its_range():
    samples = windows(200, 8)
    ratio = change(samples, **OFF | {"amplitude": 0.2})[0] / samples
    torch.testing.assert_close(ratio, ratio[:, :1, :1].expand_as(ratio))
    factors = ratio[:, 0, 0].log()
    assert 0.18 < factors.max() < 0.2 + 1e-6
    assert -0.2 - 1e-6 < factors.min() < -0.18
    assert abs(factors.mean()) < 0.03


def test_a_shift_leaves_zeros_and_no_wrap():
    samples = windows(100) + 1000  # nowhere zero
    moved = change(samples, **OFF | {"shift_seconds": 1.0})[0]
    steps = []
    for before, after in zip(samples, moved, strict=True):
        first, last = after[0].nonzero()[[0, -1], 0].tolist()
        step = first if first else last - (N - 1)
        steps.append(step)
        expected = np.zeros_like(before)
        expected[:, max(step, 0) : N + min(step, 0)] = before[:, max(-step, 0) : N - max(step, 0)]
        assert np.array_equal(after, expected)
    assert -200 <= min(steps) < -180
    assert 180 < max(steps) <= 200


def test_a_shift_beyond_the_window_leaves_nothing():
    assert not shift_windows(windows(2, 10), torch.tensor([10, -12])).any()


def test_channels_are_dropped_at_the_rate_asked_for_and_are_zeros():
    samples, valid = change(windows(400, 4), **OFF | {"channel_dropout": 0.3})
    assert 0.66 < valid.float().mean() < 0.74
    assert torch.equal((samples != 0).all(-1), valid)


def test_dropout_never_leaves_a_window_without_channels():
    valid = torch.rand(300, 5, generator=torch.Generator().manual_seed(0)) < 0.3
    kept = change(windows(300, 4), valid, **OFF | {"channel_dropout": 0.99})[1]
    assert torch.equal(kept.any(1), valid.any(1))
    assert not (kept & ~valid).any()
    assert (kept.sum(1) == 1).float().mean() > 0.7


def test_the_channel_that_stays_is_one_that_was_there():
    kept = drop_channels(torch.tensor([[False, True, True]]), torch.tensor([[0.9, 0.1, 0.2]]), 0.5)
    assert kept.tolist() == [[False, False, True]]


def test_noise_is_a_share_of_each_channels_robust_spread():
    samples = windows(20, 4000) * torch.tensor([1.0, 2, 3, 4, 5]).view(1, 5, 1)
    samples[:, 0, :100] = 1e5  # a burst does not count
    added = change(samples, **OFF | {"noise": 0.05})[0] - samples
    expected = 0.05 * 30 * torch.tensor([1.0, 2, 3, 4, 5])
    torch.testing.assert_close(added[..., 100:].std(dim=-1).mean(0), expected, rtol=0.05, atol=0)
    assert abs(np.corrcoef(added[0, 1:3, 100:])[0, 1]) < 0.1


def test_a_band_is_stopped_and_the_rest_is_kept():
    samples = windows(2, 20_000).double()
    stopped = stop_band(samples, SFREQ, torch.tensor([8.0, 30.0]), 4.0)
    frequencies, before = signal.welch(samples.numpy(), SFREQ, nperseg=2000)
    after = signal.welch(stopped.numpy(), SFREQ, nperseg=2000)[1]
    for window, low in enumerate((8, 30)):
        inside = (frequencies > low + 0.3) & (frequencies < low + 3.7)
        outside = (frequencies < low - 1.4) | (frequencies > low + 5.4)
        assert (after[window][:, inside] < 1e-3 * before[window][:, inside]).all()
        np.testing.assert_allclose(after[window][:, outside], before[window][:, outside], rtol=0.05)


def test_the_band_stop_has_no_phase_and_does_not_wrap():
    pulse = torch.zeros(1, 1, N, dtype=torch.float64)
    pulse[..., 30] = 1.0
    stopped = stop_band(pulse, SFREQ, torch.tensor([10.0]), 4.0)[0, 0]
    assert stopped.argmax() == 30
    torch.testing.assert_close(stopped[:30].flip(0), stopped[31:61])
    assert stopped[-500:].abs().max() < 1e-4


def test_the_share_of_windows_with_a_stopped_band_and_its_range_are_those_asked_for():
    samples = windows(60, 4000)
    options = OFF | {
        "bandstop_share": 0.5,
        "bandstop_hz": 5,
        "bandstop_lowest_hz": 10,
        "bandstop_highest_hz": 20,
    }
    changed = change(samples, **options)[0]
    touched = (changed != samples).flatten(1).any(1)
    assert 0.3 < touched.float().mean() < 0.7
    frequencies, lost = signal.welch((samples - changed)[touched].numpy(), SFREQ, nperseg=800)
    outside = (frequencies < 8) | (frequencies > 22)
    assert lost[..., outside].max() < 1e-3 * lost.max()


def test_a_flip_swaps_sides_and_keeps_the_midline():
    samples, valid = windows(), torch.ones(6, 5, dtype=torch.bool)
    valid[:, 0] = False
    samples[:, 0] = 0
    flipped, there = change(samples, valid, **OFF | {"flip": 1.0})
    assert torch.equal(flipped, samples[:, [1, 0, 2, 4, 3]])
    assert torch.equal(there, valid[:, [1, 0, 2, 4, 3]])


def test_half_of_the_windows_are_flipped():
    samples = windows(300, 4)
    flipped = (change(samples, **OFF | {"flip": 0.5})[0] != samples).flatten(1).any(1)
    assert 0.42 < flipped.float().mean() < 0.58


def test_a_channel_without_another_side_is_absent_from_a_flipped_window():
    names, valid = ["F3", "CZ", "EEG 7"], torch.ones(2, 3, dtype=torch.bool)
    options = AugmentOptions(**OFF | {"flip": 1.0})
    samples, there = augment(windows(2)[:, :3], valid, names, SFREQ, options, 0, 0, torch.arange(2), 0)
    assert there.tolist() == [[False, True, False]] * 2
    assert not samples[:, [0, 2]].any()


def test_a_window_that_a_flip_would_empty_stays_as_it_is():
    options = AugmentOptions(**OFF | {"flip": 1.0})
    valid = torch.ones(2, 2, dtype=torch.bool)
    samples, there = augment(windows(2)[:, :2], valid, ["F3", "C3"], SFREQ, options, 0, 0, torch.arange(2), 0)
    assert torch.equal(samples, windows(2)[:, :2])
    assert there.all()


def test_absent_channels_stay_zeros_and_what_stood_there_does_not_matter():
    samples, valid = windows(), torch.ones(6, 5, dtype=torch.bool)
    valid[:, 2] = False
    samples[:, 2] = torch.nan
    changed, there = change(samples, valid)
    assert changed.isfinite().all()
    assert changed.dtype == torch.float32
    assert not changed[~there].any()
    assert not there[:, 2].any()


def test_an_empty_batch_is_an_empty_batch():
    samples, valid = change(windows()[:0])
    assert samples.shape == (0, 5, N)
    assert valid.shape == (0, 5)


def test_a_flat_channel_gets_no_noise():
    assert not change(torch.zeros(2, 5, 100), **OFF | {"noise": 0.5})[0].any()


@pytest.mark.parametrize(
    "given",
    [{"flip": 1.5}, {"channel_dropout": 1}, {"bandstop_hz": 10, "bandstop_highest_hz": 8}, {"gain": 1}],
)
def test_options_out_of_range_are_refused(given):
    with pytest.raises(ValidationError):
        AugmentOptions(**given)


def test_a_band_beyond_half_the_sampling_rate_is_refused():
    with pytest.raises(ParameterError, match="bandstop_highest_hz"):
        change(windows(), bandstop_highest_hz=120)


def test_names_of_other_channels_are_refused():
    with pytest.raises(ParameterError, match="names"):
        change(windows()[:, :3])
