"""Clock times typed by hand: ``19.39.33``, ``21:51:02``, ``16:13.23``, and with a blank too many ``1 6.49.25``."""

from __future__ import annotations

import re
from typing import NamedTuple

from eeg_kedro.io.source_file import SourceFile

DAY = 24 * 3600  # s
START_FIELD = slice(176, 184)  # of an EDF header: hh.mm.ss
ONE = r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2}(?:[.,]\d{1,3})?)"
CLOCK = re.compile(rf"(?<![\w.:,]){ONE}(?!\w|[.:,]\d)(?: ?\(([^()]*)\))?")
WHOLE = re.compile(ONE)


class Clock(NamedTuple):
    """A time of the day.

    Attributes
    ----------
    seconds : float
        Since midnight.
    sign : str
        Which onset of a seizure it is, where brackets behind it say so: ``electric``, ``clinical`` or nothing.
    mended : bool
        It was not typed as a clock time, and can only be this one.
    """

    seconds: float
    sign: str = ""
    mended: bool = False

    def __str__(self) -> str:
        whole = int(self.seconds)
        fraction = f"{self.seconds - whole:.3f}"[1:].rstrip("0").rstrip(".")
        return f"{whole // 3600:02d}.{whole // 60 % 60:02d}.{whole % 60:02d}{fraction}"


def read_clocks(text: str) -> tuple[Clock, ...]:
    """Read every clock time of a line's value.

    Parameters
    ----------
    text : str
        One line; dots and colons may be mixed, words between the times are passed over.

    Returns
    -------
    tuple of Clock
        Empty if there is none, or if a digit is left that belongs to none of them.
    """
    line = " ".join(text.split())
    found = [_clock(match) for match in CLOCK.finditer(line)]
    if found and not re.search(r"\d", CLOCK.sub("", line)):
        return tuple(clock for clock in found if clock) if all(found) else ()
    # a blank or the letter O inside a number: together they must be one clock time and nothing else
    match = WHOLE.fullmatch(line.replace(" ", "").replace("O", "0").replace("o", "0").rstrip(".:;,"))
    mended = _clock(match) if match else None
    return (mended._replace(mended=True),) if mended else ()


def read_start_clock(file: SourceFile) -> float | None:
    """Read the time of the day of an EDF file's first sample (s since midnight), and nothing else of its header.

    None if there is no such time; midnight counts as none, for it is what anonymizers write.

    Raises
    ------
    SignalError
        If the file cannot be opened.
    """
    with file.open() as handle:
        field = handle.read(START_FIELD.stop)[START_FIELD]
    match = WHOLE.fullmatch(field.decode("latin-1").strip())
    clock = _clock(match) if match else None
    return clock.seconds or None if clock else None


def _clock(match: re.Match[str]) -> Clock | None:
    hours, minutes, seconds = int(match[1]), int(match[2]), float(match[3].replace(",", "."))
    if hours > 23 or minutes > 59 or seconds >= 60:
        return None
    said = (match[4] or "").lower() if match.re is CLOCK else ""
    sign = "electric" if "electr" in said or "eeg" in said else "clinical" if "clinic" in said else ""
    return Clock(hours * 3600 + minutes * 60 + seconds, sign)
