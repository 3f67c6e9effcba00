"""SeizeIT1 and SeizeIT2."""

from __future__ import annotations

from collections.abc import Iterator

from eeg_kedro.corpora.event_table import Labels
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import RecordingFacts


def recognize(files: FolderListing) -> str:
    """Say why this is SeizeIT1 and SeizeIT2; empty if it is not."""
    return ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings."""
    yield from ()


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Label one recording."""
    return Labels()


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording nor annotation."""
    return None
