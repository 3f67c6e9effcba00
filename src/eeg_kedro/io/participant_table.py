"""Tables of participants (BIDS ``participants.tsv``, Siena ``subject_info.csv``, CHB-MIT ``SUBJECT-INFO``).

Only the code of a participant, sex and age band leave this module; names and dates in other columns do not.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.demographics import Demographics, tell_age_band, tell_sex
from eeg_kedro.io.source_file import SourceFile

NAMES = re.compile(r"(participants\.tsv|subject_info\.csv|subject-info(\.txt)?)", re.IGNORECASE)
CODE = ("participant_id", "patient_id", "subject_id", "participant", "patient", "subject", "case", "id")
SEX = ("sex", "gender")
AGE = ("age", "age_years", "age (years)", "age(years)")
SEPARATORS = "\t;,"
YEARS = ("year", "years", "y", "a")
MOST_ROWS = 100_000  # no corpus has that many participants
Row = tuple[str, Demographics]


def read_participant_table(file: SourceFile) -> tuple[Row, ...]:
    """Read what a table says of each participant; a row may contradict another.

    Parameters
    ----------
    file : SourceFile
        The table; a JSON file of its name beside it may say that ages are not in years.

    Returns
    -------
    tuple of (code, Demographics)
        Codes in lower case, without the prefix ``sub-`` of BIDS.

    Raises
    ------
    AnnotationError
        If the text cannot be read, has no column with the participants' codes or more rows than there can be
        participants, or if the JSON file beside it is none.
    """
    rows = _cut(file)
    columns = {name.strip().lower(): place for place, name in enumerate(next(rows, []))}
    code, sex, age = (_place(columns, names) for names in (CODE, SEX, AGE))
    if code is None:
        raise AnnotationError(
            "no column with the codes of participants",
            file=file.relative,
            allowed=", ".join(CODE),
            remedy="name the columns in the first row",
        )
    if age is not None and not _counts_years(file):
        age = None
    found: list[Row] = []
    for row in rows:
        if len(found) == MOST_ROWS:
            raise AnnotationError(
                "more rows than a table of participants has",
                file=file.relative,
                allowed=f"{MOST_ROWS} rows at most",
                remedy="move the file out of the corpus or rename it",
            )
        told = Demographics(tell_sex(_cell(row, sex)), tell_age_band(_cell(row, age)))
        found.append((_cell(row, code).lower().removeprefix("sub-"), told))
    return tuple(found)


def _cut(file: SourceFile) -> Iterator[list[str]]:
    """Yield the rows one by one, cut into cells; a quote that is never closed ends with its line."""
    separator = ""
    for _, line in split_lines(read_text(file), file):
        if not line.strip() or line.startswith("#"):
            continue
        separator = separator or next((mark for mark in SEPARATORS if mark in line), "\t")
        yield next(csv.reader([line], delimiter=separator), [])


def _place(columns: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((columns[name] for name in names if name in columns), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _counts_years(file: SourceFile) -> bool:
    """Say whether ages are in years: newborns are counted in weeks, and BIDS says so in the JSON beside.

    Raises
    ------
    AnnotationError
        If there is a JSON file beside and it cannot be read: what it says of ages is not known.
    """
    beside = SourceFile(file.root, str(PurePosixPath(file.relative).with_suffix(".json")))
    if not os.path.lexists(beside.path):
        return True
    try:
        told = json.loads(read_text(beside))
    # brackets without end are a RecursionError, a number of thousands of digits is a ValueError of its own
    except (ValueError, RecursionError) as error:
        raise AnnotationError(
            f"{beside.path.name} beside it cannot be read: nobody can tell whether ages are in years",
            file=file.relative,
            allowed='{"age": {"Units": "years"}}',
            remedy="mend or remove the JSON file",
        ) from error
    column = told.get("age") if isinstance(told, dict) else None
    units = column.get("Units", "years") if isinstance(column, dict) else "years"
    return isinstance(units, str) and units.strip().lower() in YEARS
