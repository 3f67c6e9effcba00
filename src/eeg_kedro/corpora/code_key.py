"""Coded names for recordings, and the key that leads back: a file of its own, for those who may read it."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.layouts import LAYOUTS, choose_layout
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.errors import EegError, ParameterError
from eeg_kedro.io.atomic_file import replacing

COLUMNS = ("copy", "source", "participant")
_CODE = re.compile(r"p(\d+)_(\d+)\.[a-z]+")


class CodeKey:
    """Gives each recording a name such as ``p0001_0001.edf``, the same one whenever it is asked.

    Parameters
    ----------
    path : Path
        Where the key is; read if it is there, so that codes stay when recordings are added.

    Raises
    ------
    ParameterError
        If there is a file of that name that is no key.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._codes: dict[str, str] = {}
        self._participants: dict[str, str] = {}
        if path.exists():
            self._read()

    def code_of(self, source: str) -> str:
        """Return the coded name of a recording that was assigned one."""
        return self._codes[source]

    def assign(self, listing: FolderListing, recordings: Iterable[str]) -> None:
        """Give codes to the recordings that have none, in sorted order, and write the key for its owner alone.

        Who is one participant is what the corpus' layout says, as far as there is one, else the file name before
        its last underscore.

        Raises
        ------
        DiskFullError
            If there is no room for the key.
        """
        names = _participants(listing)
        for source in sorted(recordings):
            if source in self._codes:
                continue
            participant = names.get(source) or PurePosixPath(source).stem.rpartition("_")[0] or source
            code = self._person_code(participant)
            taken = [
                int(found[2])
                for name in self._codes.values()
                if (found := _CODE.match(name)) and name.startswith(code)
            ]
            suffix = PurePosixPath(source).suffix.lower()
            self._codes[source] = f"{code}_{max(taken, default=0) + 1:04d}{suffix}"
            self._participants[source] = participant
        self._write()

    def _person_code(self, participant: str) -> str:
        known = {self._participants[source]: copy.split("_")[0] for source, copy in self._codes.items()}
        most = max((int(code[1:]) for code in known.values()), default=0)
        return known.get(participant, f"p{most + 1:04d}")

    def _read(self) -> None:
        try:
            with self.path.open(encoding="utf-8", newline="") as stream:
                rows = [*csv.reader(stream)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise self._no_key() from error
        if (
            not rows
            or tuple(rows[0]) != COLUMNS
            or not all(len(r) == 3 and _CODE.fullmatch(r[0]) for r in rows[1:])
        ):
            raise self._no_key()
        for copy, source, participant in rows[1:]:
            self._codes[source], self._participants[source] = copy, participant

    def _no_key(self) -> ParameterError:
        return ParameterError(
            "the file for the key is there and is no key",
            value=self.path.name,
            allowed=f"a table with the columns {', '.join(COLUMNS)}, or a new file",
            remedy="choose another --key",
        )

    def _write(self) -> None:
        with replacing(self.path) as part:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8", newline="") as stream:  # noqa: PTH123 - made for its owner
                table = csv.writer(stream, lineterminator="\n")
                table.writerow(COLUMNS)
                table.writerows(
                    (copy, source, self._participants[source]) for source, copy in self._codes.items()
                )


def _participants(listing: FolderListing) -> dict[str, str]:
    options = IngestOptions.model_validate({})
    try:
        layout, _ = choose_layout(listing)
        candidates = [*LAYOUTS[layout].list_candidates(listing, options)]
    except EegError:  # no layout, or two, or a list that cannot be read: then names alone tell
        return {}
    return {c.file.relative: (c.person or c.participant).lower() for c in candidates if not c.absent}
