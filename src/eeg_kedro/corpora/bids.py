"""BIDS and SzCORE: ``sub-<label>[/ses-<label>]/eeg/sub-<label>_..._eeg.edf``, ``..._events.tsv`` beside.

Event tables whose recording was not fetched are listed too: their events are known, their signal is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora.annotation_search import AnnotationSearch, UnclearFile
from eeg_kedro.corpora.bids_sidecars import read_nominal
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name, person_of
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.errors import LayoutError
from eeg_kedro.io.source_file import SourceFile

STEM = r"sub-(?P<label>[^_]+)(?P<entities>(_[^_]+)*)"
NAME = re.compile(STEM + r"_eeg\.(?P<format>edf|bdf)", re.IGNORECASE)
EVENTS = re.compile(STEM + r"_events\.tsv", re.IGNORECASE)
# processed or original copies of the same recordings, by the BIDS standard not part of the raw data
COPIES = ("derivatives", "sourcedata", "code")
# folders of other modalities have event tables too
OTHER_MODALITIES = {
    "anat", "beh", "dwi", "ecg", "emg", "eog", "fmap", "func", "ieeg", "meg", "motion", "mov", "mrs", "nirs",
    "perf", "pet", "physio",
}  # fmt: skip


def recognize(files: FolderListing) -> str:
    """Say why this is BIDS; empty if it is not."""
    names = files.visible()
    found = sum(_match(NAME, name) is not None for name in names)
    if found:
        return f"{found} files named like sub-01_task-szMonitoring_eeg.edf"
    events = sum(_match(EVENTS, name) is not None for name in names)
    return f"{events} event tables named like sub-01_task-szMonitoring_events.tsv" if events else ""


def subjects(files: FolderListing) -> set[str]:
    """Return the labels of all participants, in lower case."""
    found = (_match(NAME, name) or _match(EVENTS, name) for name in files.visible())
    return {match["label"].lower() for match in found if match}


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings, and event tables without one; the run is every entity after the subject."""
    search = AnnotationSearch(files, options)
    recorded: set[str] = set()
    for relative in files.visible():
        match = _match(NAME, relative)
        if match:
            stem = _stem(relative, match)
            recorded.add(stem.lower())
            yield _named(
                Candidate(
                    SourceFile(str(files.root), relative),
                    file_format=match["format"].lower(),
                    annotations=search.beside(relative, [PurePosixPath(stem).name + "_events.tsv"]),
                ),
                match,
            )
    for relative in files.visible():
        match = _match(EVENTS, relative)
        if match and _stem(relative, match).lower() not in recorded and not search.serves(relative):
            yield _named(_absent(files, search, relative, match), match)


def _absent(files: FolderListing, search: AnnotationSearch, relative: str, match: re.Match[str]) -> Candidate:
    """Make the candidate of an event table whose recording was not fetched."""
    stem, events = _stem(relative, match), SourceFile(str(files.root), relative)
    beside = search.beside(relative, [PurePosixPath(stem).name + "_eeg.json"])
    clear = [file for file in beside if not isinstance(file, UnclearFile)]
    unclear = [file for file in beside if isinstance(file, UnclearFile)]
    nominal = read_nominal(events, next(iter(clear), None))
    return Candidate(
        SourceFile(str(files.root), stem + "_eeg.edf"),
        annotations=(events,),
        sidecar=nominal.sidecar,
        absent=True,
        nominal_sfreq=nominal.sfreq,
        nominal_duration=nominal.duration,
        notes=(f"{len(unclear)} files called {unclear[0].path.name}: no rate is taken from them",)
        if unclear
        else (),
    )


def _named(candidate: Candidate, match: re.Match[str]) -> Candidate:
    """Name a candidate by its entities; a name of which nothing is left becomes its problem."""
    relative = candidate.file.relative
    session = re.search(r"_ses-([^_]+)", match["entities"], re.IGNORECASE)
    try:
        participant = clean_name(match["label"], relative)
        return replace(
            candidate,
            participant=participant,
            person=person_of(participant),
            session=clean_name(session[1], relative) if session else "",
            run=clean_name(match["entities"] or "1", relative),
            participant_as_written=match["label"],
        )
    except LayoutError as problem:
        return replace(candidate, problem=problem)


def _match(pattern: re.Pattern[str], relative: str) -> re.Match[str] | None:
    folder, _, name = relative.rpartition("/")
    match = pattern.fullmatch(name)
    if match is None or folder.partition("/")[0].lower() in COPIES:
        return None
    other = pattern is EVENTS and folder.rpartition("/")[2].lower() in OTHER_MODALITIES
    return None if other else match


def _stem(relative: str, match: re.Match[str]) -> str:
    """Return path and name up to the suffix that says what the file is."""
    return relative[: len(relative) - len(match.string) + match.end("entities")]
