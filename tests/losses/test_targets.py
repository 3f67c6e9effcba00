import inspect
import math
from typing import get_type_hints

import pytest
import torch
from torch import nn

from eeg_kedro.errors import ParameterError
from eeg_kedro.losses import targets
from eeg_kedro.losses.targets import AMPLITUDE_FLOOR, make_targets, target_width

ALL = torch.ones(1, 16, dtype=torch.bool)


def wave(hz, amplitude=1.0, phase=0.0):
    """Make 16 s at 64 Hz as tokens of a second."""
    times = torch.arange(1024, dtype=torch.float64) / 64
    return (amplitude * torch.cos(2 * math.pi * hz * times + phase)).view(1, 16, 64)


def make(samples, kind, valid=ALL, lowpass_hz=8.0):
    return make_targets(samples, valid, kind, 64.0, lowpass_hz)


@pytest.mark.parametrize("kind", ["raw", "lowpass", "spectral"])
@pytest.mark.parametrize("length", [63, 64])
def test_targets_are_as_wide_as_promised(kind, length):
    made = make(torch.randn(2, 3, length), kind, torch.ones(2, 3, dtype=torch.bool))
    assert made.shape == (2, 3, target_width(kind, length))
    assert made.dtype == torch.float32


def test_a_target_never_comes_from_a_model():
    parameters = get_type_hints(make_targets)
    assert {*parameters} == {"samples", "valid", "kind", "sfreq", "lowpass_hz", "return"}
    assert not any(inspect.isclass(hint) and issubclass(hint, nn.Module) for hint in parameters.values())
    assert "eeg_kedro.models" not in inspect.getsource(targets)
    assert not make(torch.randn(1, 16, 64), "lowpass").requires_grad


@pytest.mark.parametrize("kind", ["raw", "lowpass", "spectral"])
def test_invalid_tokens_count_as_zeros_whatever_they_hold(kind):
    valid = ALL.clone()
    valid[0, 4:6] = valid[0, 14:] = False
    spoiled, zeroed = wave(3.0), wave(3.0)
    spoiled[~valid], zeroed[~valid] = float("nan"), 0.0
    found = make(spoiled, kind, valid)
    assert torch.equal(found, make(zeroed, kind, valid))
    assert (found[~valid] == 0).all()


def test_raw_targets_are_the_samples():
    assert torch.equal(make(wave(3.0), "raw"), wave(3.0))


@pytest.mark.parametrize(
    ("hz", "left"), [(0.0, 1.0), (3.0, 1.0), (6.0, 1.0), (8.0, 0.5), (10.5, 0.0), (25.0, 0.0)]
)
def test_low_frequencies_stay_where_they_are_and_high_ones_go(hz, left):
    found = make(wave(hz, phase=0.7), "lowpass")
    middle = slice(3, 13)  # the recording begins and ends with a step, which every filter spreads
    torch.testing.assert_close(found[:, middle], left * wave(hz, phase=0.7)[:, middle], atol=0.01, rtol=0)


def test_the_filter_moves_nothing_in_time_and_does_not_wrap_round():
    click = torch.zeros(1, 16, 64, dtype=torch.float64)
    click[0, 8, 0] = 1
    answer = make(click, "lowpass").flatten()
    assert answer.argmax() == 512
    torch.testing.assert_close(answer[513:900], answer[125:512].flip(0), atol=1e-12, rtol=0)
    late = make(click.flatten().roll(511).view(1, 16, 64), "lowpass").flatten()
    assert late[:256].abs().max() < 1e-3 * late.abs().max()


def test_the_filter_does_not_see_where_tokens_are_cut():
    samples = torch.randn(1, 16, 64, dtype=torch.float64)
    other = make(samples.view(1, 64, 16), "lowpass", torch.ones(1, 64, dtype=torch.bool))
    torch.testing.assert_close(other.flatten(), make(samples, "lowpass").flatten())


@pytest.mark.parametrize("edge", [26.0, 32.0, 100.0])
def test_an_edge_without_room_is_refused(edge):
    with pytest.raises(ParameterError, match=r"pretrain\.lowpass_hz") as caught:
        make(wave(3.0), "lowpass", lowpass_hz=edge)
    assert caught.value.value == edge


@pytest.mark.parametrize("amplitude", [0.02, 1.0, 30.0])
def test_a_rhythm_peaks_at_the_logarithm_of_its_amplitude(amplitude):
    found = make(wave(8.0, amplitude, phase=1.0), "spectral")
    torch.testing.assert_close(
        found[..., 8], torch.full((1, 16), math.log1p(amplitude / AMPLITUDE_FLOOR)).double()
    )
    assert (found.argmax(-1) == 8).all()
    assert found[..., [0, 5, 11, 32]].max() < 1e-6


def test_silence_has_a_spectrum_of_zeros():
    assert (make(torch.zeros(1, 16, 64), "spectral") == 0).all()


def test_lengths_for_transforms_are_quick_and_never_too_short():
    for least in range(1, 3000):
        length = targets._fast_length(least)
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        assert rest == 1
        assert least <= length <= 1.26 * least + 1
