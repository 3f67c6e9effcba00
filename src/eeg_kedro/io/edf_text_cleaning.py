"""Annotations of EDF+ and BDF+ without free text: times and declared labels stay byte for byte.

Time-stamped annotation lists (TALs): https://www.edfplus.info/specs/edfplus.html#tal
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

MARK, SHORT_MARK = (
    b"removed",
    b"x",
)  # the short one where a record has no room: it is never longer than the text
_STAMP = re.compile(rb"[+-]\d+(\.\d*)?(\x15\d+(\.\d*)?)?")


class CleanedText(NamedTuple):
    """One record's annotations, of their old length; how many texts stayed and how many were taken out."""

    raw: bytes
    n_kept: int
    n_removed: int


def clean_annotations(
    raw: bytes, may_stay: Callable[[bytes], bool], *, keeps_time: bool, drop: bool = False
) -> CleanedText:
    """Take free text out of the annotations of one record.

    A text that must go is replaced by ``removed`` (``x`` where a record has no room for that), so that nobody
    takes what it marked for background; what is no annotation at all becomes NUL.

    Parameters
    ----------
    raw : bytes
        The annotation signal's part of a record.
    may_stay : callable
        Says of a text whether it is harmless.
    keeps_time : bool
        Whether this is the first annotation signal, whose first stamp says when the record begins.
    drop : bool
        Leave out every annotation but that stamp.
    """
    tals: list[tuple[bytes, list[bytes | None]]] = []
    n_kept = n_removed = 0
    for place, tal in enumerate(raw.split(b"\0")):
        stamp, *texts = tal.split(b"\x14")
        if not texts or not _STAMP.fullmatch(stamp):
            n_removed += bool(tal)
            continue
        is_clock = keeps_time and place == 0
        stay = [text if text and not drop and may_stay(text) else None for text in texts[:-1] if text]
        n_kept, n_removed = (
            n_kept + len(stay) - stay.count(None),
            n_removed + stay.count(None) + bool(texts[-1]),
        )
        blanks: list[bytes | None] = [b""] if texts[:-1] and not texts[0] else []
        if is_clock or (stay and not drop):
            tals.append((stamp, blanks + ([] if drop else stay)))
    if not n_removed:
        return CleanedText(raw, n_kept, 0)
    whole = next(cleaned for mark in (MARK, SHORT_MARK) if len(cleaned := _join(tals, mark)) <= len(raw))
    return CleanedText(whole.ljust(len(raw), b"\0"), n_kept, n_removed)


def _join(tals: list[tuple[bytes, list[bytes | None]]], mark: bytes) -> bytes:
    lists = [
        b"\x14".join([stamp, *(mark if text is None else text for text in texts), b""])
        for stamp, texts in tals
    ]
    return b"\0".join(lists)
