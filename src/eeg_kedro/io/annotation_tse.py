"""Annotations of TUSZ before 2.0: ``.tse`` (many classes) and ``.tse_bi`` (two), of whole recordings."""

from __future__ import annotations

import re

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile, read_rows

VERSION = re.compile(r"version ?= ?tse_v1\.\d+\.\d+", re.IGNORECASE)
COLUMNS = ("start", "stop", "label", "confidence")


def read_annotation_tse(file: SourceFile) -> AnnotationFile:
    """Read lines such as ``36.8868 183.3055 fnsz 1.0000``: start, stop, label and probability.

    Raises
    ------
    AnnotationError
        If the text cannot be read, does not state its version, or a line is no such row.
    """
    rows: list[tuple[int, list[str]]] = []
    stated = False
    for number, line in split_lines(read_text(file), file):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].lower().startswith("version"):
            stated = VERSION.fullmatch(" ".join(words)) is not None
            continue
        if len(words) not in (3, 4):
            raise _error(f"line {number} has {len(words)} words", file, "start, stop, label and probability")
        rows.append((number, words))
    if not stated:
        raise _error("no version that is known", file, "a first line 'version = tse_v1.0.0'")
    return AnnotationFile(read_rows(COLUMNS, rows, file.relative))


def _error(what: str, file: SourceFile, allowed: str) -> AnnotationError:
    return AnnotationError(
        what,
        file=file.relative,
        allowed=allowed,
        remedy="correct the file, or fetch TUSZ 2.0 or later, which has .csv and .csv_bi",
    )
