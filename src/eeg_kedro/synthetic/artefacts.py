"""What happens besides the brain: when and where eyes blink, muscles tense and electrodes let go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.synthetic.participant import Participant
from eeg_kedro.synthetic.states import NAMES, gain_course

Kind = Literal[
    "blink", "saccade", "muscle", "chewing", "movement", "pop", "spike", "theta_burst", "delta_burst"
]
Fault = Literal["", "flat", "noisy", "loose"]
_MUSCLE_SITES = ("FP1", "FP2", "F7", "F8", "T3", "T4", "T5", "T6")


@dataclass(frozen=True)
class Occurrence:
    """One thing that happened: seconds, microvolts, Hz; ``place`` is empty for a fixed field."""

    kind: Kind
    onset: float
    duration: float
    place: str
    size: float
    freq: float = 0.0


def _onsets(rng: np.random.Generator, per_minute: NDArray[np.float32]) -> NDArray[np.float64]:
    """Draw a Poisson process whose rate is given for every second."""
    counts = rng.poisson(per_minute / 60.0)
    return np.sort(np.repeat(np.arange(len(counts)), counts) + rng.random(int(counts.sum())))


def draw_artefacts(
    rng: np.random.Generator, person: Participant, course: NDArray[np.int8], ch_names: Sequence[str]
) -> tuple[Occurrence, ...]:
    """Draw everything that is not background and not seizure.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    person : Participant
        Who is recorded.
    course : ndarray of int8, shape (seconds,)
        State of every second; it decides how often things happen.
    ch_names : sequence of str
        Electrodes of the recording.

    Returns
    -------
    tuple of Occurrence
        In order of onset; all end within the recording.
    """
    happened = [
        *_draw_eyes(rng, person, course),
        *_draw_muscles(rng, person, course),
        *_draw_pops(rng, course, ch_names),
        *_draw_discharges(rng, person, course),
    ]
    happened = [
        o for o in happened if o.onset + o.duration < len(course) and (not o.place or o.place in ch_names)
    ]
    return tuple(sorted(happened, key=lambda o: (o.onset, o.kind)))


def _draw_eyes(rng: np.random.Generator, person: Participant, course: NDArray[np.int8]) -> list[Occurrence]:
    blinks = _onsets(rng, gain_course(course, "blinks") * person.blinks)
    saccades = _onsets(rng, gain_course(course, "saccades"))
    height = rng.uniform(70.0, 160.0)
    return [
        *(
            Occurrence("blink", t, rng.uniform(0.25, 0.45), "", height * rng.uniform(0.6, 1.3))
            for t in blinks
        ),
        *(
            Occurrence("saccade", t, rng.uniform(0.4, 1.5), "", rng.uniform(15.0, 55.0) * rng.choice([-1, 1]))
            for t in saccades
        ),
    ]


def _draw_muscles(
    rng: np.random.Generator, person: Participant, course: NDArray[np.int8]
) -> list[Occurrence]:
    tension = gain_course(course, "muscle") * np.float32(person.muscle)
    size = 6.0 + 8.0 * person.muscle
    awake = (course <= 1).astype(np.float32)
    return [
        *(
            Occurrence(
                "muscle",
                t,
                0.4 + rng.gamma(2.0, 1.0),
                str(rng.choice(_MUSCLE_SITES)),
                size * rng.lognormal(0, 0.6),
            )
            for t in _onsets(rng, tension)
        ),
        *(
            Occurrence(
                "chewing",
                t,
                rng.uniform(5.0, 14.0),
                "",
                size * rng.lognormal(0.4, 0.4),
                rng.uniform(1.1, 2.0),
            )
            for t in _onsets(rng, 0.12 * awake)
        ),
        *(
            Occurrence("movement", t, rng.uniform(2.0, 6.0), "", rng.uniform(60.0, 220.0))
            for t in _onsets(rng, 0.2 * awake)
        ),
    ]


def _draw_pops(
    rng: np.random.Generator, course: NDArray[np.int8], ch_names: Sequence[str]
) -> list[Occurrence]:
    """Let electrodes pop: half of the pops come from the one that sits worst."""
    worst = str(rng.choice(list(ch_names)))
    onsets = _onsets(rng, np.full(len(course), 0.25, np.float32))
    places = [worst if rng.random() < 0.5 else str(rng.choice(list(ch_names))) for _ in onsets]
    return [
        Occurrence("pop", t, rng.uniform(0.3, 2.5), place, rng.choice([-1, 1]) * rng.uniform(60.0, 350.0))
        for t, place in zip(onsets, places, strict=True)
    ]


def _draw_discharges(
    rng: np.random.Generator, person: Participant, course: NDArray[np.int8]
) -> list[Occurrence]:
    """Draw interictal spikes, and rhythmic bursts that only look like a seizure to a simple detector."""
    quiet = course < NAMES.index("ictal")
    sleepy = quiet & (course >= NAMES.index("drowsy"))
    spikes = _onsets(rng, person.spikes * (quiet + 1.0 * sleepy).astype(np.float32))
    theta = _onsets(rng, 0.8 * sleepy.astype(np.float32))
    delta = _onsets(rng, 0.7 * person.slowing * quiet.astype(np.float32))
    bursts = 0.9 * person.amplitude
    return [
        *(
            Occurrence("spike", t, 0.35, person.focus, person.amplitude * rng.uniform(2.5, 5.0))
            for t in spikes
        ),
        *(
            Occurrence(
                "theta_burst",
                t,
                rng.uniform(3.0, 12.0),
                str(rng.choice(["T3", "T4"])),
                bursts * rng.uniform(0.9, 2.2),
                rng.uniform(4.5, 6.5),
            )
            for t in theta
        ),
        *(
            Occurrence(
                "delta_burst",
                t,
                rng.uniform(2.0, 6.0),
                "FZ",
                bursts * rng.uniform(1.2, 2.8),
                rng.uniform(1.8, 2.8),
            )
            for t in delta
        ),
    ]


def draw_fault(
    rng: np.random.Generator, ch_names: Sequence[str], faults: Sequence[Fault]
) -> tuple[str, Fault]:
    """Draw one bad channel and what is wrong with it, in about every second recording."""
    if rng.random() < 0.5 or not faults:
        return "", ""
    return str(rng.choice(list(ch_names))), faults[int(rng.integers(len(faults)))]
