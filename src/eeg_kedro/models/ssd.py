"""State space duality: the scan of Mamba-2 as matrix products.

Dao & Gu (2024), "Transformers are SSMs", https://arxiv.org/abs/2405.21060. With ``a`` the running sum of ``dt * A``,

    s_t = exp(dt_t A) s_{t-1} + dt_t B_t x_t        y_t = C_t s_t
    y_i = sum_{j <= i} exp(a_i - a_j) (C_i . B_j) dt_j x_j

The second line is the dual form: one lower triangle per head, best for short sequences. Longer ones are cut into
chunks: the dual form within each, one state per chunk between them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from eeg_kedro.models.blocks import cut_rows
from eeg_kedro.models.full_precision import in_full, without_autocast

# Measured on the CPU: up to here one triangle is faster than chunks (docs/benchmarks.md).
LONGEST_TRIANGLE = 256
# exp(-80) is the smallest power that is no denormal in float32; a triangle's other half never overflows either.
_FLOOR = -80.0


def ssd(
    x: Tensor,
    dt: Tensor,
    A: Tensor,  # noqa: N803 the paper's letters
    B: Tensor,  # noqa: N803
    C: Tensor,  # noqa: N803
    *,
    D: Tensor | None = None,  # noqa: N803
    reverse: bool = False,
    chunk_size: int = 64,
) -> Tensor:
    """Return the output of the scan, computed in float32 (float64 if x is).

    Parameters
    ----------
    x : Tensor
        (B, T, H, P) inputs.
    dt : Tensor
        (B, T, H) step sizes, positive; 0 where a token must leave the state alone.
    A : Tensor
        (H,) rates, negative.
    B, C : Tensor
        (B, T, G, N) how a token enters the state and how it is read; G divides H.
    D : Tensor or None
        (H,) weight of the input itself in the output.
    reverse : bool
        Scan from the last token to the first: the same as flipping time before and after.
    chunk_size : int
        Tokens of a chunk where the sequence is longer than one triangle.

    Returns
    -------
    Tensor
        (B, T, H, P).
    """
    x, dt, A, B, C = (in_full(tensor) for tensor in (x, dt, A, B, C))  # noqa: N806
    with without_autocast(x):
        D = x.new_zeros(A.shape) if D is None else in_full(D)  # noqa: N806
        if B.shape[2] > 1:
            return _by_group(x, dt, A, B, C, D, reverse, chunk_size)
        return _scan(x, dt, dt * A, B[:, :, 0], C[:, :, 0], D, reverse, chunk_size)


def _by_group(
    x: Tensor, dt: Tensor, rate: Tensor, b: Tensor, c: Tensor, skip: Tensor, reverse: bool, chunk_size: int
) -> Tensor:
    """Scan several groups as so many more items of the batch: none of them shares B and C with another."""
    n_items, n_tokens, n_heads, width = x.shape
    groups, per_group = b.shape[2], n_heads // b.shape[2]

    def folded(tensor: Tensor) -> Tensor:
        shape = (*tensor.shape[:2], groups, -1, *tensor.shape[3:])
        apart = tensor.reshape(shape).transpose(1, 2)
        return apart.reshape(n_items * groups, n_tokens, *apart.shape[3:])

    skipped = x * skip[:, None]
    b, c = folded(b).squeeze(2), folded(c).squeeze(2)
    none = x.new_zeros(per_group)
    y = _scan(folded(x), folded(dt), folded(dt * rate), b, c, none, reverse, chunk_size)
    y = y.view(n_items, groups, n_tokens, per_group, width).transpose(1, 2)
    return y.reshape(x.shape) + skipped


def _scan(
    x: Tensor,
    dt: Tensor,
    log_decay: Tensor,
    b: Tensor,
    c: Tensor,
    skip: Tensor,
    reverse: bool,
    chunk_size: int,
) -> Tensor:
    if x.shape[1] <= LONGEST_TRIANGLE:
        y: Tensor = _Triangle.apply(x, dt, log_decay, b, c, skip, reverse)  # type: ignore[no-untyped-call]
        return y
    return _chunked(x, dt, log_decay, b, c, skip, reverse, chunk_size)


def _running(log_decay: Tensor, reverse: bool) -> tuple[Tensor, Tensor]:
    """Return the running sum over tokens (B, H, T); in reverse a token's own decay comes after it.

    Two parts of it: what float32 holds, and the rest. Sums reach thousands where the differences that count are small.
    """
    by_head = log_decay.transpose(1, 2).double()
    total = by_head.cumsum(2)
    total = total.sub_(by_head) if reverse else total
    held = total.to(log_decay.dtype)
    rest = (total - held).to(log_decay.dtype)
    return held, rest.neg_() if reverse else rest


def _decays(running: Tensor, reverse: bool) -> Tensor:
    """Return exp of the decay from token j to token i (B, H, T, T); the half that is not used is finite."""
    rows, columns = running[..., :, None], running[..., None, :]
    gaps = columns - rows if reverse else rows - columns
    return gaps.clamp_(_FLOOR, 0.0).exp_()


def _by_head(tensor: Tensor, factor: Tensor) -> Tensor:
    """Return (B, T, H, P) times a factor (B, T, H) as contiguous (B, H, T, P)."""
    n_items, n_tokens, n_heads, width = tensor.shape
    out = tensor.new_empty(n_items, n_heads, n_tokens, width)
    return torch.mul(tensor.transpose(1, 2), factor.transpose(1, 2)[..., None], out=out)


class _Triangle(torch.autograd.Function):
    """The dual form; keeps its inputs and the head-shared C B^T, computes the decays again in backward."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, dt: Tensor, log_decay: Tensor, b: Tensor, c: Tensor, skip: Tensor, reverse: bool
    ) -> Tensor:
        shared = _half(torch.bmm(c, b.transpose(1, 2)), reverse)
        running, rest = _running(log_decay, reverse)
        # the rest scales what comes out of token i by exp(rest_i) and what goes in at token j by exp(-rest_j)
        scale = rest.exp_().transpose(1, 2)
        ctx.save_for_backward(x, dt, running, scale, b, c, skip, shared)
        ctx.reverse, y = reverse, x.new_empty(x.shape)
        for part in _cut_items(running):
            weights = _decays(running[part], reverse).mul_(shared[part, None])
            entering = _by_head(x[part], dt[part] / scale[part])
            mixed = torch.matmul(weights, entering).transpose(1, 2).mul_(scale[part, ..., None])
            torch.addcmul(mixed, x[part], skip[:, None], out=y[part])
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, dt, running, scale, b, c, skip, shared = ctx.saved_tensors
        d_x, d_dt, d_b, d_c = (tensor.new_empty(tensor.shape) for tensor in (x, dt, b, c))
        d_running, d_skip = torch.empty_like(running), torch.zeros_like(skip)
        with without_autocast(grad):
            for part in _cut_items(running):
                d_y, step = _by_head(grad[part], scale[part]), dt[part] / scale[part]
                decays = _decays(running[part], ctx.reverse)
                d_weights = torch.matmul(d_y, _by_head(x[part], step).transpose(2, 3)).mul_(decays)
                d_shared = _half(d_weights.sum(1), ctx.reverse)
                torch.bmm(d_shared.transpose(1, 2), c[part], out=d_b[part])
                torch.bmm(d_shared, b[part], out=d_c[part])
                d_running[part] = _flows(d_weights, shared[part], ctx.reverse)
                weights = decays.mul_(shared[part, None])
                d_xdt = torch.matmul(weights.transpose(2, 3), d_y).transpose(1, 2)
                d_dt[part] = (d_xdt * x[part]).sum(-1).div_(scale[part])
                d_skip += (grad[part] * x[part]).sum(-1).sum((0, 1))
                torch.mul(d_xdt, step[..., None], out=d_x[part]).addcmul_(grad[part], skip[:, None])
        return d_x, d_dt, _unsummed(d_running, ctx.reverse), d_b, d_c, d_skip, None


