"""Files that were recordings once, or never: what was done to them on the way, told from their bytes.

A program that copies binary files as text rewrites bytes: as UTF-8, every byte from 128 on becomes two or three;
with line ends of Windows, every byte 10 becomes two. What such a file holds is no longer the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from eeg_kedro.errors import HeaderError
from eeg_kedro.io.source_file import SourceFile

_PIECE = 1 << 16  # bytes looked at, at the beginning, in the middle and at the end
_FEWEST = 24  # rewritten bytes, below which chance could have written them
_REPLACEMENT = "\ufffd".encode()
# a character across the edge of a piece
_CUT = re.compile(rb"\A[\x80-\xbf]{1,3}|[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_AGAIN = "copy it again from the original in binary mode (git: `*.edf binary` and `*.bdf binary` in .gitattributes)"
_POINTER = b"version https://git-lfs"
_TEXT = "the file was copied as text: "
# how files begin that carry a recording's name and are none
_STRANGERS = {
    _POINTER: (
        "the file is a pointer of git-lfs or git-annex, not the recording itself",
        "fetch the content (`git lfs pull` or `git annex get`), then run again",
    ),
    b"PK\x03\x04": ("the file is a ZIP archive", "unpack it"),
    b"\x1f\x8b": ("the file is packed (gzip)", "unpack it"),
    b"BZh": ("the file is packed (bzip2)", "unpack it"),
    b"\xfd7zXZ": ("the file is packed (xz)", "unpack it"),
    b"\x28\xb5\x2f\xfd": ("the file is packed (zstd)", "unpack it"),
    b"<": ("the file is a web page or XML, not a recording", "download the recording itself"),
    b"\xc3\xbfBIOSEMI": (f"{_TEXT}bytes from 128 on were rewritten as UTF-8", _AGAIN),
    b"\xef\xbf\xbdBIOSEMI": (f"{_TEXT}bytes from 128 on are lost to replacement characters", _AGAIN),
    b"\xef\xbb\xbf0 ": (f"{_TEXT}it begins with the byte order mark of UTF-8", _AGAIN),
}


class RewrittenError(HeaderError):
    """A recording that a program has copied as if it were text."""


def refuse_stranger(file: SourceFile, fixed: bytes) -> None:
    """Refuse what the first bytes show to be something else: a pointer, an archive, a web page.

    Raises
    ------
    HeaderError
        Saying what it is.
    """
    if b"/annex/objects/" in fixed:
        fixed = _POINTER
    for start, (what, remedy) in _STRANGERS.items():
        if fixed.startswith(start):
            raise HeaderError(what, file=file.relative, remedy=remedy)


def refuse_rewritten(file: SourceFile, header_bytes: int, n_expected: int | None = None) -> None:
    """Refuse a file whose samples a program has rewritten as text.

    Costs three short reads; asked only where size and header do not fit.

    Parameters
    ----------
    file : SourceFile
        The recording.
    header_bytes : int
        Where its samples begin, about: a header may hold UTF-8 by right.
    n_expected : int or None
        Bytes the file should have by its header, where that can be read.

    Raises
    ------
    RewrittenError
        Saying how it happened.
    """
    size = file.stamp()[0]
    pieces = list(_look(file, header_bytes, size))
    allowed = f"{n_expected} bytes by its header" if n_expected else ""
    how = _rewritten_as_utf8(pieces) or _rewritten_line_ends(pieces)
    if how:
        what, remedy = how
        raise RewrittenError(what, file=file.relative, value=size, allowed=allowed, remedy=remedy)


def _look(file: SourceFile, start: int, size: int) -> Iterator[bytes]:
    with file.open() as handle:
        for place in sorted({max(place, start) for place in (0, (size - _PIECE) // 2, size - _PIECE)}):
            handle.seek(place)
            yield handle.read(_PIECE) or b""


def _rewritten_as_utf8(pieces: list[bytes]) -> tuple[str, str] | None:
    """Tell text in UTF-8 from samples: in samples, half of the bytes from 128 on cannot stand where they do."""
    texts = [_decode(piece) for piece in pieces]
    if any(text is None for text in texts):
        return None
    text = "".join(text or "" for text in texts)
    foreign = [sign for sign in text if sign > "\x7f"]
    if len(foreign) < _FEWEST:
        return None
    if any(piece.count(_REPLACEMENT) for piece in pieces):
        return f"{_TEXT}bytes from 128 on are lost to replacement characters of UTF-8", _AGAIN
    what = f"{_TEXT}bytes from 128 on were rewritten as UTF-8"
    if max(foreign) > "\xff":
        return what, _AGAIN
    return what, f"{_AGAIN}, or turn it back into a new file with `iconv -f UTF-8 -t LATIN1`"


def _decode(piece: bytes) -> str | None:
    try:
        return _CUT.sub(b"", piece).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _rewritten_line_ends(pieces: list[bytes]) -> tuple[str, str] | None:
    n_ends = sum(piece[1:].count(b"\n") for piece in pieces)
    if n_ends < _FEWEST or n_ends > sum(piece.count(b"\r\n") for piece in pieces):
        return None
    return f"{_TEXT}every byte 10 (a line end) has become 13 10, as Windows writes it", _AGAIN
