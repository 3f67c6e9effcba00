"""HMS and IIIC: parquet EEG at 200 Hz, and tables of what experts made of 10 s cuts of it.

::

    train.csv                                eeg_id, offsets, patient_id, expert_consensus, six columns of votes
    train_eegs/<eeg_id>.parquet              19 electrodes and EKG, float32 uV, a row per sample
    train_spectrograms/<spectrogram_id>.parquet    time and 4 x 100 frequencies
    test.csv, test_eegs/, test_spectrograms/       the same without votes

The experts saw 50 s of EEG (and 600 s of spectrogram) and voted on the 10 s in the middle. Nobody voted on the rest
of a recording, so it is not background: a recording is annotated only where its cuts cover all of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora import event_table
from eeg_kedro.corpora.event_table import Event, Labels, make_events
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.hms_cuts import SFREQ, cuts_of, place_of
from eeg_kedro.corpora.hms_folder import (
    Parquet,
    Tables,
    find_tables,
    is_hms_eeg,
    read_tables,
    sort_parquets,
)
from eeg_kedro.corpora.hms_votes import read_votes
from eeg_kedro.corpora.names import clean_name
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import LayoutError, SignalError
from eeg_kedro.io.parquet_signals import look_into_parquet
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.vote_rows import CLASSES, VoteRow
from eeg_kedro.labels.annotations import Annotation
from eeg_kedro.labels.intervals import unite
from eeg_kedro.signal.channel_names import clean_channel_name

__all__ = ["describe", "list_candidates", "read_events", "read_votes", "recognize"]

STATED = {"sfreq": SFREQ, "unit": "uV"}

_EEG_FOLDER = re.compile(r"(.*/)?(train|test)_eegs/[^/]+\.parquet", re.IGNORECASE)
_PACKED = re.compile(r".*\.(parquet|csv)\.(gz|zip|xz|bz2|zst)", re.IGNORECASE | re.DOTALL)
_OTHER_FILES = (
    (re.compile(r".*\.(pdf|png|jpe?g)", re.IGNORECASE | re.DOTALL), "a figure; not read"),
    (re.compile(r".*\.(npy|npz|pkl|pickle)", re.IGNORECASE | re.DOTALL), "arrays, not a recording; not read"),
    (
        re.compile(r".*\.csv", re.IGNORECASE | re.DOTALL),
        "a table without eeg_id and votes, or too deep; not read",
    ),
)


def recognize(files: FolderListing) -> str:
    """Say why this is HMS or IIIC: a table with ids and votes, or parquet EEG in the competition's folders."""
    n_parquets = sum(name.lower().endswith(".parquet") for name in files.visible())
    for file, kind in find_tables(files):
        if kind == "votes":
            return f"{file.relative} has eeg_id and columns of votes; {n_parquets} parquet files"
        if kind == "recordings" and n_parquets:
            return f"{file.relative} names recordings by eeg_id; {n_parquets} parquet files"
    first = next((name for name in files.visible() if _EEG_FOLDER.fullmatch(name)), None)
    if first is None:
        return ""
    try:
        look = look_into_parquet(SourceFile(str(files.root), first))
    except SignalError:
        return ""
    return f"{first} has electrodes for columns; no table of votes" if is_hms_eeg(look.columns) else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the EEG files, and the recordings that were voted on and are not in the folder."""
    tables = read_tables(files)
    eegs = [parquet for parquet in sort_parquets(files, tables) if parquet.kind == "eeg"]
    for parquet in eegs:
        yield _candidate(SourceFile(str(files.root), parquet.relative), parquet, tables, options)
    folders = Counter(str(PurePosixPath(parquet.relative).parent) for parquet in eegs)
    folder = folders.most_common(1)[0][0] if folders else "train_eegs"
    for eeg_id in sorted(tables.voted - {parquet.id for parquet in eegs}):
        missing = Parquet(str(PurePosixPath(folder) / f"{eeg_id}.parquet"), "eeg")
        candidate = _candidate(SourceFile(str(files.root), missing.relative), missing, tables, options)
        yield replace(candidate, absent=True, nominal_sfreq=SFREQ)


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Label the cuts of one recording that experts voted on, each with their consensus.

    A tie gives one event for each of its classes; the confidence is the share of the votes.

    Raises
    ------
    AnnotationError
        If the rows on this recording cannot be read or contradict each other.
    SignalError
        If its channels are no electrodes.
    """
    if not candidate.absent and facts.plan.montage == "unknown":
        raise SignalError(
            "most columns are no electrodes",
            file=candidate.file.relative,
            value=f"{len(facts.plan.ch_names)} columns, {', '.join(facts.plan.ch_names[:3])}, ...",
            allowed="19 electrodes and EKG",
            remedy="an EEG is called by its eeg_id, a spectrogram by its spectrogram_id",
        )
    remarks = () if candidate.absent else _columns_remark(facts)
    eeg_id = PurePosixPath(candidate.file.relative).stem
    length = None if candidate.absent else facts.duration
    cuts = cuts_of(candidate.annotations, eeg_id, options, length)
    if cuts is None:
        labels = event_table.read_events(replace(candidate, annotations=()), facts, options)
        return replace(labels, remarks=(*labels.remarks, *remarks))
    annotations = _annotations([row for _, row in cuts.rows], length)
    events, repairs = make_events(annotations, facts, options.extra_labels, cuts.source.relative)
    partial = not _cover_all(events, facts)
    if partial:
        remarks = (f"cuts voted on: {len(cuts.rows)}; the rest is not annotated", *remarks)
    return Labels(cuts.source, events, (*cuts.repairs, *repairs), remarks, partial=partial)


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording, spectrogram nor table of votes."""
    if _PACKED.fullmatch(relative):
        lost = ".parquet." in relative.lower()
        kind = "recording" if lost else "other"
        reason = "a packed parquet file" if lost else "a packed table"
        return FileReport(relative, kind, "refused", reason, "unpack it", failed=lost)
    why = next((why for pattern, why in _OTHER_FILES if pattern.fullmatch(relative)), "")
    return FileReport(relative, "other", "refused", why) if why else None


def _candidate(file: SourceFile, parquet: Parquet, tables: Tables, options: IngestOptions) -> Candidate:
    eeg_id = parquet.id
    patient = tables.patients.get(eeg_id, "")
    candidate = Candidate(
        file,
        file_format="parquet",
        annotations=tables.naming(eeg_id),
        stated=STATED,
        participant_as_written=patient or eeg_id,
        problem=parquet.problem or tables.dispute(eeg_id, options),
    )
    try:
        participant, run = tables.participant(eeg_id), clean_name(eeg_id, file.relative)
    except LayoutError as problem:
        return replace(candidate, problem=candidate.problem or problem)
    notes = _notes(eeg_id, participant, tables)
    return replace(candidate, participant=participant, run=run, person=participant, notes=notes)


def _notes(eeg_id: str, participant: str, tables: Tables) -> tuple[str, ...]:
    """Say what is doubtful about the patient of a recording."""
    if eeg_id in tables.disputed:
        dispute = tables.disputed[eeg_id]
        return (f"{dispute.what} ({dispute.value}): the first is used, as ingest.annotation_conflict says",)
    if tables.patients.get(eeg_id):
        return ()
    own = "it counts as a person of its own, splits may separate one person"
    other = f", called {participant} for a patient has the id {eeg_id}" if participant != eeg_id else ""
    return (f"no table names its patient: {own}{other}",)


def _annotations(rows: Sequence[VoteRow], length: float | None) -> list[Annotation]:
    """Give one annotation per cut and class; cuts of unknown place have none."""
    found = {}
    for row in rows:
        onset, duration = place_of(row, length)
        for label in row.labels if math.isfinite(onset) else ():
            share = row.votes[CLASSES.index(label)] / sum(row.votes)
            found[onset, label, row.votes] = Annotation(onset, duration, label, confidence=share)
    return list(found.values())


def _cover_all(events: Sequence[Event], facts: RecordingFacts) -> bool:
    starts = [event["onset_sample"] for event in events]
    stops = [event["onset_sample"] + event["n_samples"] for event in events]
    first, last = unite(starts, stops)
    return [*first, *last] == [0, facts.n_times]


def _columns_remark(facts: RecordingFacts) -> tuple[str, ...]:
    """Name the columns that are missing, and those the competition does not have."""
    read_along = {aux.name for aux in facts.plan.aux}
    has_heart = any(aux.kind == "ecg" for aux in facts.plan.aux)
    missing = ", ".join([*facts.plan.missing, *([] if has_heart else ["EKG"])])
    extra = ", ".join(label for label, _ in facts.plan.other if clean_channel_name(label) not in read_along)
    said = (("without", missing), ("further columns, left out:", extra))
    return tuple(f"{what} {names}" for what, names in said if names)
