"""Design of the one FIR that band-passes, notches and resamples, and of the grid it is applied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.errors import ParameterError

# a low-pass needs room below the Nyquist frequency to fall off; above this share of it there is none
USABLE_BAND = 0.95
# without a low-pass, resampling keeps this share of the narrower band
RESAMPLING_PASSBAND = 0.9
LARGEST_DENOMINATOR = 20_000
RATE_TOLERANCE = 1e-9
SEGMENT_STEP = 15_360  # samples; 2**10 * 15: multiples of it transform faster than powers of two
NOTCH_EDGE = 0.5  # Hz; half of MNE's default trans_bandwidth


@dataclass(frozen=True, eq=False)
class FilterDesign:
    """A zero-phase FIR and the change of rate that goes with it; made by `design_filter`.

    Attributes
    ----------
    sfreq_in, sfreq_out : float
        Sampling rates in Hz.
    up, down : int
        ``sfreq_out / sfreq_in`` as a fraction in lowest terms.
    l_freq, h_freq : float or None
        Edges of the pass band in Hz as applied.
    notch_freqs : tuple of float
        Notches in Hz as applied.
    taps : ndarray, shape (n_taps,)
        Symmetric impulse response of odd length at ``sfreq_in``.
    notes : tuple of str
        What was asked for and left out, and why.
    """

    sfreq_in: float
    sfreq_out: float
    up: int
    down: int
    l_freq: float | None
    h_freq: float | None
    notch_freqs: tuple[float, ...]
    taps: NDArray[np.float64]
    notes: tuple[str, ...] = ()

    @property
    def fir_seconds(self) -> float:
        """Length of the impulse response in seconds."""
        return self.taps.size / self.sfreq_in

    @property
    def edge_seconds(self) -> float:
        """Seconds at either end whose values lean on the reflection."""
        return (self.taps.size // 2) / self.sfreq_in

    @cached_property
    def pad(self) -> int:
        """Samples a segment loses at either end to wrapping; a whole number of output samples."""
        return -(-(self.taps.size // 2 + 1) // self.down) * self.down

    @cached_property
    def segment(self) -> int:
        """Samples per segment: long against ``pad``, FFT-friendly, a whole number of output samples."""
        wanted = SEGMENT_STEP * max(2, -(-16 * self.pad // SEGMENT_STEP))
        return int(fft.next_fast_len(-(-wanted // self.down), real=True)) * self.down

    @property
    def hop(self) -> int:
        """New samples per segment."""
        return self.segment - 2 * self.pad

    @property
    def segment_out(self) -> int:
        """``segment`` at the new rate."""
        return self.segment // self.down * self.up

    @property
    def pad_out(self) -> int:
        """``pad`` at the new rate."""
        return self.pad // self.down * self.up

    @property
    def hop_out(self) -> int:
        """``hop`` at the new rate."""
        return self.hop // self.down * self.up

    @cached_property
    def response(self) -> NDArray[np.float32]:
        """Real response on the FFT grid up to the lower Nyquist frequency, twice each (for re and im)."""
        half = self.taps.size // 2
        centered = np.zeros(self.segment)
        centered[: half + 1] = self.taps[half:]
        centered[self.segment - half :] = self.taps[:half]
        bins = min(self.segment, self.segment_out) // 2 + 1
        gain = fft.rfft(centered).real[:bins] * (self.segment_out / self.segment)
        return np.repeat(gain.astype(np.float32), 2)


def design_filter(
    sfreq_in: float,
    sfreq_out: float,
    l_freq: float | None,
    h_freq: float | None,
    notch_freqs: Sequence[float] = (),
) -> FilterDesign:
    """Design band-pass, notches and resampling as one FIR from MNE's default designs.

    Parameters
    ----------
    sfreq_in, sfreq_out : float
        Sampling rates in Hz before and after.
    l_freq, h_freq : float or None
        Edges of the pass band in Hz; None leaves that side open. A low-pass edge that the lower of the two
        rates cannot honor is left out and noted; when the rate changes, a low-pass below the narrower band
        takes its place.
    notch_freqs : sequence of float
        Line frequencies in Hz; those outside the band are left out and noted.

    Raises
    ------
    ParameterError
        If the rates are no small fraction of each other, or the edges contradict each other.
    """
    return _design(sfreq_in, sfreq_out, l_freq, h_freq, tuple(notch_freqs))


@lru_cache(maxsize=32)  # a corpus has few rates, and a worker meets them again and again
def _design(
    sfreq_in: float,
    sfreq_out: float,
    l_freq: float | None,
    h_freq: float | None,
    notch_freqs: tuple[float, ...],
) -> FilterDesign:
    ratio = _small_ratio(sfreq_in, sfreq_out)
    limit = min(sfreq_in, sfreq_out) / 2
    notes: list[str] = []
    used, width = _low_pass(h_freq, sfreq_in, limit, ratio != 1, notes)
    if l_freq is not None and l_freq >= (used or limit):
        raise ParameterError(
            "the high-pass edge lies above the band",
            value=l_freq,
            allowed=f"l_freq below {used or limit:g} Hz at {sfreq_in:g} Hz",
            remedy="lower clean.l_freq or raise clean.h_freq",
        )
    notches = _usable_notches(notch_freqs, limit, notes)
    taps = np.convolve(_band_pass(sfreq_in, l_freq, used, width), _notch(sfreq_in, notches))
    taps.flags.writeable = False
    return FilterDesign(
        float(sfreq_in),
        float(sfreq_out),
        ratio.numerator,
        ratio.denominator,
        l_freq,
        used,
        notches,
        taps,
        tuple(notes),
    )


def _small_ratio(sfreq_in: float, sfreq_out: float) -> Fraction:
    if not (0 < sfreq_in < np.inf and 0 < sfreq_out < np.inf):
        raise ParameterError(
            "a sampling rate is not a positive number",
            value=(sfreq_in, sfreq_out),
            allowed="rates above 0 Hz",
        )
    ratio = (Fraction(sfreq_out) / Fraction(sfreq_in)).limit_denominator(LARGEST_DENOMINATOR)
    if abs(float(ratio) * sfreq_in - sfreq_out) > RATE_TOLERANCE * sfreq_out:
        raise ParameterError(
            "the sampling rates are no small fraction of each other",
            value=f"{sfreq_in!r} Hz to {sfreq_out!r} Hz",
            allowed=f"a ratio with a denominator up to {LARGEST_DENOMINATOR}",
            remedy="choose clean.sfreq as a simple multiple or part of the recorded rate",
        )
    return ratio


def _low_pass(
    h_freq: float | None, sfreq_in: float, limit: float, resampled: bool, notes: list[str]
) -> tuple[float | None, float | None]:
    """Give the low-pass edge to use and its transition width in Hz."""
    if h_freq is not None and h_freq <= USABLE_BAND * limit:
        width = min(max(0.25 * h_freq, 2.0), sfreq_in / 2 - h_freq)  # MNE's "auto"
        return h_freq, min(width, limit - h_freq) if resampled else width
    if h_freq is not None:
        notes.append(f"low-pass at {h_freq:g} Hz left out: too near the Nyquist frequency of {limit:g} Hz")
    if not resampled:
        return None, None
    edge = RESAMPLING_PASSBAND * limit
    notes.append(f"resampling passes frequencies up to {edge:g} Hz")
    return edge, limit - edge


def _usable_notches(notch_freqs: Sequence[float], limit: float, notes: list[str]) -> tuple[float, ...]:
    used = tuple(float(f) for f in sorted(set(notch_freqs)) if f * (1 + 1 / 400) + NOTCH_EDGE < limit)
    gone = [f"{f:g}" for f in sorted(set(notch_freqs)) if float(f) not in used]
    if gone:
        notes.append(f"notch at {', '.join(gone)} Hz left out: outside the band below {limit:g} Hz")
    return used


def _band_pass(
    sfreq: float, l_freq: float | None, h_freq: float | None, width: float | None
) -> NDArray[np.float64]:
    if l_freq is None and h_freq is None:
        return np.ones(1)
    from mne.filter import create_filter

    width_of_edge = {} if width is None else {"h_trans_bandwidth": width}
    taps: NDArray[np.float64] = create_filter(None, sfreq, l_freq, h_freq, **width_of_edge, verbose="ERROR")
    return taps


def _notch(sfreq: float, freqs: tuple[float, ...]) -> NDArray[np.float64]:
    """Design one band-stop for all line frequencies, as ``mne.filter.notch_filter`` does."""
    if not freqs:
        return np.ones(1)
    from mne.filter import create_filter

    centers = np.array(freqs)
    reach = centers / 400 + NOTCH_EDGE  # half of MNE's default notch width (freqs / 200), and the transition
    if np.any(np.diff(centers) <= reach[1:] + reach[:-1]) or centers[0] <= reach[0]:
        raise ParameterError(
            "notches overlap",
            value=list(freqs),
            allowed="line frequencies more than 2 Hz apart and above 1 Hz",
            remedy="remove one of clean.notch_freqs",
        )
    taps: NDArray[np.float64] = create_filter(
        None, sfreq, centers + reach, centers - reach,
        l_trans_bandwidth=NOTCH_EDGE, h_trans_bandwidth=NOTCH_EDGE, verbose="ERROR",
    )  # fmt: skip
    return taps
