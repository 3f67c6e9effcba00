"""Where everything lies in an EDF or BDF file: enough to copy it with other header fields, whoever the patient is.

`read_edf_header` reads what a recording means and refuses what is none; here a hypnogram or a file with gaps is as
good as any other, as long as its parts can be found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from io import FileIO
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import HeaderError
from eeg_kedro.io.edf_damage import refuse_rewritten, refuse_stranger
from eeg_kedro.io.edf_fields import FIXED_BYTES, FIXED_FIELDS, EdfFields
from eeg_kedro.io.source_file import SourceFile

VARIANTS = ("EDF+C", "EDF+D", "BDF+C", "BDF+D", "24BIT")
VERSIONS = {"EDF": b"0       ", "BDF": b"\xffBIOSEMI"}
LARGEST_TEXT = 2**24  # bytes of annotations in one record: a night's hypnogram has some thousand
# no shorter: some ordinary samples begin like a time stamp too
_CLOCK = re.compile(rb"[+-]\d+(\.\d*)?\x14\x14\0")
# a whole block of time-stamped annotation lists: samples that begin like one go on otherwise
_TAL = rb"[+-]\d+(\.\d*)?(\x15\d+(\.\d*)?)?\x14([^\0-\x08\x0b-\x0c\x0e-\x13\x15-\x1f]*\x14)?"
_LISTS = re.compile(rb"(%s\0+)*%s\0*" % (_TAL, _TAL))
SHORTEST_LIST = 4  # bytes: +0, a mark, an end
CHUNK = 1 << 20
_NUMBER = re.compile(rb"[ \0]*[-+]?\d+([.,]\d*)?([eE][-+]?\d+)?[ \0]*")
_REMEDY = "export the recording again as EDF or BDF, or clean and copy it by hand"


@dataclass(frozen=True)
class EdfPlaces:
    """The parts of one file.

    Attributes
    ----------
    family, variant : str
        ``EDF`` or ``BDF``; what the reserved field says of it (``EDF+C``, ``24BIT``, ...), or nothing.
    raw : bytes
        The header as it is.
    fields : EdfFields
        The same, to read numbers and texts from.
    samples : tuple of int
        Samples per record of each signal.
    holds_text : tuple of bool
        Which signals hold annotations.
    n_claimed, n_complete : int
        Records by the header (-1: it does not say), and by the size of the file.
    n_rest : int
        Bytes behind the last complete record.
    n_between : int
        Bytes between the header and the first record, where header and size of the file agree on some.
    """

    family: str
    variant: str
    raw: bytes
    fields: EdfFields
    samples: tuple[int, ...]
    holds_text: tuple[bool, ...]
    n_claimed: int
    n_complete: int
    n_rest: int
    n_between: int

    @property
    def n_signals(self) -> int:
        """Number of signals, those with annotations included."""
        return len(self.samples)

    @property
    def widths(self) -> tuple[int, ...]:
        """Bytes of each signal in one record."""
        return tuple(n_samples * (2 if self.family == "EDF" else 3) for n_samples in self.samples)

    @property
    def record_bytes(self) -> int:
        """Bytes of one record."""
        return sum(self.widths)


def find_places(file: SourceFile) -> EdfPlaces:
    """Find the parts of an EDF or BDF file of any variant.

    Raises
    ------
    HeaderError
        If it is none, or a number that says where something lies cannot be read; no text of the header is quoted.
    SignalError
        If the file cannot be read.
    """
    size, _ = file.stamp()
    with file.open() as handle:
        fixed = handle.read(FIXED_BYTES) or b""
        refuse_stranger(file, fixed)
        family = next((name for name, version in VERSIONS.items() if _starts(fixed, version)), "")
        if not family or len(fixed) < FIXED_BYTES:
            raise _refusal(file, "not an EDF or BDF file, or its header is damaged at the first byte")
        fields = EdfFields(fixed)
        n_signals = _whole(file, fields.fixed_number("n_signals"), "the number of signals", 1)
        least = FIXED_BYTES * (n_signals + 1)
        if size < least:  # before reading: a damaged number may ask for more than there is memory
            raise _refusal(file, "the header is cut short", size, f"{least} bytes at least")
        signals = handle.read(FIXED_BYTES * n_signals) or b""
        fields.add_signals(signals, n_signals)
        samples = tuple(
            _whole(file, fields.signal_number("samples_per_record", i), f"the samples of signal {i + 1}", 0)
            for i in range(n_signals)
        )
        if not _NUMBER.fullmatch(fixed[FIXED_FIELDS["record_duration"]]):
            raise _refusal(file, "the duration of a record is not a number")
        return _place_records(file, handle, (family, fixed + signals, fields, samples), size)


def is_number(raw: bytes) -> bool:
    """Say whether the bytes of a field are one number and nothing else; a patient's code may hold digits too."""
    return _NUMBER.fullmatch(raw) is not None


