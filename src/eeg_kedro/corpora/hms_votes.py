"""The votes of an HMS folder as a table, and what became of its files that are no EEG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.hms_cuts import SFREQ, cuts_of, place_of
from eeg_kedro.corpora.hms_folder import Parquet, Tables, read_tables, sort_parquets
from eeg_kedro.corpora.names import clean_name
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import FileReport
from eeg_kedro.errors import EegError
from eeg_kedro.io.parquet_signals import look_into_parquet
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.spectrogram_columns import FRAME_SECONDS, SpectrogramFacts, read_spectrogram_facts
from eeg_kedro.io.vote_rows import CLASSES, TIE, VoteRow
from eeg_kedro.io.vote_table import VoteTable

Rows = list[dict[str, Any]]


class _Found(NamedTuple):
    """Ids of the EEG and spectrogram files of the folder."""

    eegs: dict[str, str]
    spectrograms: set[str]


def read_votes(files: FolderListing, options: IngestOptions) -> tuple[Rows, list[FileReport]]:
    """Read every cut that was voted on, and report the tables, the spectrograms and further parquet files.

    Returns
    -------
    rows : list of dict
        Columns of ``VOTE_COLUMNS``; recordings whose rows cannot be used have none.
    reports : list of FileReport
    """
    tables, root = read_tables(files), str(files.root)
    parquets = list(sort_parquets(files, tables))
    found = _Found(
        {parquet.id: parquet.relative for parquet in parquets if parquet.kind == "eeg"},
        {parquet.id for parquet in parquets if parquet.kind == "spectrogram"},
    )
    rows = [row for eeg_id in sorted(tables.voted) for row in _rows_on(eeg_id, tables, found, root, options)]
    reports = [_report_votes(table, found) for table in tables.votes]
    reports += [_report_recordings(table, found) for table in tables.recordings]
    reports += [
        FileReport(
            file.relative, "other", "refused", "shares instead of votes, as a submission has them; not used"
        )
        for file in tables.predictions
    ]
    reports += [_report_parquet(parquet, tables, root) for parquet in parquets if parquet.kind != "eeg"]
    return rows, reports


def _rows_on(
    eeg_id: str, tables: Tables, found: _Found, root: str, options: IngestOptions
) -> Iterator[dict[str, Any]]:
    stated = [row for table in tables.votes for row in table.rows.get(eeg_id, ())]
    needs_length = any(row.offset is None for row in stated) and eeg_id in found.eegs
    length = _length(SourceFile(root, found.eegs[eeg_id]), options) if needs_length else None
    try:
        cuts = cuts_of(tables.naming(eeg_id), eeg_id, options, length)
    except EegError:  # told at the recording, and in the row of the table
        return
    if tables.dispute(eeg_id, options):  # the same
        return
    rows = cuts.rows if cuts else ()
    # cuts that their table does not count come after those that another one counts
    free = 1 + max((row.sub_id for _, row in rows if row.sub_id is not None), default=-1)
    for number, (file, row) in enumerate(rows, start=free):
        onset, duration = place_of(row, length)
        yield {
            "participant": tables.participant(eeg_id),
            "run": clean_name(eeg_id, eeg_id),
            "sub_id": number if row.sub_id is None else row.sub_id,
            "onset": onset,
            "duration": duration,
            "spectrogram_id": row.spectrogram_id,
            "spectrogram_onset": _spectrogram_onset(row),
            "consensus": row.consensus or _consensus_of(row.labels),
            **{f"{name}_votes": votes for name, votes in zip(CLASSES, row.votes, strict=True)},
            "n_votes": sum(row.votes),
            "source": file.relative,
        }


def _length(file: SourceFile, options: IngestOptions) -> float | None:
    """Return the length of a recording in seconds, if it can be read."""
    try:
        return look_into_parquet(file).n_rows / (options.csv_sfreq or SFREQ)
    except EegError:  # told at the recording
        return None


def _spectrogram_onset(row: VoteRow) -> float:
    if not row.spectrogram_id:
        return math.nan
    # a spectrogram without an offset was cut for this vote
    return row.spectrogram_offset or 0.0


def _consensus_of(labels: tuple[str, ...]) -> str:
    return labels[0] if len(labels) == 1 else f"{TIE}{'|'.join(labels)}"


def _report_votes(table: VoteTable, found: _Found) -> FileReport:
    path = table.file.relative
    if table.error:
        return FileReport(path, "annotation", "refused", table.error.reason, table.error.remedy)
    flaws = [*table.lost, *table.flaws.values()]
    told = [_count(table), *_absences(table, found), *_doubts(table)]
    if table.n_repeated:
        told.append(f"{table.n_repeated} rows are there more than once, used once")
    if flaws:
        told.append(
            f"rows on {len(table.flaws)} recordings and {len(table.lost)} rows without an id are not used"
        )
        told.append(f"the first: {flaws[0].reason}")
    status = "repaired" if flaws or table.n_repeated else "taken"
    return FileReport(path, "annotation", status, "; ".join(told), flaws[0].remedy if flaws else "")


def _count(table: VoteTable) -> str:
    n_cuts = sum(len(rows) for rows in table.rows.values())
    return f"votes on {n_cuts} cuts of {len(table.rows)} recordings"


def _absences(table: VoteTable, found: _Found) -> Iterator[str]:
    """Count what the table speaks of and the folder does not hold."""
    absent = [rows for eeg_id, rows in table.rows.items() if eeg_id not in found.eegs]
    if absent:
        yield f"{len(absent)} recordings are not in the folder, their votes are kept"
    unplaced = sum(row.offset is None for rows in absent for row in rows)
    if unplaced:
        yield f"where {unplaced} cuts lie in them is not stated"
    named = {row.spectrogram_id for rows in table.rows.values() for row in rows} - {""}
    if named - found.spectrograms:
        yield f"{len(named - found.spectrograms)} of {len(named)} spectrograms are not in the folder"


def _doubts(table: VoteTable) -> Iterator[str]:
    """Count the rows whose consensus the votes do not give."""
    stated = [row for rows in table.rows.values() for row in rows]
    if any(not row.consensus for row in stated):
        yield "no consensus is stated: the class with most votes is taken"
    others = sum(not set(row.labels) <= set(row.leaders) for row in stated)
    if others:
        yield f"in {others} cuts the stated consensus is not the class with most votes, and is kept"
    ties = sum(len(row.leaders) > 1 for row in stated)
    if ties:
        yield f"{ties} cuts are ties"


def _report_recordings(table: VoteTable, found: _Found) -> FileReport:
    if table.error:
        return FileReport(table.file.relative, "sidecar", "refused", table.error.reason, table.error.remedy)
    flaws = [*table.lost, *table.flaws.values()]
    n_absent = len(table.rows.keys() - found.eegs.keys())
    told = [f"names {len(table.rows)} recordings, without votes"]
    told += [f"{n_absent} of them are not in the folder"] if n_absent else []
    told += [f"{len(flaws)} rows or recordings are not used, the first: {flaws[0].reason}"] if flaws else []
    return FileReport(table.file.relative, "sidecar", "repaired" if flaws else "taken", "; ".join(told))


def _report_parquet(parquet: Parquet, tables: Tables, root: str) -> FileReport:
    if parquet.kind == "other":
        return FileReport(parquet.relative, "other", "refused", parquet.about)
    patient = tables.spectrograms.get(parquet.id, "")
    participant = clean_name(patient, parquet.relative) if patient else ""
    try:
        facts = read_spectrogram_facts(SourceFile(root, parquet.relative))
    except EegError as error:
        return FileReport(parquet.relative, "sidecar", "refused", error.reason, error.remedy, participant)
    told = _told(facts, named=parquet.id in tables.spectrograms)
    status = "repaired" if facts.renamed else "taken"
    return FileReport(parquet.relative, "sidecar", status, told, participant=participant)


def _told(facts: SpectrogramFacts, named: bool) -> str:
    told = [f"spectrogram, {facts.n_frames * FRAME_SECONDS:g} s"]
    if facts.renamed:
        pairs = ", ".join(f"{own} for {official}" for own, official in facts.renamed[:4])
        told.append(f"{len(facts.renamed)} columns are not rounded half up: {pairs}")
    if facts.extra:
        told.append(f"{len(facts.extra)} further columns, left out")
    if facts.first_time != 1:
        told.append(f"begins at {facts.first_time:g} s instead of 1")
    return "; ".join(told if named else [*told, "no table names it"])
