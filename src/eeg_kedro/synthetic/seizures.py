"""Seizures: drawn as a plan (when, where from, how fast, how far), rendered as a discharge that evolves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import i0e

from eeg_kedro.synthetic.electrodes import angles_to, locate
from eeg_kedro.synthetic.participant import Participant


@dataclass(frozen=True)
class _Pattern:
    """How seizures of a syndrome go: seconds, Hz at both ends, radians of spread, microvolts of muscle."""

    seconds: tuple[float, float]
    freq_start: tuple[float, float]
    freq_end: tuple[float, float]
    spread: tuple[float, float]
    sharpness: tuple[float, float]
    muscle: float
    size: float = 1.0  # relative to the person's own seizure amplitude
    spike_and_wave: bool = False


_PATTERNS = {
    "temporal": _Pattern((20, 180), (5.5, 8.0), (2.4, 4.0), (0.6, 1.5), (0.6, 1.8), 3.0),
    "frontal": _Pattern((8, 45), (13.0, 18.0), (4.0, 7.0), (0.6, 1.4), (0.3, 1.2), 5.0),
    "occipital": _Pattern((20, 150), (8.0, 11.0), (3.0, 4.5), (0.6, 1.7), (0.5, 1.5), 2.0),
    "absence": _Pattern(
        (6, 20), (3.2, 3.8), (2.5, 2.9), (2.6, 2.8), (1.0, 1.0), 0.0, 1.5, spike_and_wave=True
    ),
    "tonic_clonic": _Pattern((50, 150), (10.0, 13.0), (1.3, 2.2), (2.4, 2.8), (0.3, 3.0), 14.0),
    "generalized": _Pattern((15, 90), (4.5, 6.5), (1.8, 2.6), (2.2, 2.8), (0.8, 2.0), 5.0),
}
FOCAL = ("temporal", "frontal", "occipital")
SHORTEST, LONGEST = 6.0, 180.0  # seconds
_LEAD, _GAP = 12.0, 30.0  # seconds free before the first seizure, and between two


@dataclass(frozen=True)
class Seizure:
    """Plan of one seizure: seconds, Hz, radians, microvolts (rms at the focus when it is strongest)."""

    onset: float
    duration: float
    syndrome: str
    focus: str
    freq_start: float
    freq_end: float
    spread_start: float
    spread_end: float
    amplitude: float
    muscle: float
    seed: int

    @property
    def stop(self) -> float:
        """End in seconds."""
        return self.onset + self.duration


def draw_seizures(
    rng: np.random.Generator,
    person: Participant,
    seconds: int,
    per_hour: float,
    at_least: int,
    time_step: float,
) -> tuple[Seizure, ...]:
    """Draw the seizures of one recording.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    person : Participant
        Whose they are; somebody without epilepsy has none.
    seconds : int
        Length of the recording.
    per_hour : float
        Mean rate; 0 gives none.
    at_least : int
        Smallest number in this recording, so that a short corpus has seizures where it needs them.
    time_step : float
        Resolution of the annotations in seconds; onset and duration are multiples of it.

    Returns
    -------
    tuple of Seizure
        In order, at least 30 s apart; as many of those drawn as fit into the recording.
    """
    if not person.has_epilepsy or per_hour == 0:
        return ()
    wanted = max(int(rng.poisson(per_hour * seconds / 3600.0)), at_least)
    drawn = [_draw_seizure(rng, person, seconds, time_step) for _ in range(wanted)]
    while sum(s.duration for s in drawn) + _GAP * len(drawn) + _LEAD > seconds:
        drawn.pop()
    slack = seconds - _LEAD - sum(s.duration + _GAP for s in drawn)
    waits = np.diff(np.sort(rng.uniform(0.0, slack, len(drawn))), prepend=0.0)
    placed, now = [], _LEAD
    for seizure, wait in zip(drawn, waits, strict=True):
        onset = float(np.ceil((now + wait) / time_step) * time_step)
        placed.append(_at(seizure, round(onset, 4)))
        now += wait + seizure.duration + _GAP
    return tuple(placed)


def _at(seizure: Seizure, onset: float) -> Seizure:
    return Seizure(**{**vars(seizure), "onset": onset})


def _draw_seizure(rng: np.random.Generator, person: Participant, seconds: int, time_step: float) -> Seizure:
    pattern = _PATTERNS[person.syndrome]
    longest = min(LONGEST, 0.35 * seconds, seconds - _LEAD - _GAP)
    duration = np.exp(rng.uniform(*np.log(np.clip(pattern.seconds, SHORTEST, longest))))
    duration = max(round(round(duration / time_step) * time_step, 4), SHORTEST)
    return Seizure(
        onset=0.0,
        duration=duration,
        syndrome=person.syndrome,
        focus=person.focus,
        freq_start=rng.uniform(*pattern.freq_start),
        freq_end=rng.uniform(*pattern.freq_end),
        spread_start=pattern.spread[0],
        spread_end=pattern.spread[1] * rng.uniform(0.8, 1.2),
        amplitude=person.amplitude * person.seizure_amplitude * pattern.size * rng.uniform(0.8, 1.2),
        muscle=pattern.muscle * person.muscle,
        seed=int(rng.integers(2**31)),
    )


def recruitment(seizure: Seizure, names: Sequence[str]) -> NDArray[np.float64]:
    """Say when the discharge reaches electrodes: seconds after the onset, NaN for never."""
    angle = angles_to(names, locate([seizure.focus])[0])
    if seizure.spread_end <= seizure.spread_start:
        return np.where(angle <= seizure.spread_start, 0.0, np.nan)
    way = np.clip((angle - seizure.spread_start) / (seizure.spread_end - seizure.spread_start), 0.0, None)
    when = seizure.duration * way ** (1 / 0.7)
    return np.where(way <= 1.0, when, np.nan)


def render_seizure(
    x: NDArray[np.float32], sfreq: int, names: Sequence[str], seizure: Seizure, muscle: NDArray[np.float32]
) -> None:
    """Add a seizure to a recording, in place.

    The frequency falls exponentially, waves sharpen, the field widens from the focus, amplitude builds up and
    breaks off; each step jitters, as discharges do.

    Parameters
    ----------
    x : ndarray, shape (n_channels, n_times)
        Microvolts.
    sfreq : int
        Hz.
    names : sequence of str
        Electrodes, one per row.
    seizure : Seizure
        The plan.
    muscle : ndarray, shape (n_muscle,)
        Unit-variance muscle noise to cut from.
    """
    rng = np.random.default_rng(seizure.seed)
    pattern = _PATTERNS[seizure.syndrome]
    start = round(seizure.onset * sfreq)
    part = x[:, start : round(seizure.stop * sfreq)]
    n = part.shape[1]
    u = np.arange(n) / n
    freq = (
        seizure.freq_start
        * (seizure.freq_end / seizure.freq_start) ** u
        * (1 + 0.06 * _jitter(rng, n, sfreq))
    )
    phase = 2 * np.pi * np.cumsum(freq) / sfreq
    angle = angles_to(names, locate([seizure.focus])[0])
    reach = seizure.spread_start + (seizure.spread_end - seizure.spread_start) * u**0.7
    field = (0.3 + 0.7 * np.exp(-0.5 * (angle / 0.9) ** 2))[:, None] / (
        1 + np.exp((angle[:, None] - reach) / 0.12)
    )
    height = seizure.amplitude * _envelope(u, seizure.duration) * (1 + 0.2 * _jitter(rng, n, sfreq))
    sharp = pattern.sharpness[0] + (pattern.sharpness[1] - pattern.sharpness[0]) * u
    # negative is up in EEG, and discharges are mostly negative at the scalp
    wave = _discharge(phase - 0.4 * angle[:, None], sharp, pattern.spike_and_wave)
    part -= (field * height * wave).astype(np.float32)
    if seizure.muscle:
        _add_seizure_muscle(
            part, rng, names, seizure.muscle * _envelope(u, seizure.duration), phase, u, muscle
        )


def _jitter(rng: np.random.Generator, n: int, sfreq: int) -> NDArray[np.float64]:
    """Draw smooth unit noise with about two knots per second, shape (n,)."""
    knots = rng.standard_normal(2 * n // sfreq + 3)
    return np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots)


def _envelope(u: NDArray[np.float64], duration: float) -> NDArray[np.float64]:
    """Build up over the first third, hold, sag a little, break off within a quarter of a second."""
    edge = 0.25 / duration
    build_up = 0.25 + 0.75 * np.clip(u / 0.3, 0, 1) ** 1.5
    ends: NDArray[np.float64] = np.clip(u / edge, 0, 1) * np.clip((1 - u) / edge, 0, 1)
    return build_up * (1 - 0.25 * u) * ends


def _discharge(
    phase: NDArray[np.float64], sharpness: NDArray[np.float64], spike_and_wave: bool
) -> NDArray[np.float64]:
    """Turn phase into unit-variance waves: von Mises bumps, or a spike riding before a slow wave."""
    if spike_and_wave:
        slow: NDArray[np.float64] = 0.8 * np.sqrt(2) * np.cos(phase)
        return slow + 0.6 * _bumps(phase + 1.9, np.asarray(14.0))
    return _bumps(phase, sharpness)


def _bumps(phase: NDArray[np.float64], sharpness: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = i0e(sharpness)
    bumps = np.exp(sharpness * (np.cos(phase) - 1)) - mean
    return np.asarray(bumps / np.sqrt(i0e(2 * sharpness) - mean**2), np.float64)


def _add_seizure_muscle(
    part: NDArray[np.float32],
    rng: np.random.Generator,
    names: Sequence[str],
    height: NDArray[np.float64],
    phase: NDArray[np.float64],
    u: NDArray[np.float64],
    muscle: NDArray[np.float32],
) -> None:
    """Add muscle: steady while tonic, in bursts locked to the discharge once it has slowed down."""
    clonic = np.clip((u - 0.35) / 0.2, 0, 1)
    gate = height * (1 - clonic + clonic * np.clip(np.cos(phase), 0, None))
    outer = np.sqrt(np.clip(1 - locate(names)[:, 2] ** 2, 0, 1))  # scalp muscle sits below the hat line
    for row, weight in zip(part, outer, strict=True):
        row += (weight * rng.uniform(0.6, 1.4) * gate * _cut(rng, muscle, len(row))).astype(np.float32)


def _cut(rng: np.random.Generator, texture: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Cut ``n`` samples from a texture, starting anywhere and going round, shape (n,)."""
    return np.take(texture, np.arange(n) + int(rng.integers(len(texture))), mode="wrap")
