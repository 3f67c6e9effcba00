"""Files called like a recording that may annotate it, told by their names alone: nothing of them is read here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora.folder_listing import FolderListing, list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate

# everything that some layout reads as annotations, or knows for such; a_1.edf.seizures of CHB-MIT too
ANNOTATION = re.compile(
    r"(?P<stem>.+?)(\.(edf|bdf))?"
    r"(_events\.tsv|_a[12]\.tsv|\.(csv|csv_bi|tsv|tse|tse_bi|lbl|lbl_bi|seizures))",
    re.IGNORECASE | re.DOTALL,
)


def stem_annotated(relative: str) -> str:
    """Return path and stem, in lower case, of the recording that a file may annotate; empty if it is no such file."""
    folder, slash, name = relative.rpartition("/")
    match = ANNOTATION.fullmatch(name)
    return (folder + slash + match["stem"]).lower() if match else ""


def stems_of(relative: str) -> tuple[str, ...]:
    """Return path and stem of a recording, in lower case; in BIDS annotations lack its last part, ``_eeg``."""
    stem = str(PurePosixPath(relative).with_suffix("")).lower()
    return (stem, stem.removesuffix("_eeg")) if stem.endswith("_eeg") else (stem,)


def with_unread(
    candidates: Iterable[Candidate], files: FolderListing, options: IngestOptions
) -> list[Candidate]:
    """Name with each recording the annotation files of its stem that are not among its annotations."""
    listed = [*candidates]
    claimed = {candidate.file.relative for candidate in listed}
    here = _by_stem(name for name in files.visible() if name not in claimed)
    elsewhere = _elsewhere(options)
    return [replace(one, unread=_unread(one, here, elsewhere)) if not one.absent else one for one in listed]


def _unread(
    candidate: Candidate, here: Mapping[str, Sequence[str]], elsewhere: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    used = {file.path.name for file in candidate.annotations}
    stems = stems_of(candidate.file.relative)
    found = [name for stem in stems for name in here.get(stem, ())]
    found += [name for stem in stems for name in elsewhere.get(stem.rpartition("/")[2], ())]
    return tuple(dict.fromkeys(name for name in found if PurePosixPath(name).name not in used))


def _by_stem(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if stem := stem_annotated(name):
            found[stem].append(name)
    return found


def _elsewhere(options: IngestOptions) -> dict[str, list[str]]:
    """Index ``annotations_root`` by stems without folders; only where an unread file decides something."""
    if not options.annotations_root or options.unannotated != "background":
        return {}
    listing = list_folder(options.annotations_root)
    found: dict[str, list[str]] = defaultdict(list)
    for stem, names in _by_stem(listing.visible()).items():
        found[stem.rpartition("/")[2]] += [f"{listing.root.name}/{name}" for name in names]
    return found
