"""The gated norm against ``rms_norm`` of the gated signal."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from eeg_kedro.models.gated_norm import GatedNorm
from tests.models.oracles import relative


def draw(dtype=torch.float64, shape=(2, 5, 12)):
    generator = torch.Generator().manual_seed(0)
    return tuple(torch.randn(shape, generator=generator, dtype=dtype).requires_grad_() for _ in range(2))


def norm(groups, dtype=torch.float64):
    layer = GatedNorm(12, groups=groups).to(dtype)
    torch.nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(1))
    return layer


def by_rms_norm(layer, inputs, gate):
    gated = (inputs * functional.silu(gate)).unflatten(-1, (layer.groups, -1))
    return functional.rms_norm(gated, gated.shape[-1:], eps=layer.eps).flatten(-2) * layer.weight


@pytest.mark.parametrize("block", [1, 24, 1 << 18])
@pytest.mark.parametrize("groups", [1, 3])
def test_outputs_and_gradients_are_those_of_the_gated_signal(monkeypatch, groups, block):
    monkeypatch.setattr("eeg_kedro.models.blocks._BLOCK_VALUES", block)
    layer, parts = norm(groups), draw()
    found, expected = layer(*parts), by_rms_norm(layer, *parts)
    assert relative(found, expected) <= 1e-13
    sources = (*parts, layer.weight)
    grads = torch.autograd.grad(found.sin().sum(), sources)
    wanted = torch.autograd.grad(expected.sin().sum(), sources)
    assert all(relative(one, other) <= 1e-12 for one, other in zip(grads, wanted, strict=True))


@pytest.mark.parametrize("groups", [1, 3])
def test_gradcheck_agrees_with_the_norm(groups):
    layer = norm(groups)
    assert torch.autograd.gradcheck(lambda *parts: layer(*parts), draw(shape=(2, 12)))


def test_the_gate_comes_before_the_norm():
    inputs, gate = draw()
    layer = GatedNorm(12).double()
    assert relative(layer(inputs, gate).square().mean(-1), torch.ones(2, 5)) <= 1e-3


def test_silence_stays_finite_with_a_finite_gradient():
    inputs = torch.zeros(1, 3, 12, requires_grad=True)
    found = GatedNorm(12)(inputs, torch.ones(1, 3, 12))
    assert torch.equal(found, torch.zeros(1, 3, 12))
    assert torch.isfinite(torch.autograd.grad(found.sum(), inputs)[0]).all()


def test_statistics_of_half_precision_are_taken_in_float32():
    inputs, gate = (part.detach() for part in draw(torch.float32))
    layer, half = norm(1, torch.float32), gate.bfloat16().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(inputs, half)
    assert torch.equal(found, layer(inputs, half.detach().float()))
    assert torch.autograd.grad(found.sum(), half)[0].dtype == torch.bfloat16
