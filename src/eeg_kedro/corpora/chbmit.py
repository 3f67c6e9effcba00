"""CHB-MIT: ``chb01/chb01_03.edf``, seizures in ``chb01-summary.txt`` or as BIDS events elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name, person_of
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.summary_text import read_summary_content

# chb17a_03: case 17 was recorded in three parts; chb02_16+: there is a chb02_16 too
NAME = re.compile(
    r"(?P<case>chb[0-9]{2})(?P<part>[a-z]?)_(?P<number>[0-9]{1,6})(?P<more>\+?)\.edf", re.IGNORECASE
)
SUMMARY = re.compile(r"(?P<case>chb[0-9]{2})-summary\.txt", re.IGNORECASE)
EVENTS = re.compile(
    r"sub-(?P<case>chb[0-9]{2})(_[a-z0-9-]+)*_run-(?P<number>[0-9]{1,6})_events\.tsv", re.IGNORECASE
)
BIDS_RECORDING = re.compile(r"sub-chb[0-9]{2}(_.*)?_eeg\.(edf|bdf|set|vhdr)", re.IGNORECASE)
SFREQ = 256.0  # Hz; of every recording of the corpus
Events = Mapping[tuple[str, int], Sequence[SourceFile]]


class Take(NamedTuple):
    """A recording: case, part of the case, number within it, and the plus of a second file of that number."""

    case: str
    part: str
    number: int
    more: str

    @property
    def stands_alone(self) -> bool:
        """Whether case and number name it: BIDS has nothing else to count by."""
        return not (self.part or self.more)


def recognize(files: FolderListing) -> str:
    """Say why this is CHB-MIT; empty if it is not."""
    names = [PurePosixPath(name).name for name in files.visible()]
    found = sum(1 for name in names if NAME.fullmatch(name))
    if found:
        return f"{found} files named like chb01_03.edf"
    if any(BIDS_RECORDING.fullmatch(name) for name in names):  # the BIDS copy, whole: its events lie beside
        return ""
    summaries = sum(1 for name in names if SUMMARY.fullmatch(name))
    events = sum(1 for name in names if EVENTS.fullmatch(name))
    if summaries or events:
        return f"{summaries} summaries named like chb01-summary.txt and {events} BIDS event files of CHB-MIT cases"
    return ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings with their annotations, and those of which this folder only has annotations.

    ``annotations_root`` only serves recordings that are here: what else it speaks of is not listed.
    """
    search = AnnotationSearch(files, options)
    events = _events_by_run(search)
    here: dict[Take, None] = {}
    for relative in files.visible():
        take = _take(PurePosixPath(relative).name)
        if take:
            here[take] = None
            summary = search.anywhere(relative, f"{take.case}-summary.txt")
            beside = search.beside(relative, [PurePosixPath(relative).stem + "_events.tsv"])
            annotations = (*summary, *(beside if take.stands_alone else ()), *_matching(events, take))
            yield _candidate(SourceFile(str(files.root), relative), take, annotations)
    yield from _list_absent(files, events, here)


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording nor annotation."""
    if not relative.lower().endswith(".edf.seizures"):
        return None
    return FileReport(
        relative,
        "sidecar",
        "refused",
        "seizures in binary form; not read, the summary of the case says the same",
    )


def _take(name: str) -> Take | None:
    match = NAME.fullmatch(name)
    if match is None:
        return None
    return Take(match["case"].lower(), match["part"].lower(), int(match["number"]), match["more"])


def _candidate(file: SourceFile, take: Take, annotations: tuple[SourceFile, ...]) -> Candidate:
    number = file.path.stem.rpartition("_")[2]
    return Candidate(
        file=file,
        participant=take.case,
        person=person_of(take.case),
        run=clean_name(f"{take.part}-{number}" if take.part else number, file.relative),
        annotations=annotations,
    )


def _events_by_run(search: AnnotationSearch) -> Events:
    found: dict[tuple[str, int], list[SourceFile]] = defaultdict(list)
    for file in search.matching(EVENTS):
        match = EVENTS.fullmatch(file.path.name)
        if match:
            found[match["case"].lower(), int(match["number"])].append(file)
    return found


def _matching(events: Events, take: Take) -> Sequence[SourceFile]:
    # BIDS counts runs by number alone: which of two files it means is unknown
    return events.get((take.case, take.number), ()) if take.stands_alone else ()


def _list_absent(files: FolderListing, events: Events, here: Mapping[Take, None]) -> Iterator[Candidate]:
    """List recordings that a summary or BIDS events of this folder speak of, and of which there is no file."""
    root = str(files.root)
    known = dict(here)
    for relative in files.visible():
        if SUMMARY.fullmatch(PurePosixPath(relative).name):
            for candidate, take in _absent_in_summary(SourceFile(root, relative), known, events):
                known |= {take: None} if take else {}
                yield candidate
    numbered = {(take.case, take.number) for take in known}
    for (case, number), found in sorted(events.items()):
        own = tuple(file for file in found if file.root == root)
        if own and (case, number) not in numbered:
            place = PurePosixPath(own[0].relative).parent / f"{case}_{number:02d}.edf"
            yield _absent(SourceFile(root, str(place)), Take(case, "", number, ""), own, SFREQ)


def _absent_in_summary(
    file: SourceFile, known: Mapping[Take, None], events: Events
) -> Iterator[tuple[Candidate, Take | None]]:
    try:
        content = read_summary_content(file)
    except AnnotationError as problem:  # the recordings of its case tell it too, if there are any
        yield Candidate(file, absent=True, annotations=(file,), problem=problem), None
        return
    for name in content.names:
        take = _take(name)
        if take is None:
            yield Candidate(file, absent=True, annotations=(file,), problem=_misnamed(file)), None
        elif take not in known:
            place = SourceFile(file.root, str(PurePosixPath(file.relative).parent / name))
            yield _absent(place, take, (file, *_matching(events, take)), content.sfreq or SFREQ), take


def _absent(file: SourceFile, take: Take, annotations: tuple[SourceFile, ...], sfreq: float) -> Candidate:
    return replace(_candidate(file, take, annotations), absent=True, nominal_sfreq=sfreq)


def _misnamed(file: SourceFile) -> AnnotationError:
    return AnnotationError(
        "a section names a file that is no recording of CHB-MIT",
        file=file.relative,
        allowed="names such as chb01_03.edf, chb17a_03.edf or chb02_16+.edf",
        remedy="correct the line 'File Name: ...' of that section",
    )
