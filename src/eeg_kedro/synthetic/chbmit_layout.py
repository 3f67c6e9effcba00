"""The CHB-MIT Scalp EEG Database: bipolar EDF, one summary text per case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from eeg_kedro.synthetic.edf_writing import DUMMY, Channel, Scale, invent_patient, write_edf
from eeg_kedro.synthetic.electrodes import STANDARD_19
from eeg_kedro.synthetic.options import FabricateOptions
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording

NAME: Literal["chbmit"] = "chbmit"
CHANNELS = (
    "FP1-F7", "F7-T7", "T7-P7", "P7-O1", "FP1-F3", "F3-C3", "C3-P3", "P3-O1", "FP2-F4", "F4-C4",
    "C4-P4", "P4-O2", "FP2-F8", "F8-T8", "T8-P8", "P8-O2", "FZ-CZ", "CZ-PZ", "P7-T7", "T7-FT9",
    "FT9-FT10", "FT10-T8", "T8-P8",
)  # fmt: skip
# later cases of the real database have place-holders between the chains
WITH_DUMMIES = (
    "FP1-F7", "F7-T7", "T7-P7", "P7-O1", "-", "FP1-F3", "F3-C3", "C3-P3", "P3-O1", "-", "FP2-F4",
    "F4-C4", "C4-P4", "P4-O2", "-", "FP2-F8", "F8-T8", "T8-P8", "P8-O2", "-", "FZ-CZ", "CZ-PZ", "-",
    "P7-T7", "T7-FT9", "FT9-FT10", "FT10-T8", "T8-P8",
)  # fmt: skip
_OLD_NAMES = {"T7": "T3", "T8": "T4", "P7": "T5", "P8": "T6"}
_SCALE = Scale((-800.0, 800.0), (-2048, 2047))
_SFREQ = 256
_PAUSE = 7  # seconds between two files of a case


def plan_recordings(options: FabricateOptions) -> tuple[RecordingPlan, ...]:
    """Plan the database; from four cases on, the last is chb21: the person of chb01 again."""
    return tuple(
        _plan_run(options, number, run)
        for number in range(options.participants)
        for run in range(options.runs)
    )


def _plan_run(options: FabricateOptions, number: int, run: int) -> RecordingPlan:
    again = options.participants >= 4 and number == options.participants - 1
    who = 0 if again else number
    first = dt.datetime(2076, 1 + number % 12, 11, 8, 15, 23)
    return plan_recording(
        layout=NAME,
        participant="chb21" if again else _case_name(number),
        run=f"{run + 1:02d}",
        number=(number, run),
        person=draw_participant(options.person_seed(NAME, who), who),
        seed=options.run_seed(NAME, number, run),
        sfreq=_SFREQ,
        seconds=options.seconds,
        seizure_rate=options.seizure_rate,
        time_step=1.0,  # the summaries count whole seconds
        start=first + run * dt.timedelta(seconds=options.seconds + _PAUSE),
        ch_names=(*STANDARD_19, "FT9", "FT10"),
        faults=("noisy", "loose"),
    )


def _case_name(number: int) -> str:
    """Count cases from chb01; 21 is taken."""
    return f"chb{number + 1 + (number >= 20):02d}"


def channel_labels(number: int) -> tuple[str, ...]:
    """Give the labels of a case: every second case has the place-holders ``-``."""
    return WITH_DUMMIES if number % 2 else CHANNELS


def list_files(plans: Sequence[RecordingPlan]) -> dict[str, Callable[[Path], None]]:
    """List what the database consists of: relative path -> function that writes it."""
    files: dict[str, Callable[[Path], None]] = {
        f"{plan.participant}/{_file_name(plan)}": partial(_write_signals, plan) for plan in plans
    }
    cases: dict[str, list[RecordingPlan]] = {}
    for plan in plans:
        cases.setdefault(plan.participant, []).append(plan)
    for case, case_plans in cases.items():
        files[f"{case}/{case}-summary.txt"] = partial(_write_lines, _summary_lines(case_plans))
    records = [f"{plan.participant}/{_file_name(plan)}" for plan in plans]
    with_seizures = [record for record, plan in zip(records, plans, strict=True) if plan.seizures]
    files["RECORDS"] = partial(_write_lines, records)
    files["RECORDS-WITH-SEIZURES"] = partial(_write_lines, with_seizures)
    files["SUBJECT-INFO"] = partial(_write_lines, _subject_lines(cases))
    return files


def _file_name(plan: RecordingPlan) -> str:
    return f"{plan.participant}_{plan.run}.edf"


def _write_signals(plan: RecordingPlan, path: Path) -> None:
    """Write pairs of electrodes.

    The place-holders of the real files have equal digital minimum and maximum; edfio refuses to write those,
    so they are constant zeros on the scale 0..1 here, with the same label and without a unit.
    """
    x = dict(zip(plan.ch_names, compose_recording(plan), strict=True))
    channels = []
    for label in channel_labels(plan.number[0]):
        if label == "-":
            channels.append(Channel("-", DUMMY, ""))
            continue
        plus, minus = (_OLD_NAMES.get(name, name) for name in label.split("-"))
        channels.append(Channel(label, _SCALE, samples=x[plus] - x[minus]))
    patient = invent_patient(plan.person, plan.start)
    write_edf(path, channels, plan.sfreq, plan.seconds, start=plan.start, patient=patient)


def _write_lines(lines: Sequence[str], path: Path) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _summary_lines(plans: Sequence[RecordingPlan]) -> list[str]:
    labels = channel_labels(plans[0].number[0])
    lines = [
        f"Data Sampling Rate: {_SFREQ} Hz",
        "*" * 25,
        "",
        "Channels in EDF Files:",
        "*" * 22,
        *(f"Channel {i}: {label}" for i, label in enumerate(labels, start=1)),
    ]
    for plan in plans:
        stop = plan.start + dt.timedelta(seconds=plan.seconds)
        lines += [
            "",
            f"File Name: {_file_name(plan)}",
            f"File Start Time: {plan.start:%H:%M:%S}",
            f"File End Time: {stop:%H:%M:%S}",
            f"Number of Seizures in File: {len(plan.seizures)}",
            *_seizure_lines(plan),
        ]
    return lines


def _seizure_lines(plan: RecordingPlan) -> list[str]:
    """List onsets and ends, numbered where there are several, as in the later summaries of the database."""
    lines = []
    for i, seizure in enumerate(plan.seizures, start=1):
        which = f"Seizure {i} " if len(plan.seizures) > 1 else "Seizure "
        lines += [
            f"{which}Start Time: {round(seizure.onset)} seconds",
            f"{which}End Time: {round(seizure.stop)} seconds",
        ]
    return lines


def _subject_lines(cases: dict[str, list[RecordingPlan]]) -> list[str]:
    people = {case: plans[0].person for case, plans in cases.items()}
    return ["Case\tGender\tAge (years)", *(f"{case}\t{who.sex}\t{who.age}" for case, who in people.items())]
