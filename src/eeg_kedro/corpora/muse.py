"""Muse headbands: tables of Mind Monitor and its kin, and tables of four or five bare columns.

A table with a header row tells its channels, and its stamps the rate. A bare one tells neither: its columns are
taken in Muse's own order at the rate of every headband since 2016, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.csv import LISTS
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import named_candidate
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.sidecar_json import read_sidecar
from eeg_kedro.errors import LayoutError, SignalError
from eeg_kedro.io.csv_layout import CsvLayout, read_csv_layout
from eeg_kedro.io.muse_csv import is_muse_table
from eeg_kedro.io.source_file import SourceFile

TABLE = re.compile(r".*\.csv", re.IGNORECASE | re.DOTALL)
NAMED = re.compile(r"muse|mind", re.IGNORECASE)
MOST_OPENED = 20
ELECTRODES = ("TP9", "AF7", "AF8", "TP10")
BARE = {4: ELECTRODES, 5: (*ELECTRODES, "AUX")}
SFREQ = 256.0  # Hz; the first headband (2014) had 220


def recognize(files: FolderListing) -> str:
    """Say why this is a folder of Muse tables; empty if none of those looked at has its header row.

    Files called after the headband or the app are looked at first; a folder of many other tables is no Muse.
    """
    tables = sorted(_tables(files), key=lambda name: not NAMED.search(PurePosixPath(name).name))
    for relative in tables[:MOST_OPENED]:
        layout = _look(SourceFile(str(files.root), relative))
        if isinstance(layout, CsvLayout) and is_muse_table(layout.columns):
            return f"{len(tables)} tables, with the columns of a Muse headband in {relative}"
    return ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List every table; what is neither a Muse header nor four or five columns of numbers is refused by name."""
    search, names = AnnotationSearch(files, options), set(files.visible())
    for relative in _tables(files):
        path = PurePosixPath(relative)
        sidecar = str(path.with_suffix(".json"))
        blank = Candidate(
            SourceFile(str(files.root), relative),
            file_format="muse",
            annotations=search.beside(relative, [path.stem + "_events.tsv", path.stem + ".csv_bi"]),
            sidecar=SourceFile(str(files.root), sidecar) if sidecar in names else None,
            stated={"unit": "uV", "reference": "FPZ"},
        )
        named = named_candidate(blank, options.participant_pattern)
        yield named if named.problem else _as_found(named, options)


def _tables(files: FolderListing) -> list[str]:
    names = [name for name in files.visible() if TABLE.fullmatch(name)]
    return [name for name in names if not LISTS.fullmatch(PurePosixPath(name).name)]


def _look(file: SourceFile) -> CsvLayout | SignalError:
    try:
        return read_csv_layout(file)
    except SignalError as error:
        return error


def _as_found(candidate: Candidate, options: IngestOptions) -> Candidate:
    """Tell by the first rows which kind of table a candidate is."""
    layout = _look(candidate.file)
    if isinstance(layout, SignalError):
        return replace(candidate, problem=layout)
    if is_muse_table(layout.columns):
        return candidate
    if layout.columns or layout.n_columns not in BARE:
        problem = LayoutError(
            "no table of a Muse headband",
            file=candidate.file.relative,
            value=f"{layout.n_columns} columns, {'with' if layout.columns else 'without'} a header row",
            allowed="a time stamp with RAW_TP9, RAW_AF7, RAW_AF8, RAW_TP10; or 4 or 5 columns of numbers alone",
            remedy="take it out of the corpus, or read the folder with corpus.layout=csv",
        )
        return replace(candidate, problem=problem)
    return _bare(candidate, layout, options)


def _bare(candidate: Candidate, layout: CsvLayout, options: IngestOptions) -> Candidate:
    """Add what a table without a header row cannot say and nobody has said."""
    try:
        told = read_sidecar(candidate.sidecar) if candidate.sidecar else {}
    except SignalError as problem:
        return replace(candidate, problem=problem)
    stated: Mapping[str, Any] = {
        "sfreq": SFREQ,
        "ch_names": BARE[layout.n_columns],
        **candidate.stated,
    }
    assumed = []
    if not told.get("ch_names"):
        assumed.append(
            f"no header row: columns are taken for {', '.join(stated['ch_names'])}, Muse's own order"
        )
    if told.get("sfreq") is None and options.csv_sfreq is None:
        assumed.append(
            f"no time stamps: {SFREQ:g} Hz assumed (220 for a headband of 2014: set ingest.csv_sfreq)"
        )
    return replace(candidate, file_format="csv", stated=stated, notes=tuple(assumed))
