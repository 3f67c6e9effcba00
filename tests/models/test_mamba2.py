"""The mixer: against its plain twin, under padding, token by token, and as it is born."""

from __future__ import annotations

import math

import pytest
import torch

from eeg_kedro.errors import ParameterError
from eeg_kedro.models.mamba2 import Mamba2Mixer
from tests.models.oracles import plain_mixer, relative

WAYS = [{}, {"reverse": True}, {"bidirectional": True}]
SMALL = {"d_state": 8, "headdim": 8}


def build(seed=0, **options):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        mixer = Mamba2Mixer(16, **{**SMALL, **options})
        # away from ones, so that a forgotten weight is seen
        torch.nn.init.uniform_(mixer.norm.weight, 0.5, 1.5)
        torch.nn.init.uniform_(mixer.D, 0.5, 1.5)
    return mixer


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def gradients(mixer, outputs):
    return torch.autograd.grad(outputs.square().sum(), list(mixer.parameters()))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_tokens", [1, 2, 65, 124, 257])
def test_outputs_and_gradients_are_those_of_the_plain_twin_in_float64(n_tokens, way):
    mixer, inputs = build(**way), draw(2, n_tokens, 16)
    found, grads = mixer(inputs), gradients(mixer, mixer(inputs))
    exact = build(**way).double()
    expected = plain_mixer(exact, inputs.double())
    assert relative(found, expected) <= 1e-5
    for got, wanted in zip(grads, gradients(exact, expected), strict=True):
        assert relative(got, wanted) <= 1e-4 or (got - wanted).abs().max() < 1e-9


def test_the_gradient_of_the_input_is_that_of_the_plain_twin():
    mixer, inputs = build().double(), draw(2, 30, 16).double().requires_grad_()
    grad = torch.autograd.grad(mixer(inputs).square().sum(), inputs)[0]
    assert relative(grad, torch.autograd.grad(plain_mixer(mixer, inputs).square().sum(), inputs)[0]) <= 1e-11


@pytest.mark.parametrize(
    "options", [{"ngroups": 2}, {"d_conv": 2}, {"dt_limit": (0.01, 0.05)}, {"bias": True}]
)
def test_every_option_of_the_block_is_honoured(options):
    mixer, inputs = build(**options).double(), draw(2, 20, 16).double()
    assert relative(mixer(inputs), plain_mixer(mixer, inputs)) <= 1e-12


@pytest.mark.parametrize("options", [*WAYS, {"bias": True}, {"bias": True, "reverse": True}])
def test_padding_and_holes_are_as_if_the_tokens_were_not_there(options):
    mixer, inputs = build(d_conv=1, **options).double(), draw(1, 30, 16).double()
    valid = torch.ones(1, 30, dtype=torch.bool)
    valid[:, 25:] = valid[:, 8:13] = False
    alone = mixer(inputs[:, valid[0]])
    assert relative(mixer(inputs, valid)[:, valid[0]], alone) <= 1e-12


@pytest.mark.parametrize("n_tokens", [124, 300])
@pytest.mark.parametrize("options", [*WAYS, {"bias": True, "bidirectional": True}])
def test_right_padding_gives_what_the_sequence_gives_alone(options, n_tokens):
    mixer, inputs = build(**options), draw(3, n_tokens, 16)
    for item, length in enumerate((100, 57, 3)):
        valid = (torch.arange(n_tokens) < length).expand(3, -1)
        alone = mixer(inputs[item : item + 1, :length])
        assert relative(mixer(inputs, valid)[item, :length], alone[0]) <= 2e-6


