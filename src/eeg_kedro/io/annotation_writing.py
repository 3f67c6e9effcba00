"""Text of annotation files: HED-SCORE tables (SzCORE, BIDS) and TUSZ ``.csv_bi``, for one run each.

Times are written on the grid of the format (0.01 s and 0.0001 s), start and end each to its nearest mark, so
that an end never drifts; events that meet on the grid become one, and none vanishes.

No field of the recording's header is written. SzCORE's reader cannot read a ``dateTime`` that is not there (it
stops with an error at ``n/a``), so a recording whose start nobody handed over gets `NO_DATE`, the date that its own
samples carry; the date of a recording can point to a person and is written only where the caller gives it.
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eeg_kedro.errors import ScoringError
from eeg_kedro.labels.intervals import unite

HED_COLUMNS = ("onset", "duration", "eventType", "confidence", "channels", "dateTime", "recordingDuration")
HED_DECIMALS, CSV_BI_DECIMALS = 2, 4
NO_DATE = dt.datetime(2000, 1, 1)  # neither format knows time zones
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
SURE = 1.0  # a label without a confidence; csv_bi has no way to leave it out
NO_CONFIDENCE: tuple[float, ...] = ()


def write_hed_score(
    starts: ArrayLike,
    stops: ArrayLike,
    duration: float,
    confidences: ArrayLike = NO_CONFIDENCE,
    start: dt.datetime | None = None,
) -> str:
    """Write the seizures of one run as a HED-SCORE table; one row of background where there is none.

    Parameters
    ----------
    starts, stops : array_like, (n,)
        Half-open intervals (s), in any order, inside the recording.
    duration : float
        Length of the recording (s); written to 0.01 s in every row.
    confidences : array_like, (n,) or empty
        Between 0 and 1; NaN: not given. Of events that become one, the greatest.
    start : datetime, optional
        When the recording began.

    Returns
    -------
    str
        Header and rows, separated by tabs.

    Raises
    ------
    ScoringError
        If an event is empty or outside the recording, or the recording is shorter than 0.01 s.
    """
    first, last, length, sure = _on_grid(starts, stops, duration, confidences, HED_DECIMALS)
    ending = ("n/a", (start or NO_DATE).strftime(DATE_FORMAT), _text(length, HED_DECIMALS))
    rows = [
        (_text(a, HED_DECIMALS), _text(b - a, HED_DECIMALS), "sz", _share(c, HED_DECIMALS, "n/a"), *ending)
        for a, b, c in zip(first, last, sure, strict=True)
    ]
    nothing = [(_text(0, HED_DECIMALS), _text(length, HED_DECIMALS), "bckg", "n/a", *ending)]
    return "".join("\t".join(cells) + "\n" for cells in (HED_COLUMNS, *(rows or nothing)))


def write_csv_bi(
    starts: ArrayLike,
    stops: ArrayLike,
    duration: float,
    name: str,
    confidences: ArrayLike = NO_CONFIDENCE,
    montage_file: str = "",
) -> str:
    """Write the seizures of one run as TUSZ ``.csv_bi``: background fills what they leave.

    Parameters
    ----------
    starts, stops, duration, confidences
        As in `write_hed_score`.
    name : str
        ``bname``, the name of the recording without suffix.
    montage_file : str
        Written where it is given.

    Raises
    ------
    ScoringError
        As in `write_hed_score`, for 0.0001 s.
    """
    first, last, length, sure = _on_grid(starts, stops, duration, confidences, CSV_BI_DECIMALS)
    montage = [f"# montage_file = {montage_file}"] if montage_file else []
    head = [
        "# version = csv_v1.0.0",
        f"# bname = {name}",
        f"# duration = {_text(length, CSV_BI_DECIMALS)} secs",
        *montage,
        "#",
        "channel,start_time,stop_time,label,confidence",
    ]
    seizures = [(a, b, "seiz", c) for a, b, c in zip(first, last, sure, strict=True)]
    gaps = zip([0, *last], [*first, length], strict=True)
    rows = sorted(seizures + [(a, b, "bckg", SURE) for a, b in gaps if b > a])
    return "\n".join(head + [_csv_row(*row) for row in rows]) + "\n"


def _csv_row(start: int, stop: int, label: str, confidence: float) -> str:
    share = _share(confidence, CSV_BI_DECIMALS, f"{SURE:.{CSV_BI_DECIMALS}f}")
    return f"TERM,{_text(start, CSV_BI_DECIMALS)},{_text(stop, CSV_BI_DECIMALS)},{label},{share}"


def _on_grid(
    starts: ArrayLike, stops: ArrayLike, duration: float, confidences: ArrayLike, decimals: int
) -> tuple[list[int], list[int], int, list[float]]:
    """Return starts, stops and length in marks of the grid, and the confidences, of the events as written."""
    first, last = np.asarray(starts, np.float64), np.asarray(stops, np.float64)
    given = np.asarray(confidences, np.float64)
    sure = given if given.size else np.full(first.size, math.nan)
    _demand_events(first, last, sure, duration, decimals)
    length = _mark(duration, decimals)
    begin = np.minimum(_marks(first, decimals), length - 1)
    end = np.maximum(_marks(last, decimals), begin + 1)
    united, until = unite(begin, end)
    owner = np.searchsorted(united, begin, side="right") - 1
    most = np.full(united.size, math.nan)
    np.fmax.at(most, owner, sure)
    return united.tolist(), until.tolist(), length, most.tolist()


def _demand_events(
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    sure: NDArray[np.float64],
    duration: float,
    decimals: int,
) -> None:
    if not (math.isfinite(duration) and _mark(duration, decimals) > 0):
        raise ScoringError(
            "a recording too short to be written about",
            value=f"{duration!r} s",
            allowed=f"at least {10**-decimals:g} s",
            remedy="take its length from int_inventory",
        )
    fit = first.ndim == 1 and first.shape == last.shape == sure.shape
    if not fit or not ((first >= 0) & (first < last) & (last <= duration)).all():
        raise ScoringError(
            "events that cannot be written",
            value=f"{first.size} starts, {last.size} stops, {sure.size} confidences",
            allowed=f"as many of each; intervals of some length between 0 and {duration:g} s",
            remedy="take them from RunEvents, which are inside their recording",
        )
    if (np.isfinite(sure) & ((sure < 0) | (sure > 1))).any() or np.isinf(sure).any():
        raise ScoringError(
            "a confidence that is no share",
            value=f"{np.nanmin(sure):g} to {np.nanmax(sure):g}",
            allowed="0 to 1, or NaN for not given",
            remedy="give the probability of the event",
        )


def _marks(seconds: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    return np.array([_mark(value, decimals) for value in seconds.tolist()], np.int64)


def _mark(seconds: float, decimals: int) -> int:
    # printing rounds the exact value of a float, a product with 100 does not: 3599.995 must not become 3600.00 in
    # one file and 3599.99 in another, where SzCORE takes the second for no detection at all
    return int(f"{seconds:.{decimals}f}".replace(".", ""))


def _text(marks: int, decimals: int) -> str:
    whole, part = divmod(marks, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"


def _share(value: float, decimals: int, otherwise: str) -> str:
    return otherwise if math.isnan(value) else f"{value:.{decimals}f}"
