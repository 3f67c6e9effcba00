"""Muse."""

from __future__ import annotations

from collections.abc import Iterator

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate


def recognize(files: FolderListing) -> str:
    """Say why this is Muse; empty if it is not."""
    return ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings."""
    yield from ()