def _cut_items(running: Tensor) -> list[slice]:
    n_items, n_heads, n_tokens = running.shape
    return cut_rows(n_items, n_heads * n_tokens * n_tokens, running)


def _half(square: Tensor, reverse: bool) -> Tensor:
    return square.triu_() if reverse else square.tril_()


def _flows(d_weights: Tensor, shared: Tensor, reverse: bool) -> Tensor:
    """Return the gradient of the running sums (B, H, T); overwrites ``d_weights`` (B, H, T, T).

    Row sums minus column sums of the strict triangle; the shorter <dy, y> - <x, dx> loses three digits by cancellation.
    """
    strict = shared.triu(1) if reverse else shared.tril(-1)
    flows = d_weights.mul_(strict[:, None])
    return flows.sum(-2).sub_(flows.sum(-1)) if reverse else flows.sum(-1).sub_(flows.sum(-2))


def _unsummed(d_running: Tensor, reverse: bool) -> Tensor:
    """Return the gradient of the log decays (B, T, H): each is part of the running sums from its token on."""
    onwards = d_running.flip(-1).cumsum(-1).flip(-1)
    return (onwards.sub_(d_running) if reverse else onwards).transpose(1, 2)


def _chunked(
    x: Tensor,
    dt: Tensor,
    log_decay: Tensor,
    b: Tensor,
    c: Tensor,
    skip: Tensor,
    reverse: bool,
    chunk_size: int,
) -> Tensor:
    """Scan in chunks of nearly equal length, so that hardly anything is padded.

    Every exponent is a decay from one token to a later one, hence at most 0: nothing can overflow.
    """
    n_items, n_tokens, n_heads, width = x.shape
    n_chunks = -(-n_tokens // chunk_size)
    length = -(-n_tokens // n_chunks)
    missing = n_chunks * length - n_tokens

    def cut(tensor: Tensor) -> Tensor:
        if missing:  # zeros with dt = 0 leave the state alone
            tensor = functional.pad(tensor, [0, 0] * (tensor.ndim - 2) + [0, missing])
        return tensor.reshape(n_items * n_chunks, length, *tensor.shape[2:])

    x, dt, log_decay, b, c = (cut(tensor) for tensor in (x, dt, log_decay, b, c))
    within: Tensor = _Triangle.apply(x, dt, log_decay, b, c, skip, reverse)  # type: ignore[no-untyped-call]
    leaving, entering, whole = _passages(log_decay, reverse)
    inputs = (x * (dt * leaving)[..., None]).flatten(2)
    added = torch.bmm(b.transpose(1, 2), inputs).view(n_items, n_chunks, -1, n_heads, width)
    decay = whole.view(n_items, n_chunks, n_heads)
    states: Tensor = _ChunkStates.apply(added, decay, reverse)  # type: ignore[no-untyped-call]
    across = torch.bmm(c, states.view(n_items * n_chunks, -1, n_heads * width)).view(x.shape)
    y = torch.addcmul(within, across, entering[..., None])
    return y.reshape(n_items, n_chunks * length, n_heads, width)[:, :n_tokens]


def _passages(log_decay: Tensor, reverse: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return the decays from a token out of its chunk, into the chunk to a token, and through all of it.

    Summed in float64: they are differences of sums.
    """
    running = log_decay.double().cumsum(1)
    whole = running[:, -1:]
    before, after = running - log_decay, whole - running
    leaving, entering = (before, after + log_decay) if reverse else (after, running)
    decays = (part.exp().to(log_decay.dtype) for part in (leaving, entering, whole))
    return next(decays), next(decays), next(decays)


class _ChunkStates(torch.autograd.Function):
    """The state that enters each chunk: as many steps as there are chunks, not tokens."""

    @staticmethod
    def forward(ctx: Any, added: Tensor, decay: Tensor, reverse: bool) -> Tensor:
        """Take what each chunk adds (B, c, N, H, P) and how it decays what it finds (B, c, H)."""
        states = torch.empty_like(added)
        order = _in_order(added.shape[1], reverse)
        states[:, order[0]] = 0
        for before, now in pairwise(order):
            torch.addcmul(
                added[:, before], states[:, before], decay[:, before, None, :, None], out=states[:, now]
            )
        ctx.save_for_backward(states, decay)
        ctx.reverse = reverse
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        states, decay = ctx.saved_tensors
        d_added, d_decay = torch.empty_like(grad), torch.zeros_like(decay)
        order = _in_order(grad.shape[1], ctx.reverse)[::-1]
        d_added[:, order[0]] = 0
        for now, before in pairwise(order):
            # what a chunk adds reaches the next one, and through its decay all that follow
            torch.addcmul(grad[:, now], d_added[:, now], decay[:, now, None, :, None], out=d_added[:, before])
            d_decay[:, before] = (d_added[:, before] * states[:, before]).sum(-1).sum(1)
        return d_added, d_decay, None


def _in_order(n_chunks: int, reverse: bool) -> list[int]:
    order = list(range(n_chunks))
    return order[::-1] if reverse else order
