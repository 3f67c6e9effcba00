"""Wake, drowsiness, sleep, seizure and what follows: one state per second, and what each does to the EEG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class State:
    """Gains relative to wakefulness with closed eyes, and artefact rates per minute."""

    name: str
    background: float
    slow: float  # amplitude below about 3 Hz
    alpha: float
    theta: float
    beta: float
    spindle: float
    blinks: float  # share of the person's own rate
    saccades: float
    muscle: float
    dwell: float  # mean seconds until the next state


STATES = (
    State("eyes_closed", 1.0, 1.0, 1.0, 0.4, 1.0, 0.0, 0.1, 2.0, 1.5, 45.0),
    State("eyes_open", 0.9, 1.0, 0.2, 0.4, 1.1, 0.0, 1.0, 9.0, 3.0, 30.0),
    State("drowsy", 1.0, 1.4, 0.25, 1.4, 0.8, 0.0, 0.05, 3.0, 0.6, 40.0),
    State("asleep", 1.05, 2.4, 0.05, 0.9, 0.5, 1.0, 0.0, 0.0, 0.2, 120.0),
    State("ictal", 0.8, 1.1, 0.15, 0.5, 0.8, 0.0, 0.2, 2.0, 2.0, 0.0),
    State("postictal", 0.75, 2.0, 0.1, 0.8, 0.5, 0.0, 0.0, 0.5, 0.6, 0.0),
)
NAMES = tuple(state.name for state in STATES)
ICTAL, POSTICTAL = NAMES.index("ictal"), NAMES.index("postictal")
# from each spontaneous state (row) to the next one (column); sleep comes through drowsiness
_NEXT = np.array(
    [[0.0, 0.55, 0.45, 0.0], [0.85, 0.0, 0.15, 0.0], [0.45, 0.2, 0.0, 0.35], [0.2, 0.2, 0.6, 0.0]]
)


def draw_states(
    rng: np.random.Generator, seconds: int, seizures: Iterable[tuple[float, float]]
) -> NDArray[np.int8]:
    """Draw a course of states.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    seconds : int
        Length of the recording.
    seizures : iterable of (onset, stop)
        Seconds; they override the spontaneous state and leave 15-60 s of postictal slowing.

    Returns
    -------
    ndarray of int8, shape (seconds,)
        Index into ``STATES``.
    """
    course = np.empty(seconds, np.int8)
    now, state = 0, 0
    while now < seconds:
        stay = int(np.ceil(rng.gamma(2.0, STATES[state].dwell / 2.0))) + 4
        course[now : now + stay] = state
        now, state = now + stay, int(rng.choice(4, p=_NEXT[state]))
    for onset, stop in seizures:
        after = int(stop) + int(rng.integers(15, 60))
        course[int(np.ceil(stop)) : after] = POSTICTAL
        course[int(onset) : int(np.ceil(stop))] = ICTAL
    return course


def gain_course(course: NDArray[np.int8], field: str) -> NDArray[np.float32]:
    """Look a gain or rate up for every second, shape (seconds,)."""
    return np.array([getattr(state, field) for state in STATES], np.float32)[course]
