"""The parsers that meet files of strangers: each with the name its file gets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress

from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import cut_segments, read_facts
from eeg_kedro.corpora.sidecar_json import read_sidecar
from eeg_kedro.corpora.siena_times import ClockReader, time_seizures
from eeg_kedro.errors import SignalError
from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.annotation_tse import read_annotation_tse
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.csv_signals import open_csv, read_csv_header
from eeg_kedro.io.edf_annotations import read_edf_annotations
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.edf_patient import read_edf_demographics
from eeg_kedro.io.edf_samples import EdfSamples
from eeg_kedro.io.helsinki_csv import marks_of, read_expert_table
from eeg_kedro.io.muse_csv import open_muse, read_muse_header
from eeg_kedro.io.openbci_text import open_openbci, read_openbci_header
from eeg_kedro.io.participant_table import read_participant_table
from eeg_kedro.io.seizeit_tsv import read_seizeit1_tsv, read_seizeit2_tsv
from eeg_kedro.io.siena_text import read_seizure_list
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.summary_text import read_summary_text
from eeg_kedro.io.vote_table import read_vote_table

BLOCK = 4096  # samples
SIDECAR = {"sfreq": 100.0, "unit": "uV", "ch_names": ["FP1", "F3"]}


def read_header(file: SourceFile) -> None:
    """Read an EDF header and all that ingest makes of it."""
    read_edf_demographics(file)
    header = read_edf_header(file)
    if header.kind:
        cut_segments(read_facts(Candidate(file, participant="a", run="1"), IngestOptions.model_validate({})))


def read_samples(file: SourceFile) -> None:
    """Read all samples of the channels that ingest would keep."""
    facts = read_facts(Candidate(file, participant="a", run="1"), IngestOptions.model_validate({}))
    source = EdfSamples(file, facts.plan.picks)
    deque(source.blocks(BLOCK), maxlen=0)
    source.extent()


def read_table(file: SourceFile) -> None:
    """Read a table of signals: its header, and its samples."""
    header = read_csv_header(file, SIDECAR if b"FP1" not in _head(file) else SIDECAR | {"ch_names": []})
    source = open_csv(file, (0,), header.sfreq, (1.0,))
    deque(source.blocks(BLOCK), maxlen=0)


def read_muse(file: SourceFile) -> None:
    """Read a Mind Monitor table; one without a header row is a table of signals like any other."""
    bare = {
        "sfreq": 256.0,
        "unit": "uV",
        "ch_names": ["TP9", "AF7", "AF8", "TP10"],
    }  # as the layout states it
    header = read_muse_header(file, {} if b"RAW_" in _head(file) else bare)
    deque(open_muse(file, (0, 1), header.sfreq, (1.0, 1.0)).blocks(BLOCK), maxlen=0)


def read_openbci(file: SourceFile) -> None:
    """Read a text file of the OpenBCI GUI."""
    header = read_openbci_header(file, {})
    deque(open_openbci(file, (0,), header.sfreq, (1.0,)).blocks(BLOCK), maxlen=0)


def read_siena(file: SourceFile) -> None:
    """Read a list of seizures and turn its clock times into seconds."""
    for seizure in read_seizure_list(file).seizures:
        time_seizures([seizure], ClockReader("PN16-1", file.relative), 9000.0, None)


def read_experts(file: SourceFile) -> None:
    """Read a table of one expert and the marks of one neonate."""
    marks_of(read_expert_table(file), 1, file, 7.0)


def read_seizeit(file: SourceFile) -> None:
    """Read the tables of SeizeIT1 and SeizeIT2."""
    (read_seizeit2_tsv if b"eventType" in _head(file) else read_seizeit1_tsv)(file)


def read_participants_json(file: SourceFile) -> None:
    """Read a table of participants; the file is the JSON beside it."""
    (file.path.parent / "participants.tsv").write_text("participant_id\tage\tsex\nsub-01\t31\tF\n")
    read_participant_table(SourceFile(file.root, "participants.tsv"))


def read_stated(file: SourceFile) -> None:
    """Read a sidecar, and a table of which it states rate, unit and names."""
    sidecar = read_sidecar(file)
    (file.path.parent / "a_1.csv").write_text("1,2\n3,5\n")
    with suppress(SignalError):  # most sidecars are of other recordings
        read_csv_header(SourceFile(file.root, "a_1.csv"), sidecar)


def _head(file: SourceFile) -> bytes:
    return file.path.read_bytes()[:4096]


TARGETS: dict[str, tuple[str, Callable[[SourceFile], object]]] = {
    "edf_header": ("a_1.edf", read_header),
    "edf_samples": ("a_1.edf", read_samples),
    "edf_annotations": ("a_1.edf", lambda file: deque(read_edf_annotations(file), maxlen=0)),
    "annotation_csv": ("a_1.csv", read_annotation_csv),
    "annotation_tse": ("a_1.tse", read_annotation_tse),
    "annotation_tsv": ("a_1_events.tsv", read_annotation_tsv),
    "seizeit_tsv": ("a_1_a1.tsv", read_seizeit),
    "summary_text": ("chb01-summary.txt", lambda file: read_summary_text(file, "chb01_03.edf")),
    "siena_text": ("Seizures-list-PN16.txt", read_siena),
    "helsinki_csv": ("annotations_2017_A_fixed.csv", read_experts),
    "vote_table": ("train.csv", read_vote_table),
    "signal_csv": ("a_1.csv", read_table),
    "muse_csv": ("a_1.csv", read_muse),
    "openbci_text": ("a.txt", read_openbci),
    "sidecar_json": ("a_1.json", read_stated),
    "participant_json": ("participants.json", read_participants_json),
    "participant_table": ("participants.tsv", read_participant_table),
}
# they read with threads of pyarrow: their memory is only measured by `make fuzz`, see limits.py
THREADED = ("signal_csv", "muse_csv", "openbci_text")
