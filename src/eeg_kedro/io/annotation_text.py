"""The text of an annotation file, whatever wrote it."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Iterator

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.source_file import SourceFile

LARGEST = 64 * 2**20  # bytes; the largest TUSZ table has some hundred kilobytes
LONGEST_LINE = 1 << 16  # characters; a row of a table has some hundred
LFS_POINTER, ANNEX_POINTER = "version https://git-lfs", "/annex/objects/"


def read_text(file: SourceFile) -> str:
    """Read a whole text file: UTF-8 with or without byte-order mark, UTF-16 with one, else Latin-1.

    Raises
    ------
    AnnotationError
        If the file cannot be opened, is too large for a table of annotations, is empty or binary, or only
        a pointer to content that was not fetched.
    """
    try:
        found = file.path.stat()
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for somebody to write
            raise _no_table(file, "not a regular file")
        with file.path.open("rb") as stream:
            # asked for 64 MiB, Python would make room for them first, for each of thousands of small files
            data = stream.read(min(found.st_size, LARGEST) + 1)
    except OSError as error:
        raise AnnotationError(
            "cannot be opened",
            file=file.relative,
            value=error.strerror,
            remedy="check permissions; fetch the content if this is a link (git annex get, git lfs pull)",
        ) from error
    if len(data) > LARGEST:
        raise _no_table(file, "larger than any")
    text = _decode(data, file)
    if not text.strip():
        raise AnnotationError(
            "the file is empty",
            file=file.relative,
            value=f"{len(data)} bytes",
            remedy="fetch or export it again, or remove it",
        )
    if "\0" in text:
        raise _no_table(file, f"{len(data)} bytes, binary")
    if text.startswith(LFS_POINTER) or ANNEX_POINTER in text[:1000]:
        raise AnnotationError(
            "a pointer of git-lfs or git-annex, not the file itself",
            file=file.relative,
            remedy="fetch the content: git lfs pull, or git annex get",
        )
    return text


def split_lines(text: str, file: SourceFile) -> Iterator[tuple[int, str]]:
    """Give the lines of a table with their numbers, from 1, one at a time.

    Lines end with LF, CRLF or CR, nothing else: Latin-1 and Unicode have further line ends, and they are part of
    a comment here.

    Raises
    ------
    AnnotationError
        If a line is longer than any row of annotations.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    number, start = 1, 0
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        if stop - start > LONGEST_LINE:
            raise AnnotationError(
                f"line {number} is too long for a row of annotations",
                file=file.relative,
                value=f"{stop - start} characters",
                allowed=f"{LONGEST_LINE} at most",
                remedy="move the file out of the corpus or rename it, or mend its line ends",
            )
        yield number, text[start:stop]
        number, start = number + 1, stop + 1


def _decode(data: bytes, file: SourceFile) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _no_table(file, f"{len(data)} bytes, begins as UTF-16 and is none") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _no_table(file: SourceFile, value: str) -> AnnotationError:
    return AnnotationError(
        "not a table of annotations",
        file=file.relative,
        value=value,
        allowed=f"text of at most {LARGEST >> 20} MiB",
        remedy="move the file out of the corpus or rename it",
    )
