"""CHB-MIT summaries: ``chb01-summary.txt`` lists every recording of a case and its seizures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import Annotation

FILE_NAME = re.compile(r"File\s+Name\s*:\s*(\S+)", re.IGNORECASE)
COUNT = re.compile(r"Number\s+of\s+Seizures\s+in\s+File\s*:\s*(\d+)", re.IGNORECASE)
# "Seizure Start Time: 2996 seconds" in most cases, "Seizure 1 Start Time: 27 seconds" in some
TIME = re.compile(r"Seizure\s*\d*\s*(Start|End)\s+Time\s*:\s*(\S+)", re.IGNORECASE)


def read_summary_text(file: SourceFile, recording: str) -> tuple[Annotation, ...] | None:
    """Read the seizures of one recording; a flaw in another recording's section does not matter.

    Parameters
    ----------
    file : SourceFile
        The summary.
    recording : str
        File name of the recording, e.g. ``chb01_03.edf``; upper and lower case are one.

    Returns
    -------
    tuple of Annotation or None
        Empty for a recording without a seizure, None for one that the summary does not name.

    Raises
    ------
    AnnotationError
        If no recording is named at all, or this one is named twice with different seizures, has not as many
        seizures as stated, or one that ends before it starts.
    """
    sections = list(_sections(read_text(file)))
    if not sections:
        raise AnnotationError(
            "names no recording", file=file.relative, allowed="lines such as 'File Name: chb01_03.edf'",
            remedy="fetch the summary of this case again",
        )  # fmt: skip
    name = recording.lower()
    found = {_seizures(recording, lines, file.relative) for named, lines in sections if named == name}
    if len(found) > 1:
        raise _error("named twice with different seizures", file.relative, recording)
    return found.pop() if found else None


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", list[str]()
    for line in text.splitlines():
        start = FILE_NAME.match(line.strip())
        if start:
            if name:
                yield name, lines
            name, lines = start.group(1).lower(), []
        else:
            lines.append(line.strip())
    if name:
        yield name, lines


def _seizures(name: str, lines: list[str], file: str) -> tuple[Annotation, ...]:
    times = [match for match in map(TIME.match, lines) if match]
    starts = [_seconds(m.group(2), file, name) for m in times if m.group(1).lower() == "start"]
    ends = [_seconds(m.group(2), file, name) for m in times if m.group(1).lower() == "end"]
    stated = next((int(m.group(1)) for m in map(COUNT.match, lines) if m), len(starts))
    if not stated == len(starts) == len(ends):
        raise _error(
            f"{stated} seizures stated, {len(starts)} starts and {len(ends)} ends listed", file, name
        )
    if any(end < start for start, end in zip(starts, ends, strict=True)):
        raise _error("a seizure ends before it starts (negative duration)", file, name)
    return tuple(Annotation(start, end - start, "seizure") for start, end in zip(starts, ends, strict=True))


def _seconds(text: str, file: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise _error(f"{text!r} is no time in seconds", file, name) from error
    if not 0 <= value < float("inf"):
        raise _error(f"{text!r} is no time in seconds", file, name)
    return value


def _error(what: str, file: str, recording: str) -> AnnotationError:
    return AnnotationError(what, file=file, value=recording, remedy="correct the section of this recording")
