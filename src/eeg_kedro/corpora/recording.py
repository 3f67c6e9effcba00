"""A recording on its way in: what a layout says about it, and the columns of the three tables it ends in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from eeg_kedro.errors import EegError
from eeg_kedro.io.source_file import SourceFile

EVENT_COLUMNS = {
    "participant": "str",
    "run": "str",
    "onset": "float64",  # s
    "duration": "float64",  # s
    "onset_sample": "int64",  # at the rate of the source
    "n_samples": "int64",
    "label": "str",
    "kind": "str",  # seizure | background | other
    "channel": "str",  # "": all of them
    "confidence": "float64",
    "source": "str",
    "has_signal": "bool",  # False: the corpus holds annotations of this recording, and not the recording
}
INVENTORY_COLUMNS = {
    "participant": "str",
    "person": "str",
    "session": "str",
    "run": "str",
    "split": "str",  # "" or the official train | dev | eval
    "layout": "str",
    "source": "str",  # relative to the corpus root
    "source_format": "str",  # edf | bdf | csv | parquet
    "sfreq": "float64",  # Hz
    "n_times": "int64",
    "duration": "float64",  # s
    "segment": "int64",  # 0: a whole file; 1, 2, ...: what lies between the gaps of one
    "first_sample": "int64",  # of the segment, counted in the file's stored samples
    "time_offset": "float64",  # s from the file's first sample to the segment's, gaps counted
    "ch_names": "object",
    "recorded_names": "object",  # what the source calls them, cleaned of prefix and reference
    "picks": "object",  # index of each channel in the source
    "unit_scales": "object",  # source unit to microvolts
    "aux_names": "object",  # eye, heart and muscle channels at the same rate; read along, never kept
    "aux_kinds": "object",  # eog | ecg | emg
    "aux_picks": "object",
    "aux_scales": "object",
    "reference": "str",
    "montage": "str",
    "missing_channels": "object",
    "other_channels": "object",  # "label: why it was left out"
    "renamed_channels": "object",  # "LABEL -> NAME", where more than case and spaces changed
    "annotated": "bool",
    "annotation_source": "str",
    "n_seizures": "int64",  # united over channels
    "seizure_seconds": "float64",
    "sex": "str",  # "", F or M; only if asked for
    "age_band": "str",  # "" or 0-4, 5-9, ... 85-89, 90+ (years); only if asked for
}
VOTE_NAMES = ("seizure", "lpd", "gpd", "lrda", "grda", "other")
VOTE_COLUMNS = {
    "participant": "str",
    "run": "str",
    "sub_id": "int64",  # counts the labelled cuts of one recording
    "onset": "float64",  # s; the part that experts voted on
    "duration": "float64",  # s
    "spectrogram_id": "str",  # "" where there is none
    # s into the spectrogram's file where the 600 s begin that experts saw; they voted on what lies 295 to 305 s
    # later. Missing where there is none
    "spectrogram_onset": "float64",
    "consensus": "str",  # one of VOTE_NAMES as the corpus states it, or tie:gpd|lrda
    **{f"{name}_votes": "int64" for name in VOTE_NAMES},
    "n_votes": "int64",
    "source": "str",
}
REPORT_COLUMNS = {
    "path": "str",
    "kind": "str",  # recording | annotation | sidecar | other
    "status": "str",  # taken | repaired | refused
    "reason": "str",
    "remedy": "str",
    "participant": "str",
    "run": "str",
    "failed": "bool",  # it should have become a recording and did not
}


@dataclass(frozen=True)
class Candidate:
    """A file that a layout takes for a recording; nothing of it was read yet.

    Attributes
    ----------
    file : SourceFile
        The signal.
    participant, run, session, person, split : str
        Cleaned names from the corpus.
    participant_as_written : str
        The participant before cleaning, where cleaning may make two names one.
    file_format : str
        ``edf``, ``bdf``, ``csv`` or ``parquet``.
    annotations : tuple of SourceFile
        The first that speaks of this recording is the truth, the others are checked against it.
    sidecar : SourceFile or None
        States rate and unit of a signal table.
    problem : EegError or None
        Why it cannot be taken, where the layout sees that already.
    notes : tuple of str
        What the layout mended or assumed about names, rate or channels; told in the report as repairs.
    stated : mapping
        What the layout knows of a signal table without a sidecar: ``sfreq`` (Hz), ``unit``, ``ch_names``,
        ``reference``.
    absent : bool
        The recording is not in the corpus, only annotations of it are; `file` is where it would be.
    nominal_sfreq, nominal_duration : float or None
        Rate (Hz) and length (s) of an absent recording, where the corpus states them.
    unread : tuple of str
        Annotation files of its name that the layout does not read, or not for it.
    """

    file: SourceFile
    participant: str = ""
    run: str = ""
    session: str = ""
    person: str = ""
    split: str = ""
    participant_as_written: str = ""
    file_format: str = "edf"
    annotations: tuple[SourceFile, ...] = ()
    sidecar: SourceFile | None = None
    problem: EegError | None = None
    notes: tuple[str, ...] = ()
    stated: Mapping[str, Any] = field(default_factory=dict)
    absent: bool = False
    nominal_sfreq: float | None = None
    nominal_duration: float | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileReport:
    """What became of one file; a row of the ingest report."""

    path: str
    kind: str
    status: str
    reason: str = ""
    remedy: str = ""
    participant: str = ""
    run: str = ""
    failed: bool = False


def make_table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], by: list[str]) -> pd.DataFrame:
    """Make a table with fixed columns and types, also when it is empty, sorted by ``by``."""
    table = pd.DataFrame(list(rows), columns=[*columns]).astype(dict(columns))
    return table.sort_values(by, kind="stable", ignore_index=True)
