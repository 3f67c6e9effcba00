"""Sex and age band from the header of an EDF or BDF file; code, name and dates end in this module.

Fields: https://www.edfplus.info/specs/edfplus.html#additionalspecs (local patient and recording identification).
"""

from __future__ import annotations

import datetime as dt
import re

from eeg_kedro.errors import EegError
from eeg_kedro.io.demographics import Demographics, age_band, tell_age_band
from eeg_kedro.io.source_file import SourceFile

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NO_DATE = dt.date(1985, 1, 1)  # what software writes for a date that was taken away
_HEADER_BYTES = 184
_DATE = re.compile(r"(\d{1,2})-([A-Z]{3})-(\d{4})", re.IGNORECASE)
_STATED_AGE = re.compile(r"Age:(\d+)", re.IGNORECASE)


def read_edf_demographics(file: SourceFile) -> Demographics:
    """Read sex and age at the recording; empty where the header does not say it as EDF+ wants it said.

    A file that cannot be read gives nothing here: why it cannot is told where its header is read for its signals.
    """
    try:
        with file.open() as handle:
            raw = handle.read(_HEADER_BYTES) or b""
    except EegError:
        return Demographics()
    if len(raw) < _HEADER_BYTES or (raw[:8].strip(b" \0") != b"0" and not raw.startswith(b"\xffBIOSEMI")):
        return Demographics()
    words = raw[8:88].decode("latin-1").replace("\0", " ").split()
    # code, sex, birth date: without a date in its place an "M" is as well somebody's middle initial
    if len(words) < 3 or not (words[2].upper() == "X" or _date(words[2])):
        return Demographics()
    return Demographics(words[1] if words[1] in ("F", "M") else "", _age_band(words, raw))


def _age_band(words: list[str], raw: bytes) -> str:
    stated = next((found for word in words[3:] if (found := _STATED_AGE.fullmatch(word))), None)
    if stated:  # TUSZ: its birth dates are all moved to the first of January, its ages are right
        return tell_age_band(stated[1])
    birth, start = _date(words[2]), _start(raw)
    if birth is None or start is None:
        return ""
    return age_band(start.year - birth.year - ((start.month, start.day) < (birth.month, birth.day)))


def _start(raw: bytes) -> dt.date | None:
    """Read the start date, from the recording field with its four-digit year if it is there."""
    words = raw[88:168].decode("latin-1").replace("\0", " ").split()
    if len(words) > 1 and words[0].lower() == "startdate":
        return _date(words[1])
    found = re.fullmatch(rb"(\d\d)\.(\d\d)\.(\d\d)", raw[168:176])
    if found is None:
        return None
    day, month, year = map(int, found.groups())
    date = _calendar(1900 + year if year >= 85 else 2000 + year, month, day)
    return None if date == NO_DATE else date


def _date(text: str) -> dt.date | None:
    found = _DATE.fullmatch(text)
    if found is None or found[2].upper() not in MONTHS:
        return None
    return _calendar(int(found[3]), MONTHS.index(found[2].upper()) + 1, int(found[1]))


def _calendar(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:  # the 31st of February
        return None
