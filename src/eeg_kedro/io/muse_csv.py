"""Tables of Muse headbands as Mind Monitor and its kin write them: stamps, raw channels, and much else beside.

Columns differ between versions of the app; those called ``RAW_...`` (or by the four electrodes alone) are the
EEG. Rows without raw values hold an event of the app in their last column and are no samples. The rate stands
nowhere: it is measured from the stamps. See https://mind-monitor.com/FAQ.php for the columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import CsvLayout, is_clock_name, read_csv_layout
from eeg_kedro.io.muse_clock import MuseClock, settle_rate
from eeg_kedro.io.ragged_rows import RaggedRows
from eeg_kedro.io.signal_sidecar import CsvHeader, cut_parts, name_channels, read_unit
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.stamp_text import read_stamps
from eeg_kedro.io.table_samples import TableSamples, open_columns
from eeg_kedro.io.text_rows import read_rows

_RAW = re.compile(r"RAW_(?P<name>\w+)", re.IGNORECASE)
_AUX = re.compile(r"(RAW_)?AUX([ _]?\w+)?|(RIGHT|LEFT)[ _]AUX", re.IGNORECASE)
# of the first headband (2014) and of all later ones; names alone are believed if both ears are there
_ELECTRODES = frozenset({"TP9", "AF7", "FP1", "FPZ", "AF8", "FP2", "TP10"})
_EVENTS = frozenset({"elements", "marker"})
_KINDS = (
    ("blink", re.compile(r"/muse/elements/blink", re.IGNORECASE)),
    ("jaw clench", re.compile(r"/muse/elements/jaw_clench", re.IGNORECASE)),
    ("marker", re.compile(r"/?marker", re.IGNORECASE)),
    ("connection", re.compile(r"(/muse/event/)?(dis)?connected", re.IGNORECASE)),
)


@dataclass(frozen=True)
class MuseLayout:
    """Where things are in a table.

    Attributes
    ----------
    table : CsvLayout
        The table as any other.
    signals : tuple of int
        Columns with raw values, electrodes and auxiliary inputs.
    names : tuple of str
        What they are called, without ``RAW_``.
    clock, events : int or None
        Columns with stamps and with events of the app.
    """

    table: CsvLayout
    signals: tuple[int, ...]
    names: tuple[str, ...]
    clock: int | None
    events: int | None

    @property
    def other(self) -> tuple[tuple[str, str], ...]:
        """Columns that are not taken, with the reason."""
        used = {*self.signals, self.clock, self.events}
        rest = [name for i, name in enumerate(self.table.columns) if i not in used and name]
        return tuple((name, "not EEG") for name in rest)


def is_muse_table(columns: Sequence[str]) -> bool:
    """Tell from a header row whether a table is one of a Muse headband, with raw channels or without."""
    names = {name.upper() for name in columns if not is_clock_name(name)}
    timed = len(names) < len(columns)
    raw = {name.removeprefix("RAW_") for name in names if name.startswith("RAW_")}
    app = bool(raw & _ELECTRODES) or {"DELTA_TP9", "ALPHA_TP9"} <= names
    rest = {name for name in names if name and not _AUX.fullmatch(name) and name.lower() not in _EVENTS}
    return timed and (app or {"TP9", "TP10"} <= rest <= _ELECTRODES)


def read_muse_layout(file: SourceFile) -> MuseLayout:
    """See where the raw channels of a table are.

    Raises
    ------
    SignalError
        If the table cannot be understood or has no raw channels.
    """
    table = read_csv_layout(file)
    found = [(i, _signal_name(name)) for i, name in enumerate(table.columns)]
    if not any(_RAW.fullmatch(name) and not _AUX.fullmatch(name) for name in table.columns):
        found = [(i, name) for i, name in found if name in _ELECTRODES or _AUX.fullmatch(name)]
    else:
        found = [(i, name) for i, name in found if _is_raw(table.columns[i])]
    if not any(name in _ELECTRODES for _, name in found):
        raise SignalError(
            "the table has no raw EEG, only what the app made of it",
            file=file.relative,
            allowed="columns RAW_TP9, RAW_AF7, RAW_AF8, RAW_TP10",
            remedy="record with raw data switched on in the app (Recording Interval: Constant)",
        )
    names = [name.lower() for name in table.columns]
    return MuseLayout(
        table,
        tuple(i for i, _ in found),
        tuple(name for _, name in found),
        table.clock,
        next((i for i, name in enumerate(names) if name in _EVENTS), None),
    )


def read_muse_header(
    file: SourceFile, sidecar: Mapping[str, Any], fallback_sfreq: float | None = None
) -> CsvHeader:
    """Read a table once and tell what it holds.

    Parameters
    ----------
    file : SourceFile
        The table.
    sidecar : mapping
        May state ``sfreq``, which is then held against the stamps, and ``unit``.
    fallback_sfreq : float, optional
        Hz, for a table whose stamps tell no rate.

    Raises
    ------
    SignalError
        If a row cannot be read (naming its line), no row has raw values, or stamps and sidecar tell no rate or
        different ones.
    """
    layout = read_muse_layout(file)
    ragged, clock = _ragged(file, layout), MuseClock(file, layout.table)
    left_out: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for batch in _batches(file, layout, ragged):
        taken = _has_samples(batch, layout)
        clock.read(read_stamps(_column(batch, layout.clock), layout.table.decimal), taken)
        kinds = _event_kinds(_column(batch, layout.events))
        left_out.update(kinds[row] or "no value at all" for row in np.flatnonzero(~taken))
        marked.update(kinds[row] for row in np.flatnonzero(taken) if kinds[row])
    if not clock.n_samples:
        raise SignalError(
            "no row has raw values",
            file=file.relative,
            allowed="numbers in the columns RAW_...",
            remedy="record with raw data switched on in the app (Recording Interval: Constant)",
        )
    rate = settle_rate(file, clock, sidecar, fallback_sfreq)
    repairs = (
        *ragged.repairs,
        *_told(left_out, "row", "rows", "without raw values left out, events of the app and no samples"),
        *_told(marked, "sample", "samples", "with an event of the app, which is not read as a label"),
        *rate.notes,
    )
    parts = cut_parts(rate.breaks, clock.n_samples, rate.sfreq)
    table = layout.table
    return CsvHeader(
        name_channels(file, layout.names, len(layout.names), sidecar),
        clock.n_samples,
        rate.sfreq,
        read_unit(file, {"unit": "uV"} | dict(sidecar)),
        table.separator,
        table.decimal,
        table.skip_rows,
        repairs,
        layout.other,
        parts,
    )


def open_muse(
    file: SourceFile, picks: Sequence[int], sfreq: float, factors: tuple[float, ...]
) -> TableSamples:
    """Open channels of a table; picks count among `MuseLayout.names`.

    Raises
    ------
    SignalError
        If the table cannot be understood or has no such channel.
    """
    stamp = file.stamp()
    layout = read_muse_layout(file)
    read = partial(_read_pieces, file, layout)
    return open_columns(file, stamp, len(layout.signals), picks, read, sfreq, factors)


def _read_pieces(file: SourceFile, layout: MuseLayout, picks: Sequence[int]) -> Iterator[NDArray[np.float32]]:
    for batch in _batches(file, layout, _ragged(file, layout)):
        taken = _has_samples(batch, layout)
        columns = (batch.column(str(layout.signals[pick])) for pick in picks)
        yield np.stack([column.to_numpy(zero_copy_only=False)[taken] for column in columns])


def _batches(file: SourceFile, layout: MuseLayout, ragged: RaggedRows) -> Iterator[Any]:
    types = dict.fromkeys(layout.signals, pa.float32())
    text = {column: pa.binary() for column in (layout.clock, layout.events) if column is not None}
    return read_rows(file, layout.table, types | text, mend=ragged.mend)


def _ragged(file: SourceFile, layout: MuseLayout) -> RaggedRows:
    return RaggedRows(file, layout.table, layout.signals)


def _has_samples(batch: Any, layout: MuseLayout) -> NDArray[np.bool_]:
    """Tell samples from rows of events, which have no raw value at all."""
    valid = [batch.column(str(i)).is_valid().to_numpy(zero_copy_only=False) for i in layout.signals]
    taken: NDArray[np.bool_] = np.logical_or.reduce(valid)
    return taken


def _column(batch: Any, column: int | None) -> Any:
    return pa.nulls(batch.num_rows, pa.binary()) if column is None else batch.column(str(column))


def _event_kinds(cells: Any) -> list[str]:
    """Name the events of rows by what they are; their text may hold the headband's own name and is not told."""
    lengths = pc.fill_null(pc.binary_length(cells), 0).to_numpy(zero_copy_only=False)
    kinds = [""] * len(cells)
    for row in np.flatnonzero(lengths):
        text = cells[int(row)].as_py().strip()
        if text:
            kinds[int(row)] = _event_kind(text.decode("utf-8", "replace"))
    return kinds


def _event_kind(text: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.match(text)), "another event")


def _told(counts: Mapping[str, int], one: str, many: str, what: str) -> list[str]:
    if not counts:
        return []
    n_rows = sum(counts.values())
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return [f"{n_rows} {one if n_rows == 1 else many} {what}: {listed}"]


def _is_raw(name: str) -> bool:
    return _RAW.fullmatch(name) is not None or _AUX.fullmatch(name) is not None


def _signal_name(name: str) -> str:
    match = _RAW.fullmatch(name)
    return (match["name"] if match else name).upper()
