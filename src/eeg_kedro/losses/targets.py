"""What is to be reconstructed: functions of the samples alone.

A target never comes from the encoder that is trained: what it could move, it could make easy.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from eeg_kedro.errors import ParameterError

TargetKind = Literal["raw", "lowpass", "spectral"]

# amplitude, in units of the scale, at which the logarithm of target=spectral begins to bend: 0.5 uV of 50
AMPLITUDE_FLOOR = 0.01
_EDGE = 0.25  # half the width of the low-pass edge, share of its frequency
_RINGING = 4.0  # periods of the edge frequency after which its response has died away


def target_width(kind: TargetKind, token_length: int) -> int:
    """Tell K, the numbers predicted per token of L samples."""
    return token_length // 2 + 1 if kind == "spectral" else token_length


def make_targets(samples: Tensor, valid: Tensor, kind: TargetKind, sfreq: float, lowpass_hz: float) -> Tensor:
    """Make what the model must give back.

    Parameters
    ----------
    samples : Tensor (B, T, L)
        Tokens before anything was masked, in units of the scale; consecutive tokens join without a gap.
    valid : Tensor (B, T) bool
        Tokens that are real; the others count as zeros, whatever they hold.
    kind : {"raw", "lowpass", "spectral"}
        The samples; the samples below an edge; the logarithm of each token's amplitude spectrum.
    sfreq, lowpass_hz : float
        Sampling rate, and edge of ``lowpass``: half of the amplitude is left there, Hz.

    Returns
    -------
    Tensor (B, T, K)
        In units of the scale; ``spectral``: ``log(1 + amplitude / 0.01)``. Zeros where a token is not valid.

    Raises
    ------
    ParameterError
        If ``lowpass`` has no room for its edge below half the sampling rate.
    """
    if kind == "lowpass" and not 0 < lowpass_hz * (1 + _EDGE) <= sfreq / 2:
        raise ParameterError(
            "the edge of the low-pass target has no room below half the sampling rate",
            value=lowpass_hz,
            allowed=f"above 0 and up to {sfreq / 2 / (1 + _EDGE):g} Hz at {sfreq:g} Hz",
            remedy="lower pretrain.lowpass_hz, or pretrain.target=raw",
        )
    known = torch.where(valid.unsqueeze(-1), samples, 0)
    if kind == "lowpass":
        return torch.where(valid.unsqueeze(-1), _lowpass(known, sfreq, lowpass_hz), 0)
    return _spectrum(known) if kind == "spectral" else known


def _lowpass(samples: Tensor, sfreq: float, lowpass_hz: float) -> Tensor:
    """Filter the joined tokens in the frequency domain: no phase, so no event moves."""
    joined = samples.flatten(1)
    # room behind the end, so that the response does not wrap round into the beginning
    n_times = joined.shape[1] + math.ceil(_RINGING * sfreq / lowpass_hz)
    n_fft = _fast_length(n_times)
    response = _edge_response(n_fft, sfreq, lowpass_hz).to(joined)
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(joined, n_fft) * response, n_fft)
    return filtered[:, : joined.shape[1]].reshape(samples.shape)


def _edge_response(n_fft: int, sfreq: float, lowpass_hz: float) -> Tensor:
    """Give the gain per frequency: one, then half a cosine around the edge, then zero."""
    frequencies = torch.fft.rfftfreq(n_fft, 1 / sfreq, dtype=torch.float64)
    place = ((frequencies / lowpass_hz - (1 - _EDGE)) / (2 * _EDGE)).clamp(0, 1)
    return 0.5 * (1 + torch.cos(math.pi * place))


def _fast_length(least: int) -> int:
    """Give the next length without large prime factors, for which a transform is quick."""
    doubled = 1 << max(0, (least - 1).bit_length() - 4)
    return next(
        part * doubled for part in (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16) if part * doubled >= least
    )


def _spectrum(samples: Tensor) -> Tensor:
    """Give the log amplitude of each token under a Hann window; a sinusoid of amplitude a peaks at a."""
    window = torch.hann_window(samples.shape[-1], dtype=samples.dtype, device=samples.device)
    amplitude = torch.fft.rfft(samples * window).abs() * (2 / window.sum())
    return torch.log1p(amplitude / AMPLITUDE_FLOOR)
