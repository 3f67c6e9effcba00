"""Samples of tables (text or parquet) as a sample source: pieces of any length in, equal blocks out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.io.sample_blocks import Extent, cut_blocks, cut_spans, measure_extent
from eeg_kedro.io.signal_sidecar import missing_channel
from eeg_kedro.io.source_file import SourceFile

Pieces = Callable[[], Iterator[NDArray[np.float32]]]


class TableSamples:
    """Columns of one table as a sample source.

    Parameters
    ----------
    file : SourceFile
        The table.
    read_pieces : callable
        Gives the picked columns from the first row on, as float32 (n_picks, any length), in the table's unit.
    count_rows : callable
        Counts the rows of the table; asked once, and only by who needs `n_times`.
    sfreq : float
        Sampling rate in Hz, which a table does not know itself.
    factors : tuple of float
        Microvolts per unit, one per pick.
    stamp : tuple of int
        What the file looked like before its layout was read.
    """

    def __init__(
        self,
        file: SourceFile,
        read_pieces: Pieces,
        count_rows: Callable[[], int],
        sfreq: float,
        factors: tuple[float, ...],
        stamp: tuple[int, int],
    ) -> None:
        self.sfreq = sfreq
        self._file, self._read_pieces, self._count_rows, self._stamp = file, read_pieces, count_rows, stamp
        self._factors = np.array(factors, np.float32)[:, None]

    @cached_property
    def n_times(self) -> int:
        """Number of samples per channel."""
        return self._count_rows()

    def blocks(self, n_block: int) -> Iterator[NDArray[np.float32]]:
        """Yield the whole recording in order, `n_block` samples at a time.

        Yields
        ------
        ndarray of float32, (n_picks, n_block or fewer in the last)
            Microvolts; NaN where a cell is empty.

        Raises
        ------
        SignalError
            If a row cannot be read, naming its line.
        ChangedFileError
            If the file is not the one that was opened.
        """
        yield from cut_blocks(self._microvolts(), n_block)

    def spans(self, spans: Sequence[tuple[int, int]]) -> Iterator[NDArray[np.float32]]:
        """Yield spans of samples, in order of their start; the table is read from its first row on."""
        yield from cut_spans(self._microvolts(), spans)

    def extent(self) -> Extent:
        """Find the least and greatest sample of each pick, and how many samples are not finite."""
        return measure_extent(self._microvolts(), len(self._factors))

    def fingerprint(self) -> str:
        """Give the SHA-256 of the whole file as hex digits."""
        self._file.check_unchanged(self._stamp)
        return self._sha256

    @cached_property
    def _sha256(self) -> str:
        digest = self._file.sha256()
        self._file.check_unchanged(self._stamp)
        return digest

    def _microvolts(self) -> Iterator[NDArray[np.float32]]:
        for piece in self._read_pieces():
            piece *= self._factors
            yield piece
        self._file.check_unchanged(self._stamp)


def open_columns(
    file: SourceFile,
    stamp: tuple[int, int],
    n_channels: int,
    picks: Sequence[int],
    read_pieces: Callable[[tuple[int, ...]], Iterator[NDArray[np.float32]]],
    sfreq: float,
    factors: tuple[float, ...],
) -> TableSamples:
    """Open channels of a table whose layout is known; its rows are counted by reading one channel.

    Parameters
    ----------
    file : SourceFile
        The table.
    stamp : tuple of int
        What the file looked like before its layout was read.
    n_channels : int
        Channels the table has.
    picks : sequence of int
        Those that are wanted.
    read_pieces : callable
        Gives some channels from the first row on, as `TableSamples` wants them.
    sfreq, factors
        As in `TableSamples`.

    Raises
    ------
    SignalError
        If the table has no such channel.
    """
    chosen = tuple(picks)
    if not chosen or not all(0 <= pick < n_channels for pick in chosen):
        raise missing_channel(file, chosen, n_channels)
    return TableSamples(
        file,
        lambda: read_pieces(chosen),
        lambda: sum(piece.shape[1] for piece in read_pieces(chosen[:1])),
        sfreq,
        factors,
        stamp,
    )
