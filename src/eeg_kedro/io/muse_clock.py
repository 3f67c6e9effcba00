"""The rate of a Muse table and where samples are missing in it, by the stamps that the app gave its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.arrival_stamps import Loss, find_losses, measure_rate
from eeg_kedro.io.csv_layout import CsvLayout
from eeg_kedro.io.signal_sidecar import read_rate
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.stamp_text import Stamps, join_stamps
from eeg_kedro.io.text_rows import line_of

# Hz: headbands since 2016, that of 2014, its research preset; then rows per second of the app's slow intervals
NOMINAL = (256.0, 220.0, 500.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 1 / 60)
_NEAR = 0.03  # how far a measured rate may be from a nominal one
_SLOWEST_EEG = 100.0  # Hz


class MuseClock:
    """Collects the stamps of the rows that are samples.

    Attributes
    ----------
    n_samples : int
        How many there are.
    """

    def __init__(self, file: SourceFile, layout: CsvLayout) -> None:
        self.n_samples = 0
        self._file, self._layout = file, layout
        self._n_rows = 0
        self._stamps: list[Stamps] = []
        self._rows: list[NDArray[np.int64]] = []

    def read(self, stamps: Stamps, taken: NDArray[np.bool_]) -> None:
        """Take the stamps of the next rows; only those that are `taken` are samples."""
        self._stamps.append(stamps._replace(seconds=stamps.seconds[taken]))
        self._rows.append(self._n_rows + np.flatnonzero(taken))
        self._n_rows += len(taken)
        self.n_samples += int(taken.sum())

    def times(self) -> NDArray[np.float64]:
        """Give the seconds of all samples; empty if the stamps tell none."""
        return join_stamps(self._stamps)

    def line(self, sample: int) -> int:
        """Find the line of a sample."""
        return line_of(self._file, self._layout, int(np.concatenate(self._rows)[sample]))


class MuseRate(NamedTuple):
    """What stamps and sidecar say about the rate.

    Attributes
    ----------
    sfreq : float
        Hz.
    breaks : tuple of Loss
        Where samples are missing.
    notes : tuple of str
        What was assumed, for the report.
    """

    sfreq: float
    breaks: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()


def settle_rate(
    file: SourceFile, clock: MuseClock, sidecar: Mapping[str, Any], fallback_sfreq: float | None = None
) -> MuseRate:
    """Settle the rate between the stamps and the sidecar, and find the gaps.

    Parameters
    ----------
    file : SourceFile
        The table, for messages.
    clock : MuseClock
        Its stamps.
    sidecar : mapping
        May state ``sfreq``, which is then held against the stamps.
    fallback_sfreq : float, optional
        Hz, where neither tells a rate.

    Raises
    ------
    SignalError
        If neither tells a rate, both do and they differ, or the clock goes back or leaps to and fro.
    """
    stated = read_rate(file, sidecar) if sidecar.get("sfreq") is not None else None
    times = clock.times()
    measured = measure_rate(times, file=file.relative) if times.size else 0.0
    if not measured:
        if known := stated or fallback_sfreq:
            note = f"no readable time stamps: {known:g} Hz as stated, and gaps cannot be seen"
            return MuseRate(known, notes=(note,))
        raise SignalError(
            "the stamps of the rows tell no rate",
            file=file.relative,
            allowed="stamps as in 2020-06-14 10:19:29.289, at least eight that differ",
            remedy="export the recording again (spreadsheets change stamps), or put a same-named .json "
            'with {"sfreq": Hz} beside it, or set ingest.csv_sfreq',
        )
    sfreq = stated or next((rate for rate in NOMINAL if abs(measured / rate - 1) <= _NEAR), measured)
    if abs(measured / sfreq - 1) > _NEAR:
        raise SignalError(
            "the sidecar states another rate than the stamps of the rows tell",
            file=file.relative,
            value=f"{measured:.6g} Hz by the stamps, {sfreq:g} Hz stated",
            allowed=f"a stated rate within {_NEAR:.0%} of the stamps'",
            remedy="correct `sfreq` in the sidecar, or leave it out",
        )
    losses = find_losses(times, sfreq, file=file.relative)
    back = next((loss for loss in losses if loss.seconds < 0), None)
    if back:
        raise SignalError(
            f"line {clock.line(back.row)}: the stamps go back by {-back.seconds:.6g} s",
            file=file.relative,
            allowed="stamps that go on; what is lost between them cannot be told otherwise",
            remedy="split the file there",
        )
    return MuseRate(sfreq, tuple(losses), _notes(times, sfreq, measured, stated, losses))


def _notes(
    times: NDArray[np.float64], sfreq: float, measured: float, stated: float | None, losses: list[Loss]
) -> tuple[str, ...]:
    span = float(times[-1] - times[0]) - sum(loss.seconds for loss in losses)
    said = f"{times.size} rows in {span:.6g} s of the app's clock"
    if sfreq < _SLOWEST_EEG:
        return (
            f"{said}: {sfreq:.6g} {'row' if sfreq == 1 else 'rows'} per second, too slow for EEG, cleaning will "
            "refuse it; record with Recording Interval: Constant",
        )
    if stated:
        return ()
    if sfreq == measured:
        return (f"{said}: {measured:.6g} Hz, the rate of no headband that is known, is taken",)
    apart = span - (times.size - 1) / sfreq
    late = f"; {apart:.2g} s of samples are missing in losses too short to be placed" if apart > 1 else ""
    return (f"{said}: {measured:.6g} Hz, taken for {sfreq:g} Hz{late}",)
