"""Text files of the OpenBCI GUI, of both generations, wherever they lie; other files of a session are named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import named_candidate
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.errors import SignalError
from eeg_kedro.io.openbci_layout import is_openbci
from eeg_kedro.io.source_file import SourceFile

TEXT = re.compile(r".*\.(txt|csv)", re.IGNORECASE | re.DOTALL)
NAMED = re.compile(r"(openbci|sdconverted).*\.txt", re.IGNORECASE | re.DOTALL)
BRAINFLOW = re.compile(r"BrainFlow-RAW.*\.csv", re.IGNORECASE | re.DOTALL)
MOST_OPENED = 20
FIRST_BYTES = 64


def recognize(files: FolderListing) -> str:
    """Say why this is a folder of the OpenBCI GUI; empty if none of the files looked at is of the GUI."""
    texts = sorted(_texts(files), key=lambda name: not NAMED.fullmatch(PurePosixPath(name).name))
    found = next((name for name in texts[:MOST_OPENED] if _is_openbci(files, name)), "")
    return f"{found} begins as the OpenBCI GUI's text files do" if found else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the files that begin as the GUI's do, and those that only have its name, which are refused by it."""
    search, names = AnnotationSearch(files, options), set(files.visible())
    for relative in _texts(files):
        path = PurePosixPath(relative)
        if NAMED.fullmatch(path.name) or _is_openbci(files, relative):
            sidecar = str(path.with_suffix(".json"))
            blank = Candidate(
                SourceFile(str(files.root), relative),
                file_format="openbci",
                annotations=search.beside(relative, [path.stem + "_events.tsv", path.stem + ".csv_bi"]),
                sidecar=SourceFile(str(files.root), sidecar) if sidecar in names else None,
                stated={"unit": "uV"},
            )
            yield named_candidate(blank, options.participant_pattern)


def describe(relative: str) -> FileReport | None:
    """Say what lies beside the GUI's text files in the folder of a session."""
    if not BRAINFLOW.fullmatch(PurePosixPath(relative).name):
        return None
    reason = "the same recording as BrainFlow keeps it, without names and rate; the GUI's text file is read"
    return FileReport(relative, "other", "refused", reason)


def _texts(files: FolderListing) -> list[str]:
    return [name for name in files.visible() if TEXT.fullmatch(name)]


def _is_openbci(files: FolderListing, relative: str) -> bool:
    try:
        with SourceFile(str(files.root), relative).open() as handle:
            return is_openbci(handle.read(FIRST_BYTES) or b"")
    except SignalError:  # gone or not readable: whoever claims it says so
        return False
