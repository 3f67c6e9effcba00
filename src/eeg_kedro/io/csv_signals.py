"""Signals in text tables: one row per sample, one column per channel, rate and unit in a sidecar.

The sidecar is a mapping ``{"sfreq": Hz, "unit": "uV", "ch_names": [...] (optional)}``. Numbers are parsed by
pyarrow's streaming reader, one thread, a megabyte at a time. A time column in seconds is held against the rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from io import BufferedReader, FileIO, RawIOBase
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import COMMENTS, CsvLayout, content_lines, read_csv_layout
from eeg_kedro.io.signal_sidecar import CsvHeader, missing_channel, name_channels, read_rate_and_unit
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.table_samples import TableSamples

CHUNK = 1 << 20  # bytes
_ROW = re.compile(r"(?:CSV column #(\d+): )?(?:CSV parse error: )?Row #(\d+): (.*)", re.DOTALL)
_COUNTS = re.compile(r"Expected \d+ columns, got \d+")
_FEWEST_STEPS = 8  # below, a median says nothing
_SLOWEST = 10.0  # Hz: a slower column counts rows or milliseconds, or stamps summaries; it is not judged
_LOOK = 64  # cells at either end of a piece whose digits are counted


def read_csv_header(file: SourceFile, sidecar: Mapping[str, Any]) -> CsvHeader:
    """Read a text table once, row by row, and tell what it holds.

    Raises
    ------
    SignalError
        If the table is empty, a row has too few or too many cells or a cell that is no number (naming the
        line), if the sidecar has no rate, no unit in volts, or other names than the table, or if a time column
        in seconds has a gap or another rate than the stated one.
    """
    layout = read_csv_layout(file)
    found = tuple(layout.columns[i] for i in layout.channels) if layout.columns else ()
    ch_names = name_channels(file, found, len(layout.channels), sidecar)
    sfreq, unit = read_rate_and_unit(file, sidecar)
    n_times = _count_rows(file, layout, sfreq)
    return CsvHeader(ch_names, n_times, sfreq, unit, layout.separator, layout.decimal, layout.skip_rows)


def open_csv(
    file: SourceFile, picks: Sequence[int], sfreq: float, factors: tuple[float, ...]
) -> TableSamples:
    """Open channels of a text table; picks count among the channels, as `CsvHeader.ch_names` does.

    Raises
    ------
    SignalError
        If the table cannot be understood or has no such channel.
    """
    stamp = file.stamp()
    layout = read_csv_layout(file)
    if not picks or not all(0 <= pick < len(layout.channels) for pick in picks):
        raise missing_channel(file, picks, len(layout.channels))
    pieces = partial(read_csv_pieces, file, layout, tuple(picks))
    first = partial(read_csv_pieces, file, layout, (picks[0],))
    return TableSamples(file, pieces, lambda: sum(p.shape[1] for p in first()), sfreq, factors, stamp)


def read_csv_pieces(
    file: SourceFile, layout: CsvLayout, picks: Sequence[int]
) -> Iterator[NDArray[np.float32]]:
    """Yield the picked channels in pieces of any length, in the unit of the table.

    Yields
    ------
    ndarray of float32, (n_picks, n rows)
        NaN where a cell is empty.

    Raises
    ------
    SignalError
        If a row cannot be read, naming its line.
    """
    for batch in _read_batches(file, layout, [layout.channels[pick] for pick in picks]):
        yield np.stack([column.to_numpy(zero_copy_only=False) for column in batch.columns])


def _read_batches(
    file: SourceFile, layout: CsvLayout, columns: Sequence[int], clock: int | None = None
) -> Iterator[Any]:
    """Yield columns as record batches of float32; a clock comes last and as bytes, its digits matter."""
    from pyarrow import csv

    types = {str(i): pa.float32() for i in columns} | ({} if clock is None else {str(clock): pa.binary()})
    options = {
        "read_options": csv.ReadOptions(
            use_threads=False, block_size=CHUNK, column_names=[str(i) for i in range(layout.n_columns)]
        ),
        "parse_options": csv.ParseOptions(delimiter=layout.separator),
        "convert_options": csv.ConvertOptions(
            include_columns=list(types),
            column_types=types,
            decimal_point=layout.decimal,
            strings_can_be_null=True,
        ),
    }
    with file.open() as handle:
        try:
            yield from csv.open_csv(BufferedReader(_TableBody(handle, layout.body), CHUNK), **options)
        except pa.ArrowInvalid as error:
            raise _row_error(file, layout, str(error)) from error


def _row_error(file: SourceFile, layout: CsvLayout, message: str) -> SignalError:
    """Turn pyarrow's row into the line that a text editor shows."""
    remedy = "mend or remove the line, or export the signals again"
    found = _ROW.search(message)
    if not found:
        empty = "Empty CSV" in message
        what = "the table has no rows of numbers" if empty else "the table cannot be cut into rows and cells"
        return SignalError(what, file=file.relative, remedy=remedy)
    line = _line_of(file, layout, int(found[2]) - 1)
    column = f", column {int(found[1]) + 1}" if found[1] else ""
    # pyarrow quotes the row: only its counts go on, what stands in the cells is the recording
    counts = _COUNTS.match(found[3])
    reason = counts[0] if counts else "a cell is no number"
    return SignalError(f"line {line}{column}: {reason}", file=file.relative, remedy=remedy)


