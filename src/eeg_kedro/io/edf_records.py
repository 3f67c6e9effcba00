"""Stored integers of EDF and BDF data records, a span of samples at a time, through one reused buffer."""

from __future__ import annotations

from collections.abc import Iterator
from io import FileIO

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.io.edf_header import EdfHeader
from eeg_kedro.io.source_file import SourceFile

SPAN_SAMPLES = 1 << 16  # per channel: 256 KiB as float32, about what a second-level cache holds
LONG_RECORD = 1 << 13  # samples per channel from which a record is read channel by channel


class EdfRecords:
    """The data records of one file, seen as the integers of some signals of one rate.

    Parameters
    ----------
    file : SourceFile
        The recording.
    header : EdfHeader
        Its header.
    picks : tuple of int
        Indices of signals with the same number of samples per record.
    """

    def __init__(self, file: SourceFile, header: EdfHeader, picks: tuple[int, ...]) -> None:
        self._file, self._header, self._picks = file, header, picks
        self._width = header.bytes_per_sample
        self._per_record = header.signals[picks[0]].samples_per_record
        self._starts = [self._width * header.sample_offsets[pick] for pick in picks]
        self._buffer = np.empty(0, np.uint8)

    def spans(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Cut ``[start, stop)`` into pieces of about `SPAN_SAMPLES`, at edges of records if possible."""
        step = max(SPAN_SAMPLES // self._per_record, 1) * self._per_record
        if self._per_record >= LONG_RECORD:
            step = SPAN_SAMPLES
        while start < stop:
            end = min((start // step + 1) * step, stop)
            yield start, end
            start = end

    def load(self, handle: FileIO, start: int, stop: int) -> tuple[Iterator[NDArray[np.signedinteger]], int]:
        """Read samples ``[start, stop)``, where they are contiguous in time.

        Returns
        -------
        iterator of ndarray of int, (n_rows, n_columns)
            One per pick, in C order the stored samples; valid until the next one is asked for.
        int
            How many samples of each array precede `start`.
        """
        if self._per_record >= LONG_RECORD:
            return (self._load_pick(handle, start, stop, at) for at in self._starts), 0
        first, last = start // self._per_record, -(-stop // self._per_record)
        n_bytes = self._header.record_bytes
        data = self._room((last - first) * n_bytes)
        self._file.fill(handle, self._header.header_bytes + first * n_bytes, data)
        shape, strides = (last - first, self._per_record), (n_bytes, self._width)
        return (self._integers(at, shape, strides) for at in self._starts), start - first * self._per_record

    def _load_pick(self, handle: FileIO, start: int, stop: int, at: int) -> NDArray[np.signedinteger]:
        """Read one channel's part of long records, so that a record of any length needs little memory."""
        data = self._room((stop - start) * self._width)
        done = start
        while done < stop:
            record, skip = divmod(done, self._per_record)
            end = min((record + 1) * self._per_record, stop)
            offset = self._header.header_bytes + record * self._header.record_bytes + at + skip * self._width
            self._file.fill(handle, offset, data[(done - start) * self._width : (end - start) * self._width])
            done = end
        return self._integers(0, (1, stop - start), (0, self._width))

    def _room(self, n_bytes: int) -> NDArray[np.uint8]:
        """Give `n_bytes` of the buffer, behind the byte that `_integers` needs in front."""
        if self._buffer.size < n_bytes + 1:
            self._buffer = np.empty(n_bytes + 1, np.uint8)
        return self._buffer[1 : n_bytes + 1]

    def _integers(
        self, at: int, shape: tuple[int, int], strides: tuple[int, int]
    ) -> NDArray[np.signedinteger]:
        if self._width == 2:
            return np.ndarray(shape, "<i2", self._buffer, 1 + at, strides)
        # 24 bits: read 4 bytes from the byte before; the shift drops that byte and extends the sign
        return np.ndarray(shape, "<i4", self._buffer, at, strides) >> 8
