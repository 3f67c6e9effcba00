"""Excerpts of synthetic recordings whose blinks and seizures are known one by one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.filters import design_filter, filter_resample
from eeg_kedro.synthetic.electrodes import EARS, STANDARD_19
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording
from eeg_kedro.synthetic.rendering import add_shared_traces
from eeg_kedro.synthetic.seizures import render_seizure

NAMES = (*STANDARD_19, *EARS)
SCALP = slice(0, len(STANDARD_19))
SFREQ = 256


@dataclass(frozen=True)
class Excerpt:
    """1-100 Hz against the scalp average, and alone: the seizures, the blinks; microvolts."""

    plan: RecordingPlan
    samples: NDArray[np.float32]
    seizures: NDArray[np.float32]
    blinks: NDArray[np.float32]


def make_excerpt(seed: int, seconds: int = 300, seizure_rate: float = 12.0) -> Excerpt:
    plan = plan_recording(
        layout="tusz", participant="p", run="r", number=(seed, 0), person=draw_participant((seed,), seed),
        seed=(seed, 1), sfreq=SFREQ, seconds=seconds, seizure_rate=seizure_rate, time_step=1.0,
        start=dt.datetime(2020, 1, 1), reference="ears", ch_names=NAMES, faults=(),
    )  # fmt: skip
    return Excerpt(plan, prepare(compose_recording(plan)), prepare(_seizures(plan)), prepare(_blinks(plan)))


def prepare(samples: NDArray[np.float32], sfreq: float = SFREQ) -> NDArray[np.float32]:
    filtered = filter_resample(samples, design_filter(sfreq, sfreq, 1.0, min(100.0, 0.4 * sfreq), (60.0,)))
    filtered -= filtered[SCALP].mean(axis=0)
    return filtered


def _seizures(plan: RecordingPlan) -> NDArray[np.float32]:
    alone = np.zeros((len(NAMES), plan.seconds * SFREQ), np.float32)
    for seizure in plan.seizures:
        render_seizure(alone, SFREQ, NAMES, replace(seizure, muscle=0.0), np.zeros(SFREQ, np.float32))
    return alone


def _blinks(plan: RecordingPlan) -> NDArray[np.float32]:
    """Render the recording's shared traces with blinks and without; the difference is the blinks."""
    shape = (len(NAMES), plan.seconds * SFREQ)
    blinks = [event for event in plan.happened if event.kind == "blink"]
    both = []
    for events in (blinks, []):
        alone = np.zeros(shape, np.float32)
        add_shared_traces(alone, np.random.default_rng(0), SFREQ, NAMES, plan.person, events, 60.0)
        both.append(alone)
    return both[0] - both[1]
