"""A table of participants with one label each, such as remission: CSV, or the ``participants.tsv`` of BIDS."""

from __future__ import annotations

import csv
from collections import Counter

import pandas as pd

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import told_headings

SEPARATORS = "\t,;"
PARTICIPANT = ("participant", "participant_id", "subject", "subject_id")  # the first that is present wins
NOT_GIVEN = {"", "n/a", "na", "nan", "?"}
Rows = list[tuple[int, list[str]]]


def read_label_table(file: SourceFile, column: str = "label") -> pd.DataFrame:
    """Read who has which label.

    The header row tells the separator (tab, comma or semicolon); lines that begin with ``#`` are comments. Other
    columns are not read: tables of participants hold what nobody here wants to know.

    Parameters
    ----------
    file : SourceFile
        Text with a header row.
    column : str
        Name of the column of labels, in any case.

    Returns
    -------
    DataFrame
        ``participant`` and ``label`` as written (str), in the order of the file; participants whose label is not
        given (empty, ``n/a``) are left out.

    Raises
    ------
    AnnotationError
        If the text cannot be read, a column is missing, a row is shorter than the header or has no participant, or a
        participant is there twice.
    """
    header, rows = _split(read_text(file), file.relative)
    who, what = _find(header, PARTICIPANT, file.relative), _find(header, (column,), file.relative)
    found = [_cells(number, cells, (who, what), file.relative) for number, cells in rows]
    _refuse_repeated(found, file.relative)
    given = [(name, label) for name, label in found if label.lower() not in NOT_GIVEN]
    return pd.DataFrame(given, columns=["participant", "label"], dtype="str")


def _split(text: str, name: str) -> tuple[list[str], Rows]:
    """Return the header and the numbered rows below it."""
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(f" {SEPARATORS}") and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise AnnotationError(
            "a table of labels without a header row", file=name, allowed="participant,label"
        )
    separator = next((mark for mark in SEPARATORS if mark in lines[0][1]), ",")
    cells = [(number, _cut(number, line, separator, name)) for number, line in lines]
    return [cell.strip().lower() for cell in cells[0][1]], cells[1:]


def _cut(number: int, line: str, separator: str, name: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error as error:  # a cell of more than 131072 letters
        raise AnnotationError(
            f"line {number} of a table of labels is no row",
            file=name,
            value=f"{len(line)} characters",
            allowed="a participant and a label in each row",
            remedy="mend the line",
        ) from error


def _find(header: list[str], names: tuple[str, ...], file: str) -> int:
    found = next((name for name in names if name.lower() in header), None)
    if found is None:
        raise AnnotationError(
            f"a table of labels has no column {names[0]}",
            file=file,
            value=told_headings(header),
            allowed=", ".join(names),
            remedy="name the columns in the first row, such as participant,label",
        )
    return header.index(found.lower())


def _cells(number: int, cells: list[str], wanted: tuple[int, int], file: str) -> tuple[str, str]:
    """Return participant and label of a row."""
    if len(cells) <= max(wanted) or not cells[wanted[0]].strip():
        raise AnnotationError(
            f"line {number} of a table of labels has too few cells, or no participant",
            file=file,
            value=len(cells),
            allowed="a participant and a label in each row",
            remedy="n/a stands for a label that is not known",
        )
    return cells[wanted[0]].strip(), cells[wanted[1]].strip()


def _refuse_repeated(found: list[tuple[str, str]], file: str) -> None:
    times = Counter(name for name, _ in found)
    repeated = {
        name: sorted({label for who, label in found if who == name}) for name in times if times[name] > 1
    }
    if not repeated:
        return
    conflicting = {name: labels for name, labels in repeated.items() if len(labels) > 1}
    raise AnnotationError(
        "participants have several labels" if conflicting else "participants are there more than once",
        file=file,
        value="; ".join(f"{name}: {', '.join(labels)}" for name, labels in (conflicting or repeated).items()),
        allowed="one row per participant",
        remedy="keep the row that counts",
    )
