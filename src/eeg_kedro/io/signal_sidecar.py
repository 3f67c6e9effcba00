"""What a table of signals cannot say and its sidecar must: rate, unit, and names where there are none."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import is_channel_name
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.source_file import SourceFile

LONGEST_SHOWN = 80  # characters of a value that is no rate, unit or name


class Part(NamedTuple):
    """What lies between two gaps of a table: first sample, samples, and seconds from the table's first sample."""

    first_sample: int
    n_times: int
    time_offset: float


@dataclass(frozen=True)
class CsvHeader:
    """What a signal table holds, once its rows were counted and its sidecar was believed.

    Attributes
    ----------
    ch_names : tuple of str
        Channels in the order of the table, without time and index columns; picks count among these.
    n_times : int
        Rows.
    sfreq : float
        Hz.
    unit : str
        Unit of all channels.
    separator, decimal, skip_rows
        As in `CsvLayout`; empty, ``.`` and 0 for parquet.
    repairs : tuple of str
        What was assumed, left out or filled, for the report.
    other : tuple of (str, str)
        Columns that are no channels and no time, with the reason.
    parts : tuple of Part
        What lies between gaps; empty for a table without one.
    """

    ch_names: tuple[str, ...]
    n_times: int
    sfreq: float
    unit: str
    separator: str = ""
    decimal: str = "."
    skip_rows: int = 0
    repairs: tuple[str, ...] = ()
    other: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()


def cut_parts(breaks: Sequence[tuple[int, float]], n_times: int, sfreq: float) -> tuple[Part, ...]:
    """Give what lies between gaps, each stated as (first sample after it, seconds lost); none without gaps."""
    starts = [0, *(row for row, _ in breaks)] if breaks else []
    lost = [0.0]
    for _, seconds in breaks:
        lost.append(lost[-1] + seconds)
    stops = [*starts[1:], n_times]
    return tuple(
        Part(start, stop - start, start / sfreq + gone)
        for start, stop, gone in zip(starts, stops, lost, strict=False)
    )


def name_channels(
    file: SourceFile, found: tuple[str, ...], n_channels: int, sidecar: Mapping[str, Any]
) -> tuple[str, ...]:
    """Settle the channel names between the table's header row and the sidecar.

    Raises
    ------
    SignalError
        If neither has names, or both have and they differ, or the number of names is not that of the columns.
    """
    stated = sidecar.get("ch_names") or ()
    if not isinstance(stated, list | tuple) or not all(isinstance(name, str) for name in stated):
        raise sidecar_error(file, "the sidecar's `ch_names` are no names", _shown(stated), "a list of texts")
    named = tuple(stated)
    if found and named and found != named:
        what, value = "the sidecar's `ch_names` are not those of the header row", list(named)
        raise sidecar_error(file, what, value, f"{list(found)}, or no `ch_names`")
    if found:
        return found
    if len(named) != n_channels or not all(is_channel_name(name) for name in named):
        what = (
            "a table without a header row needs the channel name of each column in its sidecar's `ch_names`"
        )
        allowed = f"{n_channels} names of channels; a time column needs a header row"
        remedy = f"add `ch_names`, a list of {n_channels} names, to the same-named .json beside the table"
        raise sidecar_error(file, what, list(named), allowed, remedy)
    return named


def read_rate_and_unit(file: SourceFile, sidecar: Mapping[str, Any]) -> tuple[float, str]:
    """Take sampling rate (Hz) and unit from a sidecar.

    Raises
    ------
    SignalError
        If one is missing or is none.
    """
    return read_rate(file, sidecar), read_unit(file, sidecar)


def read_unit(file: SourceFile, sidecar: Mapping[str, Any]) -> str:
    """Take the unit of all channels from a sidecar.

    Raises
    ------
    SignalError
        If it is missing or is no voltage.
    """
    unit = sidecar.get("unit")
    if not isinstance(unit, str) or microvolt_factor(unit) is None:
        what = "the unit of the table is not stated"
        raise sidecar_error(file, what, _shown(unit), "`unit`: uV, mV, V or nV")
    return unit


def read_rate(file: SourceFile, sidecar: Mapping[str, Any]) -> float:
    """Take the sampling rate (Hz) from a sidecar.

    Raises
    ------
    SignalError
        If it is missing or is none.
    """
    sfreq = _as_number(file, sidecar.get("sfreq"))
    # beyond the largest float no whole number can become one
    highest = sys.float_info.max
    if not isinstance(sfreq, int | float) or isinstance(sfreq, bool) or not 0 < sfreq <= highest:
        what = "the sampling rate of the table is not stated"
        raise sidecar_error(file, what, _shown(sfreq), "`sfreq`, in Hz above 0")
    return float(sfreq)


def _as_number(file: SourceFile, sfreq: object) -> object:
    """Read a rate that was written in quotes; anything but text is left as it is."""
    if not isinstance(sfreq, str):
        return sfreq
    try:
        return float(sfreq)
    except ValueError as error:
        what, remedy = "the sidecar's `sfreq` is text, must be a number", 'write it bare: "sfreq": 256'
        raise sidecar_error(file, what, _shown(sfreq), "Hz above 0, without its unit", remedy) from error


def _shown(value: object) -> object:
    """Return a value that a report can hold: a number or a short text, of anything else its kind."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int | str) and len(str(value)) <= LONGEST_SHOWN:
        return value
    return f"a {type(value).__name__}" + (f" of {len(str(value))} digits" if isinstance(value, int) else "")


def sidecar_error(file: SourceFile, what: str, value: object, allowed: str, remedy: str = "") -> SignalError:
    """Make the error for a table whose sidecar does not say what is needed."""
    remedy = (
        remedy or "put a same-named .json beside the table, or set `ingest.csv_sfreq` and `ingest.csv_unit`"
    )
    return SignalError(what, file=file.relative, value=value, allowed=allowed, remedy=remedy)


def missing_channel(file: SourceFile, picks: Sequence[int], n_channels: int) -> SignalError:
    """Make the error for picks that the table does not have."""
    return SignalError(
        "channels are asked for that the table does not have",
        file=file.relative,
        value=tuple(picks),
        allowed=f"0 to {n_channels - 1}",
        remedy="run `ingest` again, so that the inventory describes this file",
    )
