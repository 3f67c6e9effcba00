"""Signal tables: ``NAME.csv``, ``NAME.tsv`` or ``NAME.parquet``, one column per channel.

Rate and unit come from the sidecar ``NAME.json`` (``sfreq``, ``unit``) or from ``ingest.csv_sfreq`` and
``ingest.csv_unit``; events from ``NAME_events.tsv`` or ``NAME.csv_bi``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import named_candidate
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.sidecar_json import states_rate
from eeg_kedro.io.source_file import SourceFile

TABLE = re.compile(r".*\.(?P<suffix>csv|tsv|parquet)", re.IGNORECASE)
# tables that are never signal, by the names BIDS gives them
LISTS = re.compile(
    r"(.*_)?(events|channels|electrodes|scans|sessions|participants)\.(tsv|csv|parquet)", re.IGNORECASE
)


def recognize(files: FolderListing) -> str:
    """Say why these are signal tables; empty unless a sidecar states a rate."""
    names = set(files.visible())
    found = [table for table in _tables(files) if _sidecar(table) in names]
    # a BIDS folder has tables with sidecars too, so one of ours has to be opened
    stated = next((t for t in found if states_rate(SourceFile(str(files.root), _sidecar(t)))), None)
    return f"{len(found)} tables with a sidecar that states their rate" if stated else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the tables that have a sidecar or for which the options state a rate.

    A ``.csv`` or ``.parquet`` with neither is listed too: it is refused by name rather than passed over.
    """
    search = AnnotationSearch(files, options)
    names = set(files.visible())
    for relative in _tables(files):
        path = PurePosixPath(relative)
        sidecar = _sidecar(relative)
        if sidecar in names or options.csv_sfreq or path.suffix.lower() != ".tsv":
            blank = Candidate(
                SourceFile(str(files.root), relative),
                file_format="parquet" if path.suffix.lower() == ".parquet" else "csv",
                annotations=search.beside(relative, [path.stem + "_events.tsv", path.stem + ".csv_bi"]),
                sidecar=SourceFile(str(files.root), sidecar) if sidecar in names else None,
            )
            yield named_candidate(blank, options.participant_pattern)


def _tables(files: FolderListing) -> Iterator[str]:
    recordings = {
        name.lower().rsplit(".", 1)[0] for name in files.visible() if name.lower().endswith((".edf", ".bdf"))
    }
    for relative in files.visible():
        table = TABLE.fullmatch(relative) and not LISTS.fullmatch(PurePosixPath(relative).name)
        if table and relative.lower().rsplit(".", 1)[0] not in recordings:  # else it annotates that recording
            yield relative


def _sidecar(table: str) -> str:
    return str(PurePosixPath(table).with_suffix(".json"))
