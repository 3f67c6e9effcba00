"""Rows of tables of votes: what experts made of one cut of one recording, each cell checked as it is read."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from eeg_kedro.errors import AnnotationConflictError, AnnotationError
from eeg_kedro.io.source_file import SourceFile

CLASSES = ("seizure", "lpd", "gpd", "lrda", "grda", "other")
VOTE_COLUMNS = tuple(f"{name}_vote" for name in CLASSES)
TIE = "tie:"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_WHOLE = re.compile(r"(\d+)\.0*")  # pandas writes whole numbers so where one cell of the column is empty
_MOST_VOTES = 1000  # nobody asks more experts
_LONGEST = 1e7  # s; no recording lasts four months
_KNOWN = ", ".join(CLASSES)


class VoteRow(NamedTuple):
    """One cut of one recording, and what the experts made of it.

    Attributes
    ----------
    line : int
        Where it stands in the file.
    eeg_id, patient_id, spectrogram_id : str
        As written; the last two empty where the table does not say.
    sub_id : int or None
        Counts the cuts of a recording.
    offset, spectrogram_offset : float or None
        Start (s) of the 50 s of EEG and of the 600 s of spectrogram in whose middle the cut lies.
    consensus : str
        Stated consensus in lower case; empty where the table does not say.
    votes : tuple of int
        In the order of `CLASSES`; empty in a table without votes.
    """

    line: int
    eeg_id: str
    patient_id: str
    sub_id: int | None
    offset: float | None
    spectrogram_id: str
    spectrogram_offset: float | None
    consensus: str
    votes: tuple[int, ...]

    @property
    def key(self) -> tuple[int | None, float | None]:
        """What tells the cuts of one recording apart."""
        return (self.sub_id, None) if self.sub_id is not None else (None, self.offset)

    @property
    def said(self) -> tuple[Any, ...]:
        """All that a second row on the same cut must agree on."""
        return self.offset, self.spectrogram_id, self.spectrogram_offset, self.consensus, self.votes

    def agrees(self, other: VoteRow) -> bool:
        """Say whether a row of another table on the same cut says the same, as far as both tell."""
        pairs = (
            (self.spectrogram_id, other.spectrogram_id),
            (self.spectrogram_offset, other.spectrogram_offset),
            (self.consensus, other.consensus),
        )
        return self.votes == other.votes and all(one == two for one, two in pairs if _told_by(one, two))

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes of the consensus: the stated one, those of a stated tie, else those with most votes."""
        return tuple(self.consensus.removeprefix(TIE).split("|")) if self.consensus else self.leaders

    @property
    def leaders(self) -> tuple[str, ...]:
        """The classes with most votes."""
        most = max(self.votes)
        return tuple(name for name, votes in zip(CLASSES, self.votes, strict=True) if votes == most)


