"""Draw what was planned into a recording: eyes, heart, mains, muscle, loose electrodes, discharges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.synthetic.artefacts import Fault, Occurrence
from eeg_kedro.synthetic.electrodes import falloff, locate
from eeg_kedro.synthetic.participant import Participant

_FRONT_OF_EYES = np.array([0.0, 1.0, -0.35])


def muscle_texture(rng: np.random.Generator, sfreq: int, seconds: int = 24) -> NDArray[np.float32]:
    """Make unit-variance muscle noise (20-110 Hz, or what the rate carries) to cut from, shape (n,)."""
    n = seconds * sfreq
    freqs = fft.rfftfreq(n, 1 / sfreq)
    with np.errstate(divide="ignore"):
        shape = 1 / (np.sqrt(1 + (25.0 / freqs) ** 6) * np.sqrt(1 + (freqs / min(110.0, 0.4 * sfreq)) ** 8))
    bins = rng.standard_normal((2, len(freqs)))
    noise = fft.irfft((bins[0] + 1j * bins[1]) * shape, n)
    return np.asarray(noise / noise.std(), np.float32)


def add_shared_traces(
    x: NDArray[np.float32],
    rng: np.random.Generator,
    sfreq: int,
    names: Sequence[str],
    person: Participant,
    happened: Iterable[Occurrence],
    line_freq: float,
) -> None:
    """Add all that has one time course and a fixed field: eyes, mains, drift, heart; in place.

    Parameters
    ----------
    x : ndarray, shape (n_channels, n_times)
        Microvolts.
    rng : Generator
        Source of randomness.
    sfreq : int
        Hz.
    names : sequence of str
        Electrodes, one per row.
    person : Participant
        Whose heart.
    happened : iterable of Occurrence
        Blinks and saccades are taken from it.
    line_freq : float
        Mains frequency in Hz.
    """
    n_channels, n_times = x.shape
    events = list(happened)
    eyes = falloff(names, _FRONT_OF_EYES, 0.42) / falloff(["FP1"], _FRONT_OF_EYES, 0.42)
    sides = falloff(names, locate(["F8"])[0], 0.5) - falloff(names, locate(["F7"])[0], 0.5)
    heart_field = rng.uniform(2.0, 7.0) * (locate(names) @ np.array([-0.7, 0.1, -0.5]))
    traces = np.stack(
        [
            _eye_trace(events, n_times, sfreq),
            _gaze_trace(events, n_times, sfreq),
            heart_trace(person, n_times, sfreq),
        ]
    )
    seconds = np.arange(n_times) / sfreq
    drift = np.sin(2 * np.pi * rng.uniform(0.015, 0.11, (4, 1)) * seconds + rng.uniform(0, 6.28, (4, 1)))
    mains = 2 * np.pi * (line_freq * seconds + 0.3 * np.sin(2 * np.pi * seconds / rng.uniform(40, 90)))
    traces = np.concatenate([traces, drift, [np.sin(mains), np.cos(mains)]]).astype(np.float32)
    hum = rng.lognormal(0.2, 0.6, n_channels) * rng.lognormal(0.0, 0.4)
    turn = rng.normal(0.0, 0.5, n_channels)
    fields = np.column_stack(
        [
            eyes,
            sides,
            heart_field,
            rng.normal(0, 7.0, (n_channels, 4)),
            hum * np.cos(turn),
            hum * np.sin(turn),
        ]
    )
    x += fields.astype(np.float32) @ traces


def _eye_trace(events: Iterable[Occurrence], n_times: int, sfreq: int) -> NDArray[np.float32]:
    """Lay blinks out in time: a fast rise, a slower fall, a small undershoot; microvolts at FP1."""
    trace = np.zeros(n_times, np.float32)
    for event in (e for e in events if e.kind == "blink"):
        part = _part(trace, event, sfreq)
        u = np.arange(len(part)) / len(part)
        part += np.float32(event.size) * (np.sin(np.pi * u**0.75) ** 2 - 0.06 * np.sin(np.pi * u) * (u > 0.7))
    return trace


def _gaze_trace(events: Iterable[Occurrence], n_times: int, sfreq: int) -> NDArray[np.float32]:
    """Lay saccades out in time: a step of 40 ms that the amplifier's high-pass lets go; microvolts at F8."""
    trace = np.zeros(n_times, np.float32)
    for event in (e for e in events if e.kind == "saccade"):
        part = _part(trace, event, sfreq)
        t = np.arange(len(part)) / sfreq
        step = (1 - np.exp(-t / 0.02)) * np.exp(-t / 0.5) * np.clip((event.duration - t) / 0.05, 0, 1)
        part += np.float32(event.size) * step.astype(np.float32)
    return trace


def heart_trace(person: Participant, n_times: int, sfreq: int) -> NDArray[np.float32]:
    """Make an electrocardiogram of unit R waves with breathing variability, shape (n_times,)."""
    rng = np.random.default_rng([*person.seed, 20])
    beats = int(n_times / sfreq * person.heart_rate / 60) + 2
    breath = 1 + 0.05 * np.sin(2 * np.pi * np.arange(beats) / 4.5) + 0.02 * rng.standard_normal(beats)
    onsets = np.cumsum(60 / person.heart_rate * breath)
    t = np.arange(round(0.5 * sfreq)) / sfreq
    beat = (
        np.exp(-(((t - 0.08) / 0.011) ** 2))
        - 0.25 * np.exp(-(((t - 0.11) / 0.014) ** 2))
        + 0.22 * np.exp(-(((t - 0.34) / 0.045) ** 2))
    )
    trace = np.zeros(n_times + len(t), np.float32)
    starts = np.round(onsets[onsets < n_times / sfreq] * sfreq).astype(np.intp)
    np.add.at(
        trace, (starts[:, None] + np.arange(len(t))).ravel(), np.tile(beat.astype(np.float32), len(starts))
    )
    return trace[:n_times]


