"""Spectrograms of chains of electrodes, in the layout of the HMS files.

The defaults are the recipe of those files, found by recomputing them from the EEG they were made of: frames of
4 s every 2 s, three Slepian tapers (time-bandwidth 2), 100 frequencies in steps of 200/1024 Hz, the power of
each pair first and the mean over the pairs of a chain after it, as a two-sided density.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.errors import ParameterError
from eeg_kedro.signal.chains import HMS_STEP, Chain, ChainMontage, plan_chains
from eeg_kedro.signal.spectra import (
    BandTransform,
    Frequencies,
    frame_samples,
    multitaper_power,
    slepian_tapers,
    stft_power,
    window_tapers,
)

Samples = NDArray[np.float32]

FLOOR_UV2 = 1e-6  # uV^2/Hz: what a chain without any signal is given on the log scale, -60 dB


class SpectrogramOptions(BaseModel):
    """How spectrograms are computed and stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="make feat_spectrograms")
    montage: ChainMontage = Field(
        "hms_chains", description="hms_chains (LL, RL, LP, RP) | double_banana | channels"
    )
    method: Literal["multitaper", "stft"] = Field(
        "multitaper", description="Slepian tapers, or one Hann window"
    )
    time_bandwidth: float = Field(
        2.0, ge=1, le=20, description="multitaper only: half bandwidth (Hz) times window (s)"
    )
    window_seconds: float = Field(4.0, gt=0, le=100, description="length of a frame, s")
    hop_seconds: float = Field(2.0, gt=0, le=600, description="from one frame to the next, s")
    low_freq: float = Field(0.5, ge=0, le=10_000, description="lowest frequency kept, Hz")
    high_freq: float = Field(20.0, gt=0, le=10_000, description="highest frequency kept, Hz")
    freq_step: float | None = Field(
        HMS_STEP,
        ge=0.01,
        le=100,
        description="Hz between frequencies, whatever the rate; null: 1 / window_seconds",
    )
    scale: Literal["log", "power"] = Field(
        "log", description="dB re 1 uV^2/Hz, or uV^2/Hz as in the HMS files"
    )
    density: Literal["two_sided", "one_sided"] = Field(
        "two_sided", description="two_sided as in the HMS files; one_sided is twice that (3 dB more)"
    )

    @model_validator(mode="after")
    def _band_in_order(self) -> SpectrogramOptions:
        if self.low_freq >= self.high_freq:
            raise ValueError("low_freq must be below high_freq")
        return self


@dataclass(frozen=True)
class Spectrogram:
    """Power of chains over time.

    Attributes
    ----------
    times : ndarray of float64, shape (n_frames,)
        Middle of each frame, s from the first sample.
    freqs : ndarray of float64, shape (n_freqs,)
        Hz.
    chains : tuple of str
        Those that could be computed.
    power : ndarray of float32, shape (n_chains, n_freqs, n_frames)
        In the unit of the options' scale.
    missing : dict
        ``{chain: pairs that are not there}``, chains without any pair included.
    """

    times: NDArray[np.float64]
    freqs: Frequencies
    chains: tuple[str, ...]
    power: NDArray[np.float32]
    missing: dict[str, tuple[str, ...]]


