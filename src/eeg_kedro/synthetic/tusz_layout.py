"""The TUH Seizure Corpus (TUSZ), v2: referential EDF, annotations per channel and per file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from eeg_kedro.synthetic.edf_writing import DUMMY, Channel, Scale, invent_patient, write_edf
from eeg_kedro.synthetic.electrodes import EARS
from eeg_kedro.synthetic.options import FabricateOptions
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording
from eeg_kedro.synthetic.rendering import heart_trace
from eeg_kedro.synthetic.seizures import Seizure, recruitment

NAME: Literal["tusz"] = "tusz"
LABELS = {
    "temporal": "cpsz",
    "frontal": "fnsz",
    "occipital": "spsz",
    "absence": "absz",
    "tonic_clonic": "tcsz",
    "generalized": "gnsz",
}
MONTAGES = ("01_tcp_ar", "02_tcp_le", "03_tcp_ar_a")
TCP_PAIRS = (
    "FP1-F7", "F7-T3", "T3-T5", "T5-O1", "FP2-F8", "F8-T4", "T4-T6", "T6-O2", "A1-T3", "T3-C3",
    "C3-CZ", "CZ-C4", "C4-T4", "T4-A2", "FP1-F3", "F3-C3", "C3-P3", "P3-O1", "FP2-F4", "F4-C4",
    "C4-P4", "P4-O2",
)  # fmt: skip
_ORDER = (
    "FP1", "FP2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4", "T5",
    "T6", "A1", "A2", "FZ", "CZ", "PZ",
)  # fmt: skip
_SCALE = Scale((-3276.8, 3276.7), (-32768, 32767))
_RUNS_PER_SESSION = 2


def plan_recordings(options: FabricateOptions) -> tuple[RecordingPlan, ...]:
    """Plan the corpus: montages and rates take turns, one run comes without Fz and Pz."""
    return tuple(
        _plan_run(options, number, run)
        for number in range(options.participants)
        for run in range(options.runs)
    )


def _plan_run(options: FabricateOptions, number: int, run: int) -> RecordingPlan:
    montage = MONTAGES[number % 3]
    missing = {*EARS} if montage == "03_tcp_ar_a" else set()
    if (number, run) == (0, 1):
        missing |= {"FZ", "PZ"}
    session, token = divmod(run, _RUNS_PER_SESSION)
    return plan_recording(
        layout=NAME,
        participant=_subject_name(number),
        run=f"s{session + 1:03d}-t{token:03d}",
        number=(number, run),
        person=draw_participant(options.person_seed(NAME, number), number),
        seed=options.run_seed(NAME, number, run),
        sfreq=options.tusz_sfreqs[number % len(options.tusz_sfreqs)],
        seconds=options.seconds,
        seizure_rate=options.seizure_rate,
        time_step=0.0001,
        start=dt.datetime(2003 + number % 12 + session, 1 + run % 12, 1 + number % 28, 9 + token, 30),
        reference="ears" if montage == "02_tcp_le" else "common",
        ch_names=[name for name in _ORDER if name not in missing],
    )


def _subject_name(number: int) -> str:
    """Count like the corpus does: aaaaaaaa, aaaaaaab, ..."""
    return "aaaaaa" + chr(97 + number // 26) + chr(97 + number % 26)


def official_split(number: int, participants: int) -> str:
    """Give the official split; ``dev`` starts at the second participant, so each split has seizures early."""
    share = max(1, round(0.15 * participants))
    n_eval = share if participants >= 2 else 0
    n_dev = share if participants >= 3 else 0
    if 1 <= number <= n_dev:
        return "dev"
    return "eval" if n_dev < number <= n_dev + n_eval else "train"


def list_files(plans: Sequence[RecordingPlan]) -> dict[str, Callable[[Path], None]]:
    """List what the corpus consists of: relative path -> function that writes it."""
    participants = len({plan.participant for plan in plans})
    files: dict[str, Callable[[Path], None]] = {}
    for plan in plans:
        split = official_split(plan.number[0], participants)
        session, token = plan.run.split("-")
        stem = f"{plan.participant}_{session}_{token}"
        folder = f"edf/{split}/{plan.participant}/{session}_{plan.start.year}/{MONTAGES[plan.number[0] % 3]}"
        files[f"{folder}/{stem}.edf"] = partial(_write_signals, plan)
        files[f"{folder}/{stem}.csv"] = partial(_write_text, _channel_rows(plan), plan, stem)
        files[f"{folder}/{stem}.csv_bi"] = partial(_write_text, _term_rows(plan), plan, stem)
    return files


def _write_signals(plan: RecordingPlan, path: Path) -> None:
    suffix = "LE" if plan.reference == "ears" else "REF"
    x = compose_recording(plan)
    channels = [
        Channel(f"EEG {name}-{suffix}", _SCALE, samples=row)
        for name, row in zip(plan.ch_names, x, strict=True)
    ]
    heart = 900.0 * heart_trace(plan.person, x.shape[1], plan.sfreq)
    channels.append(Channel("EEG EKG1-REF" if suffix == "REF" else "EEG EKG-LE", _SCALE, samples=heart))
    if suffix == "REF":  # trend channels of the recorder, without content in the published files
        channels += [Channel(label, DUMMY, "") for label in ("IBI", "BURSTS", "SUPPR")]
    patient = invent_patient(plan.person, plan.start)
    filters = "HP:0.000 Hz LP:0.0 Hz N:0.0"
    write_edf(
        path, channels, plan.sfreq, plan.seconds, start=plan.start, patient=patient, prefiltering=filters
    )


def _write_text(rows: Sequence[str], plan: RecordingPlan, stem: str, path: Path) -> None:
    head = [
        "# version = csv_v1.0.0",
        f"# bname = {stem}",
        f"# duration = {plan.seconds:.4f} secs",
        "# montage_file = $NEDC_NFC/lib/nedc_eas_default_montage.txt",
        "#",
        "channel,start_time,stop_time,label,confidence",
    ]
    path.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8", newline="\n")


def _rows(channel: str, marked: Sequence[tuple[float, float, str]], seconds: int) -> list[str]:
    """Cover a channel's whole time with rows: background between the marked intervals."""
    rows, now = [], 0.0
    for start, stop, label in marked:
        if start > now:
            rows.append(f"{channel},{now:.4f},{start:.4f},bckg,1.0000")
        rows.append(f"{channel},{start:.4f},{stop:.4f},{label},1.0000")
        now = stop
    if now < seconds:
        rows.append(f"{channel},{now:.4f},{seconds:.4f},bckg,1.0000")
    return rows


def _term_rows(plan: RecordingPlan) -> list[str]:
    return _rows("TERM", [(s.onset, s.stop, "seiz") for s in plan.seizures], plan.seconds)


def _channel_rows(plan: RecordingPlan) -> list[str]:
    """Annotate pair by pair, from when the discharge arrives; without seizure the corpus has one TERM row."""
    if not plan.seizures:
        return _rows("TERM", [], plan.seconds)
    pairs = [pair for pair in TCP_PAIRS if {*pair.split("-")} <= {*plan.ch_names}]
    return [row for pair in pairs for row in _rows(pair, _marked(pair, plan.seizures), plan.seconds)]


def _marked(pair: str, seizures: Sequence[Seizure]) -> list[tuple[float, float, str]]:
    marked = []
    for seizure in seizures:
        delays = recruitment(seizure, pair.split("-"))
        if np.isnan(delays).all() or np.nanmin(delays) > seizure.duration - 1.0:
            continue
        onset = round(seizure.onset + float(np.nanmin(delays)), 4)
        marked.append((onset, seizure.stop, LABELS[seizure.syndrome]))
    return marked
