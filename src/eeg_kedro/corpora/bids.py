"""BIDS and SzCORE: ``sub-<label>[/ses-<label>]/eeg/sub-<label>_..._eeg.edf``, ``..._events.tsv`` beside."""

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

NAME = re.compile(r"sub-(?P<label>[^_]+)(?P<entities>(_[^_]+)*)_eeg\.(?P<format>edf|bdf)", re.IGNORECASE)
# processed or original copies of the same recordings, by the BIDS standard not part of the raw data
COPIES = ("derivatives", "sourcedata", "code")


def recognize(files: FolderListing) -> str:
    """Say why this is BIDS; empty if it is not."""
    found = [name for name in files.visible() if _match(name)]
    return f"{len(found)} files named like sub-01_task-szMonitoring_eeg.edf" if found else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings; the run is every entity after the subject."""
    search = AnnotationSearch(files, options)
    for relative in files.visible():
        match = _match(relative)
        if match:
            participant = clean_name(match["label"], relative)
            session = re.search(r"_ses-([^_]+)", match["entities"], re.IGNORECASE)
            events = PurePosixPath(relative).name[: match.end("entities")] + "_events.tsv"
            yield Candidate(
                file=SourceFile(str(files.root), relative),
                participant=participant,
                person=person_of(participant),
                session=clean_name(session[1], relative) if session else "",
                run=clean_name(match["entities"] or "1", relative),
                file_format=match["format"].lower(),
                annotations=search.beside(relative, [events]),
            )


def _match(relative: str) -> re.Match[str] | None:
    path = PurePosixPath(relative)
    return None if path.parts[0].lower() in COPIES else NAME.fullmatch(path.name)
