"""What is really in the recordings, as two tables kept beside the corpora and never inside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.synthetic.recording import RecordingPlan
from eeg_kedro.synthetic.states import NAMES

EVENT_COLUMNS = (
    "layout", "participant", "run", "kind", "label", "onset", "duration", "place", "size", "freq", "freq_end",
)  # fmt: skip
_TRAITS = ("has_epilepsy", "syndrome", "focus", "amplitude", "slope", "alpha_freq", "slowing", "sex", "age")


def list_files(plans: Sequence[RecordingPlan]) -> dict[str, Callable[[Path], None]]:
    """List the tables: relative path -> function that writes it."""
    return {
        "recordings.parquet": partial(_write_table, tabulate_recordings, plans),
        "events.parquet": partial(_write_table, tabulate_events, plans),
    }


def _write_table(
    tabulate: Callable[[Sequence[RecordingPlan]], pd.DataFrame], plans: Sequence[RecordingPlan], path: Path
) -> None:
    tabulate(plans).to_parquet(path, index=False)


def tabulate_recordings(plans: Sequence[RecordingPlan]) -> pd.DataFrame:
    """Give one row per recording: rate, length, reference, bad channel, seizures, traits of the person."""
    return pd.DataFrame([_recording_row(plan) for plan in plans])


def _recording_row(plan: RecordingPlan) -> dict[str, Any]:
    return {
        "layout": plan.layout,
        "participant": plan.participant,
        "run": plan.run,
        "person": "-".join(map(str, plan.person.seed)),
        "sfreq": float(plan.sfreq),
        "n_times": plan.seconds * plan.sfreq,
        "duration": float(plan.seconds),
        "reference": plan.reference,
        "ch_names": list(plan.ch_names),
        "line_freq": plan.line_freq,
        "bad_channel": plan.bad_channel,
        "fault": plan.fault,
        "n_seizures": len(plan.seizures),
        "seizure_seconds": float(sum(s.duration for s in plan.seizures)),
    } | {trait: getattr(plan.person, trait) for trait in _TRAITS}


def tabulate_events(plans: Sequence[RecordingPlan]) -> pd.DataFrame:
    """Give one row per thing that happened.

    ``kind`` is ``seizure``, ``state``, ``bad_channel`` or an artefact; times in seconds, ``size``
    in microvolts, ``freq`` in Hz; ``place`` is the electrode at the centre, empty for a fixed field.
    """
    rows = [(plan.layout, plan.participant, plan.run, *row) for plan in plans for row in _event_rows(plan)]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS))


def _event_rows(plan: RecordingPlan) -> Iterator[tuple[str, str, float, float, str, float, float, float]]:
    for s in plan.seizures:
        yield "seizure", s.syndrome, s.onset, s.duration, s.focus, s.amplitude, s.freq_start, s.freq_end
    if plan.fault:
        yield "bad_channel", plan.fault, 0.0, float(plan.seconds), plan.bad_channel, 0.0, 0.0, 0.0
    for e in plan.happened:
        yield (
            e.kind,
            e.kind,
            float(e.onset),
            float(e.duration),
            e.place,
            float(e.size),
            float(e.freq),
            float(e.freq),
        )
    course = plan.states
    borders = np.flatnonzero(np.diff(course, prepend=-1, append=-1))
    for start, stop in pairwise(borders):
        yield "state", NAMES[course[start]], float(start), float(stop - start), "", 0.0, 0.0, 0.0
