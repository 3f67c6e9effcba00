"""The text of an annotation file, whatever wrote it."""

from __future__ import annotations

import codecs

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.source_file import SourceFile

LARGEST = 64 * 2**20  # bytes; the largest TUSZ table has some hundred kilobytes
POINTER = "version https://git-lfs"


def read_text(file: SourceFile) -> str:
    """Read a whole text file: UTF-8 with or without byte-order mark, UTF-16 with one, else Latin-1.

    Raises
    ------
    AnnotationError
        If the file cannot be opened, is too large for a table of annotations, is empty or binary, or only
        a pointer to content that was not fetched.
    """
    try:
        with file.path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise AnnotationError(
            "cannot be opened",
            file=file.relative,
            value=error.strerror,
            remedy="check permissions; fetch the content if this is a link (git annex get, git lfs pull)",
        ) from error
    text = _decode(data)
    if not text.strip():
        raise AnnotationError(
            "the file is empty",
            file=file.relative,
            value=f"{len(data)} bytes",
            remedy="fetch or export it again, or remove it",
        )
    if len(data) > LARGEST or "\0" in text:
        raise AnnotationError(
            "not a table of annotations", file=file.relative, value=f"{len(data)} bytes, binary or too large",
            allowed="text of at most 64 MiB", remedy="move the file out of the corpus or rename it",
        )  # fmt: skip
    if text.startswith(POINTER):
        raise AnnotationError(
            "a git-lfs pointer, not the file itself",
            file=file.relative,
            remedy="fetch the content: git lfs pull",
        )
    return text


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
