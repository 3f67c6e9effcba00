"""CHB-MIT summaries: ``chb01-summary.txt`` lists every recording of a case and its seizures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import Annotation

# all of lines whose blanks were made single
FILE_NAME = re.compile(r"File Name ?: ?(\S+)", re.IGNORECASE)
COUNT = re.compile(r"Number of Seizures(?: in File)? ?: ?([0-9]{1,6})\b", re.IGNORECASE)
# "Seizure Start Time: 2996 seconds" in most cases, "Seizure 1 Start Time: 27 seconds" in some
TIME = re.compile(r"Seizure ?\d* ?(Start|End) Time ?: ?(\S+)", re.IGNORECASE)
RATE = re.compile(r"Data Sampling Rate ?: ?([1-9][0-9]{0,4}(?:\.[0-9]{1,6})?) ?Hz", re.IGNORECASE)
MOST = 1000  # sections; the longest summary of the corpus has some forty
# a start that is not that of the file is one of a seizure, whatever else the line says or misspells
SPEAKS_OF_SEIZURES = re.compile(r".*seizure|(?!file ).*\b(start|end) time", re.IGNORECASE)


class SummaryContent(NamedTuple):
    """What a summary speaks of.

    Attributes
    ----------
    names : tuple of str
        File names of the recordings, in lower case, each once.
    sfreq : float or None
        Their rate in Hz, where it is stated.
    """

    names: tuple[str, ...]
    sfreq: float | None


def read_summary_content(file: SourceFile) -> SummaryContent:
    """List the recordings of a summary.

    Raises
    ------
    AnnotationError
        If the text cannot be read or names no recording.
    """
    text = read_text(file)
    names = tuple(dict.fromkeys(name for name, _ in _named_sections(text, file)))
    rate = next((match for line in _lines(text, file) if (match := RATE.match(line))), None)
    return SummaryContent(names, float(rate.group(1)) if rate else None)


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
    sections = _named_sections(read_text(file), file)
    name = recording.lower()
    found = {_seizures(recording, lines, file.relative) for named, lines in sections if named == name}
    if len(found) > 1:
        raise _error("named twice with different seizures", file.relative, recording)
    return found.pop() if found else None


def _named_sections(text: str, file: SourceFile) -> list[tuple[str, list[str]]]:
    sections = list(islice(_sections(text, file), MOST + 1))
    if len(sections) > MOST:
        raise AnnotationError(
            "more sections than a summary of one case holds",
            file=file.relative,
            allowed=f"{MOST} at most",
            remedy="fetch the summary of this case again",
        )
    if not sections:
        raise AnnotationError(
            "names no recording", file=file.relative, allowed="lines such as 'File Name: chb01_03.edf'",
            remedy="fetch the summary of this case again",
        )  # fmt: skip
    return sections


def _lines(text: str, file: SourceFile) -> Iterator[str]:
    return (" ".join(line.split()) for _, line in split_lines(text, file))


def _sections(text: str, file: SourceFile) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", list[str]()
    for line in _lines(text, file):
        start = FILE_NAME.match(line)
        if start:
            if name:
                yield name, lines
            name, lines = start.group(1).lower(), []
        elif SPEAKS_OF_SEIZURES.match(line):
            lines.append(line)
    if name:
        yield name, lines


def _seizures(name: str, lines: list[str], file: str) -> tuple[Annotation, ...]:
    times = [match for match in map(TIME.match, lines) if match]
    if any(_is_unknown(line) for line in lines):
        raise _error("a line on a seizure that is no start and no end", file, name)
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


def _is_unknown(line: str) -> bool:
    """Say whether a line tells of a seizure in words nobody knows; without a number only what begins so does."""
    if TIME.match(line) or COUNT.match(line):
        return False
    return line.lower().startswith("seizure") or re.search(r"\d", line) is not None


def _seconds(text: str, file: str, name: str) -> float:
    number = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(s|sec|secs|seconds)?\.?", text, re.IGNORECASE)
    if number is None:
        raise _error("a start or an end that is no time in seconds", file, name)
    return float(number.group(1))


def _error(what: str, file: str, recording: str) -> AnnotationError:
    return AnnotationError(what, file=file, value=recording, remedy="correct the section of this recording")
