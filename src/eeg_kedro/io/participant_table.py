"""Tables of participants (BIDS ``participants.tsv``, Siena ``subject_info.csv``, CHB-MIT ``SUBJECT-INFO``).

Only the code of a participant, sex and age band leave this module; names and dates in other columns do not.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.demographics import Demographics, tell_age_band, tell_sex
from eeg_kedro.io.source_file import SourceFile

NAMES = re.compile(r"(participants\.tsv|subject_info\.csv|subject-info(\.txt)?)", re.IGNORECASE)
CODE = ("participant_id", "patient_id", "subject_id", "participant", "patient", "subject", "case", "id")
SEX = ("sex", "gender")
AGE = ("age", "age_years", "age (years)", "age(years)")
SEPARATORS = "\t;,"
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
        If the text cannot be read or has no column with the participants' codes.
    """
    lines = [line for line in read_text(file).splitlines() if line.strip() and not line.startswith("#")]
    separator = next((mark for mark in SEPARATORS if lines and mark in lines[0]), "\t")
    cells = [next(csv.reader([line], delimiter=separator)) for line in lines]
    columns = {name.strip().lower(): place for place, name in enumerate(cells[0])} if cells else {}
    code, sex, age = (_place(columns, names) for names in (CODE, SEX, AGE))
    if code is None:
        raise AnnotationError(
            "no column with the codes of participants",
            file=file.relative,
            allowed=", ".join(CODE),
            remedy="name the columns in the first row",
        )
    if not _counts_years(file):
        age = None
    return tuple(
        (
            _cell(row, code).lower().removeprefix("sub-"),
            Demographics(tell_sex(_cell(row, sex)), tell_age_band(_cell(row, age))),
        )
        for row in cells[1:]
    )


def _place(columns: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((columns[name] for name in names if name in columns), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _counts_years(file: SourceFile) -> bool:
    """Say whether ages are in years: newborns are counted in weeks, and BIDS says so in the JSON beside."""
    try:
        told = json.loads(file.path.with_suffix(".json").read_bytes())
        units = told["age"]["Units"]
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return str(units).strip().lower() in ("year", "years", "y", "a")
