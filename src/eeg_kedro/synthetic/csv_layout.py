"""Plain tables, as small devices and colleagues deliver them: NAME.csv, NAME.json, NAME_events.tsv."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from eeg_kedro.synthetic.bids_layout import event_table
from eeg_kedro.synthetic.electrodes import STANDARD_19
from eeg_kedro.synthetic.options import FabricateOptions
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording

NAME: Literal["csv"] = "csv"
_SFREQS = (128, 200)  # small devices are slow
_UNITS = (("uV", 1.0, 2), ("mV", 1e-3, 5))  # unit, factor from microvolts, decimals kept


def plan_recordings(options: FabricateOptions) -> tuple[RecordingPlan, ...]:
    """Plan the folder: rates and units take turns, mains at 50 Hz."""
    return tuple(
        plan_recording(
            layout=NAME,
            participant=f"p{number + 1:02d}",
            run=f"r{run + 1:02d}",
            number=(number, run),
            person=draw_participant(options.person_seed(NAME, number), number),
            seed=options.run_seed(NAME, number, run),
            sfreq=_SFREQS[number % 2],
            seconds=options.seconds,
            seizure_rate=options.seizure_rate,
            time_step=0.01,
            start=dt.datetime(2024, 5, 1 + number % 28, 10 + run % 12),
            line_freq=50.0,
            ch_names=STANDARD_19,
        )
        for number in range(options.participants)
        for run in range(options.runs)
    )


def list_files(plans: Sequence[RecordingPlan]) -> dict[str, Callable[[Path], None]]:
    """List what the folder consists of: relative path -> function that writes it."""
    files: dict[str, Callable[[Path], None]] = {}
    for plan in plans:
        stem = f"{plan.participant}_{plan.run}"
        files[f"{stem}.csv"] = partial(_write_table, plan)
        files[f"{stem}.json"] = partial(_write_sidecar, plan)
        files[f"{stem}_events.tsv"] = partial(_write_events, plan)
    return files


def _write_table(plan: RecordingPlan, path: Path) -> None:
    """Write one row per sample: time in seconds, then the electrodes."""
    import pyarrow as pa
    from pyarrow import csv

    _, factor, decimals = _UNITS[plan.number[0] % 2]
    x = compose_recording(plan)
    columns = {"time": np.round(np.arange(x.shape[1]) / plan.sfreq, 7)}
    columns |= {
        name: np.round(row.astype(np.float64) * factor, decimals) + 0.0  # + 0.0: no "-0"
        for name, row in zip(plan.ch_names, x, strict=True)
    }
    with path.open("wb") as sink:
        csv.write_csv(pa.table(columns), sink, csv.WriteOptions(quoting_style="none"))


def _write_sidecar(plan: RecordingPlan, path: Path) -> None:
    sidecar = {"sfreq": plan.sfreq, "unit": _UNITS[plan.number[0] % 2][0]}
    path.write_text(json.dumps(sidecar) + "\n", encoding="utf-8", newline="\n")


def _write_events(plan: RecordingPlan, path: Path) -> None:
    path.write_text(event_table(plan), encoding="utf-8", newline="\n")
