"""CHB-MIT: ``chb01/chb01_03.edf``, seizures in ``chb01-summary.txt`` or as BIDS events elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name, person_of
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.io.source_file import SourceFile

# chb17a_03: case 17 was recorded in three parts; chb02_16+: there is a chb02_16 too
NAME = re.compile(r"(?P<case>chb\d{2})(?P<part>[a-z]?)_(?P<number>\d+)(?P<more>\+?)\.edf", re.IGNORECASE)


def recognize(files: FolderListing) -> str:
    """Say why this is CHB-MIT; empty if it is not."""
    found = [name for name in files.visible() if NAME.fullmatch(PurePosixPath(name).name)]
    return f"{len(found)} files named like chb01_03.edf" if found else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings with the summary of their case and, where there are any, their BIDS events."""
    search = AnnotationSearch(files, options)
    for relative in files.visible():
        match = NAME.fullmatch(PurePosixPath(relative).name)
        if match:
            participant = match["case"].lower()
            part = f"{match['part'].lower()}-" if match["part"] else ""
            yield Candidate(
                file=SourceFile(str(files.root), relative),
                participant=participant,
                person=person_of(participant),
                run=clean_name(part + match["number"] + match["more"], relative),
                annotations=_annotations(search, relative, match),
            )


def _annotations(search: AnnotationSearch, relative: str, match: re.Match[str]) -> tuple[SourceFile, ...]:
    summary = search.anywhere(relative, f"{match['case']}-summary.txt")
    if match["part"] or match["more"]:  # BIDS counts runs by number alone: which of two it means is unknown
        return summary
    number = int(match["number"])
    events = re.compile(rf"sub-{match['case']}(_[a-z0-9-]+)*_run-0*{number}_events\.tsv", re.IGNORECASE)
    beside = search.beside(relative, [PurePosixPath(relative).stem + "_events.tsv"])
    return (*summary, *beside, *search.matching(events))
