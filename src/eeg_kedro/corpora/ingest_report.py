"""The ingest report: one row for every file found, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pandas as pd

from eeg_kedro.corpora.annotation_search import shown_name
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.outcome import Outcome
from eeg_kedro.corpora.recording import REPORT_COLUMNS, FileReport, make_table
from eeg_kedro.corpora.same_stem import stems_of
from eeg_kedro.corpora.unclaimed import describe_skipped, describe_unclaimed
from eeg_kedro.errors import AnnotationError, EegError
from eeg_kedro.io.edf_header import AnnotationOnlyError
from eeg_kedro.io.source_file import SourceFile

ANNOTATE = (
    "put annotation files beside the recordings or set ingest.annotations_root; "
    "annotations inside EDF+ are used as ingest.edf_annotations says"
)
ONLY_EVENTS = "annotates a recording that is not in the corpus: its events are listed without a signal"
BETTER_FIRST = ("taken", "repaired", "refused")


def report_files(
    listing: FolderListing, layout: str, outcomes: Sequence[Outcome], known: Sequence[FileReport] = ()
) -> pd.DataFrame:
    """Tabulate what became of every file below the corpus root, and of annotation files from elsewhere.

    ``known`` are rows that the layout itself has written.
    """
    root = str(listing.root)
    rows: dict[str, FileReport] = {}
    for parts in _gather_segments(outcomes):
        own = () if parts[0].candidate.absent else (_recording_report(parts),)
        for row in (*own, *_companion_reports(parts, root)):
            rows[row.path] = _merge(rows[row.path], row) if row.path in rows else row
    rows |= {row.path: row for row in known}
    recordings = {
        stem: outcome.candidate.file.relative
        for outcome in outcomes
        for stem in stems_of(outcome.candidate.file.relative)
    }
    for path in listing.files:
        if path not in rows:
            rows[path] = describe_unclaimed(path, layout, recordings)
    for path, reason in listing.skipped:
        rows.setdefault(path, describe_skipped(path, reason))
    return make_table((vars(row) for row in rows.values()), REPORT_COLUMNS, ["path"])


def _gather_segments(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Put the segments of one recording together; one without gaps stays alone."""
    parts: dict[tuple[SourceFile, str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        parts[outcome.candidate.file, outcome.candidate.participant, outcome.whole_run].append(outcome)
    return [*parts.values()]


def _recording_report(parts: Sequence[Outcome]) -> FileReport:
    """Report one file: what all of its segments say once, and which of them were refused."""
    path, refused = parts[0].candidate.file.relative, [part for part in parts if part.error]
    if isinstance(parts[0].error, AnnotationOnlyError):  # a hypnogram is whole, it only is no recording
        error = parts[0].error
        row = FileReport(path, "annotation", "refused", error.reason, error.remedy)
    elif len(refused) == len(parts):
        remedy = next(part.error.remedy for part in refused if part.error)
        row = FileReport(path, "recording", "refused", _join(map(_refusal, parts)), remedy, failed=True)
    else:
        taken = [part for part in parts if not part.error]
        repairs = [sentence for part in taken for sentence in _repairs(part)]
        remarks = [sentence for part in taken for sentence in part.labels.remarks]
        lost = [f"{part.candidate.run} refused: {_refusal(part)}" for part in refused]
        status = "repaired" if repairs or lost else "taken"
        remedies = [part.error.remedy for part in refused if part.error]
        remedies += [ANNOTATE for part in taken if not part.labels.source]
        remedy = next(iter(remedies), "")
        row = FileReport(
            path, "recording", status, _join([*repairs, *remarks, *lost]), remedy, failed=bool(lost)
        )
    return _named(row, parts)


def _repairs(outcome: Outcome) -> tuple[str, ...]:
    of_file = outcome.facts.repairs if outcome.facts else ()
    return (*outcome.candidate.notes, *of_file, *outcome.labels.repairs)


def _refusal(outcome: Outcome) -> str:
    error = outcome.error
    about = f"annotation file {error.file}: " if isinstance(error, AnnotationError) else ""
    return about + (error.reason if error else "")


def _companion_reports(parts: Sequence[Outcome], root: str) -> Iterator[FileReport]:
    """Report the sidecar and the annotation files of one recording."""
    sidecar = parts[0].candidate.sidecar
    for file in [*([sidecar] if sidecar else []), *parts[0].candidate.annotations]:
        kind = "sidecar" if file == sidecar else "annotation"
        verdicts = [_verdict(part, file, kind) for part in parts]
        used = [verdict for verdict in verdicts if verdict[0] != "refused"] or verdicts
        status = max(used, key=lambda verdict: BETTER_FIRST.index(verdict[0]))[0]
        reason, remedy = _join(verdict[1] for verdict in used), next((v[2] for v in used if v[2]), "")
        yield _named(FileReport(shown_name(file, root), kind, status, reason, remedy), parts)


def _verdict(outcome: Outcome, file: SourceFile, kind: str) -> tuple[str, str, str]:
    """Return status, reason and remedy; the failure is counted once, in the recording's own row."""
    checks: dict[SourceFile, tuple[str, EegError | None]]
    checks = {checked: (said, error) for checked, said, error in outcome.labels.checks}
    said, flaw = checks.get(file, ("", None))
    concerned = (outcome.error.file, getattr(outcome.error, "other_file", "")) if outcome.error else ()
    if file.relative in concerned or shown_name(file, outcome.candidate.file.root) in concerned:
        flaw = outcome.error
    if flaw:
        return "refused", flaw.reason, flaw.remedy
    if outcome.error:
        return "refused", "its recording was refused", ""
    if said or kind == "sidecar":
        return "taken", said, ""
    if file != outcome.labels.source:
        return "refused", "does not name this recording", ""
    told = outcome.labels.repairs
    if outcome.candidate.absent:  # it has no row of its own that could tell its remarks
        told = (*told, *outcome.candidate.notes, *outcome.labels.remarks, ONLY_EVENTS)
    return "repaired" if outcome.labels.repairs else "taken", _join(told), ""


def _named(row: FileReport, parts: Sequence[Outcome]) -> FileReport:
    return replace(row, participant=parts[0].candidate.participant, run=parts[0].whole_run)


def _join(sentences: Iterable[str]) -> str:
    """Join sentences, each once: the segments of a file share most of them."""
    return "; ".join(dict.fromkeys(sentence for sentence in sentences if sentence))


def _merge(one: FileReport, other: FileReport) -> FileReport:
    """Merge what two recordings of one summary say about it: used if one of them used it, flaws of both told."""
    best = min(one, other, key=lambda row: BETTER_FIRST.index(row.status))
    flawed = [
        row for row in (one, other) if row.status == "repaired" or (row.status == "refused" and row.remedy)
    ]
    if best.status != "refused" and flawed:  # a recording that is absent has no other row to tell it
        reason = _join(
            part for row in (one, other) if row in (best, *flawed) for part in row.reason.split("; ")
        )
        best = replace(
            best, status="repaired", reason=reason, remedy=next((r.remedy for r in flawed if r.remedy), "")
        )
    elif best.status != "refused":
        reasons = [row.reason for row in (one, other) if row.status == best.status]
        best = replace(best, reason=_join(part for reason in reasons for part in reason.split("; ")))
    participant = one.participant if one.participant == other.participant else ""
    return replace(best, participant=participant, run=one.run if one.run == other.run else "")
