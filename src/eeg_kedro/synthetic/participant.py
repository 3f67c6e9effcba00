"""Who is recorded: the traits that make two people's EEG differ more than two states of one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# which seizures a person has, and where they begin; real patients' seizures are stereotyped
SYNDROMES = ("temporal", "tonic_clonic", "occipital", "absence", "frontal", "generalized")
_FOCI = {
    "temporal": ("F7", "T3", "F8", "T4"),
    "frontal": ("F3", "F4", "FP1", "FP2"),
    "occipital": ("O1", "O2", "T5", "T6"),
    "absence": ("FZ",),
    "tonic_clonic": ("FZ", "CZ"),
    "generalized": ("CZ",),
}


@dataclass(frozen=True)
class Participant:
    """Traits of one person; microvolts, Hz, events per minute."""

    seed: tuple[int, ...]
    has_epilepsy: bool
    syndrome: str
    focus: str
    amplitude: float  # rms of the background, eyes closed, 0.5-45 Hz
    slope: float  # exponent of the power spectrum, 1/f**slope
    alpha_freq: float
    alpha: float  # gains relative to an average adult
    beta: float
    theta: float
    slowing: float  # encephalopathy, drugs: added delta
    muscle: float
    blinks: float  # per minute with eyes open
    spikes: float  # interictal discharges per minute
    heart_rate: float  # beats per minute
    seizure_amplitude: float  # peak rms over the focus, relative to the background
    sex: str
    age: int


def draw_participant(seed: tuple[int, ...], number: int) -> Participant:
    """Draw a person's traits.

    Parameters
    ----------
    seed : tuple of int
        Seed of this person alone: a larger corpus keeps its first participants as they were.
    number : int
        Place in the corpus, from 0; every fourth person has no epilepsy, syndromes take turns.
    """
    rng = np.random.default_rng(seed)
    has_epilepsy = number % 4 != 3
    syndrome = SYNDROMES[(number - (number + 1) // 4) % len(SYNDROMES)]
    return Participant(
        seed=seed,
        has_epilepsy=has_epilepsy,
        syndrome=syndrome,
        focus=str(rng.choice(_FOCI[syndrome])),
        amplitude=float(np.clip(16.0 * rng.lognormal(0.0, 0.6), 5.0, 45.0)),
        slope=float(rng.uniform(1.1, 2.1)),
        alpha_freq=float(rng.uniform(8.3, 11.3)),
        alpha=float(rng.lognormal(0.0, 0.5)),
        beta=float(rng.lognormal(0.0, 0.6)),
        theta=float(rng.lognormal(0.0, 0.4)),
        slowing=float(rng.choice([0.0, rng.uniform(0.2, 1.5)])),
        muscle=float(rng.lognormal(0.0, 0.6)),
        blinks=float(rng.uniform(8.0, 24.0)),
        spikes=float(rng.uniform(0.5, 5.0)) if has_epilepsy else 0.0,
        heart_rate=float(rng.uniform(55.0, 95.0)),
        seizure_amplitude=float(rng.uniform(1.5, 2.8)),
        sex=str(rng.choice(["F", "M"])),
        age=int(rng.integers(18, 85)),
    )
