"""The time column of a signal table, held against the stated rate: a gap would shift all that comes after it.

An even clock is taken at its word, to the sample. Stamps of arrival jitter: only what stays lost is seen in them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.arrival_stamps import find_losses
from eeg_kedro.io.csv_layout import CsvLayout
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.stamp_text import DAY, epoch_scale, fill_stamps, read_stamps, unwrap_midnight
from eeg_kedro.io.text_rows import line_of

_FEWEST_STEPS = 8  # below, a median says nothing
_SLOWEST = 10.0  # Hz: a slower column of small numbers counts rows or stamps summaries; it is not judged
_EVEN = 0.01  # how far an even clock may be from the stated rate
_JITTERED = 0.02  # the same for stamps of arrival
_SHORTEST_GAP = 1.0  # s; less is told from jitter by nobody


class RowClock:
    """Judges the times of consecutive rows.

    Parameters
    ----------
    file : SourceFile
        The table, for messages.
    layout : CsvLayout
        Where its rows are.
    sfreq : float
        The stated rate, in Hz.
    """

    def __init__(self, file: SourceFile, layout: CsvLayout, sfreq: float) -> None:
        self._file, self._layout, self._sfreq = file, layout, sfreq
        self._pieces: list[NDArray[np.float64]] = []
        self._n_rows = 0
        self._scale: float | None = None
        self._is_time = False  # dates, clock times and seconds since 1970 are nothing else
        self._is_clock, self._midnights = False, 0
        self._rounding = 0.0

    def read(self, cells: Any) -> None:
        """Take the cells of the next rows.

        Raises
        ------
        SignalError
            If the clock is even and leaps, goes back or runs at another rate than the stated one.
        """
        stamps = read_stamps(cells, self._layout.decimal)
        if self._scale is None and np.isfinite(stamps.seconds).sum() > _FEWEST_STEPS:
            self._choose_scale(stamps.seconds, stamps.kind)
        scale = self._scale or 1.0
        self._rounding = stamps.rounding * scale
        before = self._pieces[-1][-1:] if self._pieces else np.empty(0)
        times = np.concatenate([before, stamps.seconds * scale + self._midnights * DAY])
        if self._is_clock:
            times = unwrap_midnight(times)
            self._midnights = int(np.max(times, initial=0.0, where=np.isfinite(times)) // DAY)
        self._check_even(times, self._n_rows - before.size)
        self._pieces.append(times[before.size :])
        self._n_rows += len(cells)

    def judge(self) -> None:
        """Judge all rows as stamps of arrival, once they were read.

        Raises
        ------
        SignalError
            If time is lost between two rows, the clock goes back or leaps to and fro, or the whole runs at
            another rate.
        """
        times = np.concatenate([*self._pieces, np.empty(0)])
        self._pieces.clear()
        known = times[np.isfinite(times)]
        ticks = np.diff(known)
        ticks = ticks[ticks > 0]
        if ticks.size < _FEWEST_STEPS or np.isinf(times).any():
            return
        span = float(known[-1] - known[0])
        if not self._is_time and abs(span) * _SLOWEST > times.size:
            return
        losses = find_losses(fill_stamps(times), self._sfreq, _SHORTEST_GAP, self._file.relative)
        if losses:
            raise self._gap(losses[0].row, losses[0].seconds)
        tolerance = _JITTERED * times.size + 2 * float(np.median(ticks)) * self._sfreq
        if abs(known.size - 1 - span * self._sfreq) > tolerance:
            raise self._wrong_rate(0, (known.size - 1) / span if span > 0 else 0.0)

    def _choose_scale(self, seconds: NDArray[np.float64], kind: str) -> None:
        """Settle what a number counts: parts of a second since 1970, or what fits the stated rate."""
        epoch = epoch_scale(seconds) if kind == "number" else None
        self._is_clock = kind == "clock"
        self._is_time = kind in ("date", "clock") or epoch is not None
        self._scale = epoch or 1.0
        steps = np.diff(seconds[np.isfinite(seconds)])
        step = float(np.median(steps))
        counts = step == 1 and np.mean(steps == 1) >= 0.9  # rows, or milliseconds at 1000 Hz: all the same
        if kind == "number" and epoch is None and step * _SLOWEST > 1 and not counts:
            fits = (part for part in (1e-3, 1e-6, 1e-9) if 0.5 < step * part * self._sfreq < 2)
            self._scale = next(fits, 1.0)

    def _check_even(self, times: NDArray[np.float64], row: int) -> None:
        """Refuse an even clock that leaps or runs at another rate; stamps that jitter are left alone.

        `times` are seconds of consecutive rows from `row` on.
        """
        sfreq, rounding, steps = self._sfreq, self._rounding, np.diff(times)
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
        if abs(interval * sfreq - 1) > _EVEN + 2 * rounding * sfreq / len(usual):
            if interval * _SLOWEST <= 1 or self._is_time:
                raise self._wrong_rate(row, 1 / interval)
            return
        leaps = np.flatnonzero(
            (steps > max(1.5 * interval, 1.01 * interval + rounding)) | (steps < -interval - rounding)
        )
        if len(leaps):
            raise self._gap(row + int(leaps[0]) + 1, steps[leaps[0]] - interval)

    def _gap(self, row: int, seconds: float) -> SignalError:
        line = line_of(self._file, self._layout, row)
        what = f"a gap of {seconds:.6g} s" if seconds > 0 else f"a step back of {-seconds:.6g} s"
        return SignalError(
            f"line {line}: {what} in the time column",
            file=self._file.relative,
            allowed=f"a row every {1 / self._sfreq:.6g} s",
            remedy="split the file at the gap" if seconds > 0 else "split the file there, or mend the times",
        )

    def _wrong_rate(self, row: int, found: float) -> SignalError:
        line = line_of(self._file, self._layout, row)
        unit = {1.0: "seconds", 1e-3: "milliseconds", 1e-6: "microseconds"}.get(
            self._scale or 1.0, "nanoseconds"
        )
        return SignalError(
            f"line {line} and following: the time column runs at {found:.6g} Hz, "
            f"stated are {self._sfreq:.6g} Hz",
            file=self._file.relative,
            allowed="a stated rate within 1 % of the time column's (2 % where its stamps jitter)",
            remedy=f"correct `sfreq` in the sidecar or `ingest.csv_sfreq`; the time column is taken for {unit}",
        )
