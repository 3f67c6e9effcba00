"""Annotations inside EDF+ and BDF+ files: time-stamped annotation lists (TALs), one data record at a time.

Format: https://www.edfplus.info/specs/edfplus.html, section 2.2. A list is ``+ONSET[<21>DURATION]<20>TEXT<20>...<0>``;
lists with an empty text only say when their record begins. The texts may hold anything, a person's name too: errors
of this module give their number and place, never a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from eeg_kedro.errors import AnnotationError, HeaderError
from eeg_kedro.io.edf_fields import FIXED_BYTES, EdfFields
from eeg_kedro.io.edf_header import AnnotationOnlyError, read_edf_header
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import LATEST, Annotation

LISTS = re.compile(rb"[^\x00]+")
STAMP = re.compile(rb"([+-]?\d{1,40}(?:\.\d{0,40})?)(?:\x15(\d{1,40}(?:\.\d{0,40})?)?)?\x14")
TEXTS = re.compile(rb"[^\x14]+")
LABEL_BYTES, MOST_SIGNALS = 16, 9999  # of the header's fields
# "Spike@@EEG C3-A2": an annotation of one signal, named as in the header
CHANNEL_MARK = "@@"


class TextPlaces(NamedTuple):
    """Where the annotation signals of a file lie.

    Attributes
    ----------
    first : int
        Byte at which the first data record begins.
    n_records, record_bytes : int
        How many complete records there are, and how long each is.
    spans : tuple of (int, int)
        Start within a record and length of each annotation signal, in bytes.
    ch_names : frozenset of str
        Labels of the other signals.
    """

    first: int
    n_records: int
    record_bytes: int
    spans: tuple[tuple[int, int], ...]
    ch_names: frozenset[str]


def holds_texts(file: SourceFile) -> bool:
    """Tell from the labels alone whether there is an annotation signal; plain EDF and BDF have none.

    Raises
    ------
    SignalError
        If the file is gone or cannot be read.
    """
    with file.open() as handle:
        fixed = handle.read(FIXED_BYTES) or b""
        count = fixed[252:].strip()
        n_signals = int(count) if count.isdigit() else MOST_SIGNALS
        labels = handle.read(n_signals * LABEL_BYTES) or b""
    return b" annotations" in labels.lower()


def read_edf_annotations(file: SourceFile) -> Iterator[Annotation]:
    """Read the annotations of all annotation signals, in the order of the file, one record in memory.

    Parameters
    ----------
    file : SourceFile
        EDF+ or BDF+, with or without signals; of plain EDF and BDF nothing comes.

    Yields
    ------
    Annotation
        Seconds from the first sample; duration 0 where none is given. The label is the text as written.

    Raises
    ------
    AnnotationError
        If a list is broken, naming its record and number.
    HeaderError
        If the header cannot be read, or asks for longer records than the file is.
    SignalError
        If the file is gone, or changes while it is read.
    """
    if not holds_texts(file):
        return
    places = _find_places(file)
    origin, number = Decimal(0), 0
    once: dict[str, str] = {}  # a night holds a thousand texts of a dozen kinds: each is kept once
    for record, raw in _read_records(file, places):
        for found in LISTS.finditer(raw):
            if not found[0].strip(b" "):  # some fill up with blanks
                continue
            number += 1
            onset, duration, texts = _parse(found[0], file, record, number)
            if number == 1 and texts[:1] in (b"", b"\x14"):
                origin = (
                    onset  # when the first record begins: a fraction of a second after the header's start
                )
            for match in TEXTS.finditer(texts):
                text = _decode(match[0])
                label, channel = _split_channel(text, places.ch_names)
                yield Annotation(
                    float(onset - origin),
                    duration,
                    once.setdefault(label, label),
                    once.setdefault(channel, channel),
                )


def _find_places(file: SourceFile) -> TextPlaces:
    try:
        header = read_edf_header(file)
    except AnnotationOnlyError:
        return _places_without_signals(file)
    width = header.bytes_per_sample
    spans = tuple(
        (width * start, width * signal.samples_per_record)
        for start, signal in zip(header.sample_offsets, header.signals, strict=True)
        if signal.is_annotation
    )
    names = frozenset(signal.label for signal in header.signals if not signal.is_annotation)
    return TextPlaces(header.header_bytes, header.n_records, header.record_bytes, spans, names)


def _places_without_signals(file: SourceFile) -> TextPlaces:
    """Find the places in a file of annotations only, a hypnogram; its records last no time."""
    size, _ = file.stamp()
    with file.open() as handle:
        fixed = handle.read(FIXED_BYTES) or b""
        fields = EdfFields(fixed)
        n_signals = int(fields.fixed_number("n_signals") or 0)
        fields.add_signals(handle.read(n_signals * FIXED_BYTES) or b"", n_signals)
    width = 3 if fixed.startswith(b"\xff") else 2
    lengths = [width * int(fields.signal_number("samples_per_record", i) or 0) for i in range(n_signals)]
    starts = accumulate(lengths[:-1], initial=0)
    first, record_bytes = FIXED_BYTES * (n_signals + 1), sum(lengths)
    n_records = max(size - first, 0) // record_bytes if record_bytes else 0
    if (
        not n_records and size > first
    ):  # before reading: a damaged length may ask for more than there is memory
        raise HeaderError(
            "no complete data record of annotations",
            file=file.relative,
            value=size,
            allowed=f"{first + record_bytes} bytes at least",
            remedy="copy or export the file again, or set ingest.edf_annotations=ignore",
        )
    return TextPlaces(first, n_records, record_bytes, tuple(zip(starts, lengths, strict=True)), frozenset())


def _read_records(file: SourceFile, places: TextPlaces) -> Iterator[tuple[int, bytes]]:
    n_bytes = [length for _, length in places.spans] if places.n_records else []
    buffers = [np.empty(length, np.uint8) for length in n_bytes]
    with file.open() as handle:
        for record in range(places.n_records):
            at = places.first + record * places.record_bytes
            for (start, _), buffer in zip(places.spans, buffers, strict=True):
                file.fill(handle, at + start, buffer)
                yield record + 1, buffer.tobytes()


def _parse(raw: bytes, file: SourceFile, record: int, number: int) -> tuple[Decimal, float, bytes]:
    """Return onset (s of the file's clock), duration (s) and the texts of one list."""
    stamp = STAMP.match(raw)
    texts = raw[stamp.end() :] if stamp else b""
    if stamp is None or (texts and not texts.endswith(b"\x14")):
        raise _broken(file, record, number, "has no readable time" if stamp is None else "is cut short")
    onset, duration = Decimal(stamp[1].decode()), float(stamp[2] or 0)
    if abs(onset) > LATEST or duration > LATEST:
        raise _broken(file, record, number, f"is beyond {LATEST:g} s")
    return onset, duration, texts


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _split_channel(text: str, ch_names: frozenset[str]) -> tuple[str, str]:
    label, mark, channel = text.rpartition(CHANNEL_MARK)
    return (label, channel) if mark and channel in ch_names else (text, "")


def _broken(file: SourceFile, record: int, number: int, how: str) -> AnnotationError:
    return AnnotationError(
        f"annotation list {number}, in data record {record}, {how}",
        file=file.relative,
        allowed="+ONSET, perhaps byte 21 and a duration, byte 20, texts each ended by byte 20, byte 0",
        remedy="export the file again, or set ingest.edf_annotations=ignore",
    )
