"""RMS norm of a gated signal: the gate comes before the norm, as in Mamba-2."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from eeg_kedro.models.blocks import cut_rows
from eeg_kedro.models.full_precision import in_full, without_autocast


class GatedNorm(nn.Module):
    """Multiply by SiLU of a gate, then divide by the root mean square of each group of channels.

    Dao & Gu (2024), "Transformers are SSMs", section 7.

    Parameters
    ----------
    width : int
        Channels, E.
    groups : int
        Parts of the channels with a root mean square of their own.
    eps : float
        Added to the mean square.
    """

    def __init__(self, width: int, *, groups: int = 1, eps: float = 1e-5) -> None:
        super().__init__()
        self.groups, self.eps = groups, eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, inputs: Tensor, gate: Tensor) -> Tensor:
        """Return the gated and normed inputs (..., E); ``gate`` has the shape of ``inputs``."""
        with without_autocast(inputs):
            grouped = in_full(self.weight).view(self.groups, -1)
            rows = (-1, *grouped.shape)
            normed: Tensor = _GatedNorm.apply(inputs.reshape(rows), gate.reshape(rows), grouped, self.eps)  # type: ignore[no-untyped-call]
        return normed.view(inputs.shape)


class _GatedNorm(torch.autograd.Function):
    """Keeps its inputs (n, G, E / G) and one number per group and token."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, gate: Tensor, weight: Tensor, eps: float) -> Tensor:
        outputs = weight.new_empty(inputs.shape)
        scale = weight.new_empty(*inputs.shape[:-1], 1)
        for rows in cut_rows(inputs.shape[0], weight.numel(), inputs):
            gated = functional.silu(in_full(gate[rows])).mul_(in_full(inputs[rows]))
            length = torch.linalg.vector_norm(gated, dim=-1, keepdim=True)
            scale[rows] = length.square_().div_(gated.shape[-1]).add_(eps).rsqrt_()
            torch.mul(gated.mul_(scale[rows]), weight, out=outputs[rows])
        ctx.save_for_backward(inputs, gate, weight, scale)
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        inputs, gate, weight, scale = ctx.saved_tensors
        d_inputs, d_gate, d_weight = (
            torch.empty_like(inputs),
            torch.empty_like(gate),
            torch.zeros_like(weight),
        )
        with without_autocast(grad):
            for rows in cut_rows(inputs.shape[0], weight.numel(), inputs):
                full_gate, full_inputs = in_full(gate[rows]), in_full(inputs[rows])
                opened = functional.silu(full_gate)
                normed = (opened * full_inputs).mul_(scale[rows])
                d_weight += (grad[rows] * normed).sum(0)
                d_normed = grad[rows] * weight
                along = (d_normed * normed).mean(-1, keepdim=True)
                d_gated = d_normed.addcmul_(normed, along, value=-1).mul_(scale[rows])
                torch.mul(opened, d_gated, out=d_inputs[rows])
                torch.ops.aten.silu_backward.grad_input(
                    d_gated.mul_(full_inputs), full_gate, grad_input=opened
                )
                d_gate[rows] = opened
        return d_inputs, d_gate, d_weight, None
