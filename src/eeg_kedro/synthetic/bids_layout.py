"""BIDS as SzCORE wants it: 19 electrodes against the common average at 256 Hz, HED-SCORE event types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from eeg_kedro.synthetic.edf_writing import Channel, Scale, write_edf
from eeg_kedro.synthetic.electrodes import STANDARD_19
from eeg_kedro.synthetic.options import FabricateOptions
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording

NAME: Literal["bids"] = "bids"
EVENT_TYPES = {
    "temporal": "sz_foc_ia",
    "frontal": "sz_foc_ua_m_hyperkinetic",
    "occipital": "sz_foc_a_nm_sensory",
    "absence": "sz_gen_nm_typical",
    "tonic_clonic": "sz_gen_m_tonicClonic",
    "generalized": "sz_gen_m",
}
_SCALE = Scale((-3276.8, 3276.7), (-32768, 32767))
_SFREQ = 256
_TASK = "szMonitoring"


def plan_recordings(options: FabricateOptions) -> tuple[RecordingPlan, ...]:
    """Plan the data set: one session per participant, mains at 50 Hz."""
    return tuple(
        plan_recording(
            layout=NAME,
            participant=f"{number + 1:02d}",
            run=f"ses-01-task-{_TASK}-run-{run + 1:02d}",
            number=(number, run),
            person=draw_participant(options.person_seed(NAME, number), number),
            seed=options.run_seed(NAME, number, run),
            sfreq=_SFREQ,
            seconds=options.seconds,
            seizure_rate=options.seizure_rate,
            time_step=0.01,
            start=dt.datetime(2016, 1, 1 + number % 28) + run * dt.timedelta(seconds=options.seconds),
            line_freq=50.0,
            reference="average",
            ch_names=STANDARD_19,
        )
        for number in range(options.participants)
        for run in range(options.runs)
    )


def list_files(plans: Sequence[RecordingPlan]) -> dict[str, Callable[[Path], None]]:
    """List what the data set consists of: relative path -> function that writes it."""
    files: dict[str, Callable[[Path], None]] = {
        "dataset_description.json": partial(_write_json, _description()),
        "participants.json": partial(_write_json, _participants_sidecar()),
        "participants.tsv": partial(_write_text, _participants_table(plans)),
        "README": partial(_write_text, "Synthetic EEG with known content. No person was recorded.\n"),
    }
    for plan in plans:
        entities = plan.run.replace("-task", "_task").replace("-run", "_run")
        stem = f"sub-{plan.participant}/ses-01/eeg/sub-{plan.participant}_{entities}"
        files[f"{stem}_eeg.edf"] = partial(_write_signals, plan)
        files[f"{stem}_eeg.json"] = partial(_write_json, _signal_sidecar(plan))
        files[f"{stem}_events.tsv"] = partial(_write_text, event_table(plan))
    return files


def _write_signals(plan: RecordingPlan, path: Path) -> None:
    import edfio

    names = (f"{name[0]}{name[1:].lower()}-Avg" for name in plan.ch_names)
    channels = [
        Channel(name, _SCALE, samples=row) for name, row in zip(names, compose_recording(plan), strict=True)
    ]
    # BIDS data are de-identified: the patient field holds X only
    write_edf(
        path,
        channels,
        plan.sfreq,
        plan.seconds,
        start=plan.start,
        patient=edfio.Patient(),
        with_annotations=True,
    )


def _write_json(content: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")


def _write_text(content: str, path: Path) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def event_table(plan: RecordingPlan) -> str:
    """Give the seven SzCORE columns; a recording without seizure has one ``bckg`` row over its length."""
    events = [(s.onset, s.duration, EVENT_TYPES[s.syndrome]) for s in plan.seizures] or [
        (0, plan.seconds, "bckg")
    ]
    lines = ["onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration"]
    for onset, duration, kind in events:
        where = f"{onset:.2f}\t{duration:.2f}\t{kind}\t1.00\tn/a"
        lines.append(f"{where}\t{plan.start:%Y-%m-%d %H:%M:%S}\t{plan.seconds:.2f}")
    return "\n".join(lines) + "\n"


def _description() -> dict[str, Any]:
    return {
        "Name": "Synthetic scalp EEG with seizures",
        "BIDSVersion": "1.8.0",
        "HEDVersion": "score_1.1.0",
        "DatasetType": "raw",
        "License": "CC0",
        "Authors": ["eeg_kedro"],
    }


def _participants_sidecar() -> dict[str, Any]:
    return {
        "age": {"Description": "age of the participant at the time of recording", "Units": "years"},
        "sex": {"Description": "sex of the participant", "Levels": {"m": "male", "f": "female"}},
    }


def _participants_table(plans: Sequence[RecordingPlan]) -> str:
    people = {plan.participant: plan.person for plan in plans}
    rows = [f"sub-{name}\t{person.age}\t{person.sex.lower()}" for name, person in people.items()]
    return "\n".join(["participant_id\tage\tsex", *rows]) + "\n"


def _signal_sidecar(plan: RecordingPlan) -> dict[str, Any]:
    return {
        "TaskName": _TASK,
        "EEGReference": "Common Average",
        "EEGPlacementScheme": "10-20",
        "EEGChannelCount": len(plan.ch_names),
        "SamplingFrequency": plan.sfreq,
        "PowerLineFrequency": plan.line_freq,
        "SoftwareFilters": "n/a",
        "RecordingType": "continuous",
        "RecordingDuration": plan.seconds,
    }
