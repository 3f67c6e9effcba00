"""Rows of annotation files: one labelled interval each, checked as soon as it is read."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eeg_kedro.errors import AnnotationError

# what the formats call one thing; the first that is present wins
ONSET = ("onset", "start_time", "start")
OFFSET = ("stop_time", "stop", "end_time", "end", "offset")
DURATION = ("duration",)
LABEL = ("eventtype", "event_type", "trial_type", "label", "type", "event", "description", "value")
CHANNEL = ("channel", "channels")
CONFIDENCE = ("confidence",)
NOT_GIVEN = {"", "n/a", "na", "nan", "none"}
EVERY_CHANNEL = {
    *NOT_GIVEN,
    "term",
    "all",
    "whole",
    "generalized",
    "generalised",
}  # TERM is how TUSZ writes "the whole recording"
NUMBER_LIKE = re.compile(r"[-+0-9.,:;_ ]*(e[-+]?[0-9]*|inf|infinity| ?s| ?secs?)?", re.IGNORECASE)
# headings of annotation tables and tables of participants that tell nothing about anybody
HEADINGS = {*ONSET, *OFFSET, *DURATION, *LABEL, *CHANNEL, *CONFIDENCE} | set(
    re.findall(
        r"\w+",
        "recordingduration datetime time date lateralization localization vigilance sample comment comments notes "
        "participant participant_id subject subject_id id name patient run session age sex gender group handedness "
        "outcome remission",
    )
)
LATEST = 1e9  # s, 31 years: beyond it a sample's number at an ordinary rate is no longer exact


@dataclass(frozen=True, slots=True)
class Annotation:
    """A labelled interval ``[onset, onset + duration)`` as a source file gives it.

    Attributes
    ----------
    onset, duration : float
        Seconds from the first sample; the onset is negative where it began before that.
    label : str
        As written.
    channel : str
        The channel it is on; empty for all of them.
    confidence : float
        Between 0 and 1; NaN where the file gives none.
    """

    onset: float
    duration: float
    label: str
    channel: str = ""
    confidence: float = math.nan

    @property
    def offset(self) -> float:
        """The end in seconds, not part of the interval."""
        return self.onset + self.duration


@dataclass(frozen=True)
class AnnotationFile:
    """What one annotation file says about one recording.

    Attributes
    ----------
    annotations : tuple of Annotation
        In the order of the file; overlapping and equal ones are kept.
    duration : float or None
        Length of the recording in seconds, where the file states it.
    recording : str
        Name of the recording without suffix, where the file states it.
    repairs : tuple of str
        What its reader mended, one sentence each.
    """

    annotations: tuple[Annotation, ...]
    duration: float | None = None
    recording: str = ""
    repairs: tuple[str, ...] = ()


class _Columns(NamedTuple):
    """Where a table has what; -1: it has none."""

    onset: int
    end: int
    is_duration: bool
    label: int
    channel: int
    confidence: int
    names: tuple[str, ...]


def read_rows(
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    file: str,
    *,
    keep_negative: bool = False,
) -> tuple[Annotation, ...]:
    """Turn the cells of a table into annotations.

    Parameters
    ----------
    header : sequence of str
        Column names; upper and lower case are one.
    rows : iterable of (line number, cells)
        The table without its header.
    file : str
        Its name, for errors.
    keep_negative : bool
        Whether a negative duration is the caller's to mend; otherwise it is an error.

    Raises
    ------
    AnnotationError
        Naming the line, if a column is missing or there twice, a row is ragged, a time is no number of seconds, a
        confidence is no share, or a duration is negative.
    """
    columns = _find_columns([name.strip().lower() for name in header], file)
    # a million rows hold a dozen labels and channels: each text is kept once
    channels: dict[str, str] = {}
    return tuple(_annotation(cells, columns, file, line, keep_negative, channels) for line, cells in rows)


def told_headings(names: Iterable[str]) -> str:
    """Return the cells of a presumed header row for an error: usual headings by name, of others only how many.

    What is taken for a header may be a line about the patient, or a row of signals.
    """
    cells = [name.strip().lower() for name in names]
    known = [cell for cell in cells if cell in HEADINGS]
    n_other = len(cells) - len(known)
    if not n_other:
        return ", ".join(known) or "no cell"
    others = f"{n_other} other cell{'s' * (n_other > 1)}"
    return f"{', '.join(known)} and {others}" if known else others


def _find_columns(names: list[str], file: str) -> _Columns:
    onset, end = _column(names, ONSET, file), _column(names, DURATION + OFFSET, file)
    return _Columns(
        onset=onset,
        end=end,
        is_duration=names[end] in DURATION,
        label=_column(names, LABEL, file),
        channel=_optional(names, CHANNEL),
        confidence=_optional(names, CONFIDENCE),
        names=tuple(names),
    )


def _optional(names: Sequence[str], aliases: Sequence[str]) -> int:
    return next((names.index(alias) for alias in aliases if alias in names), -1)


def _column(names: list[str], aliases: Sequence[str], file: str) -> int:
    found = _optional(names, aliases)
    if found < 0:
        raise AnnotationError(
            f"no column {' or '.join(aliases[:3])}",
            file=file,
            value=told_headings(names),
            allowed="a header row: onset or start_time, duration or stop_time, eventType or label",
            remedy="name the columns in the first row (CSV: after the lines that begin with #)",
        )
    if names.count(names[found]) > 1:
        raise AnnotationError(
            "two columns of one name", file=file, value=names[found], allowed="each name once",
            remedy="rename or remove the one that does not count",
        )  # fmt: skip
    return found


def _annotation(
    row: Sequence[str],
    columns: _Columns,
    file: str,
    line: int,
    keep_negative: bool,
    channels: dict[str, str],
) -> Annotation:
    cells = row if len(row) == len(columns.names) else _even_out(row, len(columns.names), file, line)
    onset = _seconds(cells, columns.onset, columns, file, line)
    end = _seconds(cells, columns.end, columns, file, line)
    duration = end if columns.is_duration else end - onset
    if duration < 0 and not keep_negative:
        raise AnnotationError(
            f"negative duration in line {line}",
            file=file,
            value=f"onset {onset:g} s, duration {duration:g} s",
            allowed="an end at or after the onset",
            remedy="correct the line or remove it",
        )
    label = cells[columns.label].strip()
    channel = cells[columns.channel].strip() if columns.channel >= 0 else ""
    if channel and channel not in channels:
        channels[channel] = "" if channel.lower() in EVERY_CHANNEL else channel
    return Annotation(
        onset=onset,
        duration=duration,
        label=sys.intern(label),
        channel=channels[channel] if channel else "",
        confidence=math.nan if columns.confidence < 0 else _confidence(cells[columns.confidence], file, line),
    )


def _even_out(row: Sequence[str], width: int, file: str, line: int) -> Sequence[str]:
    # editors drop or add empty cells at the end of a row; a filled cell too many is another table
    filled = list(row)
    while len(filled) > width and not filled[-1].strip():
        filled.pop()
    if len(filled) > width:
        raise AnnotationError(
            f"line {line} has more cells than the header",
            file=file, value=len(filled), allowed=str(width), remedy="mend the line",
        )  # fmt: skip
    return filled + [""] * (width - len(filled))


def _seconds(cells: Sequence[str], place: int, columns: _Columns, file: str, line: int) -> float:
    text = cells[place]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if -LATEST <= value <= LATEST and "_" not in text:  # Python reads 1_5 as 15
        return value
    raise AnnotationError(
        f"{columns.names[place]} in line {line} is no time",
        file=file,
        value=_shown(text),
        allowed=f"seconds from the first sample, with a decimal point, {LATEST:g} at most",
        remedy="correct the line or remove it",
    )


def _confidence(text: str, file: str, line: int) -> float:
    if text.strip().lower() in NOT_GIVEN:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if 0 <= value <= 1 and "_" not in text:
        return value
    raise AnnotationError(
        f"confidence in line {line} is no share", file=file, value=_shown(text), allowed="0 to 1, or n/a",
        remedy="correct the cell",
    )  # fmt: skip


def _shown(text: str) -> str:
    """Return a cell for an error: numbers and clock times as they are; free text may be about a person."""
    words = text.strip()
    harmless = NUMBER_LIKE.fullmatch(words) or words.lower() in NOT_GIVEN
    return words[:40] if harmless else f"text of {len(words)} letters"
