"""Onsets of data records, and the stretches between the gaps of a file that is discontinuous, or is in truth.

A file of EDF+D or BDF+D is refused where its onsets cannot be. One that calls itself continuous is believed then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.source_file import SourceFile

if TYPE_CHECKING:
    from eeg_kedro.io.edf_header import EdfHeader

_TIME_STAMP = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15[^\x14]*)?\x14")
_LONGEST_STAMP = 48  # bytes; the onset is the first thing in a record's annotations
_PAGE = 1 << 12  # bytes; a disk gives no less, so short records are read many at a time
_FARTHEST = 1e9  # s; 30 years
MILLISECOND = 1e-3  # what onsets are rounded to; at rates above 1 kHz that is more than a sample
HIDDEN_GAP = 0.1  # s; of a file that calls itself continuous, less is how its writer's clock jitters
MOST_STRETCHES = 5_000  # what is annotated is looked up for each
_REMEDY = "export the parts before and after the gap as recordings of their own, or as EDF+C"


class Stretch(NamedTuple):
    """Data records that follow each other without a gap.

    Attributes
    ----------
    first_record, n_records : int
        Which records of the file.
    onset : float
        Seconds from the onset of the file's first record to that of the first one here.
    """

    first_record: int
    n_records: int
    onset: float


def find_stretches(file: SourceFile, header: EdfHeader) -> tuple[tuple[Stretch, ...], tuple[str, ...]]:
    """Find where the records of a discontinuous file follow each other.

    A gap is a step from one onset to the next that is more than a sample, and more than a millisecond, longer
    than a record. A clock that drifts against the sampling by less per record makes no gap: it is told.

    Returns
    -------
    stretches : tuple of Stretch
        Empty if there is no gap.
    notes : tuple of str
        Sentences for the report.

    Raises
    ------
    SignalError
        If records overlap, naming where and by how much, if a record has no readable onset, or if there are
        more gaps than anybody can have meant.
    """
    onsets = read_record_onsets(file, header)
    duration, tolerance = _timing(header)
    back = np.flatnonzero(np.diff(onsets) - duration < -tolerance)
    if back.size:
        raise _overlap_error(file, header, onsets, int(back[0]) + 1, duration)
    stretches, notes = _cut(file, header, onsets)
    if not stretches:
        notes = (f"the file calls itself discontinuous ({header.kind}), but has no gap", *notes)
    return stretches, notes


def find_hidden_stretches(file: SourceFile, header: EdfHeader) -> tuple[tuple[Stretch, ...], tuple[str, ...]]:
    """Find the gaps of a file that calls itself continuous, or says nothing: most have none.

    The first and the last record's onset are looked at, and all of them where these are apart by another time than
    the number of records tells.

    Returns
    -------
    stretches : tuple of Stretch
        Empty if there is no gap, or the onsets cannot be read.
    notes : tuple of str
        Sentences for the report.

    Raises
    ------
    SignalError
        If there are more gaps than anybody can have meant.
    """
    last = header.n_records - 1
    if last < 1 or not any(signal.is_annotation for signal in header.signals):
        return (), ()
    ends = [_onset(next(_read_stamps(file, header, record))) for record in (0, last)]
    duration, tolerance = _timing(header)
    apart = ends[1] - ends[0] - last * duration
    if not abs(apart) > tolerance:  # NaN: no readable onset
        return (), ()
    onsets = np.array([_onset(stamp) for stamp in _read_stamps(file, header)])
    late = np.diff(onsets) - duration
    is_clock = (
        2 * np.count_nonzero(late > HIDDEN_GAP) > late.size
    )  # most steps are late: another rate, no gaps
    if is_clock or not (late >= -tolerance).all():
        return (), (
            f"the last data record begins {abs(apart):.6g} s {'later' if apart > 0 else 'earlier'} than the number of "
            "records tells, and the onsets of the others go back, cannot be read or are all late: not believed",
        )
    stretches, notes = _cut(file, header, onsets, HIDDEN_GAP)
    if not stretches:
        return (), notes
    n_gaps = len(stretches) - 1
    told = f"{n_gaps} gap{'s' * (n_gaps > 1)}"
    return stretches, (
        f"the file calls itself continuous, but the onsets of its data records leave {told}",
        *notes,
    )


def _timing(header: EdfHeader) -> tuple[float, float]:
    """Return how long a record lasts, and by how much an onset may be off before it is a gap (s)."""
    fastest = max(range(len(header.signals)), key=lambda i: _ordinary_samples(header, i))
    sample = 1.0 / header.sfreq(fastest)
    return header.signals[fastest].samples_per_record * sample, 1.0001 * max(sample, MILLISECOND)


def _cut(
    file: SourceFile, header: EdfHeader, onsets: NDArray[np.float64], least_gap: float = 0.0
) -> tuple[tuple[Stretch, ...], tuple[str, ...]]:
    """Part the records at the gaps; no stretch where there is none."""
    duration, tolerance = _timing(header)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(onsets) - duration > max(tolerance, least_gap)) + 1])
    if starts.size > MOST_STRETCHES:
        what = f"{header.kind} with {starts.size - 1} gaps in {header.n_records} data records"
        raise SignalError(what, file=file.relative, allowed=f"{MOST_STRETCHES - 1} gaps", remedy=_REMEDY)
    lengths = np.diff([*starts, onsets.size])
    late = onsets - onsets[0] - duration * np.arange(onsets.size)
    drift = float(np.abs(late - np.repeat(late[starts], lengths)).max())
    notes = (_tell_drift(drift),) if drift > tolerance else ()
    if starts.size == 1:
        return (), notes
    places = zip(starts.tolist(), lengths.tolist(), (onsets[starts] - onsets[0]).tolist(), strict=True)
    return tuple(Stretch(*place) for place in places), notes


def read_record_onsets(file: SourceFile, header: EdfHeader) -> NDArray[np.float64]:
    """Read when each record begins.

    Returns
    -------
    ndarray of float64, (n_records,)
        Seconds since the start time of the header.

    Raises
    ------
    SignalError
        If there is no annotation signal, or a record without an onset.
    """
    onsets = np.empty(header.n_records)
    for record, stamp in enumerate(_read_stamps(file, header)):
        onsets[record] = _onset(stamp)
        if np.isnan(onsets[record]):
            what = f"data record {record + 1} of {header.n_records} has no readable onset"
            raise SignalError(what, file=file.relative, remedy=_REMEDY)
    return onsets


def _onset(stamp: bytes) -> float:
    """Read the onset at the start of a record's annotations; NaN if there is none."""
    found = _TIME_STAMP.match(stamp)
    onset = float(found[1]) if found else np.nan
    return onset if abs(onset) <= _FARTHEST else np.nan


