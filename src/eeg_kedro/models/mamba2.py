"""The Mamba-2 block: projection, short convolution, scan, gated norm, projection.

Dao & Gu (2024), "Transformers are SSMs", https://arxiv.org/abs/2405.21060. Parameters bear the official names, shapes
and initial values, so that a state dict goes in and out of other implementations.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from eeg_kedro.errors import ParameterError
from eeg_kedro.models.causal_conv import causal_conv_silu
from eeg_kedro.models.full_precision import in_full
from eeg_kedro.models.gated_norm import GatedNorm
from eeg_kedro.models.scan_backend import scan_with_kernels
from eeg_kedro.models.ssd import ssd


class MixerState(NamedTuple):
    """All that a causal mixer remembers of the tokens it has seen.

    ``conv`` (B, k - 1, C) holds the latest inputs of the convolution, ``scan`` (B, H, P, N) the state of the scan.
    """

    conv: Tensor
    scan: Tensor


class _Way(NamedTuple):
    """The parameters of one direction."""

    conv: nn.Conv1d
    dt_bias: Tensor
    A_log: Tensor
    D: Tensor
    reverse: bool


class Mamba2Mixer(nn.Module):
    """Mix tokens along time with a selective state space.

    Parameters
    ----------
    d_model : int
        Width of inputs and outputs, D.
    d_state, d_conv, expand, headdim, ngroups : int
        States per head N, taps of the convolution, inner width in multiples of D, width of a head P, groups of B and C.
    chunk_size : int
        Tokens of a chunk in long sequences; changes the speed, not the result.
    reverse : bool
        Scan from the last token to the first, with parameters of the same names.
    bidirectional : bool
        Scan both ways with shared projections and norm; what the way back has of its own ends in ``_rev``.
    backend : {"torch", "mamba_ssm"}
        Who computes the scan, as `eeg_kedro.models.scan_backend.choose_backend` answers.
    A_init_range, dt_min, dt_max, dt_init_floor
        Where rates and step sizes start: uniform and log-uniform.
    dt_limit : tuple of float
        Bounds of the step size.
    bias, conv_bias : bool
        Whether projections and convolution have a bias.

    Raises
    ------
    ParameterError
        If the sizes do not divide, two directions are asked for at once, or the backend was not chosen.
    """

    conv1d: nn.Conv1d
    conv1d_rev: nn.Conv1d
    dt_bias: nn.Parameter
    dt_bias_rev: nn.Parameter
    A_log: nn.Parameter
    A_log_rev: nn.Parameter
    D: nn.Parameter
    D_rev: nn.Parameter

    def __init__(
        self,
        d_model: int,
        *,
        d_state: int = 128,
        d_conv: int = 4,
        expand: int = 2,
        headdim: int = 64,
        ngroups: int = 1,
        chunk_size: int = 64,
        reverse: bool = False,
        bidirectional: bool = False,
        backend: Literal["torch", "mamba_ssm"] = "torch",
        A_init_range: tuple[float, float] = (1, 16),  # noqa: N803 the official name
        dt_min: float = 1e-3,
        dt_max: float = 0.1,
        dt_init_floor: float = 1e-4,
        dt_limit: tuple[float, float] = (0.0, math.inf),
        bias: bool = False,
        conv_bias: bool = True,
    ) -> None:
        super().__init__()
        if backend not in ("torch", "mamba_ssm"):
            raise ParameterError(
                "a mixer needs a backend that was chosen",
                value=backend,
                allowed="torch, mamba_ssm",
                remedy="ask choose_backend for its name",
            )
        self.d_inner, self.d_state, self.headdim, self.ngroups = expand * d_model, d_state, headdim, ngroups
        self.nheads = _heads(self.d_inner, headdim, ngroups)
        self.chunk_size, self.dt_limit, self.backend = chunk_size, dt_limit, backend
        self.reverse, self.bidirectional = _direction(reverse, bidirectional), bidirectional
        self.conv_sizes = [self.d_inner, ngroups * d_state, ngroups * d_state]
        width = sum(self.conv_sizes)
        self.in_proj = nn.Linear(d_model, self.d_inner + width + self.nheads, bias=bias)
        for suffix in ("", "_rev") if bidirectional else ("",):
            conv = nn.Conv1d(width, width, d_conv, groups=width, padding=d_conv - 1, bias=conv_bias)
            setattr(self, f"conv1d{suffix}", conv)
            steps = _first_steps(self.nheads, dt_min, dt_max, dt_init_floor)
            rates = torch.empty(self.nheads).uniform_(*A_init_range)
            for name, value in (("dt_bias", steps), ("A_log", rates.log()), ("D", torch.ones(self.nheads))):
                setattr(self, name + suffix, _undecayed(value))
        self.norm = GatedNorm(self.d_inner, groups=ngroups)
        self.out_proj = nn.Linear(self.d_inner, d_model, bias=bias)

    def forward(self, inputs: Tensor, valid: Tensor | None = None) -> Tensor:
        """Return the mixed tokens (B, T, D); what stands at invalid tokens reaches no valid one.

        Parameters
        ----------
        inputs : Tensor
            (B, T, D).
        valid : Tensor or None
            (B, T) bool, False at padding and at tokens that must be passed over; None if all are valid.
        """
        if valid is not None:
            valid = valid[..., None]
            # not a product: 0 * nan is nan
            inputs = torch.where(valid, inputs, 0.0)
        gate, mixed, steps = self._project(inputs)
        if valid is not None and self.in_proj.bias is not None:
            mixed = torch.where(valid, mixed, 0.0)
        first, *second = [self._run(way, gate, mixed, steps, valid) for way in self._ways()]
        out: Tensor = self.out_proj(first + second[0] if second else first)
        return out

    def initial_state(self, batch_size: int) -> MixerState:
        """Return the state before the first token, for `step`."""
        self._require_causal()
        like = self.in_proj.weight
        conv = like.new_zeros(batch_size, self.conv1d.kernel_size[0] - 1, sum(self.conv_sizes))
        return MixerState(conv, like.new_zeros(batch_size, self.nheads, self.headdim, self.d_state))

    def step(self, inputs: Tensor, state: MixerState) -> tuple[Tensor, MixerState]:
        """Return the output (B, D) for the next token (B, D), and the state after it.

        Raises
        ------
        ParameterError
            If the mixer looks ahead.
        """
        self._require_causal()
        gate, mixed, steps = self._project(inputs)
        seen = torch.cat([state.conv, mixed[:, None]], 1)
        summed = torch.einsum("btc,ct->bc", seen, self.conv1d.weight[:, 0])
        summed = summed if self.conv1d.bias is None else summed + self.conv1d.bias
        x, b, c = torch.split(functional.silu(summed), self.conv_sizes, -1)
        x = x.view(-1, self.nheads, self.headdim)
        b, c = (self._to_heads(tensor) for tensor in (b, c))
        dt = self._step_sizes(steps, self.dt_bias)
        decay = torch.exp(-dt * self.A_log.exp())
        scan = torch.addcmul(
            state.scan * decay[..., None, None], (dt[..., None] * x)[..., None], b[..., None, :]
        )
        y = (scan * c[..., None, :]).sum(-1) + x * self.D[:, None]
        out: Tensor = self.out_proj(self.norm(y.flatten(1), gate))
        return out, MixerState(seen[:, 1:], scan)

    def _project(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """Return gate, x|B|C and raw step sizes: the weight is cut, not the product, so backward joins nothing."""
        sizes = [self.d_inner, sum(self.conv_sizes), self.nheads]
        biases = (None,) * 3 if self.in_proj.bias is None else torch.split(self.in_proj.bias, sizes)
        parts = zip(torch.split(self.in_proj.weight, sizes), biases, strict=True)
        return tuple(functional.linear(inputs, weight, bias) for weight, bias in parts)

    def _ways(self) -> list[_Way]:
        ways = [_Way(self.conv1d, self.dt_bias, self.A_log, self.D, self.reverse)]
        if self.bidirectional:
            ways.append(_Way(self.conv1d_rev, self.dt_bias_rev, self.A_log_rev, self.D_rev, True))
        return ways

    def _run(self, way: _Way, gate: Tensor, mixed: Tensor, steps: Tensor, valid: Tensor | None) -> Tensor:
        """Return one direction's gated and normed output (B, T, E)."""
        shape = mixed.shape[:2]
        parts = causal_conv_silu(mixed, way.conv.weight, way.conv.bias, self.conv_sizes, reverse=way.reverse)
        x = parts[0].view(*shape, self.nheads, self.headdim)
        b, c = (part.view(*shape, self.ngroups, self.d_state) for part in parts[1:])
        dt = self._step_sizes(steps, way.dt_bias)
        # the convolution writes into invalid tokens; with a step of 0 they neither enter nor decay the state
        dt = dt if valid is None else dt * valid
        rate = -torch.exp(in_full(way.A_log))
        if self.backend == "mamba_ssm":
            y = scan_with_kernels(x, dt, rate, b, c, D=way.D, reverse=way.reverse)
        else:
            y = ssd(x, dt, rate, b, c, D=way.D, reverse=way.reverse, chunk_size=self.chunk_size)
        normed: Tensor = self.norm(y.flatten(2), gate)
        return normed

    def _step_sizes(self, steps: Tensor, dt_bias: Tensor) -> Tensor:
        dt = functional.softplus(in_full(steps) + dt_bias)
        return dt if self.dt_limit == (0.0, math.inf) else dt.clamp(*self.dt_limit)

    def _to_heads(self, tensor: Tensor) -> Tensor:
        """Return (B, G * N) as (B, H, N): each group's values for each of its heads."""
        groups = tensor.view(-1, self.ngroups, self.d_state)
        return groups.repeat_interleave(self.nheads // self.ngroups, 1)

    def _require_causal(self) -> None:
        if self.reverse or self.bidirectional:
            raise ParameterError(
                "a mixer that looks ahead cannot go token by token",
                value="bidirectional" if self.bidirectional else "reverse",
                allowed="causal",
                remedy="train with direction: causal, or run whole sequences",
            )


def _heads(d_inner: int, headdim: int, ngroups: int) -> int:
    heads = d_inner // headdim
    if d_inner % headdim or heads % ngroups:
        raise ParameterError(
            f"an inner width of {d_inner} does not divide into {ngroups} group(s) of heads of width {headdim}",
            value=headdim,
            allowed="headdim divides expand * d_model, ngroups divides the heads",
            remedy="choose another headdim",
        )
    return heads


def _direction(reverse: bool, bidirectional: bool) -> bool:
    if reverse and bidirectional:
        raise ParameterError(
            "a mixer is either reverse or bidirectional", value="both", allowed="one of them"
        )
    return reverse


def _first_steps(n_heads: int, dt_min: float, dt_max: float, floor: float) -> Tensor:
    """Return biases (H,) whose softplus is log-uniform in [dt_min, dt_max], at least ``floor``."""
    span = math.log(dt_max) - math.log(dt_min)
    steps = torch.exp(torch.rand(n_heads) * span + math.log(dt_min)).clamp(min=floor)
    return steps + torch.log(-torch.expm1(-steps))


def _undecayed(value: Tensor) -> nn.Parameter:
    parameter = nn.Parameter(value)
    parameter._no_weight_decay = True  # type: ignore[attr-defined]
    return parameter
