"""Stamps of rows as people and programs write them: numbers, dates with times, clock times; in, seconds out.

Only differences mean anything: a date never leaves this module but as a distance to another one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

StampKind = Literal["", "number", "date", "clock"]
DAY = 86_400.0  # s
# a number this large counts these parts of a second since 1970
_EPOCHS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))
_DATE = r"^\d{4}([-/])\d{2}([-/])\d{2}[ T]\d{2}:\d{2}:\d{2}([.,]\d{1,9})?$"
_ZONED = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$"
_CLOCK = r"^\d{1,2}:\d{2}:\d{2}([.,:]\d{1,9})?$"
_WRITTEN: tuple[tuple[StampKind, str], ...] = (("date", _DATE), ("date", _ZONED), ("clock", _CLOCK))
_MOST_MISSING = 0.01  # share of rows without a stamp
_FEWEST_STEPS = 8  # below, stamps tell nothing
_LOOK = 64  # cells at either end of a piece whose digits are counted


class Stamps(NamedTuple):
    """Stamps of consecutive rows.

    Attributes
    ----------
    seconds : ndarray of float64
        Seconds since some moment, numbers as they were written; NaN where there is no stamp.
    kind : {"", "number", "date", "clock"}
        How they are written; empty if no cell could be read.
    rounding : float
        How finely they were written, in the unit of `seconds`.
    """

    seconds: NDArray[np.float64]
    kind: StampKind
    rounding: float


def read_stamps(cells: Any, decimal: str = ".") -> Stamps:
    """Read a column of stamps, all written the same way.

    Parameters
    ----------
    cells : pyarrow.Array
        Text or bytes; empty and null cells are missing stamps.
    decimal : str
        Decimal sign of numbers.
    """
    try:
        text = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    except pa.ArrowInvalid:  # bytes that are no text
        return Stamps(np.full(len(cells), np.nan), "", 0.0)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    try:
        numbers = pc.replace_substring(text, decimal, ".").cast(pa.float64())
    except pa.ArrowInvalid:
        return _read_times(text)
    seconds = np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64)
    kind: StampKind = "number" if np.isfinite(seconds).any() else ""
    return Stamps(seconds, kind, _rounding(_some(text, decimal), seconds))


def epoch_scale(seconds: NDArray[np.float64]) -> float | None:
    """Tell which part of a second numbers count if they count from 1970; None if they are too small for that."""
    known = seconds[np.isfinite(seconds)]
    middle = float(np.median(known)) if known.size else 0.0
    return next((scale for least, scale in _EPOCHS if middle >= least), None)


def fill_stamps(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give rows without a stamp one between their neighbours'; nothing is changed if no row has one."""
    known = np.flatnonzero(np.isfinite(seconds))
    if known.size in (0, seconds.size):
        return seconds
    return np.interp(np.arange(seconds.size), known, seconds[known])


def join_stamps(pieces: Sequence[Stamps]) -> NDArray[np.float64]:
    """Give the seconds of all rows of a recording, every row one.

    Returns
    -------
    ndarray of float64
        Empty if the stamps cannot be read, change the way they are written, or hardly one differs from another.
    """
    kinds = {piece.kind for piece in pieces} - {""}
    times = np.concatenate([*(piece.seconds for piece in pieces), np.empty(0)])
    if len(kinds) != 1 or np.isnan(times).mean() > _MOST_MISSING or np.isinf(times).any():
        return np.empty(0)
    if kinds == {"number"}:
        times = times * (epoch_scale(times) or 1.0)
    times = fill_stamps(unwrap_midnight(times) if kinds == {"clock"} else times)
    return times if np.count_nonzero(np.diff(times)) >= _FEWEST_STEPS else np.empty(0)


def unwrap_midnight(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let a clock that starts again at midnight go on; `seconds` are clock times without a date."""
    known = np.flatnonzero(np.isfinite(seconds))
    through = seconds.copy()
    through[known] += DAY * np.cumsum(np.diff(seconds[known], prepend=seconds[known][:1]) < -DAY / 2)
    return through


def _read_times(text: Any) -> Stamps:
    """Read dates with times, or clock times; what is written otherwise is missing."""
    for kind, pattern in _WRITTEN:
        fits = pc.fill_null(pc.match_substring_regex(text, pattern), False)
        if pc.any(fits).as_py():
            return _cast_times(text, fits, kind, pattern == _ZONED)
    return Stamps(np.full(len(text), np.nan), "", 0.0)


def _cast_times(text: Any, fits: Any, kind: StampKind, zoned: bool) -> Stamps:
    text = pc.if_else(fits, text, pa.scalar(None, pa.string()))
    if kind == "clock":
        text = pc.binary_join_element_wise(
            "1970-01-01 ", pc.replace_substring_regex(text, r"^(\d):", r"0\1:"), ""
        )
        text = pc.replace_substring_regex(text, r"(:\d\d:\d\d)[.,:](\d+)$", r"\1.\2")
    plain = pc.replace_substring(pc.replace_substring(text, "/", "-"), ",", ".")
    try:
        whole = plain.cast(pa.timestamp("ns", "UTC" if zoned else None)).cast(pa.int64())
    except pa.ArrowInvalid:  # there is no 25 o'clock and no 30 February
        return Stamps(np.full(len(text), np.nan), "", 0.0)
    seconds = np.asarray(pc.divide(whole.cast(pa.float64(), safe=False), 1e9).to_numpy(zero_copy_only=False))
    digits = [len(re.sub(r"(Z|[+-]\d\d:?\d\d)$", "", cell).partition(".")[2]) for cell in _some(plain, ".")]
    return Stamps(seconds, kind, 10.0 ** -max(digits, default=0))


def _some(text: Any, decimal: str) -> list[str]:
    return [
        cell.replace(decimal, ".") for cell in text[:_LOOK].to_pylist() + text[-_LOOK:].to_pylist() if cell
    ]


def _rounding(cells: list[str], times: NDArray[np.float64]) -> float:
    """Tell from the digits how finely numbers were written: by decimals or by leading digits."""
    mantissas = [re.split("[eE]", cell)[0] for cell in cells]
    largest = float(np.max(np.abs(times), initial=1.0, where=np.isfinite(times)))
    decimals = max((len(text.partition(".")[2]) for text in mantissas), default=0)
    digits = max((len(text.lstrip("+-0.").replace(".", "")) for text in mantissas), default=1)
    whole = int(np.log10(largest)) + 1
    # a float32 column drifts in steps
    single = float(np.spacing(np.float32(largest))) if digits <= 9 else 0.0
    return max(10.0**-decimals, 10.0 ** (whole - digits), single)
