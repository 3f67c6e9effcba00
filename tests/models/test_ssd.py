"""The scan against the recurrence it stands for, in every length, direction and precision."""

from __future__ import annotations

import pytest
import torch

from eeg_kedro.models.ssd import ssd
from tests.models.oracles import recurrence, relative

LENGTHS = [1, 2, 63, 64, 65, 124, 256, 257, 300]
TINY = {"heads": 2, "items": 1, "width": 2, "states": 2}


def draw(n_tokens, *, groups=1, dtype=torch.float64, heads=4, items=2, width=4, states=8, step=0.5, rate=2.0):
    generator = torch.Generator().manual_seed(n_tokens)

    def normal(*shape):
        return torch.randn(items, n_tokens, *shape, generator=generator, dtype=torch.float64).to(dtype)

    dt = step * torch.rand(items, n_tokens, heads, generator=generator, dtype=torch.float64).to(dtype)
    rates = -rate * torch.rand(heads, generator=generator, dtype=torch.float64).to(dtype)
    parts = (normal(heads, width), dt, rates, normal(groups, states), normal(groups, states))
    return tuple(part.requires_grad_() for part in parts)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n_tokens", LENGTHS)
def test_the_scan_and_its_gradients_are_those_of_the_recurrence(n_tokens, reverse):
    parts = draw(n_tokens, dtype=torch.float32)
    exact = tuple(part.detach().double().requires_grad_() for part in parts)
    found, expected = ssd(*parts, reverse=reverse), recurrence(*exact, reverse=reverse)
    assert relative(found, expected) <= 1e-5
    weights = torch.randn(expected.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected_grads = torch.autograd.grad((expected * weights).sum(), exact)
    for got, wanted in zip(torch.autograd.grad((found * weights).sum(), parts), expected_grads, strict=True):
        # one token: nothing decays, so the rates have no gradient at all
        assert relative(got, wanted) <= 1e-4 or (got - wanted).abs().max() == 0


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n_tokens", [7, 300])
def test_several_groups_share_nothing_but_time(n_tokens, reverse):
    parts = draw(n_tokens, groups=2)
    skip = torch.tensor([1.0, -1.0, 0.5, 2.0], dtype=torch.float64)
    expected = recurrence(*parts, reverse=reverse) + parts[0] * skip[:, None]
    assert relative(ssd(*parts, D=skip, reverse=reverse), expected) <= 1e-12


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("n_tokens", "groups"), [(1, 1), (4, 1), (4, 2)])
def test_gradcheck_agrees_with_the_triangle(n_tokens, groups, reverse):
    skip = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    parts = draw(n_tokens, groups=groups, **TINY)
    assert torch.autograd.gradcheck(lambda *p: ssd(*p[:-1], D=p[-1], reverse=reverse), (*parts, skip))


@pytest.mark.parametrize("reverse", [False, True])
def test_gradcheck_agrees_with_the_chunks(monkeypatch, reverse):
    monkeypatch.setattr("eeg_kedro.models.ssd.LONGEST_TRIANGLE", 2)
    parts = draw(5, **TINY)
    assert torch.autograd.gradcheck(lambda *p: ssd(*p, reverse=reverse, chunk_size=2), parts)


@pytest.mark.parametrize("chunk_size", [1, 17, 64, 299, 1000])
def test_the_length_of_a_chunk_does_not_change_the_result(chunk_size):
    parts = draw(300)
    assert relative(ssd(*parts, chunk_size=chunk_size), recurrence(*parts)) <= 1e-12


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n_tokens", [124, 700])
def test_violent_decay_neither_overflows_nor_loses_digits(n_tokens, reverse):
    parts = draw(n_tokens, dtype=torch.float32, step=6.0, rate=16.0)
    found = ssd(*parts, reverse=reverse)
    assert relative(found, recurrence(*(part.double() for part in parts), reverse=reverse)) <= 1e-5
    assert all(torch.isfinite(grad).all() for grad in torch.autograd.grad(found.square().sum(), parts))


@pytest.mark.parametrize("n_tokens", [40, 400])
def test_a_step_of_zero_passes_a_token_over(n_tokens):
    x, dt, *rest = (part.detach() for part in draw(n_tokens))
    dt[:, 10:20] = 0
    kept = [t for t in range(n_tokens) if not 10 <= t < 20]
    b, c = (part[:, kept] for part in rest[1:])
    without = recurrence(x[:, kept], dt[:, kept], rest[0], b, c)
    assert relative(ssd(x, dt, *rest)[:, kept], without) <= 1e-12


def test_blocks_of_items_give_what_one_block_gives(monkeypatch):
    parts = draw(20)
    whole = torch.autograd.grad(ssd(*parts).square().sum(), parts)
    monkeypatch.setattr("eeg_kedro.models.blocks._BLOCK_VALUES", 1)
    apart = torch.autograd.grad(ssd(*parts).square().sum(), parts)
    assert all(relative(one, other) <= 1e-12 for one, other in zip(apart, whole, strict=True))


def test_under_autocast_the_scan_stays_in_float32():
    parts = tuple(part.detach() for part in draw(50, dtype=torch.float32))
    with torch.autocast("cpu", torch.bfloat16):
        found = ssd(*parts)
    assert found.dtype == torch.float32
    assert torch.equal(found, ssd(*parts))
