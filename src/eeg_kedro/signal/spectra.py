"""Power spectra of many stretches at once: tapered frames, one FFT per taper, single precision.

Powers are densities in microvolts squared per Hz and one-sided: their sum times the spacing of the
frequencies is the variance of the (tapered) signal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import get_window
from scipy.signal.windows import dpss

from eeg_kedro.errors import ParameterError

Samples = NDArray[np.float32]
Power = NDArray[np.float32]
Frequencies = NDArray[np.float64]
Taper = Literal["hann", "hamming"]


def window_tapers(length: int, taper: Taper) -> NDArray[np.float64]:
    """Return one cosine window of unit energy, shape (1, length)."""
    window = get_window(taper, length)
    return _frozen((window / np.sqrt(window @ window))[np.newaxis])


@lru_cache(maxsize=16)
def slepian_tapers(length: int, time_bandwidth: float) -> NDArray[np.float64]:
    """Return the ``2 * time_bandwidth - 1`` best concentrated tapers of unit energy (Thomson 1982).

    Parameters
    ----------
    length : int
        Samples.
    time_bandwidth : float
        Half bandwidth (Hz) times length (s), at least 1.

    Returns
    -------
    ndarray of float64, shape (n_tapers, length)

    Raises
    ------
    ParameterError
        If the frame is too short for this bandwidth.
    """
    if length <= 2 * time_bandwidth:
        raise ParameterError(
            "a frame is too short for its tapers",
            value=f"{length} samples",
            allowed=f"more than {2 * time_bandwidth:g} samples at time_bandwidth {time_bandwidth:g}",
            remedy="lengthen the frames or lower time_bandwidth",
        )
    return _frozen(dpss(length, time_bandwidth, max(int(2 * time_bandwidth - 1), 1)))


def _frozen(tapers: NDArray[np.float64]) -> NDArray[np.float64]:
    tapers.flags.writeable = False
    return tapers


def frame_samples(samples: Samples, length: int, hop: int) -> Samples:
    """Return whole frames as a view, shape (..., n_frames, length); what is left at the end is not framed."""
    if samples.shape[-1] < length:
        return np.empty((*samples.shape[:-1], 0, length), samples.dtype)
    return np.lib.stride_tricks.sliding_window_view(samples, length, axis=-1)[..., ::hop, :]


def stft_power(
    samples: Samples, sfreq: float, window_seconds: float, hop_seconds: float, taper: Taper = "hann"
) -> tuple[Frequencies, Power]:
    """Compute the power in each whole frame, one window per frame.

    Parameters
    ----------
    samples : ndarray of float32, shape (..., n_times)
        Microvolts.
    sfreq : float
        Hz.
    window_seconds, hop_seconds : float
        Length of a frame and distance between two (s).
    taper : {"hann", "hamming"}
        Its window.

    Returns
    -------
    freqs : ndarray of float64, shape (n_freqs,)
        Hz.
    power : ndarray of float32, shape (..., n_frames, n_freqs)
        Microvolts squared per Hz.
    """
    tapers = window_tapers(round(window_seconds * sfreq), taper)
    return _frame_power(samples, sfreq, tapers, round(hop_seconds * sfreq))


def multitaper_power(
    samples: Samples, sfreq: float, window_seconds: float, hop_seconds: float, time_bandwidth: float
) -> tuple[Frequencies, Power]:
    """Compute the power in each whole frame, mean over Slepian tapers.

    Parameters
    ----------
    samples : ndarray of float32, shape (..., n_times)
        Microvolts.
    sfreq : float
        Hz.
    window_seconds, hop_seconds : float
        Length of a frame and distance between two (s).
    time_bandwidth : float
        As in `slepian_tapers`.

    Returns
    -------
    freqs : ndarray of float64, shape (n_freqs,)
        Hz.
    power : ndarray of float32, shape (..., n_frames, n_freqs)
        Microvolts squared per Hz.
    """
    tapers = slepian_tapers(round(window_seconds * sfreq), time_bandwidth)
    return _frame_power(samples, sfreq, tapers, round(hop_seconds * sfreq))


def _frame_power(
    samples: Samples, sfreq: float, tapers: NDArray[np.float64], hop: int
) -> tuple[Frequencies, Power]:
    length = tapers.shape[1]
    frames = frame_samples(np.asarray(samples, np.float32), length, hop)
    power = np.zeros((*frames.shape[:-1], length // 2 + 1), np.float32)
    scaled = _scaled(tapers, sfreq)
    for place in np.ndindex(frames.shape[:-2]):  # one row at a time: its frames stay in the cache
        for taper in scaled:
            pairs = fft.rfft(frames[place] * taper).view(np.float32)
            pairs *= pairs
            power[place] += pairs[:, 0::2]
            power[place] += pairs[:, 1::2]
    _halve_ends(power, length)
    return fft.rfftfreq(length, 1 / sfreq), power


def mean_spectrum(
    rows: Samples, sfreq: float, tapers: NDArray[np.float64], hop: int
) -> tuple[Frequencies, Power]:
    """Compute the mean power over the whole frames of each row, each without its mean (Welch 1967).

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_times)
        Microvolts; at least one frame long.
    sfreq : float
        Hz.
    tapers : ndarray, shape (n_tapers, length)
        Of unit energy.
    hop : int
        Samples from one frame to the next.

    Returns
    -------
    freqs : ndarray of float64, shape (n_freqs,)
        Hz.
    power : ndarray of float32, shape (n_rows, n_freqs)
        Microvolts squared per Hz.
    """
    length = tapers.shape[1]
    frames = frame_samples(rows, length, hop)
    power = np.zeros((len(rows), length // 2 + 1), np.float32)
    for row, mine in enumerate(frames):
        mine = mine - mine.mean(axis=1, keepdims=True)
        for taper in _scaled(tapers, sfreq * len(mine)):
            pairs = fft.rfft(mine * taper).view(np.float32)
            total = np.einsum("ij,ij->j", pairs, pairs)
            power[row] += total[0::2]
            power[row] += total[1::2]
    _halve_ends(power, length)
    return fft.rfftfreq(length, 1 / sfreq), power


def _scaled(tapers: NDArray[np.float64], divisor: float) -> NDArray[np.float32]:
    """Scale tapers so that the sum of squares over them is the one-sided density."""
    return np.asarray(tapers * np.sqrt(2 / (divisor * len(tapers))), np.float32)


def _halve_ends(power: Power, length: int) -> None:
    """Take back the doubling where a frequency has no negative twin."""
    power[..., 0] *= 0.5
    if length % 2 == 0:
        power[..., -1] *= 0.5


class BandTransform:
    """Power of frames at any grid of frequencies, by one matrix product.

    The grid need not fit the rate: spectrograms of recordings at 200, 250 and 256 Hz get the same rows. In a
    band that is a small part of the spectrum the product is also cheaper than an FFT that is mostly thrown away.

    Parameters
    ----------
    tapers : ndarray, shape (n_tapers, length)
        Of unit energy.
    freqs : ndarray, shape (n_freqs,)
        Hz, above 0 and below half of `sfreq`.
    sfreq : float
        Hz.
    """

    def __init__(self, tapers: NDArray[np.float64], freqs: Frequencies, sfreq: float) -> None:
        phase = 2 * np.pi * np.outer(np.arange(tapers.shape[1]), freqs) / sfreq
        waves = np.stack([np.cos(phase), np.sin(phase)])
        scaled = tapers * np.sqrt(2 / (sfreq * len(tapers)))
        kernel = np.einsum("wnf,tn->nwtf", waves, scaled)
        self._kernel = kernel.reshape(tapers.shape[1], -1).astype(np.float32)
        self._shape = (2 * len(tapers), freqs.size)

    def power(self, frames: Samples) -> Power:
        """Return the one-sided power of frames (n_frames, length), shape (n_frames, n_freqs), uV^2/Hz."""
        found: Power = frames @ self._kernel
        found *= found
        power: Power = found.reshape(len(frames), *self._shape).sum(axis=1)
        return power
