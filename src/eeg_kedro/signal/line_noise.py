"""Which mains frequency a recording was made under: 50 or 60 Hz, by the peak it leaves in the spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

LINE_FREQS = (50.0, 60.0)
SEGMENT_SECONDS = 4.0  # resolves 0.25 Hz: a line is a peak there, muscle and EEG are not
PEAK_HZ = 0.6  # mains wander by less, and the Hann window widens them by half of it
NEIGHBOR_HZ = (1.0, 5.0)  # what a peak is compared with, on both sides
LEAST_RATIO = 2.5  # peak over neighbors; noise alone stays below 2 from about eight segments on
FEW_SEGMENTS_RATIO = 6.0  # of noise alone in one or two segments
CHANNEL_QUANTILE = 0.75  # a quarter of the channels must see it: one bad electrode is no witness
MOST_SEGMENTS = 64


@dataclass(frozen=True)
class LineFrequency:
    """The mains frequency that was found, and how.

    Attributes
    ----------
    freq : float or None
        Hz; None if neither stands out or the rate can carry neither.
    note : str
        One sentence for people.
    ratios : dict of str to float
        ``"50"``, ``"60"``: power of the peak over that of its neighbors, for those the rate can carry.
    """

    freq: float | None
    note: str
    ratios: dict[str, float]


def detect_line_freq(samples: NDArray[np.floating], sfreq: float) -> LineFrequency:
    """Find the mains frequency of a recording that no notch has touched.

    The spectrum of each channel is the mean of Hann-windowed segments (Welch). A peak is the strongest bin
    within 0.6 Hz over the median of the bins 1 to 5 Hz away; the upper quartile over channels counts.

    Parameters
    ----------
    samples : ndarray, shape (n_channels, n)
        Raw microvolts, at least one second; spans may be concatenated.
    sfreq : float
        Sampling rate in Hz.

    Returns
    -------
    LineFrequency
        Where both stand out, the one whose harmonic stands out more, then the stronger.
    """
    carried = [freq for freq in LINE_FREQS if freq + NEIGHBOR_HZ[0] + 0.5 <= sfreq / 2]
    if not carried:
        return LineFrequency(None, f"not looked for: {sfreq:g} Hz carries neither 50 nor 60 Hz", {})
    freqs, power, n_segments = _spectra(samples, sfreq)
    if not n_segments:
        return LineFrequency(None, "not looked for: no channel with a second of signal", {})
    ratios = {f"{freq:g}": _ratio(freqs, power, freq) for freq in carried}
    least = LEAST_RATIO + (FEW_SEGMENTS_RATIO - LEAST_RATIO) / max(n_segments - 1, 1) ** 0.75
    heard = [freq for freq in carried if ratios[f"{freq:g}"] >= least]
    described = ", ".join(f"{freq} Hz {ratio:.1f}" for freq, ratio in ratios.items())
    if not heard:
        return LineFrequency(None, f"no line noise: peak over neighbors {described}", ratios)
    found = max(heard, key=lambda freq: (_harmonic(freqs, power, freq, heard), ratios[f"{freq:g}"]))
    return LineFrequency(found, f"{found:g} Hz: peak over neighbors {described}", ratios)


def _spectra(
    samples: NDArray[np.floating], sfreq: float
) -> tuple[NDArray[np.float64], NDArray[np.float32], int]:
    """Give frequencies, mean power per channel that has any, shape (n_used, n_bins), and how many were averaged."""
    n = min(round(SEGMENT_SECONDS * sfreq), samples.shape[1])
    if n < sfreq:
        return np.empty(0), np.empty((0, 0), np.float32), 0
    starts = np.arange(0, samples.shape[1] - n + 1, max(n // 2, 1))
    chosen = starts[np.unique(np.linspace(0, len(starts) - 1, min(len(starts), MOST_SEGMENTS)).astype(int))]
    window = np.hanning(n).astype(np.float32)
    total = np.zeros((samples.shape[0], n // 2 + 1), np.float32)
    for start in chosen:
        part = np.nan_to_num(samples[:, start : start + n], nan=0.0, posinf=0.0, neginf=0.0)
        spectrum = fft.rfft((part - part.mean(axis=1, keepdims=True)) * window, axis=1)
        total += spectrum.real**2 + spectrum.imag**2
    used = total[:, 1:].sum(axis=1) > 0
    return np.arange(n // 2 + 1) * (sfreq / n), total[used], len(chosen) if used.any() else 0


def _ratio(freqs: NDArray[np.float64], power: NDArray[np.float32], freq: float) -> float:
    """Compare a peak with its neighbors, upper quartile over channels."""
    away = np.abs(freqs - freq)
    peak = power[:, away <= PEAK_HZ].max(axis=1)
    around = np.median(power[:, (away >= NEIGHBOR_HZ[0]) & (away <= NEIGHBOR_HZ[1])], axis=1)
    return float(np.quantile(peak / np.maximum(around, np.finfo(np.float32).tiny), CHANNEL_QUANTILE))


def _harmonic(
    freqs: NDArray[np.float64], power: NDArray[np.float32], freq: float, heard: list[float]
) -> float:
    """Say how far the first harmonic stands out; 0 where there is nothing to decide or no room for both."""
    if len(heard) < 2 or 2 * max(heard) + NEIGHBOR_HZ[0] > freqs[-1]:
        return 0.0
    ratio = _ratio(freqs, power, 2 * freq)
    return ratio if ratio >= LEAST_RATIO else 0.0