def _read_stamps(file: SourceFile, header: EdfHeader, begin: int = 0) -> Iterator[bytes]:
    """Yield the first bytes of each record's annotations: its onset."""
    indices = [i for i, signal in enumerate(header.signals) if signal.is_annotation]
    if not indices:
        what = f"{header.kind} without an annotation signal: nobody can tell when its records begin"
        raise SignalError(what, file=file.relative, remedy=_REMEDY)
    start = header.header_bytes + header.bytes_per_sample * header.sample_offsets[indices[0]]
    size = header.record_bytes
    width = min(header.bytes_per_sample * header.signals[indices[0]].samples_per_record, _LONGEST_STAMP)
    n_near = max(_PAGE // size, 1)
    buffer = np.empty((n_near - 1) * size + width, np.uint8)
    with file.open() as handle:
        for first in range(begin, header.n_records, n_near):
            n_read = min(n_near, header.n_records - first)
            near = buffer[: (n_read - 1) * size + width]
            file.fill(handle, start + first * size, near)
            for at in range(0, n_read * size, size):
                yield near[at : at + width].tobytes()


def _ordinary_samples(header: EdfHeader, index: int) -> int:
    signal = header.signals[index]
    return 0 if signal.is_annotation else signal.samples_per_record


def _tell_drift(seconds: float) -> str:
    return (
        f"the onsets of its data records run away from the number of samples, by {seconds:.3g} s at most: "
        "samples are counted"
    )


def _overlap_error(
    file: SourceFile, header: EdfHeader, onsets: NDArray[np.float64], record: int, duration: float
) -> SignalError:
    at = float(onsets[record - 1] - onsets[0] + duration)
    length = float(onsets[record - 1] + duration - onsets[record])
    what = f"{header.kind} whose data records overlap by {length:g} s at {at:g} s"
    return SignalError(what, file=file.relative, allowed="records that follow each other", remedy=_REMEDY)
