"""Samples of EDF and BDF files: stored integers to float32 microvolts, in blocks of bounded memory.

Records are read into one reused buffer, not through a memory map: pages of a mapped file count as memory of
the process, and a 24 h recording has a gigabyte of them. Each channel of some hundred records is then cast
and scaled while it lies in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import FileIO

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.edf_header import EdfHeader, read_edf_header
from eeg_kedro.io.edf_records import EdfRecords
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.sample_blocks import Extent
from eeg_kedro.io.source_file import SourceFile


def read_edf(file: SourceFile, picks: Sequence[int]) -> NDArray[np.float32]:
    """Read whole signals of an EDF or BDF file.

    Parameters
    ----------
    file : SourceFile
        The recording.
    picks : sequence of int
        Indices of signals in the header; all at one rate.

    Returns
    -------
    ndarray of float32, (n_picks, n_times)
        Microvolts.

    Raises
    ------
    HeaderError, SignalError, ChangedFileError
        As `read_edf_header` and `EdfSamples`; also if the file has gaps.
    """
    source = EdfSamples(file, picks)
    if source.segments:
        raise refuse_gaps(file, source.segments)
    return source.read()


def refuse_gaps(file: SourceFile, segments: Sequence[tuple[int, int]]) -> SignalError:
    """Make the error for samples on both sides of a gap that would be read as if they were neighbors."""
    return SignalError(
        "the file has gaps: its parts cannot be read as one recording",
        file=file.relative,
        value=f"{len(segments)} parts",
        allowed="one of them, as (first sample, number of samples)",
        remedy="run `ingest` again: the inventory has a row for each part",
    )


class EdfSamples:
    """Signals of one EDF or BDF file as a sample source.

    Parameters
    ----------
    file : SourceFile
        The recording.
    picks : sequence of int
        Indices of signals in the header; all at one rate. A signal without a unit is taken as microvolts.

    Attributes
    ----------
    labels : tuple of str
        What the header calls the picks.
    segments : tuple of (int, int)
        First sample and number of samples of the parts between gaps; empty for a file without one. The methods
        know nothing of gaps: who reads a part keeps to it.

    Raises
    ------
    HeaderError
        If the header cannot be read.
    SignalError
        If a pick does not exist, is not a voltage, has no scale, or has another rate than the first.
    """

    def __init__(self, file: SourceFile, picks: Sequence[int]) -> None:
        self._file, self._stamp = file, file.stamp()
        self._header = read_edf_header(file)
        self._picks = tuple(picks)
        factors = _check_picks(file, self._header, self._picks)
        first = self._picks[0]
        self.sfreq, self.n_times = self._header.sfreq(first), self._header.n_times(first)
        signals = [self._header.signals[pick] for pick in self._picks]
        self.labels = tuple(signal.label for signal in signals)
        per_record = self._header.signals[first].samples_per_record
        self.segments = tuple(
            (part.first_record * per_record, part.n_records * per_record) for part in self._header.stretches
        )
        self._gains = np.array([s.gain * factor for s, factor in zip(signals, factors, strict=True)])
        self._offsets = np.array([s.offset * factor for s, factor in zip(signals, factors, strict=True)])
        self._records = EdfRecords(file, self._header, self._picks)
        self._sha256 = ""

    def blocks(self, n_block: int) -> Iterator[NDArray[np.float32]]:
        """Yield the whole recording in order, `n_block` samples at a time, each block an array of its own.

        Yields
        ------
        ndarray of float32, (n_picks, n_block or fewer in the last)
            Microvolts.

        Raises
        ------
        ChangedFileError
            If the file is not the one that was opened.
        """
        for start in range(0, self.n_times, n_block):
            block = np.empty((len(self._picks), min(n_block, self.n_times - start)), np.float32)
            with self._file.open() as handle:
                self._fill(handle, start, block)
            yield block
        self._file.check_unchanged(self._stamp)

    def spans(self, spans: Sequence[tuple[int, int]]) -> Iterator[NDArray[np.float32]]:
        """Yield spans ``[start, stop)`` of samples, each an array of its own; what lies between is not read."""
        for start, stop in spans:
            span = np.empty((len(self._picks), min(stop, self.n_times) - start), np.float32)
            with self._file.open() as handle:
                self._fill(handle, start, span)
            yield span
        self._file.check_unchanged(self._stamp)

    def read(self) -> NDArray[np.float32]:
        """Read the whole recording: float32 (n_picks, n_times), microvolts."""
        samples = np.empty((len(self._picks), self.n_times), np.float32)
        with self._file.open() as handle:
            self._fill(handle, 0, samples)
        self._file.check_unchanged(self._stamp)
        return samples

    def extent(self) -> Extent:
        """Find the least and greatest sample of each pick, on the stored integers."""
        low = np.full(len(self._picks), np.iinfo(np.int32).max)
        high = np.full(len(self._picks), np.iinfo(np.int32).min)
        with self._file.open() as handle:
            for start, stop in self._records.spans(0, self.n_times):
                stored, _ = self._records.load(handle, start, stop)
                for i, rows in enumerate(stored):
                    low[i], high[i] = min(low[i], rows.min()), max(high[i], rows.max())
        self._file.check_unchanged(self._stamp)
        ends = np.stack([low, high], axis=1) * self._gains[:, None] + self._offsets[:, None]
        return Extent(np.sort(ends, axis=1), np.zeros(len(self._picks), np.int64))

    def fingerprint(self) -> str:
        """Give the SHA-256 of the whole file, header included, as hex digits."""
        if not self._sha256:
            self._sha256 = self._file.sha256()
            self._file.check_unchanged(self._stamp)
        return self._sha256

    def _fill(self, handle: FileIO, first: int, out: NDArray[np.float32]) -> None:
        """Read ``out.shape[1]`` samples from sample `first` into `out`, in microvolts."""
        scratch = np.empty(0, np.float32)
        for start, stop in self._records.spans(first, first + out.shape[1]):
            stored, skip = self._records.load(handle, start, stop)
            for i, rows in enumerate(stored):
                target = out[i, start - first : stop - first]
                if rows.size == target.size:  # whole records: cast and scale in place
                    target.reshape(rows.shape)[...] = rows
                    target *= np.float32(self._gains[i])
                else:
                    scratch = scratch if scratch.size >= rows.size else np.empty(rows.size, np.float32)
                    scratch[: rows.size].reshape(rows.shape)[...] = rows
                    inside = scratch[skip : skip + target.size]
                    np.multiply(inside, np.float32(self._gains[i]), out=target)
                if self._offsets[i]:
                    target += np.float32(self._offsets[i])


def _check_picks(file: SourceFile, header: EdfHeader, picks: tuple[int, ...]) -> list[float]:
    """Refuse picks that give no microvolts at one rate; give the factor to microvolts of each."""
    if not picks or not all(0 <= pick < len(header.signals) for pick in picks):
        n_signals = len(header.signals)
        raise _refusal(
            file, "signals are asked for that the file does not have", picks, f"0 to {n_signals - 1}"
        )
    factors = []
    for pick in picks:
        signal = header.signals[pick]
        factor = microvolt_factor(signal.dimension) if signal.dimension else 1.0
        if signal.is_annotation or factor is None:
            raise _refusal(
                file, f"signal {signal.label!r} is not a voltage", signal.dimension, "uV, mV, V or nV"
            )
        if signal.is_constant_scale or not signal.samples_per_record:
            raise _refusal(file, f"signal {signal.label!r} has no scale or no samples")
        if signal.samples_per_record != header.signals[picks[0]].samples_per_record:
            rates = sorted({header.sfreq(p) for p in picks})
            raise _refusal(file, "signals of different rates cannot be read together", rates, "one rate")
        factors.append(factor)
    return factors


def _refusal(file: SourceFile, what: str, value: object = None, allowed: str = "") -> SignalError:
    remedy = "run `ingest` again, so that the inventory describes this file; or leave the signal out"
    return SignalError(what, file=file.relative, value=value, allowed=allowed, remedy=remedy)
