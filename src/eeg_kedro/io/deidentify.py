"""Copies of EDF and BDF files whose headers tell nothing about a person; the samples stay byte for byte.

Only header fields and the annotation signals of EDF+ and BDF+ are written anew (docs/decisions/016-deidentify.md). What
stays is known to be technical (`telling_text`); what is not known goes, whether it tells of somebody or not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from io import BufferedReader, FileIO
from itertools import accumulate
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import HeaderError
from eeg_kedro.io.atomic_file import replacing
from eeg_kedro.io.edf_fields import FIXED_BYTES, FIXED_FIELDS, SIGNAL_FIELDS
from eeg_kedro.io.edf_patient import read_edf_demographics
from eeg_kedro.io.edf_places import VERSIONS, EdfPlaces, find_places, is_number
from eeg_kedro.io.edf_text_cleaning import MARK, SHORT_MARK, clean_annotations
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.telling_text import filters_in, is_channel_label, is_declared_text, is_unit

CHUNK = 1 << 20
NO_DATE, NO_TIME = b"01.01.85", b"00.00.00"
_TIME = re.compile(rb"(\d\d)[.:](\d\d)[.:](\d\d)")


class CleaningOptions(BaseModel):
    """What of a recording's header and annotations may stay."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    annotations: Literal["labels", "none"] = Field(
        "labels", description="labels: declared labels stay, other texts become `removed`; none: all go"
    )
    labels: Literal["known", "all"] = Field(
        "known", description="known: unknown names of signals become `signal 7`; all: they stay as they are"
    )
    keep_texts: tuple[str, ...] = Field((), description="annotation texts of the user's own that may stay")
    keep_sex: bool = Field(False, description="F or M stays in the patient field")
    keep_start_time: bool = Field(False, description="the time of day stays; the date never does")
    keep_uncounted: bool = Field(
        False, description="data records beyond the number that the header states are copied too"
    )


@dataclass(frozen=True)
class CleanCopy:
    """What a copy holds, and how many fields of each kind were changed in it.

    Attributes
    ----------
    n_signals, n_records : int
        In the copy.
    changed : Counter
        By kind: ``patient``, ``recording``, ``start``, ``labels``, ``other_fields``, ``annotations_kept``,
        ``annotations_removed``.
    n_records_left_out, n_bytes_left_out : int
        Records beyond the stated number, and what lies before the first or behind the last complete record.
    end_unchecked : bool
        The header states no number: what was appended to the file is copied as records, if it is as long as some.
    """

    n_signals: int
    n_records: int
    changed: Counter[str] = field(default_factory=Counter)
    n_records_left_out: int = 0
    n_bytes_left_out: int = 0
    end_unchecked: bool = False


def write_clean_copy(file: SourceFile, target: Path, options: CleaningOptions) -> CleanCopy:
    """Copy a recording without what its header and its annotations may tell of a person.

    The file is streamed; `target` appears when it is complete, and replaces what had its name.

    Raises
    ------
    HeaderError
        If parts of the file cannot be found: it is not copied then.
    SignalError, ChangedFileError
        If it cannot be read, or is being written.
    DiskFullError
        If there is no room.
    """
    stamp = file.stamp()
    places = find_places(file)
    header, changed = clean_header(file, places, options)
    n_records = records_to_copy(places, options)
    with replacing(target) as part:
        with part.open("wb") as out:
            out.write(header)
            for block in _clean_records(file, places, options, changed):
                out.write(block)
        file.check_unchanged(stamp)
    left, around = places.n_complete - n_records, places.n_rest + places.n_between
    return CleanCopy(places.n_signals, n_records, +changed, left, around, places.n_claimed < 0)


def is_clean_copy(file: SourceFile, target: Path, options: CleaningOptions) -> bool:
    """Say whether `target` is, byte for byte, the copy that would be written.

    Both are read to the end: a copy made with laxer options may differ in one text of an annotation.

    Raises
    ------
    HeaderError, SignalError
        As `write_clean_copy`.
    """
    places = find_places(file)
    header, _ = clean_header(file, places, options)
    if target.stat().st_size != len(header) + records_to_copy(places, options) * places.record_bytes:
        return False
    blocks = _clean_records(file, places, options, Counter())
    with target.open("rb") as stream, closing(blocks):
        return stream.read(len(header)) == header and all(stream.read(len(one)) == one for one in blocks)


def records_to_copy(places: EdfPlaces, options: CleaningOptions) -> int:
    """Count the records of the copy: what lies beyond the stated number may be anything, text included."""
    if options.keep_uncounted or places.n_claimed < 0:
        return places.n_complete
    return min(places.n_claimed, places.n_complete)


