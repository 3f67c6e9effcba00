"""Depthwise causal convolution and SiLU over tokens, as few shifted multiply-adds in (B, T, C) layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from eeg_kedro.models.blocks import cut_rows
from eeg_kedro.models.full_precision import in_full, without_autocast


def causal_conv_silu(
    inputs: Tensor, weight: Tensor, bias: Tensor | None, sizes: Sequence[int], *, reverse: bool = False
) -> tuple[Tensor, ...]:
    """Convolve each channel with its own taps, apply SiLU and hand the channels back in parts.

    Parts, because the scan takes x, B and C apart: split here, backward needs no concatenation.

    Parameters
    ----------
    inputs : Tensor
        (B, T, C); what stands before the first token counts as zero.
    weight : Tensor
        (C, 1, k), the last tap belongs to the token itself, as in ``nn.Conv1d`` padded on the left.
    bias : Tensor or None
        (C,).
    sizes : sequence of int
        Channels of each part; they sum to C.
    reverse : bool
        Look at the k - 1 tokens after each token instead of before, with mirrored taps.

    Returns
    -------
    tuple of Tensor
        (B, T, size) for each size, contiguous, float32 under autocast.
    """
    taps = in_full(weight)[:, 0].t().contiguous()
    offset = in_full(weight).new_zeros(weight.shape[0]) if bias is None else in_full(bias)
    with without_autocast(inputs):
        outputs: tuple[Tensor, ...] = _ConvSiLU.apply(inputs, taps, offset, tuple(sizes), reverse)  # type: ignore[no-untyped-call]
    return outputs


class _ConvSiLU(torch.autograd.Function):
    """Keeps nothing but its input: what goes into the SiLU is cheaper to compute again than to store."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, taps: Tensor, bias: Tensor, sizes: tuple[int, ...], reverse: bool
    ) -> tuple[Tensor, ...]:
        ctx.save_for_backward(inputs, taps, bias)
        ctx.sizes, ctx.reverse = sizes, reverse
        outputs = tuple(taps.new_empty(*inputs.shape[:2], size) for size in sizes)
        for items, span in _cut(inputs, reverse):
            sums = _convolve(in_full(inputs[items]), taps, bias, span, reverse)
            for output, part in zip(outputs, torch.split(sums, list(sizes), -1), strict=True):
                torch.ops.aten.silu.out(part, out=output[items, span])
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        stored, taps, bias = ctx.saved_tensors
        d_inputs, d_taps, d_bias = (
            torch.empty_like(stored, dtype=taps.dtype),
            torch.zeros_like(taps),
            torch.zeros_like(bias),
        )
        with without_autocast(stored):
            for items, span in _cut(stored, ctx.reverse):
                inputs = in_full(stored[items])
                d_sums = _convolve(inputs, taps, bias, span, ctx.reverse)
                for grad, part in zip(grads, torch.split(d_sums, list(ctx.sizes), -1), strict=True):
                    torch.ops.aten.silu_backward.grad_input(grad[items, span], part, grad_input=part)
                d_bias += d_sums.flatten(0, 1).sum(0)
                _add_gradients(d_sums, inputs, taps, span, ctx.reverse, d_inputs[items], d_taps)
        return d_inputs.to(stored.dtype), d_taps, d_bias, None, None


def _cut(inputs: Tensor, reverse: bool) -> list[tuple[slice, slice]]:
    """Return blocks as items and tokens: several short sequences, or a stretch of one long one.

    They come in the order in which backward may write them: what a block adds outside its tokens lies in blocks before.
    """
    n_items, n_tokens, width = inputs.shape
    spans = cut_rows(n_tokens, width, inputs)
    items = cut_rows(n_items, n_tokens * width, inputs)
    return [(part, span) for part in items for span in (spans[::-1] if reverse else spans)]


def _reach(span: slice, lag: int, n_tokens: int, reverse: bool) -> tuple[slice, slice]:
    """Return the tokens of a span that have a token ``lag`` away, counted from its start, and those tokens."""
    shift = lag if reverse else -lag
    first = max(span.start, -shift)
    last = max(first, min(span.stop, n_tokens - shift))
    return slice(first - span.start, last - span.start), slice(first + shift, last + shift)


def _convolve(inputs: Tensor, taps: Tensor, bias: Tensor, span: slice, reverse: bool) -> Tensor:
    """Return what goes into the SiLU at a span of tokens; ``taps`` is (k, C), contiguous, the newest last."""
    sums = torch.addcmul(bias, inputs[:, span], taps[-1])
    for lag in range(1, taps.shape[0]):
        to, since = _reach(span, lag, inputs.shape[1], reverse)
        sums[:, to].addcmul_(inputs[:, since], taps[-1 - lag])
    return sums


def _add_gradients(
    d_sums: Tensor, inputs: Tensor, taps: Tensor, span: slice, reverse: bool, d_inputs: Tensor, d_taps: Tensor
) -> None:
    """Add what a span's gradient gives to the inputs it saw and to the taps."""
    torch.mul(d_sums, taps[-1], out=d_inputs[:, span])
    d_taps[-1] += (d_sums * inputs[:, span]).flatten(0, 1).sum(0)
    for lag in range(1, taps.shape[0]):
        to, since = _reach(span, lag, inputs.shape[1], reverse)
        d_inputs[:, since].addcmul_(d_sums[:, to], taps[-1 - lag])
        # as rows of one matrix: the sum over two axes of a slice is ten times slower
        d_taps[-1 - lag] += (d_sums[:, to] * inputs[:, since]).flatten(0, 1).sum(0)
