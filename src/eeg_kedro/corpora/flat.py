"""Any folder of EDF or BDF files, each with annotation files of the same name beside it, if any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import named_candidate
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.io.source_file import SourceFile

RECORDING = re.compile(r".*\.(?P<format>edf|bdf)", re.IGNORECASE | re.DOTALL)
# the first that is there is the truth: per channel and class before whole recordings
BESIDE = (".csv", "_events.tsv", ".tsv", ".csv_bi", ".tse", ".tse_bi")


def recognize(files: FolderListing) -> str:
    """Say why this can be read file by file; empty if there is no EDF or BDF."""
    found = [name for name in files.visible() if RECORDING.fullmatch(name)]
    return f"{len(found)} EDF or BDF files" if found else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings; participant and run come from the file name by ``participant_pattern``."""
    search = AnnotationSearch(files, options)
    for relative in files.visible():
        match = RECORDING.fullmatch(relative)
        if match:
            stem = PurePosixPath(relative).stem
            names = [stem + suffix for suffix in BESIDE]
            if stem.lower().endswith("_eeg"):
                names.append(stem[: -len("_eeg")] + "_events.tsv")
            blank = Candidate(
                SourceFile(str(files.root), relative),
                file_format=match["format"].lower(),
                annotations=search.beside(relative, names),
            )
            yield named_candidate(blank, options.participant_pattern)