def clean_header(file: SourceFile, places: EdfPlaces, options: CleaningOptions) -> tuple[bytes, Counter[str]]:
    """Compose the header of the copy; every byte of it is ours, a number, or text known to be technical.

    Returns
    -------
    header : bytes
        As long as the one of `file`.
    changed : Counter
        How many fields of each kind differ from it.
    """
    fixed = _fixed_part(file, places, options)
    changed = Counter(
        patient=int(places.raw[8:88] != fixed[8:88]),
        recording=int(places.raw[88:168] != fixed[88:168]),
        start=int(places.raw[168:184] != fixed[168:184]),
        other_fields=int(places.fields.fixed_text("reserved") != places.variant),
    )
    pieces = [fixed]
    for name, start in field_starts(places.n_signals).items():
        for index in range(places.n_signals):
            at = start + index * SIGNAL_FIELDS[name]
            old = places.raw[at : at + SIGNAL_FIELDS[name]]
            text = places.fields.signal_text(name, index)
            new = _allowed(name, old, text, index, options).ljust(len(old))
            changed["labels" if name == "label" else "other_fields"] += old != new
            pieces.append(new)
    header = b"".join(pieces)
    if len(header) != len(places.raw):  # a number its field has no room for: never seen, never written
        raise HeaderError("a header that cannot be written", file=file.relative, value=len(header))
    return header, +changed


def field_starts(n_signals: int) -> dict[str, int]:
    """Say at which byte of a file each kind of signal field begins."""
    widths = [n_signals * width for width in SIGNAL_FIELDS.values()]
    return dict(zip(SIGNAL_FIELDS, accumulate(widths, initial=FIXED_BYTES), strict=False))


def _fixed_part(file: SourceFile, places: EdfPlaces, options: CleaningOptions) -> bytes:
    raw, plus = places.raw, places.variant[3:] in ("+C", "+D")
    sex = read_edf_demographics(file).sex if options.keep_sex else ""
    time = _TIME.fullmatch(raw[176:184])
    parts = (
        VERSIONS[places.family],
        (f"X {sex or 'X'} X X" if plus or sex else "X").encode().ljust(80),
        (b"Startdate X X X X" if plus else b"X").ljust(80),
        NO_DATE + (b".".join(time.groups()) if time and options.keep_start_time else NO_TIME),
        str(len(raw)).encode().ljust(8),
        places.variant.encode().ljust(44),
        str(records_to_copy(places, options)).encode().ljust(8),
        raw[FIXED_FIELDS["record_duration"]].replace(b"\0", b" "),
        str(places.n_signals).encode().ljust(4),
    )
    return b"".join(parts)


def _allowed(name: str, old: bytes, text: str, index: int, options: CleaningOptions) -> bytes:
    plain = old.replace(b"\0", b" ")
    if name == "label":
        stays = is_channel_label(text) or (options.labels == "all" and text.isascii() and text.isprintable())
        return plain if stays else f"signal {index + 1}".encode()
    if name == "dimension":
        # not blank: an electrode without a unit would be taken for one in microvolts
        return plain if is_unit(text) else b"?"
    if name == "prefilter":
        return filters_in(text).encode()
    if name in ("transducer", "reserved"):
        return b""
    return plain if is_number(old) else b""


def _clean_records(
    file: SourceFile, places: EdfPlaces, options: CleaningOptions, told: Counter[str]
) -> Generator[bytes, None, None]:
    """Yield what follows the header of the copy; texts that stay and that go are counted in `told`."""
    n_records = records_to_copy(places, options)
    with file.open() as raw:
        source = BufferedReader(raw, CHUNK)
        source.seek(len(places.raw) + places.n_between)
        if not any(places.holds_text):
            yield from _read(file, source, n_records * places.record_bytes)
            return
        parts, may_stay, drop = [*_parts(places)], _text_judge(options), options.annotations == "none"
        for _ in range(n_records):
            keeps_time = True
            for is_text, n_bytes in parts:
                blocks = _read(file, source, n_bytes)
                if not is_text:
                    yield from blocks
                    continue
                cleaned = clean_annotations(b"".join(blocks), may_stay, keeps_time=keeps_time, drop=drop)
                told.update(annotations_kept=cleaned.n_kept, annotations_removed=cleaned.n_removed)
                keeps_time = False
                yield cleaned.raw


def _parts(places: EdfPlaces) -> Iterator[tuple[bool, int]]:
    """Cut a record into signals of samples, neighbors joined, and signals of annotations."""
    ordinary = 0
    for is_text, width in zip(places.holds_text, places.widths, strict=True):
        if not is_text:
            ordinary += width
            continue
        if ordinary:
            yield False, ordinary
        yield True, width
        ordinary = 0
    if ordinary:
        yield False, ordinary


def _text_judge(options: CleaningOptions) -> Callable[[bytes], bool]:
    own = dict.fromkeys(options.keep_texts, "other")

    @lru_cache(maxsize=4096)
    def may_stay(raw: bytes) -> bool:
        try:
            return raw in (MARK, SHORT_MARK) or is_declared_text(raw.decode("utf-8"), own)
        except UnicodeDecodeError:
            return False

    return may_stay


def _read(file: SourceFile, source: BufferedReader[FileIO], n_bytes: int) -> Iterator[bytes]:
    """Yield the next bytes in pieces."""
    while n_bytes:
        block = source.read(min(n_bytes, CHUNK))
        if len(block) != min(n_bytes, CHUNK):
            raise file.changed("it became shorter")
        yield block
        n_bytes -= len(block)
