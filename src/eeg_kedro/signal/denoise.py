"""Wavelet denoising: a soft threshold per channel and level that takes the noise floor and leaves the EEG.

EEG falls with frequency at least as 1/f, so from one octave band to the next finer one its power per
coefficient halves or more; the floor of amplifier and muscle does not fall. The two finest levels that the
filter has left intact tell both apart. Each level's threshold then weighs the floor against the EEG of that
level (BayesShrink): where EEG dominates next to nothing is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.pieces import Piece, cut_pieces
from eeg_kedro.signal.wavelet_frames import WaveletFrames

Samples = NDArray[np.float32]
HOP = 61_440  # samples of a piece: long against the overlap, a multiple of every transform's unit
MAD_TO_SD = 1.4826
TRANSITION = 0.25  # of the low-pass edge, at least 2 Hz (MNE's default); a third of it passes noise
LEAST_PART = 0.2  # of the finest level that must be floor; less is within the error of the estimate
LEAST_SHARE = 0.3  # of a level's band that must lie below the low-pass for its noise to be measured
CHUNK, MOST_CHUNKS = 4096, 24  # samples that the floor is measured on; their seams do not move a median
LEAST_FLOOR = 0.01  # microvolts; below it there is nothing but rounding
NEGLIGIBLE = 0.02  # thresholds below this share of the floor change nothing


class WaveletOptions(BaseModel):
    """How the noise floor is taken off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="denoise the cleaned signal")
    wavelet: Literal["sym4", "sym6", "sym8", "db4", "db8", "coif3"] = Field(
        default="sym8", description="orthogonal wavelet (PyWavelets' name)"
    )
    level: int = Field(default=5, ge=1, le=8, description="levels of the transform; each halves the band")
    slope: float = Field(
        default=1.0,
        ge=0.5,
        le=2.5,
        description="exponent a of the flattest EEG expected, power 1/f**a; larger takes more, and gamma with it",
    )
    most_sd: float = Field(
        default=2.0, ge=0, le=5, description="largest threshold, in standard deviations of the noise floor"
    )
    most_uv: float = Field(
        default=3.0,
        ge=0,
        le=50,
        description="largest threshold, µV; at 3 epileptic spikes of 60-150 µV keep 97 % (median) in any noise",
    )


@dataclass(frozen=True)
class DenoisePlan:
    """What is taken off each channel.

    Attributes
    ----------
    wavelet : str
        PyWavelets' name.
    level : int
        Levels of the transform.
    thresholds : ndarray of float32, shape (n_channels, level)
        Microvolts per level, the finest first; 0 leaves a level as it is.
    """

    wavelet: str
    level: int
    thresholds: NDArray[np.float32]


def plan_denoising(
    samples: Samples, sfreq: float, h_freq: float | None, options: WaveletOptions
) -> DenoisePlan:
    """Estimate each channel's noise floor and choose its thresholds.

    The squared robust standard deviations ``v`` (MAD) of the coefficients of the two finest levels that the
    low-pass leaves are written as a floor plus an EEG that falls as ``1/f**slope``, the flattest it comes: two
    equations for the floor's variance ``s2``, which is 0 where they give a negative one. The threshold of a
    level is ``s2 / sqrt(v - s2)`` (BayesShrink: Chang, Yu and Vetterli 2000), at most ``options.most_sd``
    times ``sqrt(s2)`` and ``options.most_uv``.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_channels, n)
        Excerpt of the cleaned signal in microvolts, at the rate and in the band it will be denoised in.
    sfreq : float
        Sampling rate in Hz.
    h_freq : float or None
        Low-pass edge that was applied, Hz; None for none.
    options : WaveletOptions
        Wavelet, levels and largest threshold.

    Returns
    -------
    DenoisePlan
        Thresholds of 0 where the excerpt is too short or the band too narrow to know the floor.
    """
    n_channels, n = samples.shape
    plan = DenoisePlan(options.wavelet, options.level, np.zeros((n_channels, options.level), np.float32))
    edge = sfreq if h_freq is None else h_freq + max(TRANSITION * h_freq, 2.0) / 3
    white, falling = (np.array(share) for share in _shares_below(options, edge / sfreq))
    fine = int(np.argmax(white >= LEAST_SHARE))
    if (
        not options.enabled
        or fine + 1 >= options.level
        or n < 4 * WaveletFrames(options.wavelet, options.level).margin
    ):
        return plan
    power = _level_power(samples, options.wavelet, options.level)
    coarse = fine + 1
    floor = power[:, fine] * falling[coarse] - power[:, coarse] * falling[fine]
    floor = np.maximum(floor / (white[fine] * falling[coarse] - white[coarse] * falling[fine]), 0.0)
    floor = np.minimum(floor, power[:, fine] / white[fine])[:, np.newaxis]
    power = power / white
    signal = np.maximum(power - floor, np.finfo(np.float64).tiny)
    thresholds = np.minimum(floor / np.sqrt(signal), options.most_sd * np.sqrt(floor))
    thresholds = np.minimum(thresholds, options.most_uv)
    thresholds[thresholds < NEGLIGIBLE * np.sqrt(floor)] = 0.0
    thresholds[:, :fine] = 0.0  # the low-pass has emptied these
    thresholds[floor[:, 0] < np.maximum(LEAST_PART * power[:, fine], LEAST_FLOOR**2)] = 0.0
    plan.thresholds[:] = thresholds
    return plan


