"""Tables of experts' votes in the layout of the HMS competition: a row for each cut that was voted on.

Only ``eeg_id`` and the six columns of votes must be there; offsets, spectrograms, patients and the stated consensus
may be. What is wrong in one row is kept for the recording it speaks of: 17,000 others have nothing to do with it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from eeg_kedro.errors import AnnotationError, EegError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.vote_rows import VOTE_COLUMNS, RowReader, VoteRow, disagreement, is_whole

TableKind = Literal["votes", "predictions", "recordings", ""]

_ABOUT_VOTES = {*VOTE_COLUMNS, "expert_consensus"}  # a table with some of them and not all has lost labels
_HEAD = 1 << 16  # bytes; a header and a row
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class VoteTable:
    """A table of votes, or of recordings without votes, as far as it could be read.

    Attributes
    ----------
    file : SourceFile
        The table.
    rows : mapping
        Rows of each ``eeg_id``, in the order of the file, repeated ones once.
    flaws : mapping
        What is wrong with the rows of an ``eeg_id``; it has no rows then.
    lost : tuple of AnnotationError
        Rows that name no recording.
    n_repeated : int
        Rows that say again what another said.
    error : EegError or None
        Why the table as a whole cannot be read.
    """

    file: SourceFile
    rows: Mapping[str, tuple[VoteRow, ...]] = field(default_factory=lambda: MappingProxyType({}))
    flaws: Mapping[str, AnnotationError] = field(default_factory=lambda: MappingProxyType({}))
    lost: tuple[AnnotationError, ...] = ()
    n_repeated: int = 0
    error: EegError | None = None


def table_kind(file: SourceFile) -> TableKind:
    """Tell by header and first row whether a text table holds votes, predictions, or names recordings only.

    A submission has the columns of votes too; its numbers are shares, and nobody states a consensus.
    """
    try:
        with file.open() as handle:
            head = handle.read(_HEAD) or b""
    except EegError:
        return ""
    lines = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    names, first = _first_rows(lines)
    if "eeg_id" not in names:
        return ""
    if not _ABOUT_VOTES & set(names):
        return "recordings" if {"patient_id", "spectrogram_id"} & set(names) else ""
    cells = dict(zip(names, first, strict=False))
    whole = all(is_whole(cells.get(name, "0")) for name in VOTE_COLUMNS)
    return "votes" if whole or "expert_consensus" in names else "predictions"


def read_vote_table(file: SourceFile) -> VoteTable:
    """Read a table of votes or of recordings; a table is parsed once as long as its file is not touched.

    Returns
    -------
    VoteTable
        Nothing is raised: errors of the file and of its rows are in it.
    """
    try:
        return _read(file, file.stamp())
    except EegError as error:
        return VoteTable(file, error=error)


@lru_cache(maxsize=8)  # asked again for every recording; a corpus has one or two
def _read(file: SourceFile, stamp: tuple[int, int]) -> VoteTable:
    text = read_text(file)
    try:
        return _Reading(
            file, csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
        ).table()
    except csv.Error as error:
        raise AnnotationError(
            "a table of votes cannot be cut into cells",
            file=file.relative,
            allowed="comma-separated text with a header row",
            remedy="export the table again",
        ) from error


class _Reading:
    """Goes through the rows of one table."""

    def __init__(self, file: SourceFile, reader: Any) -> None:
        self._file, self._reader = file, reader
        names = [name.strip().lower() for name in next(reader, [])]
        _check_columns(names, file.relative)
        self._rows = RowReader(file, names)

    def table(self) -> VoteTable:
        rows: dict[str, dict[tuple[Any, Any], VoteRow]] = {}
        flaws: dict[str, AnnotationError] = {}
        lost: list[AnnotationError] = []
        n_repeated = 0
        for line, cells in self._lines():
            try:
                eeg_id = self._rows.eeg_id(cells, line)
            except AnnotationError as error:
                lost.append(error)
                continue
            try:
                row = self._rows.row(eeg_id, cells, line)
                n_repeated += self._add(row, rows.setdefault(eeg_id, {}))
            except AnnotationError as error:
                flaws.setdefault(eeg_id, error)
        kept = {eeg_id: tuple(found.values()) for eeg_id, found in rows.items() if eeg_id not in flaws}
        return VoteTable(self._file, MappingProxyType(kept), MappingProxyType(flaws), tuple(lost), n_repeated)

    def _lines(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Give the number and the cells of each line that is not blank."""
        for cells in self._reader:
            if any("\n" in cell for cell in cells):  # a quote that swallowed the rows behind it
                raise AnnotationError(
                    f"a cell that ends in line {self._reader.line_num} holds several lines",
                    file=self._file.relative,
                    allowed="one row per line",
                    remedy="close or remove the quote where the cell begins",
                )
            if any(cell.strip() for cell in cells):
                yield self._reader.line_num, cells

    def _add(self, row: VoteRow, others: dict[tuple[Any, Any], VoteRow]) -> bool:
        """Add a row to those of its recording; say whether it was there already."""
        first = next(iter(others.values()), row)
        if row.patient_id != first.patient_id:
            what = f"lines {first.line} and {row.line} name different patients for one recording"
            raise AnnotationError(
                what,
                file=self._file.relative,
                value=f"{first.patient_id} and {row.patient_id}",
                allowed="one patient_id per eeg_id",
                remedy="correct the line or remove it",
            )
        other = others.setdefault(row.key, row)
        if other.said != row.said:
            raise disagreement(other, row, self._file, self._file)
        return other is not row


def _check_columns(names: Sequence[str], file: str) -> None:
    missing = [name for name in VOTE_COLUMNS if name not in names]
    if missing and _ABOUT_VOTES & set(names):
        raise AnnotationError(
            "columns of votes are missing",
            file=file,
            value=", ".join(missing),
            allowed=f"eeg_id, {', '.join(VOTE_COLUMNS)}",
            remedy="mend the header row, or take the table out of the corpus folder",
        )
    repeated = {name for name in names if names.count(name) > 1}
    if repeated & {"eeg_id", "eeg_sub_id", "patient_id", *_ABOUT_VOTES}:
        remedy = "keep the column that counts"
        raise AnnotationError("two columns of a table of votes have one name", file=file, remedy=remedy)


def _separator(text: str) -> str:
    header = text[: text.find("\n")] if "\n" in text else text
    return max(_SEPARATORS, key=header.count)


def _first_rows(text: str) -> tuple[list[str], list[str]]:
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=_separator(text)
        )  # kind only: not strict
        names = [name.strip().lower() for name in next(reader, [])]
        return names, [cell.strip() for cell in next(reader, [])]
    except csv.Error:
        return [], []