def _place_records(
    file: SourceFile, handle: FileIO, found: tuple[str, bytes, EdfFields, tuple[int, ...]], size: int
) -> EdfPlaces:
    family, raw, fields, samples = found
    record_bytes = sum(samples) * (2 if family == "EDF" else 3)
    if not record_bytes or size < len(raw) + record_bytes:
        raise _refusal(file, "no complete data record", size, f"{len(raw) + record_bytes} bytes at least")
    claimed = fields.fixed_number("n_records")
    n_claimed = int(claimed) if claimed is not None and claimed > 0 else -1
    stated = int(fields.fixed_number("header_bytes") or 0)
    agreed = stated > len(raw) and size == stated + n_claimed * record_bytes
    n_between = stated - len(raw) if agreed else 0
    n_complete, n_rest = divmod(size - len(raw) - n_between, record_bytes)
    if n_rest or n_claimed != n_complete:
        refuse_rewritten(file, len(raw))
    reserved = fields.fixed_text("reserved").upper()
    variant = next((name for name in VARIANTS if reserved.startswith(name)), "")
    whole = EdfPlaces(family, variant, raw, fields, samples, (), n_claimed, n_complete, n_rest, n_between)
    return replace(whole, holds_text=_find_text(file, handle, whole))


def _find_text(file: SourceFile, handle: FileIO, places: EdfPlaces) -> tuple[bool, ...]:
    """Find the signals that hold annotations: by label, by how their first record begins, or by what any record is.

    All records are looked at where the reserved field says that the file is EDF+ or BDF+.
    """
    found, start = [], len(places.raw) + places.n_between
    for index, width in enumerate(places.widths):
        handle.seek(start)
        start += width
        named = "ANNOT" in places.fields.signal_text("label", index).upper()
        found.append(named or _CLOCK.match(handle.read(min(width, 64)) or b"") is not None)
    if places.variant[3:] in ("+C", "+D"):
        found = _find_lists(handle, places, found)
    for index, (holds, width) in enumerate(zip(found, places.widths, strict=True)):
        if holds and width > LARGEST_TEXT:
            what = f"signal {index + 1} holds too many annotations"
            raise _refusal(file, what, width, f"{LARGEST_TEXT} bytes")
    return tuple(found)


def _find_lists(handle: FileIO, places: EdfPlaces, known: list[bool]) -> list[bool]:
    """Mark the signals that are annotation lists in some record, from its first byte to its last."""
    ends = [*accumulate(places.widths)]
    unknown = [i for i, is_text in enumerate(known) if not is_text and places.widths[i] >= SHORTEST_LIST]
    found, per_read = [*known], max(CHUNK // places.record_bytes, 1)
    handle.seek(len(places.raw) + places.n_between)
    for first in range(0, places.n_complete, per_read):
        records = _next_records(handle, places.record_bytes, min(per_read, places.n_complete - first))
        for index in unknown:
            if not found[index]:
                signal = records[:, ends[index] - places.widths[index] : ends[index]]
                found[index] = any(map(_is_list, signal[_begin_like_lists(signal)]))
    return found


def _next_records(handle: FileIO, record_bytes: int, n_records: int) -> NDArray[np.uint8]:
    """Read records, shape (n, bytes of one); fewer if the file has become shorter, which copying it will tell."""
    raw = bytearray()
    while missing := n_records * record_bytes - len(raw):
        block = handle.read(missing)
        if not block:
            break
        raw += block
    n_here = len(raw) // record_bytes
    return np.frombuffer(raw, np.uint8, n_here * record_bytes).reshape(n_here, record_bytes)


def _begin_like_lists(signal: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say which records begin with a sign and a digit: few records of samples do."""
    digits = (signal[:, 1] >= ord("0")) & (signal[:, 1] <= ord("9"))
    return np.isin(signal[:, 0], (ord("+"), ord("-"))) & digits


def _is_list(record: NDArray[np.uint8]) -> bool:
    return _LISTS.fullmatch(record.tobytes()) is not None


def _starts(fixed: bytes, version: bytes) -> bool:
    return fixed[:8].replace(b"\0", b" ") == version


def _whole(file: SourceFile, value: float | None, what: str, least: int) -> int:
    if value is None or value != int(value) or value < least:
        raise _refusal(file, f"{what} cannot be read", None, f"a whole number from {least}")
    return int(value)


def _refusal(file: SourceFile, what: str, value: int | None = None, allowed: str = "") -> HeaderError:
    return HeaderError(what, file=file.relative, value=value, allowed=allowed, remedy=_REMEDY)
