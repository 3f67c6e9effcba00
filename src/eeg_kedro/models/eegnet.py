"""EEGNet, the small supervised baseline that every table must have, with an answer for every token."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from eeg_kedro.models.full_precision import in_full, without_autocast

_FIRST_RATE = 32.0  # Hz after the first pooling, as in the paper: 128 Hz, pooled by 4
_SECOND_RATE = 4.0  # Hz after the second: pooled by 8
_TEMPORAL_SECONDS = 0.5  # of the first kernels: half the sampling rate
_SEPARABLE_SECONDS = 0.5
_SPATIAL_NORM = 1.0
_CLASSIFIER_NORM = 0.25


class EegNet(nn.Module):
    """Tell seizure tokens from others with the network of Lawhern et al. 2018, https://doi.org/10.1088/1741-2552/aace8c.

    Temporal convolution (kernels of half a second), depthwise spatial convolution (norm of each filter at most 1),
    batch norm, ELU, average pooling to 32 Hz, dropout; separable convolution (half a second), batch norm, ELU,
    average pooling to 4 Hz, dropout; a linear classifier (norm at most 0.25). Each pooling is by the divisor of the
    token that comes nearest.

    Two things differ from the paper. The answer is dense: where its classifier sees one trial, ours is a convolution
    that sees, for every token, the token and half of ``context_seconds`` on each side; beyond the window are zeros.
    And channels are mixed before they are filtered in time: both are linear, so the result is the same for a
    fraction of the work. The batch norm that the paper has between the two is left out: it scales and shifts each
    filter, and the next batch norm takes exactly that away.

    Parameters
    ----------
    n_channels : int
        C; unlike the other networks this one knows its channels by their place in the order.
    token_length : int
        L, samples of a token.
    sfreq : float
        Hz.
    f1, depth, f2 : int
        Temporal filters, spatial filters for each of them, and maps of the separable convolution.
    dropout : float
        After each pooling.
    context_seconds : float
        What the classifier sees around a token; at least the token itself.
    """

    def __init__(
        self,
        n_channels: int,
        token_length: int,
        sfreq: float,
        f1: int = 8,
        depth: int = 2,
        f2: int = 16,
        dropout: float = 0.25,
        context_seconds: float = 8.0,
    ) -> None:
        super().__init__()
        maps = f1 * depth
        self.depth = depth
        self.pools = _pools(token_length, sfreq)
        self.steps = token_length // (self.pools[0] * self.pools[1])  # of a token, after both poolings
        taps = max(1, round(_TEMPORAL_SECONDS * sfreq))
        self.temporal = nn.Parameter(nn.init.xavier_uniform_(torch.empty(f1, taps)))
        self.spatial = nn.Linear(n_channels, maps, bias=False)
        self.first_norm = nn.BatchNorm1d(maps)
        taps = max(1, round(_SEPARABLE_SECONDS * sfreq / self.pools[0]))
        self.separable = nn.Parameter(nn.init.xavier_uniform_(torch.empty(maps, taps)))
        self.pointwise = nn.Conv1d(maps, f2, 1, bias=False)
        self.second_norm = nn.BatchNorm1d(f2)
        self.dropout = nn.Dropout(dropout)
        self.reach = round(context_seconds / 2 * sfreq / token_length)  # tokens seen on each side
        self.classifier = nn.Conv1d(f2, 1, (2 * self.reach + 1) * self.steps, stride=self.steps)

    def forward(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor | None = None) -> Tensor:
        """Return logits (B, T); 0 for tokens that are not real.

        Parameters
        ----------
        tokens : Tensor (B, C, T, L)
            Samples in units of the training scale; absent channels and unreal tokens count as zeros, whatever they are.
        places : Tensor (C, 3)
            Not used: the other networks want them.
        valid : Tensor (B, C) bool
            Channels that are there.
        real : Tensor (B, T) bool, optional
            Tokens that are there; all of them if None. Others are no part of the batch's statistics.
        """
        if not len(tokens):
            return self._judge_none(tokens, places, valid)
        real = None if real is None or bool(real.all()) else real
        signal = self._filter(_present(tokens, valid, real))
        signal = self._norm(self.first_norm, signal, real, tokens.shape[3])
        signal = self._shrink(signal, self.pools[0])
        signal = self.pointwise(filter_in_time(signal, self.separable))
        signal = self._norm(self.second_norm, signal, real, tokens.shape[3] // self.pools[0])
        signal = self._shrink(signal, self.pools[1])
        logits = self._classify(signal)
        return logits if real is None else torch.where(real, logits, 0)

    def _judge_none(self, tokens: Tensor, places: Tensor, valid: Tensor) -> Tensor:
        """Give (0, T) by way of one window without anything: the gradients must be zeros, not missing."""
        n_channels, n_tokens = tokens.shape[1:3]
        one = tokens.new_zeros(1, *tokens.shape[1:])
        return self(one, places, valid.new_zeros(1, n_channels), valid.new_zeros(1, n_tokens))[:0]  # type: ignore[no-any-return]

    def _filter(self, signal: Tensor) -> Tensor:
        """Mix channels and filter in time, (B, C, T * L) -> (B, maps, T * L)."""
        mixed = torch.einsum("mc,bcn->bmn", _at_most(self.spatial.weight, _SPATIAL_NORM), signal)
        return filter_in_time(mixed, self.temporal.repeat_interleave(self.depth, 0))

    def _norm(self, norm: nn.BatchNorm1d, signal: Tensor, real: Tensor | None, steps: int) -> Tensor:
        if real is None:
            return _batch_norm(norm, signal)
        rows = real.repeat_interleave(steps, 1)
        by_step = signal.transpose(1, 2)
        normed = _batch_norm(norm, by_step[rows])
        return torch.zeros_like(by_step).masked_scatter(rows.unsqueeze(-1), normed).transpose(1, 2)

    def _shrink(self, signal: Tensor, pool: int) -> Tensor:
        # ELU keeps the zeros of unreal tokens, and no pooling crosses the border of a token
        pooled: Tensor = self.dropout(functional.avg_pool1d(functional.elu(signal), pool))
        return pooled

    def _classify(self, signal: Tensor) -> Tensor:
        around = self.reach * self.steps
        weight = _at_most(self.classifier.weight, _CLASSIFIER_NORM)
        padded = functional.pad(signal, (around, around))
        return functional.conv1d(padded, weight, self.classifier.bias, stride=self.steps).squeeze(1)


def filter_in_time(signal: Tensor, taps: Tensor) -> Tensor:
    """Correlate each map with its own taps, centered, zeros beyond the ends: `conv1d` with groups and padding "same".

    By Fourier transform, as the kernels are long: forward and backward take a tenth of the time on a CPU.

    Parameters
    ----------
    signal : Tensor (B, maps, samples)
        In any precision; the result is float32 (or float64).
    taps : Tensor (maps, n_taps)
        The middle one, (n_taps - 1) // 2, belongs to the sample itself.
    """
    signal, taps = in_full(signal), in_full(taps)
    n_times, n_taps = signal.shape[-1], taps.shape[-1]
    length = _smooth(n_times + n_taps - 1)
    after = n_taps - 1 - (n_taps - 1) // 2
    with without_autocast(signal):
        spectrum = torch.fft.rfft(signal, length) * torch.fft.rfft(taps.flip(-1), length)
        filtered: Tensor = torch.fft.irfft(spectrum, length)
    return filtered[..., after : after + n_times]


def _smooth(number: int) -> int:
    """Return the next number without prime factors above 5: what a Fourier transform is fast at."""
    while True:
        left = number
        for factor in (2, 3, 5):
            while left % factor == 0:
                left //= factor
        if left == 1:
            return number
        number += 1


def _pools(token_length: int, sfreq: float) -> tuple[int, int]:
    """Return the divisors of a token that come nearest to 32 Hz and then to 4 Hz."""
    first = _nearest_divisor(token_length, sfreq / _FIRST_RATE)
    return first, _nearest_divisor(token_length // first, sfreq / first / _SECOND_RATE)


def _nearest_divisor(number: int, wanted: float) -> int:
    divisors = [divisor for divisor in range(1, number + 1) if number % divisor == 0]
    # by ratio: 2 for 4 is as far as 8 for 4
    return min(divisors, key=lambda divisor: max(divisor / wanted, wanted / divisor))


def _present(tokens: Tensor, valid: Tensor, real: Tensor | None) -> Tensor:
    """Return (B, C, T * L) with zeros for what is not there."""
    if not bool(valid.all()):
        tokens = torch.where(valid[:, :, None, None], tokens, 0)
    if real is not None:
        tokens = torch.where(real[:, None, :, None], tokens, 0)
    return tokens.flatten(2)


def _at_most(weight: Tensor, largest: float) -> Tensor:
    """Scale down each filter whose norm is above ``largest``."""
    size = torch.linalg.vector_norm(weight.flatten(1), dim=1).clamp(min=largest)
    scaled: Tensor = weight * (largest / size).view(-1, *[1] * (weight.ndim - 1))
    return scaled


def _batch_norm(norm: nn.BatchNorm1d, signal: Tensor) -> Tensor:
    """Norm by the batch in training, if there is one: of fewer than two steps there is no variance."""
    if signal.numel() > signal.shape[1]:
        return norm(signal)  # type: ignore[no-any-return]
    return functional.batch_norm(
        signal, norm.running_mean, norm.running_var, norm.weight, norm.bias, False, 0.0, norm.eps
    )