class RowReader:
    """Reads the rows of one table.

    Parameters
    ----------
    file : SourceFile
        The table, for errors.
    names : sequence of str
        Its columns in lower case.
    """

    def __init__(self, file: SourceFile, names: Sequence[str]) -> None:
        self._file = file
        self._n_columns = len(names)
        self._places = {name: place for place, name in enumerate(names) if name}
        self._has_votes = set(VOTE_COLUMNS) <= set(names)

    def eeg_id(self, cells: Sequence[str], line: int) -> str:
        """Read which recording a row speaks of.

        Raises
        ------
        AnnotationError
            If the cell is empty or holds no id.
        """
        return self._id(cells, "eeg_id", line)

    def row(self, eeg_id: str, cells: Sequence[str], line: int) -> VoteRow:
        """Read a row that names the recording ``eeg_id``.

        Raises
        ------
        AnnotationError
            If a cell makes no sense.
        """
        if len(cells) > self._n_columns and any(cell.strip() for cell in cells[self._n_columns :]):
            raise self._flaw(f"line {line} has more cells than the header", len(cells), str(self._n_columns))
        spectrogram = self._id(cells, "spectrogram_id", line, needed=False)
        return VoteRow(
            line,
            eeg_id,
            self._id(cells, "patient_id", line, needed=False),
            self._sub_id(cells, line),
            self._seconds(cells, "eeg_label_offset_seconds", line),
            spectrogram,
            self._seconds(cells, "spectrogram_label_offset_seconds", line) if spectrogram else None,
            self._consensus(cells, line),
            self._votes(cells, line) if self._has_votes else (),
        )

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self._places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _id(self, cells: Sequence[str], name: str, line: int, needed: bool = True) -> str:
        text = self._cell(cells, name)
        if text.lower() in ("", "nan", "n/a") and not needed:
            return ""
        if not _ID.fullmatch(text):  # what stands there may be anything: it is not quoted
            raise self._flaw(f"{name} in line {line} is no id", None, "digits, letters, hyphens")
        whole = _WHOLE.fullmatch(text)
        return whole[1] if whole else text

    def _sub_id(self, cells: Sequence[str], line: int) -> int | None:
        text = self._cell(cells, "eeg_sub_id")
        if "eeg_sub_id" not in self._places:
            return None
        if not is_whole(text):
            raise self._flaw(f"eeg_sub_id in line {line} is no whole number", _shown(text), "0, 1, 2, ...")
        return int(float(text))

    def _seconds(self, cells: Sequence[str], name: str, line: int) -> float | None:
        if name not in self._places:
            return None
        text = self._cell(cells, name)
        value = _number(text)
        if not 0 <= value <= _LONGEST:
            raise self._flaw(f"{name} in line {line} is no time", _shown(text), "seconds, 0 or more")
        return value

    def _consensus(self, cells: Sequence[str], line: int) -> str:
        text = self._cell(cells, "expert_consensus").lower()
        if "expert_consensus" in self._places and not _is_consensus(text):
            raise self._flaw(f"unknown expert_consensus in line {line}", None, f"{_KNOWN}, {TIE}A|B")
        return text

    def _votes(self, cells: Sequence[str], line: int) -> tuple[int, ...]:
        texts = [self._cell(cells, name) for name in VOTE_COLUMNS]
        for name, text in zip(VOTE_COLUMNS, texts, strict=True):
            if not is_whole(text) or float(text) > _MOST_VOTES:
                allowed = f"whole numbers, 0 to {_MOST_VOTES}"
                raise self._flaw(f"{name} in line {line} is no number of votes", _shown(text), allowed)
        votes = tuple(int(float(text)) for text in texts)
        if not any(votes):
            raise self._flaw(f"nobody voted in line {line}", votes, "one vote at least")
        return votes

    def _flaw(self, what: str, value: Any, allowed: str) -> AnnotationError:
        remedy = "correct the line or remove it"
        return AnnotationError(what, file=self._file.relative, value=value, allowed=allowed, remedy=remedy)


def disagreement(
    one: VoteRow, other: VoteRow, file: SourceFile, other_file: SourceFile
) -> AnnotationConflictError:
    """Make the error for two rows, of one table or of two, that say different things about one cut."""
    elsewhere = "" if other_file == file else f" of {other_file.relative}"
    return AnnotationConflictError(
        f"line {one.line} and line {other.line}{elsewhere} disagree on one cut of the recording {one.eeg_id}",
        file=file.relative,
        other_file=other_file.relative,
        value=f"{_told(one)} and {_told(other)}",
        allowed="the same votes on one cut wherever it is listed",
        remedy="keep the row that counts",
    )


def _told_by(one: str | float | None, two: str | float | None) -> bool:
    return not {one, two} & {"", None}


def _told(row: VoteRow) -> str:
    counts = ", ".join(f"{name} {n}" for name, n in zip(CLASSES, row.votes, strict=False) if n)
    offset = "" if row.offset is None else f" from {row.offset:g} s"
    return f"{row.consensus or 'no consensus'} ({counts or 'no votes'}){offset}"


def _is_consensus(text: str) -> bool:
    """Say whether a text in lower case names a class, or two and more that share the votes."""
    tied = text.removeprefix(TIE).split("|") if text.startswith(TIE) else []
    return text in CLASSES or (len(tied) > 1 and len(set(tied)) == len(tied) and set(tied) <= {*CLASSES})


def is_whole(text: str) -> bool:
    """Say whether a cell holds a whole number, 0 or more, be it written ``3`` or ``3.0``."""
    return len(text) < 10 and text.isascii() and (text.isdigit() or _WHOLE.fullmatch(text) is not None)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ".").replace("_", " "))  # Python takes 1_0 for 10
    except ValueError:
        return math.nan


def _shown(text: str) -> str | None:
    """Give a cell for an error, if it is a number: text may be anything."""
    return text if text and math.isfinite(_number(text)) else None
