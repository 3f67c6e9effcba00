"""BIDS and SzCORE event tables: tab-separated ``onset``, ``duration`` and a label column."""

from __future__ import annotations

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile, read_rows

STATED_DURATION = "recordingduration"


def read_annotation_tsv(file: SourceFile) -> AnnotationFile:
    """Read an event table; byte-order marks, CRLF and blank lines are accepted.

    A table with only its header row says that somebody looked and found nothing.

    Raises
    ------
    AnnotationError
        If the text cannot be read, is not tab-separated, a column is missing or a time is no time.
    """
    lines = [
        (number, line.split("\t"))
        for number, line in enumerate(read_text(file).splitlines(), start=1)
        if line.strip()
    ]
    header = lines[0][1] if lines else []
    found = next((mark for mark in ",; " if mark in header[0]), "") if len(header) == 1 else ""
    if found:
        raise AnnotationError(
            "columns are not separated by tabs",
            file=file.relative,
            value=found,
            allowed="tab-separated columns",
            remedy="save the table as tab-separated text",
        )
    annotations = read_rows(header, lines[1:], file.relative)
    return AnnotationFile(annotations, _stated_duration(header, lines[1:]))


def _stated_duration(header: list[str], rows: list[tuple[int, list[str]]]) -> float | None:
    names = [name.strip().lower() for name in header]
    if STATED_DURATION not in names or not rows:
        return None
    cells = rows[0][1]
    place = names.index(STATED_DURATION)
    try:
        return float(cells[place])
    except (IndexError, ValueError):  # n/a, or a short row: the header of the recording knows better
        return None