def _line_of(file: SourceFile, layout: CsvLayout, row: int) -> int:
    """Find the line, from 1, of a row of numbers, from 0."""
    place = layout.skip_rows + row
    with file.open() as handle:
        return next((line.number for line in islice(content_lines(handle), place, None)), place + 1)


def _count_rows(file: SourceFile, layout: CsvLayout, sfreq: float) -> int:
    """Count the rows, and hold the time column, if there is one, against the stated rate."""
    n_rows, last, clock = 0, np.empty(0), layout.clock
    for batch in _read_batches(file, layout, layout.channels, clock):
        if clock is not None:
            times, rounding = _seconds(batch.column(batch.num_columns - 1), layout.decimal)
            _check_clock(file, layout, np.concatenate([last, times]), n_rows - len(last), rounding, sfreq)
            last = times[-1:]
        n_rows += batch.num_rows
    return n_rows


def _seconds(cells: Any, decimal: str) -> tuple[NDArray[np.float64], float]:
    """Give the times of a piece in seconds, none if they are not all numbers, and their rounding in seconds."""
    try:
        text = pc.utf8_trim_whitespace(pc.replace_substring(cells.cast(pa.string()), decimal, "."))
        times = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:  # dates and clock times are stamps of arrival more often than of sampling
        return np.empty(0), 0.0
    largest = float(np.max(np.abs(times), initial=1.0, where=np.isfinite(times)))
    written = [cell for cell in text[:_LOOK].to_pylist() + text[-_LOOK:].to_pylist() if cell]
    return times, _rounding([re.split("[eE]", cell)[0] for cell in written], largest)


def _rounding(mantissas: Sequence[str], largest: float) -> float:
    """Tell from the digits how finely times up to `largest` were written: by decimals or by leading digits."""
    decimals = max((len(text.partition(".")[2]) for text in mantissas), default=0)
    digits = max((len(text.lstrip("+-0.").replace(".", "")) for text in mantissas), default=1)
    whole = int(np.log10(largest)) + 1
    single = (
        float(np.spacing(np.float32(largest))) if digits <= 9 else 0.0
    )  # a float32 column drifts in steps
    return max(10.0**-decimals, 10.0 ** (whole - digits), single)


def _check_clock(
    file: SourceFile,
    layout: CsvLayout,
    times: NDArray[np.float64],
    row: int,
    rounding: float,
    sfreq: float,
) -> None:
    """Refuse an even clock that leaps or runs at another rate; stamps that jitter are left alone.

    `times` are seconds of consecutive rows from `row` on.
    """
    steps = np.diff(times)
    known = steps[np.isfinite(steps)]
    if len(known) < _FEWEST_STEPS:
        return
    median = float(np.median(known))
    away = np.abs(known - median)
    if (
        median <= 0
        or rounding > 1.01 * max(median, 1 / sfreq)
        or np.mean(away <= 0.1 * median + rounding) < 0.9
    ):
        return
    # rounded steps alternate, so that only their mean tells the interval
    usual = known[away <= 0.5 * median + rounding]
    interval = float(usual.mean())
    if abs(interval * sfreq - 1) > 0.01 + 2 * rounding * sfreq / len(usual):
        if interval * _SLOWEST <= 1:
            raise _wrong_rate(file, _line_of(file, layout, row), 1 / interval, sfreq)
        return
    leaps = np.flatnonzero(steps > max(1.5 * interval, 1.01 * interval + rounding))
    if len(leaps):
        line = _line_of(file, layout, row + int(leaps[0]) + 1)
        raise SignalError(
            f"line {line}: a gap of {steps[leaps[0]] - interval:.6g} s in the time column",
            file=file.relative,
            allowed=f"a row every {1 / sfreq:.6g} s",
            remedy="split the file at the gap",
        )


def _wrong_rate(file: SourceFile, line: int, found: float, sfreq: float) -> SignalError:
    return SignalError(
        f"line {line} and following: the time column runs at {found:.6g} Hz, stated are {sfreq:.6g} Hz",
        file=file.relative,
        allowed="a stated rate within 1 % of the time column's",
        remedy="correct `sfreq` in the sidecar or `ingest.csv_sfreq`; the time column is taken for seconds",
    )


class _TableBody(RawIOBase):
    """The bytes of a table from its first row of numbers, without comment lines."""

    def __init__(self, handle: FileIO, body: int) -> None:
        handle.seek(body)
        self._lines, self._held = _whole_lines(handle), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            text = next(self._lines, None)
            if text is None:
                return 0
            self._held = _without_comments(text)
        n_bytes = min(len(buffer), len(self._held))
        buffer[:n_bytes] = self._held[:n_bytes]
        self._held = self._held[n_bytes:]
        return n_bytes


def _whole_lines(handle: FileIO) -> Iterator[bytes]:
    rest = b""
    while chunk := handle.read(CHUNK):
        end = chunk.rfind(b"\n") + 1
        if not end:
            rest += chunk
            continue
        yield rest + chunk[:end]
        rest = chunk[end:]
    yield rest


def _without_comments(text: bytes) -> bytes:
    if not any(sign in text for sign in COMMENTS):
        return text
    return b"".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(COMMENTS))
