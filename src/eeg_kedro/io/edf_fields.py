"""Fixed-width text fields of an EDF/BDF header: read what is meant, and say what had to be mended.

Field widths and places: https://www.edfplus.info/specs/edf.html. Patient, recording and date fields are known
here as bytes to be skipped; none of their text leaves this module.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import accumulate

from eeg_kedro.io.telling_text import is_channel_label

FIXED_BYTES = 256  # the part before the signal fields, and the size of one signal's fields
SIGNAL_FIELDS = {
    "label": 16,
    "transducer": 80,
    "dimension": 8,
    "physical_min": 8,
    "physical_max": 8,
    "digital_min": 8,
    "digital_max": 8,
    "prefilter": 80,
    "samples_per_record": 8,
    "reserved": 32,
}
_STARTS = dict(zip(SIGNAL_FIELDS, accumulate(SIGNAL_FIELDS.values(), initial=0), strict=False))
FIXED_FIELDS = {
    "header_bytes": slice(184, 192),
    "reserved": slice(192, 236),
    "n_records": slice(236, 244),
    "record_duration": slice(244, 252),
    "n_signals": slice(252, 256),
}
LARGEST = 1e15  # nothing a recorder writes; far beyond it float32 microvolts would overflow
MOST_NAMED = 20  # signals in one sentence
_START = re.compile(rb"(\d\d)\.(\d\d)\.(\d\d)(\d\d)\.(\d\d)\.(\d\d)")
_NUMBER = re.compile(r"[-+]?\d{1,5}([.,]\d{0,5})?([eE][-+]?\d{1,3})?")
MOST_DIGITS = 5  # of a number that is shown: dates and hospital numbers have six and more


class EdfFields:
    """Fields of one header as text and numbers; `repairs` collects one sentence per kind of flaw.

    Parameters
    ----------
    fixed : bytes
        The first 256 bytes of the file.
    """

    def __init__(self, fixed: bytes) -> None:
        self._fixed, self._signals, self._n_signals = fixed, b"", 0
        self._notes: dict[str, None] = {}
        self._without_range: list[str] = []

    @property
    def repairs(self) -> tuple[str, ...]:
        """What had to be mended, in sentences."""
        if not self._without_range:
            return (*self._notes,)
        more = len(self._without_range) - MOST_NAMED
        names = ", ".join(self._without_range[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return (*self._notes, f"no readable physical or digital range, cannot be used: {names}")

    def add_signals(self, raw: bytes, n_signals: int) -> None:
        """Add the bytes of the signal fields, 256 per signal."""
        self._signals, self._n_signals = raw, n_signals

    def note(self, sentence: str) -> None:
        """Remember a repair, once."""
        self._notes[sentence] = None

    def note_without_range(self, index: int) -> None:
        """Remember a signal whose scale cannot be read; they are named together."""
        self._without_range.append(self.name_of(index))

    def name_of(self, index: int) -> str:
        """Name a signal for people, by its label if that is a channel's: where bytes were lost it may be a person's."""
        label = self.signal_text("label", index)
        return f"signal {index + 1} ({label!r})" if is_channel_label(label) else f"signal {index + 1}"

    def number_as_written(self, name: str, index: int | None = None) -> str:
        """Return a field for an error: one plain number, never text or a date, which may be a patient's."""
        text = self.fixed_text(name) if index is None else self.signal_text(name, index)
        if not _NUMBER.fullmatch(text):
            return "no number" if text else ""
        n_digits = sum(map(str.isdigit, text))
        return text if n_digits <= MOST_DIGITS else f"a number of {n_digits} digits"

    def fixed_text(self, name: str) -> str:
        """Read a field of the fixed part."""
        return self._text(self._fixed[FIXED_FIELDS[name]])

    def fixed_number(self, name: str) -> float | None:
        """Read a number of the fixed part; None if there is none."""
        return self._number(self.fixed_text(name))

    def signal_text(self, name: str, index: int) -> str:
        """Read a field of one signal."""
        width = SIGNAL_FIELDS[name]
        start = self._n_signals * _STARTS[name] + index * width
        return self._text(self._signals[start : start + width])

    def signal_number(self, name: str, index: int) -> float | None:
        """Read a number of one signal; None if there is none."""
        return self._number(self.signal_text(name, index))

    def check_start(self) -> None:
        """Note a start date or time that is none; the value itself is never used and never shown."""
        found = _START.fullmatch(self._fixed[168:184])
        if not found:
            self.note("the start date or time is not written dd.mm.yy hh.mm.ss; it is not used")
            return
        day, month, year, hour, minute, second = map(int, found.groups())
        try:  # years 85 to 99 are of the last century
            datetime(year + (1900 if year >= 85 else 2000), month, day, hour, minute, second)
        except ValueError:
            self.note("the start date or time is none that exists; it is not used")

    def _text(self, raw: bytes) -> str:
        if b"\0" in raw:
            self.note("header fields are padded with NUL bytes; they were read as blanks")
        raw = raw.replace(b"\0", b" ").strip()
        if raw.isascii():
            return raw.decode("ascii")
        self.note("header fields hold characters that are not ASCII; they were read as UTF-8 or Latin-1")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    def _number(self, text: str) -> float | None:
        if "," in text and "." not in text:
            self.note("numbers in the header are written with a decimal comma; it was read as a point")
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return None
        return value if abs(value) < LARGEST else None  # also None for NaN
