"""The one way to samples: open channels of a recording of any format as blocks of float32 microvolts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ChangedFileError, SignalError
from eeg_kedro.io.csv_signals import open_csv
from eeg_kedro.io.edf_samples import EdfSamples, read_edf, refuse_gaps
from eeg_kedro.io.muse_csv import open_muse
from eeg_kedro.io.openbci_text import open_openbci
from eeg_kedro.io.parquet_signals import open_parquet
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.sample_blocks import Extent
from eeg_kedro.io.segment_samples import SegmentSamples
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.signal.channel_names import clean_channel_name

__all__ = [
    "FORMATS",
    "Extent",
    "SampleSource",
    "microvolt_factor",
    "open_samples",
    "read_edf",
]

# tables of signals; a new one is one row here and one in corpora/recording_facts.py
TABLES = {"csv": open_csv, "parquet": open_parquet, "muse": open_muse, "openbci": open_openbci}
FORMATS = ("edf", "bdf", *TABLES)


class SampleSource(Protocol):
    """Some channels of one recording, all at one rate; read as often as needed, never held as a whole."""

    sfreq: float

    @property
    def n_times(self) -> int:
        """Number of samples per channel."""
        ...

    def extent(self) -> Extent:
        """Find minimum and maximum (microvolts) and the number of non-finite samples of each pick."""
        ...

    def blocks(self, n_block: int) -> Iterator[NDArray[np.float32]]:
        """Yield the recording in order, as float32 (n_picks, n_block) in microvolts; the last is shorter."""
        ...

    def spans(self, spans: Sequence[tuple[int, int]]) -> Iterator[NDArray[np.float32]]:
        """Yield spans ``[start, stop)`` of samples in order of their start, as float32 microvolts."""
        ...

    def fingerprint(self) -> str:
        """Give the SHA-256 of the whole file as hex digits."""
        ...


def open_samples(
    file: SourceFile,
    file_format: str,
    picks: tuple[int, ...],
    sfreq: float,
    unit_scales: tuple[float, ...] = (),
    ch_names: tuple[str, ...] = (),
    segment: tuple[int, int] | None = None,
) -> SampleSource:
    """Open channels of a recording.

    Parameters
    ----------
    file : SourceFile
        The recording.
    file_format : str
        One of `FORMATS`.
    picks : tuple of int
        Signals (EDF, BDF: among all of the header) or channels (tables: without time columns) of the file.
    sfreq : float
        Sampling rate of the picks in Hz. For EDF and BDF it must be the one of the file.
    unit_scales : tuple of float
        Microvolts per unit of each pick, for tables; EDF and BDF know their units. Default: 1.
    ch_names : tuple of str
        The cleaned labels the picks had when the file was surveyed; EDF and BDF are checked against them.
    segment : (int, int), optional
        First sample and number of samples, of a file with gaps; without it the whole file.

    Raises
    ------
    HeaderError, SignalError
        If the file cannot be read, or a pick is not in it or is not a voltage.
    ChangedFileError
        If rate, channels or segments of the file are not those given: it is not the file that was surveyed.
    """
    source: SampleSource
    if file_format in ("edf", "bdf"):
        source = _open_edf(file, picks, sfreq, ch_names, segment)
    else:
        source = _open_table(file, file_format, picks, sfreq, unit_scales)
    return SegmentSamples(source, *segment, len(picks)) if segment else source


def _open_edf(
    file: SourceFile,
    picks: tuple[int, ...],
    sfreq: float,
    ch_names: tuple[str, ...],
    segment: tuple[int, int] | None,
) -> EdfSamples:
    source = EdfSamples(file, picks)
    if abs(source.sfreq - sfreq) > 1e-9 * source.sfreq:
        raise _changed(file, "sampling rate is not the one", source.sfreq, f"{sfreq} Hz")
    found = tuple(clean_channel_name(label) for label in source.labels)
    if ch_names and found != ch_names:
        raise _changed(file, "channels are not those", ", ".join(found), ", ".join(ch_names))
    if segment is None and source.segments:
        raise refuse_gaps(file, source.segments)
    if segment is not None and segment not in source.segments:
        raise _changed(
            file,
            "gaps are not those",
            f"{len(source.segments)} parts",
            f"{segment[1]} samples from {segment[0]}",
        )
    return source


def _open_table(
    file: SourceFile,
    file_format: str,
    picks: tuple[int, ...],
    sfreq: float,
    unit_scales: tuple[float, ...],
) -> SampleSource:
    factors = unit_scales or (1.0,) * len(picks)
    if len(factors) != len(picks):
        raise SignalError("one unit scale per channel is needed", file=file.relative, value=factors)
    if file_format in TABLES:
        return TABLES[file_format](file, picks, sfreq, factors)
    raise SignalError(
        "the file format is unknown", file=file.relative, value=file_format, allowed=", ".join(FORMATS)
    )


def _changed(file: SourceFile, what: str, value: object, allowed: str) -> ChangedFileError:
    return ChangedFileError(
        f"the {what} in the inventory",
        file=file.relative,
        value=value,
        allowed=allowed,
        remedy="run `ingest` again",
    )
