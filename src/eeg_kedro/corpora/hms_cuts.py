"""The cuts of a recording that experts voted on: collected from every table, and where in the recording they lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.vote_rows import VoteRow, disagreement
from eeg_kedro.io.vote_table import read_vote_table

SFREQ = 200.0  # Hz; stated by the competition, not by its files
CUT_SECONDS = 10.0  # what was voted on
SHOWN_SECONDS = 50.0  # of EEG; the cut is in the middle


class Cuts(NamedTuple):
    """The rows of votes on one recording.

    Attributes
    ----------
    source : SourceFile
        The table they are told to come from, the first that has some.
    rows : tuple of (SourceFile, VoteRow)
        Each with its own table.
    repairs : tuple of str
        Rows that were not used.
    """

    source: SourceFile
    rows: tuple[tuple[SourceFile, VoteRow], ...]
    repairs: tuple[str, ...]


def cuts_of(files: Sequence[SourceFile], eeg_id: str, options: IngestOptions) -> Cuts | None:
    """Collect the rows of votes on one recording from the tables that have some; None if there is none.

    Raises
    ------
    AnnotationError
        If a table or its rows on this recording cannot be read, or two tables disagree and
        ``ingest.annotation_conflict`` does not say that the first counts.
    """
    known: dict[Any, tuple[SourceFile, VoteRow]] = {}
    repairs = []
    for file in files:
        table = read_vote_table(file)
        flaw = table.error or table.flaws.get(eeg_id)
        if flaw:
            raise copy(flaw)  # kept for the next recording, without this one's traceback
        rows = table.rows.get(eeg_id, ())
        if rows and known and _counts_cuts(rows[0]) != _counts_cuts(next(iter(known.values()))[1]):
            repairs.append(f"{file.relative} does not tell the cuts apart as the first table does: not used")
            continue
        for row in rows:
            first_file, first = known.setdefault(row.key, (file, row))
            if first.said == row.said:
                continue
            conflict = disagreement(first, row, first_file, file)
            if options.annotation_conflict == "error":
                raise conflict
            repairs.append(f"{conflict.what}: the first is used, as ingest.annotation_conflict says")
    found = tuple(known.values())
    return Cuts(found[0][0], found, tuple(repairs)) if found else None


def place_of(row: VoteRow, length: float | None) -> tuple[float, float]:
    """Return onset and duration (s) of the part of a recording that a row is about.

    Parameters
    ----------
    row : VoteRow
        One cut.
    length : float or None
        Of the recording (s): where the table has no offsets, the cut is the middle of the file; without either,
        the onset is NaN.
    """
    if row.offset is not None:
        return row.offset + (SHOWN_SECONDS - CUT_SECONDS) / 2, CUT_SECONDS
    if length is None:
        return math.nan, CUT_SECONDS
    duration = min(length, CUT_SECONDS)
    return (length - duration) / 2, duration


def _counts_cuts(row: VoteRow) -> bool:
    return row.sub_id is not None
