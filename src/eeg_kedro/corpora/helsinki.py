"""Helsinki neonatal EEG: ``eeg1.edf`` ... ``eeg79.edf``, seizures by the consensus of three experts' tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.corpora import event_table
from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.event_table import Labels, make_events
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import AnnotationError, EegError
from eeg_kedro.io.helsinki_csv import marks_of, read_expert_table
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.expert_consensus import NOT_ANNOTATED, Votes, agreed_seizures, count_votes

SFREQ = 256.0  # Hz, where the recording itself was not fetched
SAME_LENGTH = 1.0  # s; a recording may end within a second
RECORDING = re.compile(r"eeg(?P<number>\d{1,6})\.edf", re.IGNORECASE)
TABLE = re.compile(r"annotations_\d{4}_(?P<expert>[a-z])(?P<fixed>_fixed)?\.csv", re.IGNORECASE)
MATLAB = re.compile(r"annotations_\d{4}(_[a-z](_fixed)?)?\.mat", re.IGNORECASE)
CLINICAL = "clinical_information.csv"
Reading = tuple[SourceFile, NDArray[np.uint8]]  # an expert's table, and what it says of one neonate


def recognize(files: FolderListing) -> str:
    """Say why this is the Helsinki corpus; empty if it is not."""
    names = [name.rpartition("/")[2] for name in files.visible()]
    recordings = sum(RECORDING.fullmatch(name) is not None for name in names)
    tables = sum(TABLE.fullmatch(name) is not None for name in names)
    # the tables may lie below ingest.annotations_root
    named = any(MATLAB.fullmatch(name) or name.lower() == CLINICAL for name in names)
    if tables or (named and recordings):
        return (
            f"{recordings} files named like eeg1.edf with {tables} tables named like annotations_2017_A.csv"
        )
    return ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings, and neonates in the tables whose recording was not fetched."""
    tables, problem = _tables(AnnotationSearch(files, options))
    root, recorded, folder = str(files.root), set[int](), PurePosixPath()
    for relative in files.visible():
        match = RECORDING.fullmatch(relative.rpartition("/")[2])
        if match:
            folder = PurePosixPath(relative).parent
            recorded.add(int(match["number"]))
            yield replace(
                _candidate(SourceFile(root, relative), int(match["number"]), tables), problem=problem
            )
    absent, flaw = _told_of(tables)
    for number in sorted(absent - recorded):
        file = SourceFile(root, str(folder / f"eeg{number}.edf"))
        yield replace(_candidate(file, number, tables), absent=True, nominal_sfreq=SFREQ, problem=problem)
    if flaw and not (absent | recorded):  # no recording would tell of it
        yield Candidate(SourceFile(root, "eeg1.edf"), annotations=tables, absent=True, problem=flaw)


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Label one recording: seizure is what as many experts marked as ``ingest.consensus`` asks for.

    Raises
    ------
    AnnotationError
        If a table cannot be read, a cell of this neonate is none of 0, 1 and blank, or nobody annotated a second
        before the last annotated one.
    """
    match = RECORDING.fullmatch(candidate.file.path.name)
    assert match is not None  # noqa: S101 - candidates are named so
    whole = facts.segment == 0 and not candidate.absent
    found = [
        (file, marks)
        for file in candidate.annotations
        for marks in [_marks(file, int(match["number"]), facts.duration if whole else None)]
        if marks is not None
    ]
    if not found:
        labels = event_table.read_events(replace(candidate, annotations=()), facts, options)
        lacking = f"no column of {candidate.participant} in the experts' tables"
        return replace(labels, remarks=(lacking, *labels.remarks)) if candidate.annotations else labels
    (used, _), *others = found
    votes = count_votes([marks for _, marks in found])
    _check_every_second(votes, used, candidate)
    seizures = agreed_seizures(votes, options.consensus)
    events, repairs = make_events(seizures, facts, options.extra_labels, used.relative)
    told = f"one of the experts: the consensus ({options.consensus}) is used"
    length = None if candidate.absent else _whole_length(facts)
    remarks = (_experts(found, options), *_lengths(found, length))
    # what lies behind the last second that anybody was asked about is unknown, not background
    partial = length is not None and length - votes.asked.size > SAME_LENGTH
    checks = tuple((file, told, None) for file, _ in others)
    return Labels(used, events, repairs, remarks, checks, partial=partial)


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording nor annotation."""
    name = PurePosixPath(relative).name
    if name.lower() == CLINICAL:
        return FileReport(relative, "sidecar", "refused", "clinical findings; not read for labels")
    if MATLAB.fullmatch(name):
        reason = "a MATLAB copy of the experts' tables; not read"
        return FileReport(relative, "annotation", "refused", reason, "put the CSV tables beside it")
    if TABLE.fullmatch(name):
        return FileReport(relative, "annotation", "refused", "not used: the corrected table (_fixed) is")
    return None


