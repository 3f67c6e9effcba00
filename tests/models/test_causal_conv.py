"""The short convolution against ``conv1d`` on padded input."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from eeg_kedro.models.causal_conv import causal_conv_silu
from tests.models.oracles import relative

SIZES = (3, 2, 1)


def draw(n_tokens, n_taps, dtype=torch.float64):
    generator = torch.Generator().manual_seed(n_tokens)
    shapes = ((2, n_tokens, 6), (6, 1, n_taps), (6,))
    return tuple(torch.randn(shape, generator=generator, dtype=dtype).requires_grad_() for shape in shapes)


def by_conv1d(inputs, weight, bias, reverse):
    inputs = inputs.flip(1) if reverse else inputs
    padded = functional.pad(inputs.transpose(1, 2), (weight.shape[-1] - 1, 0))
    outputs = functional.silu(functional.conv1d(padded, weight, bias, groups=6)).transpose(1, 2)
    return outputs.flip(1) if reverse else outputs


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n_taps", [1, 4])
@pytest.mark.parametrize("n_tokens", [1, 2, 3, 4, 30])
def test_parts_are_those_of_the_padded_convolution(n_tokens, n_taps, reverse):
    parts = draw(n_tokens, n_taps)
    found = causal_conv_silu(*parts, SIZES, reverse=reverse)
    assert [part.shape[-1] for part in found] == list(SIZES)
    assert relative(torch.cat(found, -1), by_conv1d(*parts, reverse)) <= 1e-14


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("block", [1, 12, 40, 1 << 18])
def test_gradients_agree_with_autograd_in_blocks_of_any_size(monkeypatch, block, reverse):
    monkeypatch.setattr("eeg_kedro.models.blocks._BLOCK_VALUES", block)
    parts = draw(9, 4)
    found = torch.cat(causal_conv_silu(*parts, SIZES, reverse=reverse), -1)
    expected = by_conv1d(*parts, reverse)
    weights = torch.arange(float(found.numel()), dtype=torch.float64).view(found.shape).cos()
    grads = torch.autograd.grad((found * weights).sum(), parts)
    wanted = torch.autograd.grad((expected * weights).sum(), parts)
    assert all(relative(one, other) <= 1e-13 for one, other in zip(grads, wanted, strict=True))


@pytest.mark.parametrize("reverse", [False, True])
def test_gradcheck_agrees_with_the_convolution(reverse):
    parts = draw(3, 4)
    assert torch.autograd.gradcheck(lambda *p: causal_conv_silu(*p, SIZES, reverse=reverse), parts)


def test_a_convolution_without_bias_is_one_with_a_bias_of_zero():
    inputs, weight, bias = draw(5, 4)
    found = causal_conv_silu(inputs, weight, None, SIZES)
    expected = causal_conv_silu(inputs, weight, torch.zeros_like(bias), SIZES)
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def test_half_precision_inputs_are_convolved_in_float32_and_get_their_gradient_back():
    inputs, weight, bias = (part.detach() for part in draw(5, 4, torch.float32))
    half = inputs.bfloat16().requires_grad_()
    found = causal_conv_silu(half, weight, bias, SIZES)
    expected = causal_conv_silu(half.detach().float(), weight, bias, SIZES)
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
    assert torch.autograd.grad(sum(part.sum() for part in found), half)[0].dtype == torch.bfloat16


def test_nothing_is_seen_from_behind_the_token():
    inputs, weight, bias = (part.detach() for part in draw(8, 4))
    changed = inputs.clone()
    changed[:, 5:] = 1e6
    before, after = (causal_conv_silu(given, weight, bias, SIZES)[0] for given in (inputs, changed))
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5:], after[:, 5:])