def _level_power(samples: Samples, wavelet: str, level: int) -> NDArray[np.float64]:
    """Measure the robust variance of each channel's coefficients, shape (n_channels, level), finest first."""
    import pywt

    power = np.empty((samples.shape[0], level))
    n_chunks = min(MOST_CHUNKS, samples.shape[1] // CHUNK)
    starts = np.linspace(0, samples.shape[1] - CHUNK, n_chunks).astype(int) if n_chunks > 1 else None
    for whole, measured in zip(samples, power, strict=True):
        row = whole if starts is None else whole[starts[:, None] + np.arange(CHUNK)].ravel()
        details = pywt.wavedec(row, wavelet, mode="symmetric", level=level)[:0:-1]
        measured[:] = [(MAD_TO_SD * np.median(np.abs(detail))) ** 2 for detail in details]
    return power


@lru_cache(maxsize=32)
def _shares_below(options: WaveletOptions, edge: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Give what passes a low-pass of each level's variance, finest first: of white noise, and of EEG.

    ``edge`` in cycles per sample; relative to unit white noise, and to unit ``1/f**slope`` at the sampling rate.
    """
    import pywt

    white, falling = [], []
    for i in range(1, options.level + 1):
        shape = pywt.upcoef("d", np.ones(1), options.wavelet, level=i)
        n = int(2 ** np.ceil(np.log2(8 * len(shape))))
        energy = np.abs(np.fft.rfft(shape, n)[1:]) ** 2
        freqs = np.arange(1, len(energy) + 1) / n
        energy = np.where(freqs <= edge, energy, 0.0) / energy.sum()
        white.append(max(float(energy.sum()), 1e-3))
        falling.append(float(np.sum(energy / freqs**options.slope)))
    return tuple(white), tuple(falling)


def denoise_blocks(blocks: Iterable[Samples], n_times: int, plan: DenoisePlan) -> Iterator[Samples]:
    """Take the noise floor off a stream.

    Pieces overlap by the reach of the wavelet, so the result is the transform of the whole recording, which is
    continued by reflection at its ends.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n_channels, n)
        Consecutive samples in microvolts.
    n_times : int
        Samples per channel in the whole stream.
    plan : DenoisePlan
        From `plan_denoising`.

    Yields
    ------
    ndarray of float32, shape (n_channels, n)
        Consecutive samples in microvolts; the next overwrites them.

    Raises
    ------
    SignalError
        If the stream holds more or fewer than ``n_times`` samples.
    """
    if not plan.thresholds.any():
        yield from blocks
        return
    frames = WaveletFrames(plan.wavelet, plan.level)
    out = np.empty((len(plan.thresholds), min(HOP, n_times)), np.float32)
    seen = 0
    for piece in cut_pieces(blocks, HOP, frames.margin, frames.margin):
        _denoise_piece(piece, plan, frames, out)
        seen += piece.n
        yield out[:, : piece.n]
    if seen != n_times:
        raise SignalError(
            "the stream of samples has not the length its source declares",
            value=seen,
            allowed=f"{n_times} samples",
            remedy="run ingest again, the file may have changed since it was surveyed",
        )


def _denoise_piece(piece: Piece, plan: DenoisePlan, frames: WaveletFrames, out: Samples) -> None:
    own = slice(piece.offset, piece.offset + piece.n)
    # reflected where the recording ends, up to whole units and with a margin on either side
    left = frames.margin - piece.offset
    n = -(-(frames.margin + piece.n + frames.margin) // frames.unit) * frames.unit
    right = n - left - piece.samples.shape[1]
    for row, thresholds, target in zip(piece.samples, plan.thresholds, out[:, : piece.n], strict=True):
        if thresholds.any():
            whole = row if left == right == 0 else np.pad(row, (left, right), mode="symmetric")
            taken = frames.taken(whole, thresholds)[frames.margin : frames.margin + piece.n]
            np.subtract(row[own], taken, out=target)
        else:
            target[:] = row[own]
