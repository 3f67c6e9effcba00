"""What a resting brain and an amplifier give: 1/f activity, rhythms that follow the state, sensor noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.synthetic.electrodes import falloff, locate, scatter_sources
from eeg_kedro.synthetic.noise import add_noise, count_pieces, unit_spectrum
from eeg_kedro.synthetic.participant import Participant
from eeg_kedro.synthetic.states import STATES, gain_course

_N_SOURCES = 22
_SLOW_PIECE = 8  # seconds: resolves 0.125 Hz, follows sleep and postictal slowing
_FAST_PIECE = 2  # seconds: alpha answers the eyes within a second, and waxes and wanes by itself
_SENSOR_NOISE = 0.6  # microvolts rms


@dataclass(frozen=True)
class _Rhythm:
    """A narrow-band source: the gain that drives it, focus, width (radians), rms relative to background."""

    gain: str
    focus: str
    width: float
    size: float


_RHYTHMS = (
    _Rhythm("alpha", "O1", 0.75, 0.65),
    _Rhythm("alpha", "O2", 0.75, 0.65),
    _Rhythm("alpha", "PZ", 0.7, 0.4),
    _Rhythm("theta", "FZ", 0.7, 0.45),
    _Rhythm("theta", "CZ", 0.9, 0.3),
    _Rhythm("beta", "FZ", 0.8, 0.18),
    _Rhythm("spindle", "CZ", 0.8, 0.7),
)


def add_background(
    x: NDArray[np.float32],
    rng: np.random.Generator,
    sfreq: int,
    names: Sequence[str],
    person: Participant,
    course: NDArray[np.int8],
) -> None:
    """Add resting activity to a recording, in place.

    Parameters
    ----------
    x : ndarray, shape (n_channels, n_times)
        Microvolts.
    rng : Generator
        Source of randomness.
    sfreq : int
        Hz; even, so that pieces split in half.
    names : sequence of str
        Electrodes, one per row.
    person : Participant
        Amplitude, slope and rhythms.
    course : ndarray of int8, shape (seconds,)
        State of every second.
    """
    _add_broadband(x, rng, sfreq, names, person, course)
    _add_rhythms(x, rng, sfreq, names, person, course)
    for row in x:
        row += _SENSOR_NOISE * np.float32(12**0.5) * (rng.random(len(row), np.float32) - np.float32(0.5))


def _piece_seconds(n_pieces: int, piece: int, seconds: int) -> NDArray[np.intp]:
    """Say which second lies in the middle of each piece, shape (n_pieces,)."""
    return np.clip(np.arange(n_pieces) * piece // 2, 0, seconds - 1)


def _add_broadband(
    x: NDArray[np.float32],
    rng: np.random.Generator,
    sfreq: int,
    names: Sequence[str],
    person: Participant,
    course: NDArray[np.int8],
) -> None:
    n_piece = _SLOW_PIECE * sfreq
    n_pieces = count_pieces(x.shape[1], n_piece)
    seconds = _piece_seconds(n_pieces, _SLOW_PIECE, len(course))
    add_noise(
        x,
        rng,
        person.amplitude * _mix_sources(rng, names),
        _broadband_spectra(n_piece, sfreq, person)[:, None],
        course[seconds].astype(np.intp),
        _wander(rng, _N_SOURCES, n_pieces),
    )


def _mix_sources(rng: np.random.Generator, names: Sequence[str]) -> NDArray[np.float32]:
    """Give gains of broad cortical sources; the last is the reference's own activity, equal for all."""
    fields = [falloff(names, source, rng.uniform(0.35, 0.7)) for source in scatter_sources(_N_SOURCES - 1)]
    mixing = np.column_stack([*fields, np.full(len(names), 0.45)])
    mixing *= rng.choice([-1, 1], _N_SOURCES) * rng.lognormal(0, 0.25, _N_SOURCES)
    unit: NDArray[np.float64] = mixing / np.sqrt(np.mean(np.sum(mixing**2, axis=1)))
    return unit.astype(np.float32)


def _broadband_spectra(n_piece: int, sfreq: int, person: Participant) -> NDArray[np.float32]:
    """Give one amplitude spectrum per state, unit variance with closed eyes, shape (n_states, n_bins)."""
    freqs = np.fft.rfftfreq(n_piece, 1 / sfreq)
    shape = np.maximum(freqs, 0.8) ** (-person.slope / 2)
    shape[1:] /= np.sqrt(1 + (0.3 / freqs[1:]) ** 4) * np.sqrt(1 + (freqs[1:] / 70.0) ** 8)
    shape[0] = 0.0
    slow = np.array([state.slow * (1 + person.slowing) for state in STATES])[:, None]
    spectra = shape * (1 + (slow - 1) * np.exp(-((freqs / 2.6) ** 2)))
    unit = unit_spectrum(spectra[0])
    gains = np.array([state.background for state in STATES])[:, None]
    scale = unit[len(unit) // 4] / spectra[0, len(unit) // 4]
    return np.asarray(gains * spectra * scale, np.float32)


def _wander(rng: np.random.Generator, n_sources: int, n_pieces: int) -> NDArray[np.float32]:
    """Let each source swell and fade over half a minute, mean square one, shape (n_sources, n_pieces)."""
    steps = rng.standard_normal((n_sources, n_pieces + 8))
    smooth = sum(steps[:, lag : lag + n_pieces] for lag in range(8)) / np.sqrt(8)
    return np.asarray(np.exp(0.35 * smooth - 0.35**2), np.float32)


def _add_rhythms(
    x: NDArray[np.float32],
    rng: np.random.Generator,
    sfreq: int,
    names: Sequence[str],
    person: Participant,
    course: NDArray[np.int8],
) -> None:
    n_piece = _FAST_PIECE * sfreq
    n_pieces = count_pieces(x.shape[1], n_piece)
    seconds = _piece_seconds(n_pieces, _FAST_PIECE, len(course))
    freqs = np.asarray(np.fft.rfftfreq(n_piece, 1 / sfreq), np.float64)
    spectra = np.stack([unit_spectrum(_peak(freqs, rhythm.gain, person)) for rhythm in _RHYTHMS])[None]
    gains = np.stack([gain_course(course, rhythm.gain)[seconds] for rhythm in _RHYTHMS])
    gains[-1] *= rng.random(n_pieces) < 0.15  # spindles come in bursts of a second or two
    mixing = np.column_stack(
        [
            rhythm.size
            * _trait(person, rhythm.gain)
            * falloff(names, locate([rhythm.focus])[0], rhythm.width)
            for rhythm in _RHYTHMS
        ]
    )
    fields = np.asarray(person.amplitude * mixing, np.float32)
    add_noise(x, rng, fields, spectra, np.zeros(n_pieces, np.intp), gains)


def _trait(person: Participant, gain: str) -> float:
    return {"alpha": person.alpha, "theta": person.theta, "beta": person.beta, "spindle": 1.0}[gain]


def _peak(freqs: NDArray[np.float64], gain: str, person: Participant) -> NDArray[np.float64]:
    """Give the amplitude spectrum of a rhythm; alpha carries a small harmonic, as real arches do."""
    centre, width = {
        "alpha": (person.alpha_freq, 0.55),
        "theta": (5.6, 0.8),
        "beta": (19.0, 3.5),
        "spindle": (13.2, 0.6),
    }[gain]
    peak = np.exp(-0.5 * ((freqs - centre) / width) ** 2)
    if gain == "alpha":
        peak += 0.12 * np.exp(-0.5 * ((freqs - 2 * centre) / 1.0) ** 2)
    return peak
