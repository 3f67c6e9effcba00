"""One recording: first a plan that says everything that will be in it, then the samples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.synthetic.artefacts import Fault, Occurrence, draw_artefacts, draw_fault
from eeg_kedro.synthetic.background import add_background
from eeg_kedro.synthetic.electrodes import EARS, STANDARD_19
from eeg_kedro.synthetic.participant import Participant
from eeg_kedro.synthetic.rendering import add_local_events, add_shared_traces, muscle_texture, spoil_channel
from eeg_kedro.synthetic.seizures import Seizure, draw_seizures, render_seizure
from eeg_kedro.synthetic.states import draw_states

Reference = Literal["common", "ears", "average"]


@dataclass(frozen=True)
class RecordingPlan:
    """All that is known of a recording before a sample exists; times in seconds, rates in Hz."""

    layout: str
    participant: str  # as the corpus names it, and as ingest will
    run: str
    number: tuple[int, int]  # participant and run, counted from 0
    person: Participant
    seed: tuple[int, ...]
    sfreq: int
    seconds: int
    line_freq: float
    reference: Reference
    ch_names: tuple[str, ...]
    start: dt.datetime
    bad_channel: str
    fault: Fault
    course: bytes  # int8 state of every second
    seizures: tuple[Seizure, ...]
    happened: tuple[Occurrence, ...]

    @property
    def states(self) -> NDArray[np.int8]:
        """State of every second, shape (seconds,)."""
        return np.frombuffer(self.course, np.int8)


def plan_recording(
    *,
    layout: str,
    participant: str,
    run: str,
    number: tuple[int, int],
    person: Participant,
    seed: tuple[int, ...],
    sfreq: int,
    seconds: int,
    seizure_rate: float,
    time_step: float,
    start: dt.datetime,
    line_freq: float = 60.0,
    reference: Reference = "common",
    ch_names: Sequence[str] = (*STANDARD_19, *EARS),
    faults: Sequence[Fault] = ("flat", "noisy", "loose"),
) -> RecordingPlan:
    """Draw everything that will happen in one recording.

    Parameters
    ----------
    layout, participant, run : str
        Names, as the layout gives them.
    number : tuple of int
        Participant and run, counted from 0; the first run of a person with epilepsy has a seizure.
    person : Participant
        Who is recorded.
    seed : tuple of int
        Seed of this recording alone.
    sfreq, seconds : int
        Hz, s.
    seizure_rate : float
        Seizures per hour.
    time_step : float
        Resolution of the layout's annotations in seconds.
    start : datetime
        Clock time of the first sample.
    line_freq : float
        Mains frequency in Hz.
    reference : {'common', 'ears', 'average'}
        What electrodes are measured against.
    ch_names : sequence of str
        Electrodes.
    faults : sequence of str
        What may be wrong with a channel in this layout.
    """
    rng = np.random.default_rng(seed)
    seizures = draw_seizures(rng, person, seconds, seizure_rate, int(number[1] == 0), time_step)
    course = draw_states(rng, seconds, [(s.onset, s.stop) for s in seizures])
    bad_channel, fault = draw_fault(rng, [name for name in ch_names if name not in EARS], faults)
    return RecordingPlan(
        layout=layout,
        participant=participant,
        run=run,
        number=number,
        person=person,
        seed=seed,
        sfreq=sfreq,
        seconds=seconds,
        line_freq=line_freq,
        reference=reference,
        ch_names=tuple(ch_names),
        start=start,
        bad_channel=bad_channel,
        fault=fault,
        course=course.tobytes(),
        seizures=seizures,
        happened=draw_artefacts(rng, person, course, ch_names),
    )


def compose_recording(plan: RecordingPlan) -> NDArray[np.float32]:
    """Render a plan.

    Parameters
    ----------
    plan : RecordingPlan
        What is to be in the recording.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_times)
        Microvolts against ``plan.reference``, rows as ``plan.ch_names``.
    """
    rng = np.random.default_rng([*plan.seed, 1])
    names, sfreq = plan.ch_names, plan.sfreq
    x = np.zeros((len(names), plan.seconds * sfreq), np.float32)
    muscle = muscle_texture(rng, sfreq)
    add_background(x, rng, sfreq, names, plan.person, plan.states)
    add_shared_traces(x, rng, sfreq, names, plan.person, plan.happened, plan.line_freq)
    add_local_events(x, rng, sfreq, names, plan.happened, muscle)
    for seizure in plan.seizures:
        render_seizure(x, sfreq, names, seizure, muscle)
    if plan.fault and plan.fault != "flat":
        spoil_channel(x[names.index(plan.bad_channel)], rng, sfreq, plan.fault, plan.line_freq)
    _rereference(x, plan)
    if plan.fault == "flat":  # after referencing: an input that is switched off stays zero
        spoil_channel(x[names.index(plan.bad_channel)], rng, sfreq, plan.fault, plan.line_freq)
    return x


BRAIN = ("spike", "theta_burst", "delta_burst")


def compose_brain(plan: RecordingPlan) -> NDArray[np.float32]:
    """Render only what the brain does in a plan: what perfect cleaning of `compose_recording` would leave.

    Parameters
    ----------
    plan : RecordingPlan
        What is to be in the recording.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_times)
        Background, discharges and seizures in microvolts, against no electrode.
    """
    rng = np.random.default_rng([*plan.seed, 1])  # the same draws in the same order as `compose_recording`
    names, sfreq = plan.ch_names, plan.sfreq
    brain = np.zeros((len(names), plan.seconds * sfreq), np.float32)
    rest = np.zeros_like(brain)
    muscle = muscle_texture(rng, sfreq)
    add_background(brain, rng, sfreq, names, plan.person, plan.states)
    add_shared_traces(rest, rng, sfreq, names, plan.person, plan.happened, plan.line_freq)
    for event in plan.happened:
        target = brain if event.kind in BRAIN else rest
        add_local_events(target, rng, sfreq, names, [event], muscle)
    for seizure in plan.seizures:
        render_seizure(brain, sfreq, names, seizure, muscle)
    return brain


def _rereference(x: NDArray[np.float32], plan: RecordingPlan) -> None:
    """Measure against linked ears or the average of all electrodes, in place; ``common`` stays as it is."""
    if plan.reference == "ears":
        ears = x[[plan.ch_names.index(name) for name in EARS]].mean(axis=0)
        x -= ears
    elif plan.reference == "average":
        x -= x.mean(axis=0)
