"""Header of an EDF, EDF+, BDF or BDF+ file: read, repaired where the meaning is certain, else refused.

Formats: https://www.edfplus.info/specs (EDF, EDF+), https://www.biosemi.com/faq/file_format.htm (BDF).
Who the patient is and when the recording was made is never read into any value of this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from eeg_kedro.errors import HeaderError
from eeg_kedro.io.edf_damage import RewrittenError, refuse_rewritten, refuse_stranger
from eeg_kedro.io.edf_fields import FIXED_BYTES, EdfFields
from eeg_kedro.io.edf_onsets import Stretch, find_hidden_stretches, find_stretches
from eeg_kedro.io.source_file import SourceFile

SHORTEST, LONGEST = 1e-6, 1e7  # seconds per data record: between them rates stay ordinary numbers
EXPORT_AGAIN = "export the recording again as EDF, EDF+C or BDF, or take the file out of the corpus folder"


class AnnotationOnlyError(HeaderError):
    """A file that holds annotations and no signal, such as a hypnogram."""


@dataclass(frozen=True)
class EdfSignal:
    """One signal of a header: ``physical = gain * digital + offset``, in units of `dimension`."""

    label: str
    dimension: str
    physical_min: float
    physical_max: float
    digital_min: int
    digital_max: int
    samples_per_record: int

    @property
    def is_annotation(self) -> bool:
        """Whether this is the text channel of EDF+ or BDF+."""
        return self.label.lower() in ("edf annotations", "bdf annotations")

    @property
    def is_constant_scale(self) -> bool:
        """Whether the scale maps every digital value to one number, so that there is no signal."""
        return self.digital_min == self.digital_max or self.physical_min == self.physical_max

    @property
    def gain(self) -> float:
        """Units of `dimension` per digital step; 0 where the scale is constant."""
        if self.is_constant_scale:
            return 0.0
        return (self.physical_max - self.physical_min) / (self.digital_max - self.digital_min)

    @property
    def offset(self) -> float:
        """Value of digital zero, in units of `dimension`."""
        return self.physical_min - self.gain * self.digital_min


@dataclass(frozen=True)
class EdfHeader:
    """What is needed to find and scale samples.

    `repairs` says in sentences what had to be mended; `stretches` are the runs of records between the gaps of a
    file, empty for one without a gap.
    """

    n_records: int
    record_duration: float
    header_bytes: int
    signals: tuple[EdfSignal, ...]
    bytes_per_sample: int
    kind: str
    repairs: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    @property
    def record_bytes(self) -> int:
        """Bytes of one data record."""
        return self.bytes_per_sample * sum(signal.samples_per_record for signal in self.signals)

    @property
    def sample_offsets(self) -> tuple[int, ...]:
        """Where each signal starts within a record, in samples."""
        return tuple(accumulate((s.samples_per_record for s in self.signals[:-1]), initial=0))

    def sfreq(self, index: int) -> float:
        """Give the sampling rate of signal `index` in Hz, from exact fractions.

        A duration such as ``0.333333`` is a third of a second cut to the eight characters of its field: where
        a whole number of samples per second explains all digits that are there, that number is the rate.
        """
        n_samples, duration = self.signals[index].samples_per_record, Fraction(str(self.record_duration))
        rate = n_samples / duration
        decimals = len(str(self.record_duration).partition(".")[2])
        whole = round(rate)
        if whole and decimals >= 5 and abs(Fraction(n_samples, whole) - duration) < Fraction(1, 10**decimals):
            return float(whole)
        return float(rate)

    def n_times(self, index: int) -> int:
        """Give the number of samples of signal `index` in the complete records."""
        return self.n_records * self.signals[index].samples_per_record


def read_edf_header(file: SourceFile) -> EdfHeader:
    """Read the header of an EDF or BDF file.

    Raises
    ------
    HeaderError
        If the file is no EDF or BDF, is cut short, was rewritten as text, or has no signal or no complete record.
    AnnotationOnlyError
        If all it holds is annotations.
    SignalError
        If the file is gone, or the records of a discontinuous file (EDF+D, BDF+D) overlap or have no onset, or
        leave more gaps than anybody can mean.
    """
    size, _ = file.stamp()
    with file.open() as handle:
        fixed = handle.read(FIXED_BYTES) or b""
        family = _recognize(file, fixed)
        fields = EdfFields(fixed)
        n_signals = _count_signals(file, fields)
        least = FIXED_BYTES * (n_signals + 1)
        if size < least:  # before reading: a damaged number of signals may ask for more than there is memory
            raise _refusal(file, "the header is cut short", size, f"{least} bytes at least")
        raw = handle.read(n_signals * FIXED_BYTES) or b""
    fields.add_signals(raw, n_signals)
    try:
        header = _compose(file, fields, family, n_signals, size)
    except (AnnotationOnlyError, RewrittenError):
        raise
    except HeaderError:
        refuse_rewritten(file, least)  # a better reason, if it is one
        raise
    find = find_stretches if header.kind.endswith("+D") else find_hidden_stretches
    stretches, notes = find(file, header)
    return replace(header, repairs=(*header.repairs, *notes), stretches=stretches)


def _recognize(file: SourceFile, fixed: bytes) -> str:
    """Tell EDF from BDF by the version field, and both from everything else."""
    if not fixed:
        raise _refusal(file, "the file is empty", 0, "an EDF or BDF file", "copy the file again")
    refuse_stranger(file, fixed)
    if fixed.startswith(b"\xffBIOSEMI"):
        family = "BDF"
    elif fixed[:8].strip(b" \0") == b"0":
        family = "EDF"
    else:  # not quoted: in a file that lost bytes, a patient's name stands here
        what = "not an EDF or BDF file: the version field is unknown"
        raise _refusal(file, what, None, "'0' or '\\xffBIOSEMI'")
    if len(fixed) < FIXED_BYTES:
        raise _refusal(file, "the header is cut short", len(fixed), "256 bytes at least")
    return family


def _count_signals(file: SourceFile, fields: EdfFields) -> int:
    found = fields.fixed_number("n_signals")
    if found is None or found != int(found) or found < 1:
        value = fields.number_as_written("n_signals")
        raise _refusal(file, "the header names no signals", value, "a number of signals from 1")
    return int(found)


def _compose(file: SourceFile, fields: EdfFields, family: str, n_signals: int, size: int) -> EdfHeader:
    fields.check_start()
    signals = tuple(_read_signal(file, fields, index) for index in range(n_signals))
    variant = fields.fixed_text("reserved").upper()[:5]
    kind = family + (variant[3:] if variant[3:] in ("+C", "+D") else "")
    if kind != family and not any(signal.is_annotation for signal in signals):
        fields.note(f"{kind} without an annotation signal")
    duration = _read_duration(file, fields, signals)
    empty = EdfHeader(0, duration, 0, signals, 2 if family == "EDF" else 3, kind)
    empty = replace(empty, header_bytes=_find_data(fields, empty, size))
    n_records = _count_records(file, fields, empty, size)
    return replace(empty, n_records=n_records, repairs=fields.repairs)


def _find_data(fields: EdfFields, header: EdfHeader, size: int) -> int:
    """Say where the data records begin: behind the signal fields, unless size and header agree on a later byte."""
    computed = FIXED_BYTES * (len(header.signals) + 1)
    stated, claimed = fields.fixed_number("header_bytes"), fields.fixed_number("n_records")
    if stated == computed:
        return computed
    if stated and claimed and stated > computed and size == stated + claimed * header.record_bytes:
        fields.note(
            f"{int(stated) - computed} bytes between the header and the first data record are skipped"
        )
        return int(stated)
    fields.note(
        f"the header size field is wrong; {computed} bytes follow from the {len(header.signals)} signals"
    )
    return computed


def _read_signal(file: SourceFile, fields: EdfFields, index: int) -> EdfSignal:
    label, dimension = fields.signal_text("label", index), fields.signal_text("dimension", index)
    n_samples = fields.signal_number("samples_per_record", index)
    if n_samples is None or n_samples != int(n_samples) or n_samples < 0:
        value = fields.number_as_written("samples_per_record", index)
        what = f"{fields.name_of(index)} has no number of samples per record"
        raise _refusal(file, what, value, "a whole number from 0")
    low, high = fields.signal_number("physical_min", index), fields.signal_number("physical_max", index)
    bottom, top = fields.signal_number("digital_min", index), fields.signal_number("digital_max", index)
    if low is None or high is None or bottom is None or top is None:
        fields.note_without_range(index)
        return EdfSignal(label, dimension, 0.0, 0.0, 0, 0, int(n_samples))
    return EdfSignal(label, dimension, low, high, int(bottom), int(top), int(n_samples))


def _read_duration(file: SourceFile, fields: EdfFields, signals: tuple[EdfSignal, ...]) -> float:
    ordinary = [signal for signal in signals if not signal.is_annotation]
    if not ordinary:
        remedy = "nothing to do if it accompanies a recording; it cannot be one itself"
        raise AnnotationOnlyError("no signal: annotations only", file=file.relative, remedy=remedy)
    duration = fields.fixed_number("record_duration")
    if duration is None or not SHORTEST <= duration <= LONGEST:
        value = fields.number_as_written("record_duration")
        allowed = f"{SHORTEST:g} to {LONGEST:g} s"
        raise _refusal(file, "the duration of a data record is not that of a recording", value, allowed)
    if not any(signal.samples_per_record for signal in ordinary):
        raise _refusal(
            file, "no signal has samples: every record is empty", 0, "1 sample per record at least"
        )
    return duration


def _count_records(file: SourceFile, fields: EdfFields, header: EdfHeader, size: int) -> int:
    """Count complete records from the file size; the header's count is only a claim."""
    n_complete, rest = divmod(max(size - header.header_bytes, 0), header.record_bytes)
    claimed = fields.fixed_number("n_records")
    claim = int(claimed) if claimed is not None and claimed >= 0 else -1
    if rest or claim != n_complete:
        whole = header.header_bytes + claim * header.record_bytes if claim > 0 else None
        refuse_rewritten(file, header.header_bytes, whole)
    if n_complete == 0:
        raise _refusal(
            file,
            "no complete data record",
            size,
            f"{header.header_bytes + header.record_bytes} bytes at least",
        )
    if claim < 0:
        fields.note(
            f"the record count is {claim} (never filled in); {n_complete} complete records were counted"
        )
    elif claim < n_complete:
        fields.note(f"the header claims {claim} data records; {n_complete} complete records were found")
    expected = claim if claim > n_complete else n_complete + rest / header.record_bytes
    lost = (expected - n_complete) * header.record_duration
    if claim > n_complete or (claim < 0 and rest):
        fields.note(
            f"the file ends early: {n_complete} data records are complete and kept, {lost:g} s are lost"
        )
    elif rest:
        fields.note(f"{rest} bytes after the last complete data record are ignored")
    return n_complete


def _refusal(
    file: SourceFile, what: str, value: object, allowed: str = "", remedy: str = EXPORT_AGAIN
) -> HeaderError:
    return HeaderError(what, file=file.relative, value=value, allowed=allowed, remedy=remedy)
