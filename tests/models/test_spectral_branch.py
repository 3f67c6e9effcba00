import math

import pytest
import torch

from eeg_kedro.models.spectral_branch import SpectralBranch

B, C, T, L = 2, 3, 4, 64


@pytest.fixture
def branch():
    torch.manual_seed(0)
    return SpectralBranch(L, sfreq=64.0, width=5, highest_hz=20.0)


def waves(hz, phase):
    return torch.sin(2 * math.pi * hz * torch.arange(L) / 64.0 + phase).expand(B, C, T, L)


def there():
    return torch.ones(B, C, dtype=torch.bool)


def test_a_rhythm_is_the_same_whatever_its_phase(branch):
    first, second = branch(waves(8, 0.0), there()), branch(waves(8, 1.1), there())
    assert torch.allclose(first, second, atol=1e-4)


def test_rhythms_of_two_frequencies_differ(branch):
    assert (branch(waves(8, 0.0), there()) - branch(waves(12, 0.0), there())).abs().max() > 0.1


def test_the_spectrum_ends_where_it_was_told_to(branch):
    assert branch.project.in_features == 20


def test_the_order_of_channels_is_nothing(branch):
    tokens = torch.randn(B, C, T, L)
    assert torch.allclose(branch(tokens, there()), branch(tokens.flip(1), there()), atol=1e-6)


def test_what_is_not_there_reaches_nothing(branch):
    tokens, valid, real = torch.randn(B, C, T, L), there(), torch.ones(B, T, dtype=torch.bool)
    valid[0, 1], real[1, 2] = False, False
    spoilt = tokens.clone()
    spoilt[0, 1], spoilt[1, :, 2] = math.nan, math.inf
    assert torch.equal(branch(spoilt, valid, real), branch(tokens, valid, real))


def test_gradients_are_finite_although_something_is_missing(branch):
    tokens, valid = torch.full((B, C, T, L), math.nan), there()
    tokens[:, 0] = 0.0
    valid[:, 1:] = False
    branch(tokens, valid).sum().backward()
    assert torch.isfinite(branch.project.weight.grad).all()


def test_a_window_without_channels_is_zeros(branch):
    assert not branch(torch.randn(B, C, T, L), torch.zeros(B, C, dtype=torch.bool)).any()


def test_no_window_gives_none(branch):
    assert branch(torch.zeros(0, C, T, L), torch.zeros(0, C, dtype=torch.bool)).shape == (0, T, 10)
