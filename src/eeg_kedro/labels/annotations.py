"""Rows of annotation files: one labelled interval each, checked as soon as it is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eeg_kedro.errors import AnnotationError

# what the formats call one thing; the first that is present wins
ONSET = ("onset", "start_time", "start")
OFFSET = ("stop_time", "stop", "end_time", "end", "offset")
DURATION = ("duration",)
LABEL = ("eventtype", "event_type", "trial_type", "label", "type", "event", "description", "value")
CHANNEL = ("channel", "channels")
CONFIDENCE = ("confidence",)
NOT_GIVEN = {"", "n/a", "na", "nan", "none"}
EVERY_CHANNEL = {*NOT_GIVEN, "term", "all"}  # TERM is how TUSZ writes "the whole recording"


@dataclass(frozen=True)
class Annotation:
    """A labelled interval ``[onset, onset + duration)`` as a source file gives it.

    Attributes
    ----------
    onset, duration : float
        Seconds from the first sample.
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
    """

    annotations: tuple[Annotation, ...]
    duration: float | None = None


def read_rows(
    header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], file: str
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

    Raises
    ------
    AnnotationError
        Naming the line, if a column is missing, a row is ragged, a time is no finite number, or an onset or a
        duration is negative.
    """
    names = [name.strip().lower() for name in header]
    columns = {
        "onset": _column(names, ONSET, file),
        "end": _column(names, DURATION + OFFSET, file),
        "label": _column(names, LABEL, file),
    }
    columns |= {key: alias for key, alias in _optional(names).items() if alias}
    return tuple(_annotation(_cells(names, cells, file, line), columns, file, line) for line, cells in rows)


def _optional(names: Sequence[str]) -> dict[str, str]:
    found = {"channel": CHANNEL, "confidence": CONFIDENCE}
    return {key: next((a for a in aliases if a in names), "") for key, aliases in found.items()}


def _column(names: Sequence[str], aliases: Sequence[str], file: str) -> str:
    found = next((alias for alias in aliases if alias in names), None)
    if found is None:
        raise AnnotationError(
            f"no column {' or '.join(aliases[:3])}",
            file=file,
            # a table of signals may lie where annotations are looked for: values are never quoted
            value=", ".join(name for name in names if any(letter.isalpha() for letter in name))[:80],
            allowed="a header row: onset or start_time, duration or stop_time, eventType or label",
            remedy="name the columns in the first row (CSV: after the lines that begin with #)",
        )
    return found


def _cells(names: Sequence[str], cells: Sequence[str], file: str, line: int) -> Mapping[str, str]:
    # editors drop or add empty cells at the end of a row; a filled cell too many is another table
    filled = [cell.strip() for cell in cells]
    while len(filled) > len(names) and not filled[-1]:
        filled.pop()
    if len(filled) > len(names):
        raise AnnotationError(
            f"line {line} has more cells than the header",
            file=file, value=len(filled), allowed=str(len(names)), remedy="mend the line",
        )  # fmt: skip
    return dict(zip(names, filled + [""] * (len(names) - len(filled)), strict=True))


def _annotation(row: Mapping[str, str], columns: Mapping[str, str], file: str, line: int) -> Annotation:
    onset = _seconds(row, columns["onset"], file, line)
    end = _seconds(row, columns["end"], file, line)
    duration = end if columns["end"] in DURATION else end - onset
    if duration < 0:
        raise AnnotationError(
            f"negative duration in line {line}",
            file=file,
            value=f"onset {onset:g} s, duration {duration:g} s",
            allowed="an end at or after the onset",
            remedy="correct the line or remove it",
        )
    channel = row.get(columns.get("channel", ""), "")
    return Annotation(
        onset=onset,
        duration=duration,
        label=row[columns["label"]],
        channel="" if channel.lower() in EVERY_CHANNEL else channel,
        confidence=_confidence(row.get(columns.get("confidence", ""), ""), file, line),
    )


def _seconds(row: Mapping[str, str], column: str, file: str, line: int) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (value < 0 and column not in DURATION):
        raise AnnotationError(
            f"{column} in line {line} is no time",
            file=file,
            value=row[column],
            allowed="seconds from the first sample, 0 or more, with a decimal point",
            remedy="correct the line or remove it",
        )
    return value


def _confidence(text: str, file: str, line: int) -> float:
    if text.lower() in NOT_GIVEN:
        return math.nan
    try:
        return float(text)
    except ValueError as error:
        raise AnnotationError(
            f"confidence in line {line} is no number", file=file, value=text, allowed="0 to 1, or n/a",
            remedy="correct the cell",
        ) from error  # fmt: skip