@pytest.mark.parametrize("garbage", [50.0, math.inf, math.nan])
@pytest.mark.parametrize("way", WAYS)
def test_garbage_in_padding_and_holes_changes_nothing_at_valid_tokens(way, garbage):
    mixer, inputs = build(**way), draw(4, 40, 16)
    valid = torch.rand(4, 40, generator=torch.Generator().manual_seed(1)) > 0.3
    spoiled = torch.where(valid[..., None], inputs, garbage * (1 + inputs.abs()))
    clean, dirty = mixer(inputs, valid), mixer(spoiled, valid)
    assert torch.equal(clean[valid], dirty[valid])
    pairs = zip(gradients(mixer, clean[valid]), gradients(mixer, dirty[valid]), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("way", WAYS)
def test_without_a_mask_garbage_would_be_seen(way):
    mixer, inputs = build(**way), draw(1, 40, 16)
    spoiled = inputs.clone()
    spoiled[:, 10:15] *= 50
    changed = (mixer(spoiled) - mixer(inputs)).abs().amax((0, 2)) > 1e-4
    assert changed[15:].any() == ("reverse" not in way)
    assert changed[:10].any() == (way != {})


def test_reverse_is_the_mixer_on_flipped_time():
    forwards, backwards, inputs = build(), build(reverse=True), draw(2, 70, 16)
    assert relative(backwards(inputs), forwards(inputs.flip(1)).flip(1)) <= 1e-6


@pytest.mark.parametrize("options", [{}, {"ngroups": 2}, {"bias": True}, {"d_conv": 1}, {"conv_bias": False}])
def test_token_by_token_gives_what_the_whole_sequence_gives(options):
    mixer, inputs = build(**options), draw(2, 90, 16)
    state, outputs = mixer.initial_state(2), []
    size = sum(part.numel() for part in state)
    for t in range(inputs.shape[1]):
        output, state = mixer.step(inputs[:, t], state)
        outputs.append(output)
    assert relative(torch.stack(outputs, 1), mixer(inputs)) <= 1e-5
    assert sum(part.numel() for part in state) == size


@pytest.mark.parametrize("way", WAYS[1:])
def test_a_mixer_that_looks_ahead_refuses_to_go_token_by_token(way):
    mixer = build(**way)
    with pytest.raises(ParameterError, match="direction: causal"):
        mixer.initial_state(2)


def test_a_bidirectional_mixer_adds_what_ends_in_rev_and_nothing_else():
    causal, both = build(), build(bidirectional=True)
    missing, unexpected = both.load_state_dict(causal.state_dict(), strict=False)
    names = {"conv1d_rev.weight", "conv1d_rev.bias", "dt_bias_rev", "A_log_rev", "D_rev"}
    assert (set(missing), unexpected) == (names, [])
    assert set(build(reverse=True).state_dict()) == set(causal.state_dict())


def test_a_block_of_the_seed_has_the_official_names_and_shapes():
    shapes = {name: tuple(value.shape) for name, value in Mamba2Mixer(128).state_dict().items()}
    assert shapes == {
        "dt_bias": (4,), "A_log": (4,), "D": (4,), "in_proj.weight": (772, 128), "conv1d.weight": (512, 1, 4),
        "conv1d.bias": (512,), "norm.weight": (256,), "out_proj.weight": (128, 256),
    }  # fmt: skip
    assert sum(value.numel() for value in Mamba2Mixer(128).parameters()) == 134_412


def test_rates_and_steps_are_born_in_the_official_ranges():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        mixer = Mamba2Mixer(1000, d_state=1, headdim=1)
    rates, steps = mixer.A_log.exp(), torch.nn.functional.softplus(mixer.dt_bias).log10()
    assert 0.999 <= rates.min() <= rates.max() <= 16.001
    assert rates.mean().item() == pytest.approx(8.5, abs=0.3)
    assert -3.001 <= steps.min() <= steps.max() <= -0.999
    assert steps.mean().item() == pytest.approx(-2, abs=0.05)
    assert torch.equal(mixer.D, torch.ones(2000))


@pytest.mark.parametrize("way", WAYS)
def test_steps_rates_and_skips_are_marked_against_weight_decay(way):
    marked = {
        name for name, value in build(**way).named_parameters() if getattr(value, "_no_weight_decay", False)
    }
    suffixes = ("", "_rev") if "bidirectional" in way else ("",)
    assert marked == {name + suffix for name in ("dt_bias", "A_log", "D") for suffix in suffixes}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_tokens", [30, 300])
def test_bf16_autocast_stays_close_to_float32(n_tokens, way):
    mixer, inputs = build(**way), draw(2, n_tokens, 16)
    with torch.autocast("cpu", torch.bfloat16):
        half = mixer(inputs)
    assert half.dtype == torch.bfloat16
    assert relative(half, mixer(inputs)) <= 0.03
    pairs = zip(gradients(mixer, half.float()), gradients(mixer, mixer(inputs)), strict=True)
    assert all(relative(one, other) <= 0.1 for one, other in pairs)


@pytest.mark.parametrize("options", [{"headdim": 7}, {"headdim": 32, "ngroups": 2}])
def test_sizes_that_do_not_divide_are_refused(options):
    with pytest.raises(ParameterError, match="does not divide"):
        build(**options)


def test_two_directions_at_once_are_refused():
    with pytest.raises(ParameterError, match="either reverse or bidirectional"):
        build(reverse=True, bidirectional=True)


def test_a_backend_nobody_chose_is_refused():
    with pytest.raises(ParameterError, match="allowed: torch, mamba_ssm"):
        build(backend="auto")
