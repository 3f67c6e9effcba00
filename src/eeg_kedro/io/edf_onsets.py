"""Onsets of the data records of a discontinuous file (EDF+D, BDF+D), from its time-keeping annotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.source_file import SourceFile

if TYPE_CHECKING:
    from eeg_kedro.io.edf_header import EdfHeader

_TIME_STAMP = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15[^\x14]*)?\x14")
_LONGEST_STAMP = 48  # bytes; the onset is the first thing in a record's annotations
_REMEDY = "export the parts before and after the gap as recordings of their own, or as EDF+C"


def check_continuous(file: SourceFile, header: EdfHeader) -> str:
    """Make sure that the records follow each other without a gap.

    Returns
    -------
    str
        A note for the report, if they do.

    Raises
    ------
    SignalError
        If there is a gap or an overlap of more than one sample, naming where it is and how long, or if a
        record has no readable onset.
    """
    onsets = read_record_onsets(file, header)
    fastest = max(range(len(header.signals)), key=lambda i: _ordinary_samples(header, i))
    tolerance = 1.0 / header.sfreq(fastest)
    duration = header.signals[fastest].samples_per_record * tolerance
    late = np.flatnonzero(np.abs(onsets - onsets[0] - np.arange(onsets.size) * duration) > tolerance)
    if late.size:
        raise _gap_error(file, header, onsets, int(late[0]), duration)
    return f"the file calls itself discontinuous ({header.kind}), but there is no gap between its records"


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
    indices = [i for i, signal in enumerate(header.signals) if signal.is_annotation]
    if not indices:
        what = f"{header.kind} without an annotation signal: nobody can tell when its records begin"
        raise SignalError(what, file=file.relative, remedy=_REMEDY)
    start = header.bytes_per_sample * header.sample_offsets[indices[0]]
    n_bytes = header.bytes_per_sample * header.signals[indices[0]].samples_per_record
    buffer = np.empty(min(n_bytes, _LONGEST_STAMP), np.uint8)
    onsets = np.empty(header.n_records)
    with file.open() as handle:
        for record in range(header.n_records):
            file.fill(handle, header.header_bytes + record * header.record_bytes + start, buffer)
            found = _TIME_STAMP.match(buffer.tobytes())
            if not found:
                what = f"data record {record + 1} of {header.n_records} has no readable onset"
                raise SignalError(what, file=file.relative, remedy=_REMEDY)
            onsets[record] = float(found[1])
    return onsets


def _ordinary_samples(header: EdfHeader, index: int) -> int:
    signal = header.signals[index]
    return 0 if signal.is_annotation else signal.samples_per_record


def _gap_error(
    file: SourceFile, header: EdfHeader, onsets: NDArray[np.float64], record: int, duration: float
) -> SignalError:
    at = float(onsets[record - 1] - onsets[0] + duration)
    length = float(onsets[record] - onsets[record - 1] - duration)
    what = (
        f"{header.kind} with a gap of {length:g} s at {at:g} s"
        if length > 0
        else (f"{header.kind} whose data records overlap by {-length:g} s at {at:g} s")
    )
    return SignalError(what, file=file.relative, allowed="records that follow each other", remedy=_REMEDY)
