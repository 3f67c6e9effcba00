"""TUSZ: ``edf/{train,dev,eval}/<subject>/sNNN_YYYY/<montage>/<subject>_sNNN_tNNN.edf``.

Older copies order the folders otherwise, so names come from the file alone and the split from any folder
above it. ``.csv`` (per channel, all classes) is the truth; ``.csv_bi`` is checked against it, and used where
it is alone. Versions before 2.0 have ``.tse`` and ``.tse_bi`` instead, and ``.lbl``, which is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name, person_of
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.io.source_file import SourceFile

NAME = re.compile(r"(?P<subject>[A-Za-z0-9]{8})_(?P<session>s\d{3,})_(?P<take>t\d{3,})\.edf", re.IGNORECASE)
SPLITS = ("train", "dev", "eval")
# the first that is there is the truth: all classes before two, and what is per channel before the rest
BESIDE = (".csv", ".csv_bi", ".tse", ".tse_bi")
NOT_READ = (".lbl", ".lbl_bi")


def recognize(files: FolderListing) -> str:
    """Say why this is TUSZ; empty if it is not."""
    found = [name for name in files.visible() if NAME.fullmatch(PurePosixPath(name).name)]
    return f"{len(found)} files named like aaaaaaac_s001_t000.edf" if found else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings with their official split and annotation files."""
    search = AnnotationSearch(files, options)
    for relative in files.visible():
        path = PurePosixPath(relative)
        match = NAME.fullmatch(path.name)
        if match:
            participant = clean_name(match["subject"], relative)
            yield Candidate(
                file=SourceFile(str(files.root), relative),
                participant=participant,
                person=person_of(participant),
                session=match["session"],
                run=clean_name(f"{match['session']}-{match['take']}", relative),
                split=_official_split(files.root.parts, path),
                annotations=search.beside(relative, [path.stem + suffix for suffix in BESIDE]),
            )


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording nor annotation."""
    if not relative.lower().endswith(NOT_READ):
        return None
    return FileReport(
        relative,
        "annotation",
        "refused",
        "labels per channel as TUSZ had them before 2.0; not read",
        "have its .tse or .tse_bi beside it, or fetch TUSZ 2.0 or later, which has .csv per channel",
    )


def _official_split(root: tuple[str, ...], path: PurePosixPath) -> str:
    named = [part.lower() for part in path.parts[:-1] if part.lower() in SPLITS]
    if named:
        return named[0]
    # the corpus root may be the split folder or lie below it; split/subject/session/montage/file is its place
    whole = (*root, *path.parts)
    above = whole[-5].lower() if len(whole) >= 5 else ""
    return above if above in SPLITS else ""
