"""What is known of a recording that was not fetched: from its event table and the JSON beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eeg_kedro.corpora.sidecar_json import read_sidecar
from eeg_kedro.errors import EegError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile

HIGHEST = 100_000.0  # Hz


class Nominal(NamedTuple):
    """Rate and length as files beside a recording state them; None where none does.

    Attributes
    ----------
    sfreq : float or None
        Hz.
    duration : float or None
        Seconds.
    sidecar : SourceFile or None
        The JSON file, if the rate is from it.
    """

    sfreq: float | None = None
    duration: float | None = None
    sidecar: SourceFile | None = None


def read_nominal(events: SourceFile, sidecar: SourceFile | None) -> Nominal:
    """Read rate and length of a recording that is not there; what cannot be read states nothing.

    The rate is ``SamplingFrequency`` of the sidecar, else what the columns ``onset`` and ``sample`` of the events
    agree on. The length is the column ``recordingDuration`` alone: ``RecordingDuration`` of a sidecar is one
    sample short where MNE-BIDS wrote it (the time of the last sample), and events may end with the recording.
    """
    stated = _stated_rate(sidecar) if sidecar else None
    try:
        lines = [line.split("\t") for line in read_text(events).splitlines() if line.strip()]
    except EegError:  # told when its events are read
        lines = [[]]
    names = [name.strip().lower() for name in lines[0]]
    rows = [dict(zip(names, cells, strict=False)) for cells in lines[1:]]
    if stated is not None:
        return Nominal(stated, _stated_duration(rows), sidecar)
    return Nominal(_counted_rate(rows), _stated_duration(rows))


def _stated_rate(sidecar: SourceFile) -> float | None:
    try:
        stated = read_sidecar(sidecar).get("SamplingFrequency")
    except EegError:  # the table of events can be used without it
        return None
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        return None
    rate = _number(stated)
    return rate if 0 < rate <= HIGHEST else None


def _counted_rate(rows: Sequence[Mapping[str, str]]) -> float | None:
    """Return the whole rate at which every onset falls on the sample that is given for it."""
    pairs = [(_number(row.get("onset", "")), _number(row.get("sample", ""))) for row in rows]
    onset, sample = max(pairs, default=(0.0, 0.0))
    if not (onset > 0 and 0 < sample / onset <= HIGHEST):  # NaN too
        return None
    rate = float(round(sample / onset))
    fits = all(abs(at * rate - number) <= 1 for at, number in pairs)
    return rate if fits and rate > 0 else None


def _stated_duration(rows: Sequence[Mapping[str, str]]) -> float | None:
    lengths = {_number(row.get("recordingduration", "")) for row in rows}
    length = lengths.pop() if len(lengths) == 1 else math.nan
    return length if 0 < length < 1e9 else None


def _number(text: str | float) -> float:
    try:
        value = float(text)
    except (ValueError, OverflowError):  # a whole number of 400 digits
        return math.nan
    return value if math.isfinite(value) else math.nan
