"""SeizeIT1 (``P_ID64/P_ID64_r1.edf``, ``P_ID64_r1_a1.tsv``) and SeizeIT2 (BIDS, behind-the-ear EEG)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora import bids, event_table
from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.event_table import Labels
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import named_candidate
from eeg_kedro.corpora.options import PARTICIPANT_PATTERN, IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.corpora.sidecar_json import read_sidecar
from eeg_kedro.errors import EegError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.seizeit_tsv import read_seizeit1_tsv, read_seizeit2_tsv
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile

FIRST_SFREQ, SECOND_SFREQ = 250.0, 256.0  # Hz, where the recording itself was not fetched
READING = re.compile(r"(?P<stem>.+)_a(?P<annotator>[12])\.tsv", re.IGNORECASE | re.DOTALL)
FIRST_NAME = re.compile(r"P_ID\d+_r\d+", re.IGNORECASE)
SECOND_EVENTS = re.compile(r"sub-\d{3}_ses-\d+_task-szMonitoring_run-\d+_events\.tsv", re.IGNORECASE)
# other corpora are converted to BIDS with the same names; these columns only SeizeIT2 has
OWN_COLUMNS = {"lateralization", "localization", "vigilance"}
_SECOND_ALONE = "labels are the second annotator's: there is no _a1.tsv"


def recognize(files: FolderListing) -> str:
    """Say why this is SeizeIT1 or SeizeIT2; empty if it is not."""
    names = files.visible()
    first = len(_first_stems(names))
    why = [f"{first} recordings with annotations named like P_ID64_r1_a1.tsv"] if first else []
    events = sum(bids.EVENTS.fullmatch(name.rpartition("/")[2]) is not None for name in names)
    if events and is_second(files):
        why.append(f"{events} event tables of SeizeIT2")
    return " and ".join(why)


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings, and annotations whose recording was not fetched."""
    for candidate in bids.list_candidates(files, options):
        if candidate.absent and candidate.nominal_sfreq is None:
            candidate = replace(candidate, nominal_sfreq=SECOND_SFREQ)
        yield candidate
    names = files.visible()
    stems = _first_stems(names)
    folders = {stem.rpartition("/")[0] for stem in stems}
    recordings = [name for name in names if name.lower().endswith(".edf") and _is_first(name, folders)]
    if not (stems or recordings):
        return
    search = AnnotationSearch(files, options)
    yield from (_first_candidate(files, search, relative) for relative in recordings)
    recorded = {relative[:-4].lower() for relative in recordings}
    for stem in sorted(stem for stem in stems if stem.lower() not in recorded and not search.serves(stem)):
        absent = _first_candidate(files, search, stem + ".edf")
        yield replace(absent, absent=True, nominal_sfreq=FIRST_SFREQ)


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Label one recording; a second annotator's file is read and told of, the first's is used.

    Raises
    ------
    AnnotationError
        If the file cannot be read, or a seizure ends where or before it begins.
    UnknownLabelError
        If a label is not declared.
    """
    first = next((_annotator(file) for file in candidate.annotations), "")
    used = tuple(file for file in candidate.annotations if _annotator(file) == first)
    others = tuple(file for file in candidate.annotations if _annotator(file) != first)
    alone = replace(candidate, annotations=used)
    labels = event_table.read_events(alone, facts, options, lambda file, _: _read(file, options))
    checks = tuple((other, *_second_reading(other, options)) for other in others)
    remarks = (_SECOND_ALONE,) if first == "2" else ()
    return replace(labels, remarks=(*labels.remarks, *remarks), checks=(*labels.checks, *checks))


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording nor annotation."""
    if PurePosixPath(relative).parts[0].lower() in bids.COPIES:
        return FileReport(relative, "other", "refused", "a copy or derivative by the BIDS standard; not read")
    return None


def is_second(files: FolderListing) -> bool:
    """Say whether the data set calls itself SeizeIT2; where it says nothing, look at one table's columns."""
    names = files.visible()
    described = [name for name in names if name.lower().endswith("dataset_description.json")]
    top = min(described, key=lambda name: (name.count("/"), name), default=None)
    if top is not None and top.count("/") < 2:
        with suppress(EegError):  # one that cannot be read says nothing
            name = read_sidecar(SourceFile(str(files.root), top)).get("Name")
            return isinstance(name, str) and "seizeit2" in name.lower()
    table = next((name for name in names if SECOND_EVENTS.fullmatch(name.rpartition("/")[2])), None)
    if table is None:
        return False
    try:
        header = read_text(SourceFile(str(files.root), table)).split("\n", 1)[0]
    except EegError:
        return False
    return OWN_COLUMNS.issubset(column.strip().lower() for column in header.split("\t"))


def _first_stems(names: tuple[str, ...]) -> set[str]:
    """Return the stems of SeizeIT1's annotation files: beside a recording, or named as only they are."""
    recordings = {name[:-4].lower() for name in names if name.lower().endswith(".edf")}
    stems = set[str]()
    for name in names:
        match = READING.fullmatch(name) if name.lower().endswith(("_a1.tsv", "_a2.tsv")) else None
        if match and (
            match["stem"].lower() in recordings or FIRST_NAME.fullmatch(match["stem"].rpartition("/")[2])
        ):
            stems.add(match["stem"])
    return stems


def _is_first(relative: str, folders: set[str]) -> bool:
    """Say whether an EDF file is SeizeIT1's: by its name, or by its neighbors."""
    folder, _, name = relative.rpartition("/")
    if FIRST_NAME.fullmatch(name[:-4]):
        return True
    return folder in folders and not name.lower().startswith("sub-")


def _first_candidate(files: FolderListing, search: AnnotationSearch, relative: str) -> Candidate:
    stem = PurePosixPath(relative).stem
    annotations = search.beside(relative, [f"{stem}_a1.tsv", f"{stem}_a2.tsv"])
    blank = Candidate(SourceFile(str(files.root), relative), annotations=annotations)
    return named_candidate(blank, PARTICIPANT_PATTERN)


def _read(file: SourceFile, options: IngestOptions) -> AnnotationFile:
    read = read_seizeit1_tsv if _annotator(file) else read_seizeit2_tsv
    return read(file, options.extra_labels)


def _second_reading(other: SourceFile, options: IngestOptions) -> tuple[str, EegError | None]:
    """Say how many seizures another annotator marked; two readers who differ are no error of the files."""
    try:
        found = _read(other, options)
    except EegError as error:
        return "", error
    return f"a second annotator's reading of {len(found.annotations)} seizures; not used", None


def _annotator(file: SourceFile) -> str:
    match = READING.fullmatch(file.relative)
    return match["annotator"] if match else ""