class SpectrogramPlan:
    """All that is the same for every stretch of a recording.

    Parameters
    ----------
    names : sequence of str
        Channels.
    sfreq : float
        Hz.
    options : SpectrogramOptions
        How.

    Raises
    ------
    ParameterError
        If the recording's rate cannot carry a single frequency.
    """

    def __init__(self, names: tuple[str, ...], sfreq: float, options: SpectrogramOptions) -> None:
        self.sfreq, self.options = sfreq, options
        self.length = max(round(options.window_seconds * sfreq), 2)
        self.hop = max(round(options.hop_seconds * sfreq), 1)
        planned = plan_chains(names, options.montage)
        self.chains: tuple[Chain, ...] = tuple(chain for chain in planned if chain.pairs)
        self.missing = {chain.name: chain.missing for chain in planned if chain.missing}
        self.freqs = _grid(sfreq, options)
        if not self.freqs.size:
            raise ParameterError(
                "no frequency of the spectrogram fits the rate of the recording",
                value=f"{options.low_freq:g} to {options.high_freq:g} Hz",
                allowed=f"above 0 and below {sfreq / 2:g} Hz",
                remedy="change extract.spectrograms.low_freq or high_freq",
            )
        self._transform = _band_transform(self.length, sfreq, options) if options.freq_step else None

    def n_frames(self, n_times: int) -> int:
        """Count the whole frames in ``n_times`` samples."""
        return max((n_times - self.length) // self.hop + 1, 0)

    def times(self, first: int, n_frames: int) -> NDArray[np.float64]:
        """Return the middle (s) of frames ``first, first + 1, ...``."""
        starts = np.arange(first, first + n_frames, dtype=np.float64) * self.hop
        return (starts + self.length / 2) / self.sfreq

    def power(self, samples: Samples) -> NDArray[np.float32]:
        """Compute all whole frames in samples (n_channels, n), shape (n_chains, n_freqs, n_frames)."""
        shape = (len(self.chains), self.freqs.size, self.n_frames(samples.shape[1]))
        power = np.zeros(shape, np.float32)
        for found, chain in zip(power, self.chains, strict=True):
            for first, second in chain.pairs:
                trace = samples[first] if second is None else samples[first] - samples[second]
                found += self._frame_power(trace).T
            found *= np.float32((0.5 if self.options.density == "two_sided" else 1) / len(chain.pairs))
        if self.options.scale == "log":
            np.log10(np.maximum(power, FLOOR_UV2, out=power), out=power)
            power *= 10
        return power

    def _frame_power(self, trace: Samples) -> NDArray[np.float32]:
        """Return one-sided power of the frames of one trace, shape (n_frames, n_freqs)."""
        if self._transform is not None:
            return self._transform.power(frame_samples(trace, self.length, self.hop))
        seconds = (self.length / self.sfreq, self.hop / self.sfreq)
        if self.options.method == "stft":
            freqs, power = stft_power(trace, self.sfreq, *seconds)
        else:
            freqs, power = multitaper_power(trace, self.sfreq, *seconds, self.options.time_bandwidth)
        first = int(np.searchsorted(freqs, self.freqs[0] - 1e-9))
        return power[:, first : first + self.freqs.size]


@lru_cache(maxsize=4)  # a corpus has few rates, and its recordings follow one another
def _band_transform(length: int, sfreq: float, options: SpectrogramOptions) -> BandTransform:
    if options.method == "stft":
        tapers = window_tapers(length, "hann")
    else:
        tapers = slepian_tapers(length, options.time_bandwidth)
    return BandTransform(tapers, _grid(sfreq, options), sfreq)


def _grid(sfreq: float, options: SpectrogramOptions) -> Frequencies:
    """Return the multiples of the step that lie in the band, above 0 and below half the rate."""
    step = options.freq_step or sfreq / max(round(options.window_seconds * sfreq), 2)
    freqs = np.arange(1, int(np.floor(options.high_freq / step + 1e-9)) + 1, dtype=np.float64) * step
    return freqs[(freqs >= options.low_freq - 1e-9) & (freqs < sfreq / 2 - 1e-9)]


def chain_spectrogram(
    samples: Samples, sfreq: float, names: tuple[str, ...], options: SpectrogramOptions
) -> Spectrogram:
    """Compute the spectrogram of each chain over whole frames.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_channels, n_times)
        Microvolts.
    sfreq : float
        Hz.
    names : tuple of str
        Channels, upper case: electrodes or recorded pairs.
    options : SpectrogramOptions
        How.

    Raises
    ------
    ParameterError
        If the rate cannot carry a single frequency.
    """
    plan = SpectrogramPlan(names, sfreq, options)
    power = plan.power(samples)
    return Spectrogram(
        plan.times(0, power.shape[2]),
        plan.freqs,
        tuple(chain.name for chain in plan.chains),
        power,
        plan.missing,
    )


def column_names(chains: tuple[str, ...], freqs: Frequencies) -> list[str]:
    """Name the columns ``<chain>_<Hz>``, rounded half up to two decimals as in the HMS files: ``LL_3.13``."""
    rounded = [f"{np.floor(freq * 100 + 0.5 + 1e-9) / 100:g}" for freq in freqs]
    return [f"{chain}_{freq}" for chain in chains for freq in rounded]
