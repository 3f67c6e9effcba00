"""The cuts of a recording that experts voted on: collected from every table, and where in the recording they lie."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.vote_rows import VoteRow, disagreement
from eeg_kedro.io.vote_table import read_vote_table

SFREQ = 200.0  # Hz; stated by the competition, not by its files
CUT_SECONDS = 10.0  # what was voted on
SHOWN_SECONDS = 50.0  # of EEG; the cut is in the middle
Found = tuple[SourceFile, VoteRow]


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


def cuts_of(
    files: Sequence[SourceFile], eeg_id: str, options: IngestOptions, length: float | None
) -> Cuts | None:
    """Collect the rows of votes on one recording from the tables that have some; None if there is none.

    Two tables speak of one cut if they count it alike (``eeg_sub_id``) or place it alike; it counts once.

    Parameters
    ----------
    files : sequence of SourceFile
        The tables, the one that counts first.
    eeg_id : str
        The recording.
    options : IngestOptions
        ``annotation_conflict``.
    length : float or None
        Of the recording (s), where it is known: tables without offsets speak of its middle.

    Raises
    ------
    AnnotationError
        If a table or its rows on this recording cannot be read, or two tables disagree and
        ``ingest.annotation_conflict`` does not say that the first counts.
    """
    merger = _Merger(options, length)
    for file in files:
        table = read_vote_table(file)
        flaw = table.error or table.flaws.get(eeg_id)
        if flaw:
            raise copy(flaw)  # kept for the next recording, without this one's traceback
        merger.add([(file, row) for row in table.rows.get(eeg_id, ())])
    found = tuple(merger.known)
    return Cuts(found[0][0], found, tuple(merger.repairs)) if found else None


class _Merger:
    """Puts the rows of several tables on one recording together."""

    def __init__(self, options: IngestOptions, length: float | None) -> None:
        self.known: list[Found] = []
        self.repairs: list[str] = []
        self._options, self._length = options, length

    def add(self, rows: list[Found]) -> None:
        """Add the rows of a further table."""
        if not rows:
            return
        if _sums_up(rows, self.known):
            self._leave_out(rows[0][0])
        elif _sums_up(self.known, rows):
            self._leave_out(self.known[0][0])
            self.known = rows
        else:
            self.known += self._further(rows)

    def _further(self, rows: list[Found]) -> list[Found]:
        """Return the rows whose cuts are not known yet; the others must say what is known."""
        counted = {row.key: (file, row) for file, row in reversed(self.known)}
        placed: dict[float | None, list[Found]] = defaultdict(list)
        for file, row in self.known:
            placed[self._onset(row)].append((file, row))
        placed.pop(None, None)
        further = []
        for file, row in rows:
            counts_alike, lies_there = counted.get(row.key), placed.get(self._onset(row), [])
            if counts_alike:
                other = counts_alike[1]
                self._compare(counts_alike, (file, row), row.offset == other.offset and row.agrees(other))
            elif lies_there:
                self._compare(lies_there[0], (file, row), any(row.agrees(other) for _, other in lies_there))
            else:
                further.append((file, row))
        # one table places cuts, the other speaks of the file, and no cut is in both: it may be all votes on the file
        places_alike = {row.offset is None for _, row in (*self.known, *further)}
        if len(further) == len(rows) and self.known and len(places_alike) > 1:
            self._leave_out(further[0][0])
            return []
        return further

    def _compare(self, known: Found, found: Found, agree: bool) -> None:
        if agree:
            return
        conflict = disagreement(known[1], found[1], known[0], found[0])
        if self._options.annotation_conflict == "error":
            raise conflict
        self.repairs.append(f"{conflict.what}: the first is used, as ingest.annotation_conflict says")

    def _leave_out(self, file: SourceFile) -> None:
        self.repairs.append(f"{file.relative} does not tell the cuts apart as the other table does: not used")

    def _onset(self, row: VoteRow) -> float | None:
        onset, _ = place_of(row, self._length)
        return round(onset, 3) if math.isfinite(onset) else None


def _sums_up(one: Sequence[Found], cuts: Sequence[Found]) -> bool:
    """Say whether a table has one row for a recording, the votes on all of its cuts together."""
    if len(one) != 1 or len(cuts) < 2 or one[0][1].offset is not None:
        return False
    columns = zip(*(row.votes for _, row in cuts), strict=True)
    return one[0][1].votes == tuple(map(sum, columns))


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
