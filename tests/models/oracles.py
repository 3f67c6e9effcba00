"""Oracles of the mixer: the recurrence token by token, and the block in plain autograd as the paper writes it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from eeg_kedro.models.mamba2 import Mamba2Mixer


def recurrence(x: Tensor, dt: Tensor, rate: Tensor, b: Tensor, c: Tensor, *, reverse: bool = False) -> Tensor:
    """Return the scan (B, T, H, P), one token after the other; in reverse with time flipped before and after."""
    if reverse:
        x, dt, b, c = (tensor.flip(1) for tensor in (x, dt, b, c))
        return recurrence(x, dt, rate, b, c).flip(1)
    per_group = x.shape[2] // b.shape[2]
    b, c = (tensor.repeat_interleave(per_group, 2) for tensor in (b, c))
    state, outputs = x.new_zeros(x.shape[0], *x.shape[2:], b.shape[-1]), []
    for t in range(x.shape[1]):
        entering = (dt[:, t, :, None] * x[:, t])[..., None] * b[:, t, :, None, :]
        state = state * torch.exp(dt[:, t] * rate)[..., None, None] + entering
        outputs.append((state * c[:, t, :, None, :]).sum(-1))
    return torch.stack(outputs, 1)


def plain_mixer(mixer: Mamba2Mixer, inputs: Tensor) -> Tensor:
    """Return the output of a mixer (B, T, D) without padding, from its parameters alone."""
    outputs = plain_way(mixer, inputs, "", reverse=mixer.reverse)
    if mixer.bidirectional:
        outputs = outputs + plain_way(mixer, inputs, "_rev", reverse=True)
    return mixer.out_proj(outputs)


def plain_way(mixer: Mamba2Mixer, inputs: Tensor, suffix: str, *, reverse: bool) -> Tensor:
    """Return one direction's gated and normed output; the reverse one flips time before and after."""
    parameters = dict(mixer.named_parameters())
    inputs = inputs.flip(1) if reverse else inputs
    states = mixer.ngroups * mixer.d_state
    gate, mixed, steps = mixer.in_proj(inputs).split(
        [mixer.d_inner, mixer.d_inner + 2 * states, mixer.nheads], -1
    )
    weight, bias = parameters[f"conv1d{suffix}.weight"], parameters[f"conv1d{suffix}.bias"]
    padded = functional.pad(mixed.transpose(1, 2), (weight.shape[-1] - 1, 0))
    mixed = functional.silu(functional.conv1d(padded, weight, bias, groups=weight.shape[0])).transpose(1, 2)
    x, b, c = mixed.split([mixer.d_inner, states, states], -1)
    x = x.unflatten(-1, (mixer.nheads, mixer.headdim))
    b, c = (tensor.unflatten(-1, (mixer.ngroups, mixer.d_state)) for tensor in (b, c))
    dt = functional.softplus(steps + parameters[f"dt_bias{suffix}"]).clamp(*mixer.dt_limit)
    y = recurrence(x, dt, -parameters[f"A_log{suffix}"].exp(), b, c) + x * parameters[f"D{suffix}"][:, None]
    gated = (y.flatten(2) * functional.silu(gate)).unflatten(-1, (mixer.ngroups, -1))
    normed = functional.rms_norm(gated, gated.shape[-1:], eps=1e-5).flatten(2) * mixer.norm.weight
    return normed.flip(1) if reverse else normed


def relative(found: Tensor, expected: Tensor) -> float:
    """Return the largest difference as a share of the largest expected value."""
    found, expected = found.detach().double(), expected.detach().double()
    return ((found - expected).abs().max() / expected.abs().max().clamp(min=1e-12)).item()
