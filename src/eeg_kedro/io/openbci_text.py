"""Text files of the OpenBCI GUI: microvolts by row, a counter that shows lost packets, and stamps of arrival.

A few lost samples become NaN, so that what comes after them stays in its place; where more than a second is
lost the recording is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.openbci_layout import OpenBciLayout, read_openbci_layout
from eeg_kedro.io.openbci_losses import Losses, judge_losses
from eeg_kedro.io.signal_sidecar import (
    CsvHeader,
    cut_parts,
    missing_channel,
    name_channels,
    read_rate,
    read_unit,
)
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.stamp_text import read_stamps
from eeg_kedro.io.table_samples import TableSamples
from eeg_kedro.io.text_rows import REMEDY, line_of, read_rows

ASCII_ONLY = bytes(range(128)) + b"?" * 128  # no number holds anything else


def read_openbci_header(
    file: SourceFile, sidecar: Mapping[str, Any], fallback_sfreq: float | None = None
) -> CsvHeader:
    """Read a file once and tell what it holds.

    Parameters
    ----------
    file : SourceFile
        The file.
    sidecar : mapping
        May state ``sfreq``, which is then believed instead of the header, and ``ch_names``.
    fallback_sfreq : float, optional
        Hz, for a file whose header states none.

    Raises
    ------
    SignalError
        If the file cannot be understood, a row cannot be read (naming its line), no rate is stated, or the
        clock goes back.
    """
    layout = read_openbci_layout(file)
    rates = {"sfreq": layout.sfreq or fallback_sfreq} | dict(sidecar)
    sfreq = read_rate(file, rates)
    losses = _find_losses(file, sfreq, file.stamp())
    rows = [row for row, _ in losses.breaks]
    breaks = zip(losses.places(rows), (gone for _, gone in losses.breaks), strict=True)
    table, named = layout.table, () if sidecar.get("ch_names") else layout.names
    return CsvHeader(
        name_channels(file, named, len(layout.names), sidecar),
        losses.n_times,
        sfreq,
        read_unit(file, {"unit": "uV"} | dict(sidecar)),
        table.separator,
        table.decimal,
        table.skip_rows,
        (*layout.repairs, *losses.notes),
        layout.other,
        cut_parts([*breaks], losses.n_times, sfreq),
    )


def open_openbci(
    file: SourceFile, picks: Sequence[int], sfreq: float, factors: tuple[float, ...]
) -> TableSamples:
    """Open channels of a file; picks count among `OpenBciLayout.names`.

    Raises
    ------
    SignalError
        If the file cannot be understood or has no such channel.
    """
    stamp = file.stamp()
    layout = read_openbci_layout(file)
    if not picks or not all(0 <= pick < len(layout.exg) for pick in picks):
        raise missing_channel(file, picks, len(layout.exg))
    pieces = partial(_read_pieces, file, layout, tuple(picks), sfreq, stamp)
    return TableSamples(file, pieces, lambda: _find_losses(file, sfreq, stamp).n_times, sfreq, factors, stamp)


def _read_pieces(
    file: SourceFile, layout: OpenBciLayout, picks: Sequence[int], sfreq: float, stamp: tuple[int, int]
) -> Iterator[NDArray[np.float32]]:
    """Yield the picked channels, NaN where samples were lost."""
    losses = _find_losses(file, sfreq, stamp)
    waiting = iter([*losses.filled, (losses.n_rows + 1, 0)])
    row, n_lost = next(waiting)
    n_read = 0
    types = {layout.exg[pick]: pa.float32() for pick in picks}
    for batch in _batches(file, layout, types, _Ending()):
        columns = [batch.column(str(layout.exg[pick])) for pick in picks]
        piece = np.stack([column.to_numpy(zero_copy_only=False) for column in columns])
        while row < n_read + piece.shape[1]:
            yield piece[:, : row - n_read]
            yield np.full((len(picks), n_lost), np.nan, np.float32)
            piece, n_read = piece[:, row - n_read :], row
            row, n_lost = next(waiting)
        n_read += piece.shape[1]
        yield piece


# two steps ask about one file in a row; the key tells when it was touched
@lru_cache(maxsize=32)
def _find_losses(file: SourceFile, sfreq: float, stamp: tuple[int, int]) -> Losses:
    """Read counter and stamps of a whole file.

    Raises
    ------
    SignalError
        If a row cannot be read, or the clock goes back or leaps to and fro.
    """
    layout, ending = read_openbci_layout(file), _Ending()
    types = dict.fromkeys(layout.exg, pa.float32()) | {layout.index: pa.float64()}
    text = {} if layout.stamp is None else {layout.stamp: pa.binary()}
    counters, stamps = [], []
    for batch in _batches(file, layout, types | text, ending):
        counters.append(batch.column(str(layout.index)).to_numpy(zero_copy_only=False))
        if layout.stamp is not None:
            stamps.append(read_stamps(batch.column(str(layout.stamp)), layout.table.decimal))
    index = np.concatenate([*counters, np.empty(0)])
    notes = ending.notes(file, layout, index.size)
    losses = judge_losses(index, stamps, sfreq, file.relative)
    back = next((loss for loss in losses.breaks if loss.seconds < 0), None)
    if back:
        raise SignalError(
            f"line {line_of(file, layout.table, back.row)}: the stamps go back by {-back.seconds:.6g} s",
            file=file.relative,
            allowed="stamps that go on; what is lost between them cannot be told otherwise",
            remedy="split the file there",
        )
    return losses._replace(notes=(*notes, *losses.notes))


def _batches(
    file: SourceFile, layout: OpenBciLayout, types: Mapping[int, pa.DataType], ending: _Ending
) -> Iterator[Any]:
    mend = partial(ending.mend, layout=layout)
    return read_rows(file, layout.table, types, mend=mend, on_ragged=ending.skip)


class _Ending:
    """What the GUI leaves at the end of a file if it, or its computer, is stopped while it writes."""

    def __init__(self) -> None:
        self._ragged: list[tuple[int, str]] = []
        self._cut = False

    def mend(self, text: bytes, layout: OpenBciLayout) -> bytes:
        """Leave out zero bytes and, where it ends in a channel's number, a last row without an end."""
        # pyarrow decodes a ragged row before it asks about it, and would lose it with an exception nobody sees
        text = text.translate(ASCII_ONLY)
        if layout.decimal_comma:
            text = text.replace(b", ", b";")
        if text and not text.endswith(b"\n"):
            whole, _, last = text.rpartition(b"\n")
            kept = last.rstrip(b"\0")
            if max(layout.exg) == layout.table.n_columns - 1:
                kept = b""
            self._cut = kept != last and bool(last.strip(b"\r "))
            text = whole + b"\n" + kept if whole else kept
        return text

    def skip(self, row: Any) -> str:
        """Skip a row of another number of cells, for now."""
        what = f"Expected {row.expected_columns} columns, got {row.actual_columns}"
        self._ragged.append((int(row.number or 0), what))
        return "skip"

    def notes(self, file: SourceFile, layout: OpenBciLayout, n_rows: int) -> list[str]:
        """Say what was left out.

        Raises
        ------
        SignalError
            If it is more than the end of a last row.
        """
        if not n_rows:
            raise SignalError("the file has no rows of numbers", file=file.relative, remedy=REMEDY)
        for number, what in self._ragged:
            if number != n_rows + 1:
                line = line_of(file, layout.table, number - 1)
                raise SignalError(f"line {line}: {what}", file=file.relative, remedy=REMEDY)
        return ["the last row is cut short and is left out"] if self._ragged or self._cut else []
