"""What tells a component of eyes, heart or muscle from one of the brain, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.signal.ica import Ica, Matrix

Samples = NDArray[np.float32]
AuxKind = Literal["eog", "ecg", "emg"]
SLOW_RATE = 64.0  # Hz: averaged over neighbors to about this rate, samples hold what is below 30 Hz
HEART_KURTOSIS = 2.0
EYE_RATE = 21.0  # Hz: the average's first zero; it passes 1-10 Hz
COVARIANCE_SAMPLES = 50_000  # pin variances to about one percent
FOREHEADS = (("FP1", "FPZ", "FP2"), ("AF7", "AF8"), ("AF3", "AF4"))
SIDES = (("F7", "F8"), ("FT9", "FT10"), ("AF7", "AF8"))
FOREHEAD_PAIRS = ("FP1-F7", "FP1-F3", "FP2-F8", "FP2-F4")
MUSCLE_BAND = (7.0, 45.0)  # Hz; Dharmaprani et al. 2016, as in MNE's find_bads_muscle
SLOPE_SECONDS, SLOPE_SPANS = 2.0, 150  # spectra are taken from so many stretches, evenly spread


@dataclass(frozen=True)
class Evidence:
    """What is measured of the components of a recording.

    Attributes
    ----------
    eog : ndarray of float64, shape (n_components,)
        Largest |r| at 1-10 Hz with an EOG channel, or with what the electrodes around the eyes say.
    by_channel : ndarray of bool, shape (n_components,)
        Whether that is an EOG channel.
    around_eyes : ndarray of bool, shape (n_components,)
        Whether the field is largest at an electrode around the eyes.
    ecg : ndarray of float64, shape (n_components,)
        Largest |r| at 5-30 Hz with an ECG channel; 0 without one.
    slope : ndarray of float64, shape (n_components,)
        Log power over log frequency at 7-45 Hz; NaN where the rate is too low.
    share : ndarray of float64, shape (n_components,)
        Share of the variance.
    covariance : ndarray of float64, shape (n_channels, n_channels)
        Microvolts squared.
    """

    eog: NDArray[np.float64]
    by_channel: NDArray[np.bool_]
    around_eyes: NDArray[np.bool_]
    ecg: NDArray[np.float64]
    slope: NDArray[np.float64]
    share: NDArray[np.float64]
    covariance: Matrix


def gather_evidence(
    ica: Ica,
    referenced: Samples,
    sfreq: float,
    slow: Samples,
    rate: float,
    names: Sequence[str],
    aux: Samples,
    aux_kinds: Sequence[AuxKind],
) -> Evidence:
    """Measure components; ``slow`` at ``rate`` is `slow_copy`, else as `judge_components` gets it."""
    unmixing = ica.unmixing.astype(np.float32)
    slower, _ = slow_copy(slow, rate, EYE_RATE)
    hints = aux[[i for i, kind in enumerate(aux_kinds) if kind in ("eog", "ecg")]]
    hints, _ = slow_copy(np.nan_to_num(hints), sfreq)
    kinds = [kind for kind in aux_kinds if kind in ("eog", "ecg")]
    eyes, _ = slow_copy(hints[[i for i, kind in enumerate(kinds) if kind == "eog"]], rate, EYE_RATE)
    heart = hints[[i for i, kind in enumerate(kinds) if kind == "ecg"]]
    above, sides = forehead(names)
    sources = unmixing @ slower
    by_eyes = correlate(sources, eyes).max(axis=1, initial=0.0)
    by_face = correlate(sources, eye_traces(slower, names)).max(axis=1, initial=0.0)
    # the difference of neighbors weighs 5-30 Hz, where the R wave is and slow waves are not
    heart = np.diff(heart)
    heart = heart[_peaked(heart)]  # an electrode without contact shows hum, which components may share
    by_heart = correlate(np.diff(unmixing @ slow) if len(heart) else sources[:, :0], heart)
    thin = referenced[:, :: max(1, referenced.shape[1] // COVARIANCE_SAMPLES)].astype(np.float64)
    covariance = thin @ thin.T / max(thin.shape[1], 1)
    energy = np.einsum("ij,jk,ik->i", ica.unmixing, covariance, ica.unmixing)
    return Evidence(
        eog=np.maximum(by_eyes, by_face),
        by_channel=by_eyes >= by_face,
        around_eyes=np.isin(np.abs(ica.mixing).argmax(axis=0), above + sides),
        ecg=by_heart.max(axis=1, initial=0.0),
        slope=spectral_slopes(referenced, sfreq, ica),
        share=(ica.mixing**2).sum(axis=0) * energy / max(float(np.trace(covariance)), 1e-12),
        covariance=covariance,
    )


def slow_copy(samples: Samples, sfreq: float, rate: float = SLOW_RATE) -> tuple[Samples, float]:
    """Average neighboring samples to about ``rate`` Hz: shape (n_channels, n), and the rate reached."""
    group = max(1, round(sfreq / rate))
    n = samples.shape[1] // group
    weights = np.full(group, 1 / group, np.float32)
    slow = np.empty((len(samples), n), np.float32)
    for out, row in zip(slow, samples, strict=True):
        np.matmul(row[: n * group].reshape(n, group), weights, out=out)
    return slow, sfreq / group


def forehead(names: Sequence[str]) -> tuple[list[int], list[int]]:
    """Find the channels that see eyes: those above them, and a left and a right one; empty where absent."""
    place = {name: i for i, name in enumerate(names)}
    pairs = [place[name] for name in FOREHEAD_PAIRS if name in place]
    if pairs:
        return pairs, []
    above = next((row for row in FOREHEADS if any(name in place for name in row)), ())
    sides = next((row for row in SIDES if all(name in place for name in row)), ())
    return [place[name] for name in above if name in place], [place[name] for name in sides]


def eye_traces(slow: Samples, names: Sequence[str]) -> Samples:
    """Give what the electrodes around the eyes say: up and down, left against right; shape (0-2, n)."""
    above, sides = forehead(names)
    traces = [slow[above].mean(axis=0)] if above else []
    if sides:
        traces.append(slow[sides[0]] - slow[sides[1]])
    return np.stack(traces) if traces else slow[:0]


def _peaked(traces: Samples) -> NDArray[np.bool_]:
    """Say which traces have rare large values, as a heart has: excess kurtosis, shape (n_traces,)."""
    unit = _unit(traces).astype(np.float64) * max(traces.shape[1], 1) ** 0.5
    peaked: NDArray[np.bool_] = (unit**4).sum(axis=1) > (3 + HEART_KURTOSIS) * max(traces.shape[1], 1)
    return peaked


def correlate(sources: Samples, traces: Samples) -> NDArray[np.float64]:
    """Give |r| of every source with every trace, shape (n_sources, n_traces); 0 for a constant."""
    if not traces.size or not sources.size:
        return np.zeros((len(sources), len(traces)))
    return np.asarray(np.abs(_unit(sources) @ _unit(traces).T), np.float64)


def _unit(rows: Samples) -> Samples:
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.asarray(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0))


def spectral_slopes(referenced: Samples, sfreq: float, ica: Ica) -> NDArray[np.float64]:
    """Fit log power over log frequency at 7-45 Hz, shape (n_components,); NaN where the rate is too low.

    The background of EEG falls (-1 and below); muscle is flat or rises.
    """
    n = round(SLOPE_SECONDS * sfreq)
    band = (MUSCLE_BAND[0], min(MUSCLE_BAND[1], 0.45 * sfreq))
    if referenced.shape[1] < n or band[1] < 2 * band[0]:
        return np.full(ica.n_components, np.nan)
    starts = np.unique(np.linspace(0, referenced.shape[1] - n, SLOPE_SPANS).astype(int))
    taper = np.hanning(n).astype(np.float32)
    freqs = fft.rfftfreq(n, 1 / sfreq)
    chosen = (freqs >= band[0]) & (freqs <= band[1])
    pieces = np.stack([referenced[:, start : start + n] for start in starts])  # (n_spans, n_channels, n)
    bins = fft.rfft((ica.unmixing.astype(np.float32) @ pieces) * taper, axis=-1)[..., chosen]
    power = np.median(bins.real**2 + bins.imag**2, axis=0) + np.finfo(np.float32).tiny
    slopes: NDArray[np.float64] = np.polyfit(np.log(freqs[chosen]), np.log(power).T, 1)[0]
    return slopes