def _part(x: NDArray[np.float32], event: Occurrence, sfreq: int) -> NDArray[np.float32]:
    """Cut the samples of an occurrence out of the last axis (a view)."""
    start = round(event.onset * sfreq)
    return x[..., start : start + max(round(event.duration * sfreq), 2)]


def add_local_events(
    x: NDArray[np.float32],
    rng: np.random.Generator,
    sfreq: int,
    names: Sequence[str],
    happened: Iterable[Occurrence],
    muscle: NDArray[np.float32],
) -> None:
    """Add what touches a few electrodes for a short time, in place; arguments as `add_shared_traces`."""
    draw = {
        "muscle": _draw_muscle,
        "chewing": _draw_chewing,
        "movement": _draw_movement,
        "pop": _draw_pop,
        "spike": _draw_spike,
        "theta_burst": _draw_burst,
        "delta_burst": _draw_burst,
    }
    for event in happened:
        if event.kind in draw:
            part = _part(x, event, sfreq)
            draw[event.kind](part, rng, sfreq, names, event, muscle)


_Draw = tuple[NDArray[np.float32], np.random.Generator, int, Sequence[str], Occurrence, NDArray[np.float32]]


def _pieces(
    rng: np.random.Generator, texture: NDArray[np.float32], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Cut independent pieces from a texture, shape (n_channels, n)."""
    starts = rng.integers(0, len(texture), shape[0])
    return np.take(texture, starts[:, None] + np.arange(shape[1]), mode="wrap")


def _draw_muscle(*given: *_Draw) -> None:
    part, rng, _, names, event, muscle = given
    field = falloff(names, locate([event.place])[0], 0.38)
    hull = np.hanning(part.shape[1] + 2)[1:-1] ** 0.3
    part += (event.size * field[:, None] * hull * _pieces(rng, muscle, part.shape)).astype(np.float32)


def _draw_chewing(*given: *_Draw) -> None:
    part, rng, sfreq, names, event, muscle = given
    field = falloff(names, locate(["T3"])[0], 0.55) + falloff(names, locate(["T4"])[0], 0.55)
    beat = np.clip(np.sin(2 * np.pi * event.freq * np.arange(part.shape[1]) / sfreq), 0, None) ** 0.7
    part += (1.5 * event.size * field[:, None] * beat * _pieces(rng, muscle, part.shape)).astype(np.float32)


def _draw_movement(*given: *_Draw) -> None:
    """Shake the cables: slow swings that differ between electrodes, with some muscle."""
    part, rng, _, _, event, muscle = given
    n_channels, n = part.shape
    u = np.arange(n) / n
    swings = (
        rng.standard_normal((n_channels, 6)) @ np.sin(np.pi * np.arange(1, 7)[:, None] * 1.7 * u) / 6**0.5
    )
    hull = np.sin(np.pi * u)
    part += (hull * (event.size * 0.7 * swings + 8.0 * _pieces(rng, muscle, part.shape))).astype(np.float32)


def _draw_pop(*given: *_Draw) -> None:
    part, rng, sfreq, names, event, _ = given
    t = np.arange(part.shape[1]) / sfreq
    fall = np.exp(-t / rng.uniform(0.1, 0.6)) * np.clip((event.duration - t) / 0.05, 0, 1)
    part[list(names).index(event.place)] += (event.size * fall).astype(np.float32)


def _draw_spike(*given: *_Draw) -> None:
    """Draw a spike of about 60 ms and the slow wave after it, negative at the focus."""
    part, _, sfreq, names, event, _ = given
    t = np.arange(part.shape[1]) / sfreq
    wave = (
        -np.exp(-(((t - 0.05) / 0.018) ** 2))
        + 0.35 * np.exp(-(((t - 0.09) / 0.02) ** 2))
        - 0.45 * np.exp(-(((t - 0.21) / 0.06) ** 2))
    )
    part += (event.size * falloff(names, locate([event.place])[0], 0.5)[:, None] * wave).astype(np.float32)


def _draw_burst(*given: *_Draw) -> None:
    """Draw a rhythm that comes, stays as it is and goes: monomorphic, unlike a seizure."""
    part, rng, sfreq, names, event, _ = given
    n = part.shape[1]
    phase = 2 * np.pi * event.freq * np.arange(n) / sfreq + rng.uniform(0, 6.28)
    wave = (np.cos(phase) + 0.25 * np.cos(2 * phase + 0.6)) * np.hanning(n + 2)[1:-1] ** 0.4
    part += (event.size * falloff(names, locate([event.place])[0], 0.6)[:, None] * wave).astype(np.float32)


def spoil_channel(
    row: NDArray[np.float32], rng: np.random.Generator, sfreq: int, fault: Fault, line_freq: float
) -> None:
    """Make one channel bad, in place: ``flat`` (input off), ``noisy`` (no contact), ``loose`` (swinging)."""
    if fault == "flat":
        row[:] = 0.0
    elif fault == "noisy":
        t = np.arange(len(row)) / sfreq
        row += (rng.uniform(30, 90) * np.sin(2 * np.pi * line_freq * t)).astype(np.float32)
        row += np.float32(rng.uniform(40, 120)) * rng.standard_normal(len(row), np.float32)
    elif fault == "loose":
        knots = np.cumsum(rng.standard_normal(len(row) // (2 * sfreq) + 3)) * 25.0
        knots -= knots.mean()
        at = np.linspace(0, len(knots) - 1, len(row))
        row += np.clip(np.interp(at, np.arange(len(knots)), knots), -400, 400).astype(np.float32)
