"""The ingest report: one row for every file found, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.outcome import Outcome
from eeg_kedro.corpora.recording import REPORT_COLUMNS, FileReport, make_table
from eeg_kedro.corpora.unclaimed import describe_skipped, describe_unclaimed
from eeg_kedro.errors import AnnotationError, EegError
from eeg_kedro.io.edf_header import AnnotationOnlyError
from eeg_kedro.io.source_file import SourceFile

ANNOTATE = (
    "put annotation files beside the recordings (EDF+'s own are not read) or set ingest.annotations_root"
)
BETTER_FIRST = ("taken", "repaired", "refused")


def report_files(
    listing: FolderListing, layout: str, outcomes: Sequence[Outcome], known: Sequence[FileReport] = ()
) -> pd.DataFrame:
    """Tabulate what became of every file below the corpus root, and of annotation files from elsewhere.

    ``known`` are rows that the layout itself has written.
    """
    root = str(listing.root)
    rows: dict[str, FileReport] = {}
    for outcome in outcomes:
        own = () if outcome.candidate.absent else (_recording_report(outcome),)
        for row in (*own, *_companion_reports(outcome, root)):
            rows[row.path] = _merge(rows[row.path], row) if row.path in rows else row
    rows |= {row.path: row for row in known}
    for path in listing.files:
        rows.setdefault(path, describe_unclaimed(path, layout))
    for path, reason in listing.skipped:
        rows.setdefault(path, describe_skipped(path, reason))
    return make_table((vars(row) for row in rows.values()), REPORT_COLUMNS, ["path"])


def shown_name(file: SourceFile, root: str) -> str:
    """Return the name of a file for people: below the corpus, or below the other folder's name."""
    return file.relative if file.root == root else f"{Path(file.root).name}/{file.relative}"


def _recording_report(outcome: Outcome) -> FileReport:
    path, error = outcome.candidate.file.relative, outcome.error
    if isinstance(error, AnnotationOnlyError):  # a hypnogram is whole, it only is no recording
        row = FileReport(path, "annotation", "refused", error.reason, error.remedy)
    elif error:
        about = f"annotation file {error.file}: " if isinstance(error, AnnotationError) else ""
        row = FileReport(path, "recording", "refused", about + error.reason, error.remedy, failed=True)
    else:
        repairs = (
            *outcome.candidate.notes,
            *(outcome.facts.repairs if outcome.facts else ()),
            *outcome.labels.repairs,
        )
        status = "repaired" if repairs else "taken"
        remedy = "" if outcome.labels.source else ANNOTATE
        row = FileReport(path, "recording", status, "; ".join((*repairs, *outcome.labels.remarks)), remedy)
    return _named(row, outcome)


def _companion_reports(outcome: Outcome, root: str) -> Iterator[FileReport]:
    """Report the sidecar and the annotation files of one recording."""
    checks = {file: (said, error) for file, said, error in outcome.labels.checks}
    sidecar = outcome.candidate.sidecar
    for file in [*([sidecar] if sidecar else []), *outcome.candidate.annotations]:
        kind = "sidecar" if file == sidecar else "annotation"
        status, reason, remedy = _verdict(outcome, file, kind, checks)
        yield _named(FileReport(shown_name(file, root), kind, status, reason, remedy), outcome)


def _verdict(
    outcome: Outcome, file: SourceFile, kind: str, checks: Mapping[SourceFile, tuple[str, EegError | None]]
) -> tuple[str, str, str]:
    """Return status, reason and remedy; the failure is counted once, in the recording's own row."""
    said, flaw = checks.get(file, ("", None))
    if outcome.error and outcome.error.file == file.relative:
        flaw = outcome.error
    if flaw:
        return "refused", flaw.reason, flaw.remedy
    if outcome.error:
        return "refused", "its recording was refused", ""
    if said or kind == "sidecar":
        return "taken", said, ""
    if file != outcome.labels.source:
        return "refused", "does not name this recording", ""
    return "repaired" if outcome.labels.repairs else "taken", "; ".join(outcome.labels.repairs), ""


def _named(row: FileReport, outcome: Outcome) -> FileReport:
    return replace(row, participant=outcome.candidate.participant, run=outcome.candidate.run)


def _merge(one: FileReport, other: FileReport) -> FileReport:
    """Merge what two recordings of one summary say about it: used if one of them used it."""
    best = min(one, other, key=lambda row: BETTER_FIRST.index(row.status))
    participant = one.participant if one.participant == other.participant else ""
    return replace(best, participant=participant, run=one.run if one.run == other.run else "")
