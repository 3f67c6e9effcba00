"""Other views of a window that keep its label: what a recording could have been with the same brain in it.

A window's view is a pure function of (seed, epoch, position, view), whatever batch it is in. No augmentation moves a
window's seizure out of it but by ``shift_seconds`` at an edge, and none changes rhythms in time or their order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.permutations import local_generator
from eeg_kedro.training.augment_options import AugmentOptions
from eeg_kedro.training.homologues import Homologue, find_homologues

AUGMENT = (
    32  # what a generator is for: other numbers are other streams (`sampling.orders.permutations`, `masking`)
)
_SPREAD = 1.4826  # standard deviation of a Gaussian over its median absolute deviation
_SPREAD_SAMPLES = 2048  # the median of all would cost more than all else together
_EDGE = 0.25  # width of each edge of the stopped band, share of the band
_RINGING = 4.0  # edge widths after which the response of the band-stop has died away


class _Draws(NamedTuple):
    """What was drawn for B windows of C channels: numbers from 0 to 1, and the noise to come."""

    band: Tensor
    band_place: Tensor
    flip: Tensor
    amplitude: Tensor
    shift: Tensor
    dropout: Tensor
    generators: list[np.random.Generator]


def augment(
    samples: Tensor,
    valid: Tensor,
    ch_names: Sequence[str],
    sfreq: float,
    options: AugmentOptions,
    seed: int,
    epoch: int,
    positions: Tensor,
    view: int,
) -> tuple[Tensor, Tensor]:
    """Make a view of each window; the windows given stay as they are.

    Parameters
    ----------
    samples : Tensor (B, C, N) float32
        Windows, microvolts; zeros where a channel is absent.
    valid : Tensor (B, C) bool
        Channels that are there.
    ch_names : sequence of str, length C
        Electrodes and pairs of them.
    sfreq : float
        Sampling rate, Hz.
    options : AugmentOptions
        How far, and which.
    seed, epoch, view : int
        From 0 upwards; two views of one window have two numbers.
    positions : Tensor (B,) int64
        Which windows they are, in the set they are from.

    Returns
    -------
    samples : Tensor (B, C, N) float32
        Microvolts; zeros where a channel is absent or was left out.
    valid : Tensor (B, C) bool
        Channels that are there still; at least one, if there was one.

    Raises
    ------
    ParameterError
        If names are not those of the channels, or the stopped band has no room below half the sampling rate.
    """
    _check(samples, ch_names, sfreq, options)
    draws = _draw(seed, epoch, positions, view, samples.shape[1], samples.device)
    samples = torch.where(valid.unsqueeze(-1), samples, 0)
    samples = _stop_bands(samples, draws, sfreq, options)
    samples, valid = flip_sides(samples, valid, find_homologues(ch_names), draws.flip < options.flip)
    samples = samples * torch.exp(options.amplitude * (2 * draws.amplitude - 1)).to(samples)[:, None, None]
    steps = torch.round((2 * draws.shift - 1) * options.shift_seconds * sfreq).to(torch.int64)
    if options.shift_seconds:  # a gather of everything, also by nothing
        samples = shift_windows(samples, steps)
    valid = drop_channels(valid, draws.dropout, options.channel_dropout)
    if options.noise:
        samples = samples + options.noise * _spread(samples) * _noise(draws.generators, samples)
    return torch.where(valid.unsqueeze(-1), samples, 0), valid


def stop_band(samples: Tensor, sfreq: float, low_hz: Tensor, width_hz: float) -> Tensor:
    """Take a band of frequencies out of each window, in the frequency domain: no phase, so no event moves.

    Parameters
    ----------
    samples : Tensor (B, C, N)
        Any unit.
    sfreq : float
        Sampling rate, Hz.
    low_hz : Tensor (B,)
        Where the band of each window begins, Hz.
    width_hz : float
        Its width, Hz; on either side the gain rises to one within a quarter of it.
    """
    n_times = samples.shape[-1]
    edge = _EDGE * width_hz
    # room behind the end, so that the response does not wrap round into the beginning
    n_fft = n_times + math.ceil(_RINGING / edge * sfreq)
    n_fft += -n_fft % 512  # without large prime factors a transform is quick
    frequencies = torch.fft.rfftfreq(n_fft, 1 / sfreq, dtype=torch.float64, device=samples.device)
    low = low_hz.to(frequencies).unsqueeze(1)
    outside = torch.maximum(low - frequencies, frequencies - (low + width_hz))
    gain = 0.5 * (1 - torch.cos(math.pi * (outside / edge).clamp(0, 1)))
    spectrum = torch.fft.rfft(samples, n_fft) * gain.to(samples).unsqueeze(1)
    stopped: Tensor = torch.fft.irfft(spectrum, n_fft)[..., :n_times]
    return stopped


def flip_sides(
    samples: Tensor, valid: Tensor, homologues: Sequence[Homologue | None], flipped: Tensor
) -> tuple[Tensor, Tensor]:
    """Swap the left and the right of the windows that shall be flipped.

    A channel whose other side was not recorded is absent from a flipped window. A window that would lose all its
    channels is left as it is.

    Parameters
    ----------
    samples : Tensor (B, C, N)
        Any unit.
    valid : Tensor (B, C) bool
        Channels that are there.
    homologues : sequence, length C
        As `find_homologues` gives them.
    flipped : Tensor (B,) bool
        Windows to be flipped.
    """
    rows = torch.tensor([0 if h is None else h.row for h in homologues], device=samples.device)
    signs = torch.tensor([0.0 if h is None else h.sign for h in homologues]).to(samples)
    there = valid[:, rows] & (signs != 0)
    flipped = flipped & there.any(1)
    turned = torch.where(flipped[:, None, None], samples[:, rows] * signs[:, None], samples)
    return turned, torch.where(flipped[:, None], there, valid)


def shift_windows(samples: Tensor, steps: Tensor) -> Tensor:
    """Move each window later (or earlier, below zero) by its number of samples; zeros come in at the other end.

    Parameters
    ----------
    samples : Tensor (B, C, N)
        Any unit.
    steps : Tensor (B,) int64
        Samples to move by.
    """
    n_times = samples.shape[-1]
    source = torch.arange(n_times, device=samples.device) - steps.to(samples.device).unsqueeze(1)
    inside = (source >= 0) & (source < n_times)
    source = source.clamp(0, n_times - 1).unsqueeze(1).expand(samples.shape)
    return torch.where(inside.unsqueeze(1), samples.gather(-1, source), 0)


def drop_channels(valid: Tensor, draws: Tensor, chance: float) -> Tensor:
    """Leave channels out whose draw (B, C), even from 0 to 1, is below the chance; the highest draw always stays."""
    ranked = torch.where(valid, draws, -1)
    best = ranked == ranked.max(1, keepdim=True).values
    return valid & ((draws >= chance) | best)


def _draw(
    seed: int, epoch: int, positions: Tensor, view: int, n_channels: int, device: torch.device
) -> _Draws:
    generators = [local_generator(seed, epoch, AUGMENT, int(place), view) for place in positions.tolist()]
    # all are drawn, whatever is turned off: options do not change each other's draws
    drawn = np.array([rng.random(5 + n_channels) for rng in generators]).reshape(-1, 5 + n_channels)
    table = torch.from_numpy(drawn).to(device)
    band, place, flip, amplitude, shift = table[:, :5].unbind(1)
    return _Draws(band, place, flip, amplitude, shift, table[:, 5:], generators)


def _stop_bands(samples: Tensor, draws: _Draws, sfreq: float, options: AugmentOptions) -> Tensor:
    chosen = torch.where(draws.band < options.bandstop_share)[0]
    if not options.bandstop_hz or not chosen.numel():
        return samples
    room = options.bandstop_highest_hz - options.bandstop_lowest_hz - options.bandstop_hz
    low = options.bandstop_lowest_hz + room * draws.band_place[chosen]
    stopped = stop_band(samples[chosen], sfreq, low, options.bandstop_hz)
    return samples.index_copy(0, chosen, stopped)


def _spread(samples: Tensor) -> Tensor:
    """Return the robust spread of each channel, (B, C, 1), from some thousand of its samples."""
    some = samples[..., :: max(1, samples.shape[-1] // _SPREAD_SAMPLES)]
    middle = some.median(dim=-1, keepdim=True).values
    return _SPREAD * (some - middle).abs().median(dim=-1, keepdim=True).values


def _noise(generators: list[np.random.Generator], like: Tensor) -> Tensor:
    shape = tuple(like.shape[1:])
    drawn = [torch.from_numpy(rng.standard_normal(shape, np.float32)) for rng in generators]
    return torch.stack(drawn).to(like) if drawn else torch.zeros_like(like)


def _check(samples: Tensor, ch_names: Sequence[str], sfreq: float, options: AugmentOptions) -> None:
    if len(ch_names) != samples.shape[1]:
        raise ParameterError(
            "names are not those of the channels", value=len(ch_names), allowed=f"{samples.shape[1]} names"
        )
    stops = options.bandstop_share > 0 and options.bandstop_hz > 0
    if stops and options.bandstop_highest_hz > sfreq / 2:
        raise ParameterError(
            "the stopped bands reach beyond half the sampling rate",
            value=options.bandstop_highest_hz,
            allowed=f"up to {sfreq / 2:g} Hz at {sfreq:g} Hz",
            remedy="lower bandstop_highest_hz",
        )
