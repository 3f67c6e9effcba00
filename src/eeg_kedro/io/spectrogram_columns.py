"""Spectrogram files of the HMS competition: whether columns and times are those of the competition.

Column ``time`` (1, 3, 5, ... s), then 100 frequencies of each of four chains, ``LL_0.59`` to ``RP_19.92``. The
frequencies are rounded half up: 3.125 Hz is ``LL_3.13``. Python's own `round` gives ``LL_3.12``, and files written
with it exist; they are recognized, and what they call a column is told.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from eeg_kedro.errors import SignalError
from eeg_kedro.io.parquet_signals import look_into_parquet
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.signal.chains import HMS_CHAINS, HMS_STEP

FIRST_STEP, LAST_STEP = 3, 102  # multiples of HMS_STEP: 0.59 and 19.92 Hz
FRAME_SECONDS = 2.0
_ROUNDING = 0.0101  # Hz; two decimals, cut off or rounded any way, and half a step away from the next
_COLUMN = re.compile(rf"({'|'.join(HMS_CHAINS)})_(\d{{1,3}}(?:\.\d{{1,9}})?)")


class SpectrogramFacts(NamedTuple):
    """A spectrogram file in the layout of the competition.

    Attributes
    ----------
    n_frames : int
        Rows.
    first_time : float
        Of the first row, s; 1 where nothing was cut off.
    renamed : tuple of (str, str)
        Columns that are not called as in the competition, and how they are called there.
    extra : tuple of str
        Columns the competition does not have.
    """

    n_frames: int
    first_time: float
    renamed: tuple[tuple[str, str], ...]
    extra: tuple[str, ...]


@lru_cache(maxsize=1)
def hms_columns() -> tuple[str, ...]:
    """Return the 401 column names of a spectrogram file, in the order of the competition."""
    # scipy.signal comes with it, 60 MB that no other layout needs
    from eeg_kedro.signal.spectrograms import column_names

    freqs = np.arange(FIRST_STEP, LAST_STEP + 1, dtype=np.float64) * HMS_STEP
    return ("time", *column_names(tuple(HMS_CHAINS), freqs))


def is_spectrogram(columns: tuple[str, ...]) -> bool:
    """Say whether most columns of a table are called as those of spectrograms, whatever their rounding."""
    return 2 * sum(_COLUMN.fullmatch(name) is not None for name in columns) > len(columns)


def read_spectrogram_facts(file: SourceFile) -> SpectrogramFacts:
    """Check a spectrogram file by its footer and its column ``time``; the power itself is not read.

    Raises
    ------
    SignalError
        If the file cannot be read, columns are missing or there twice, hold no numbers, or its rows are not two
        seconds apart.
    """
    table = look_into_parquet(file, "time")
    matched = match_columns(table.columns)
    if matched.missing:
        what = f"{len(matched.missing)} columns of a spectrogram are missing"
        raise _refusal(file, what, _some(matched.missing))
    if matched.repeated:
        raise _refusal(file, "two columns of a spectrogram are one", _some(matched.repeated))
    no_numbers = tuple(name for name in table.no_numbers if name not in matched.extra)
    if no_numbers:
        raise _refusal(file, "columns of a spectrogram hold no numbers", _some(no_numbers))
    times = table.values
    if not times.size or not np.all(np.isfinite(times)) or np.any(np.diff(times) != FRAME_SECONDS):
        what = "the rows of a spectrogram are not two seconds apart" if times.size else "it has no rows"
        raise _refusal(file, what, None)
    return SpectrogramFacts(times.size, float(times[0]), matched.renamed, matched.extra)


class Matched(NamedTuple):
    """Columns of a file held against the competition's: what is missing, there twice, called otherwise, or more."""

    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    extra: tuple[str, ...]


@lru_cache(maxsize=16)  # one corpus, one writer, one set of names
def match_columns(columns: tuple[str, ...]) -> Matched:
    """Find for each column of a file what the competition calls it, whatever its rounding."""
    names = hms_columns()
    found = [(column, column if column in names else _nearest(column, names)) for column in columns]
    times = Counter(official for _, official in found)
    return Matched(
        tuple(name for name in names if name not in times),
        tuple(name for name in names if times[name] > 1),
        tuple((column, official) for column, official in found if official and official != column),
        tuple(column for column, official in found if not official),
    )


def _nearest(column: str, names: tuple[str, ...]) -> str:
    """Return the name of the frequency that a column stands for, if it is one of the grid."""
    found = _COLUMN.fullmatch(column)
    if found is None:
        return ""
    chain, freq = found[1], float(found[2])
    step = round(freq / HMS_STEP)
    if not FIRST_STEP <= step <= LAST_STEP or abs(freq - step * HMS_STEP) > _ROUNDING:
        return ""
    n_freqs = LAST_STEP - FIRST_STEP + 1
    return names[1 + [*HMS_CHAINS].index(chain) * n_freqs + step - FIRST_STEP]


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _refusal(file: SourceFile, what: str, value: str | None) -> SignalError:
    return SignalError(
        what,
        file=file.relative,
        value=value,
        allowed="time (1, 3, 5, ... s) and 400 columns, LL_0.59 to RP_19.92",
        remedy="fetch or make the spectrogram again",
    )
