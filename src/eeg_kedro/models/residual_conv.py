"""The encoder from scratch: residual convolutions along time, the same for every channel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from eeg_kedro.models.blocks import cut_rows
from eeg_kedro.models.conv_options import ConvOptions
from eeg_kedro.models.encodings import SpatialEncoding
from eeg_kedro.models.window_encoder import Stage, WindowEncoder

_LARGEST_STRIDE = 8  # of the first convolution: at 256 Hz the blocks begin with 32 steps per second
_BLOCK_STRIDES = range(2, 6)
_NARROWEST = 8
# of a block's branch: without norms, branches of full size let the signal grow from block to block
_FIRST_GAIN = 0.2
NORM_EPS = 1e-5


class ResidualConv(nn.Module):
    """Add two convolutions to what they are given (He et al. 2016), both on fewer steps if asked.

    There is no norm inside: one over time would mix tokens that are real with those that are not. A small gain of
    the branch takes its place (De & Smith 2020).

    Parameters
    ----------
    n_in, n_out : int
        Maps before and after.
    kernel, stride : int
        Taps, and steps that become one.
    dropout : float
        Between the convolutions.
    """

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.stride = stride
        self.first = _conv(n_in, n_out, max(kernel, 2 * stride - 1), stride)
        self.second = _conv(n_out, n_out, kernel)
        self.shortcut = nn.Identity() if n_in == n_out else _conv(n_in, n_out, 1)
        self.gain = nn.Parameter(torch.full((n_out,), _FIRST_GAIN))
        self.dropout = nn.Dropout(dropout)

    def forward(self, signal: Tensor, real: Tensor | None) -> Tensor:
        """Turn (B, n_in, steps) into (B, n_out, steps / stride); ``real`` (B, 1, steps / stride), None if all are."""
        kept = functional.avg_pool1d(signal, self.stride) if self.stride > 1 else signal
        branch = _hide(functional.relu(self.first(functional.relu(signal))), real)
        branch = self.second(self.dropout(branch))
        return _hide(torch.addcmul(self.shortcut(kept), branch, self.gain.unsqueeze(1)), real)


class ConvWindowEncoder(WindowEncoder):
    """Convolve each channel along time, down to a few steps per token, and average those.

    Strides divide the token, so no step belongs to two of them. Unreal tokens count as zeros at every depth.

    Parameters
    ----------
    options : ConvOptions
        Width, blocks, taps, dropout.
    token_length : int
        L, samples of a token. A prime number cannot be shortened, and is slow.
    """

    def __init__(self, options: ConvOptions, token_length: int) -> None:
        super().__init__(options.width)
        widths = [max(_NARROWEST, options.width >> left) for left in reversed(range(options.n_blocks))]
        widths[-1] = options.width
        first, *strides = cut_token(token_length, options.n_blocks)
        self.stem = _conv(1, widths[0], max(options.kernel, 4 * first - 1), first)
        self.spatial = SpatialEncoding(widths[0])
        blocks = [
            ResidualConv(n_in, n_out, options.kernel, stride, options.dropout)
            for n_in, n_out, stride in zip([widths[0], *widths], widths, strides, strict=False)
        ]
        self.blocks = nn.ModuleList(blocks)
        self.strides = [first, *strides]
        self.norm = nn.RMSNorm(options.width, eps=NORM_EPS)

    def encode_channels(self, tokens: Tensor, places: Tensor, real: Tensor) -> Tensor:
        """Encode sequences (B, T, L) at places (B, 3) as (B, T, D); zeros where ``real`` (B, T) is False."""
        if not len(tokens):
            return self._convolve(tokens, places, real)
        values = self.stem.out_channels * tokens[0].numel() // self.strides[0]
        parts = cut_rows(len(tokens), values, tokens)
        return torch.cat([self._convolve(tokens[rows], places[rows], real[rows]) for rows in parts])

    def _convolve(self, tokens: Tensor, places: Tensor, real: Tensor) -> Tensor:
        n_tokens, steps = tokens.shape[1], tokens.shape[2] // self.strides[0]
        hides = not bool(real.all())
        if hides:
            tokens = torch.where(real.unsqueeze(-1), tokens, 0)
        signal = self.stem(tokens.flatten(1).unsqueeze(1)) + self.spatial(places).unsqueeze(-1)
        signal = _hide(signal, _steps_of(real, steps) if hides else None)
        for block, stride in zip(self.blocks, self.strides[1:], strict=True):
            steps //= stride
            signal = block(signal, _steps_of(real, steps) if hides else None)
        # the norm has no bias: zeros stay zeros
        return self.norm(signal.unflatten(-1, (n_tokens, steps)).mean(-1).transpose(1, 2))  # type: ignore[no-any-return]

    def stages(self) -> tuple[Stage, list[Stage], Stage]:
        """Return the first convolution and the encoding of places, the blocks, and the last norm."""
        return [self.stem, self.spatial], [[block] for block in self.blocks], [self.norm]


def cut_token(token_length: int, n_blocks: int) -> list[int]:
    """Return the stride of the first convolution (at most 8) and of each block (2 to 5, or 1 if none divides)."""
    first = max(stride for stride in range(1, _LARGEST_STRIDE + 1) if token_length % stride == 0)
    strides, left = [first], token_length // first
    for _ in range(n_blocks):
        strides.append(next((stride for stride in _BLOCK_STRIDES if left % stride == 0), 1))
        left //= strides[-1]
    return strides


def _conv(n_in: int, n_out: int, kernel: int, stride: int = 1) -> nn.Conv1d:
    conv = nn.Conv1d(n_in, n_out, kernel, stride, padding=kernel // 2)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu" if n_in > 1 else "linear")
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv


def _steps_of(real: Tensor, n_steps: int) -> Tensor:
    """Turn tokens (B, T) into their steps (B, 1, T * n_steps)."""
    return real.repeat_interleave(n_steps, 1).unsqueeze(1)


def _hide(signal: Tensor, real: Tensor | None) -> Tensor:
    return signal if real is None else torch.where(real, signal, 0)