def _candidate(file: SourceFile, number: int, tables: tuple[SourceFile, ...]) -> Candidate:
    name = f"eeg{number}"
    return Candidate(file, participant=name, person=name, run="1", annotations=tables)


def _tables(search: AnnotationSearch) -> tuple[tuple[SourceFile, ...], EegError | None]:
    """Return the table of each expert, the corrected one where there are two, and what is wrong with them."""
    ranked: dict[str, list[tuple[bool, SourceFile]]] = {}
    for file in search.matching(TABLE):
        match = TABLE.fullmatch(file.path.name)
        if match:
            ranked.setdefault(match["expert"].upper(), []).append((match["fixed"] is None, file))
    chosen, problem = list[SourceFile](), None
    for expert, files in sorted(ranked.items()):
        best = [file for plain, file in files if plain == min(plain for plain, _ in files)]
        chosen += best
        if len(best) > 1:
            problem = AnnotationError(
                f"{len(best)} tables of expert {expert}",
                file=best[1].relative,
                value=", ".join(file.relative for file in best),
                allowed="one table for each expert",
                remedy="remove or rename all but one",
            )
    return tuple(chosen), problem


def _told_of(tables: Sequence[SourceFile]) -> tuple[set[int], EegError | None]:
    """Return the neonates of whom the tables tell, and the error of the last one that cannot be read."""
    neonates, flaw = set[int](), None
    for file in tables:
        try:
            table = read_expert_table(file)
        except EegError as error:
            flaw = error
        else:
            neonates |= {*table.marks, *table.flaws}
    return neonates, flaw


def _marks(file: SourceFile, number: int, duration: float | None) -> NDArray[np.uint8] | None:
    return marks_of(read_expert_table(file), number, file, duration)


def _check_every_second(votes: Votes, file: SourceFile, candidate: Candidate) -> None:
    blank = np.flatnonzero(votes.asked == 0)
    if blank.size:
        raise AnnotationError(
            f"no expert annotated {blank.size} seconds of {candidate.participant} before its last annotated one",
            file=file.relative,
            value=f"the first at {blank[0]} s",
            allowed="0 or 1 for every second, blank after the end",
            remedy="fetch the tables again",
        )


def _experts(found: Sequence[Reading], options: IngestOptions) -> str:
    letters = ", ".join(_letter(file) for file, _ in found)
    return f"seizures by consensus ({options.consensus}) of expert{'s' * (len(found) > 1)} {letters}"


def _whole_length(facts: RecordingFacts) -> float:
    """Return the length of the whole file in seconds, gaps counted, whatever segment the facts are about."""
    last = facts.segments[-1] if facts.segments else None
    return last.time_offset + last.n_times / facts.sfreq if last else facts.duration


def _lengths(found: Sequence[Reading], length: float | None) -> list[str]:
    """Say where experts left seconds blank, stopped at different ones, or not at the end of the recording."""
    sizes = [marks.size for _, marks in found]
    blank = [(_letter(file), int((marks == NOT_ANNOTATED).sum())) for file, marks in found]
    told = [f"expert {letter} left {n} seconds blank: not asked there" for letter, n in blank if n]
    if min(sizes) != max(sizes):
        told.append(
            f"the experts annotated {', '.join(map(str, sizes))} s: who stopped earlier is not asked later"
        )
    if length is not None and abs(max(sizes) - length) > SAME_LENGTH:
        rest = "; only partly annotated, its windows have no category" if length > max(sizes) else ""
        told.append(f"annotations are for {max(sizes)} s, the recording has {length:g} s{rest}")
    return told


def _letter(file: SourceFile) -> str:
    match = TABLE.fullmatch(file.path.name)
    return match["expert"].upper() if match else file.relative
