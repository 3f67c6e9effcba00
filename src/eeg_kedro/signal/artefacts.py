"""Which seconds of which channels hold something that is not the brain, and of which kind.

A cell is one second of one channel; one bit per kind. A seizure is no artefact: what counts as muscle must be
fast without being large, what counts as movement must be slower than any seizure, what counts as a blink must
be short, alone and seen by both eyes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.signal.blinks import USUAL_SECONDS, find_blinks, find_eye_channels, usual_size
from eeg_kedro.signal.cell_measures import COURSE_RATE, CellMeasures, CellMeter, cell_samples, signal_to_noise
from eeg_kedro.signal.positions import electrode_positions

Samples = NDArray[np.float32]
Cells = NDArray[np.uint8]
KINDS = ("eye", "muscle", "movement", "pop", "amplitude", "flat", "gap")
FEWEST_FOR_GRADIENT = 8  # electrodes
HIGHEST_TILT = 100.0  # µV of a slow wave
BIT = {kind: np.uint8(1 << i) for i, kind in enumerate(KINDS)}


class QualityOptions(BaseModel):
    """What makes a second of a channel an artefact; microvolts, or multiples of what is usual there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="look for artefacts and score the quality")
    eye_uv: float = Field(30.0, gt=0, le=1000, description="smallest blink over both eyes, µV")
    eye_ratio: float = Field(
        3.5, gt=0, le=100, description="smallest blink, multiples of the usual deflection"
    )
    muscle_uv: float = Field(1.5, gt=0, le=1000, description="least activity of 20-50 Hz, µV rms")
    muscle_ratio: float = Field(2.2, gt=1, le=100, description="the same, multiples of the usual one")
    muscle_share: float = Field(
        0.3, gt=0, le=1, description="least share of 20-50 Hz in the amplitude: sharp waves have less"
    )
    movement_uv: float = Field(10.0, gt=0, le=1000, description="least mean of a second, µV")
    movement_ratio: float = Field(5.0, gt=1, le=100, description="the same, multiples of the usual one")
    movement_channels: int = Field(4, ge=1, le=1000, description="channels that must move together")
    amplitude_uv: float = Field(500.0, gt=0, le=1e6, description="largest distance from zero of any EEG, µV")
    flat_uv: float = Field(0.1, ge=0, le=100, description="peak-to-peak of a dead second stays below, µV")
    flat_share: float = Field(0.05, ge=0, lt=1, description="the same as a share of the channel's usual rms")


@dataclass(frozen=True)
class CellBaseline:
    """What is usual in a channel: medians over its seconds, microvolts, each of shape (n_channels,)."""

    rms: NDArray[np.float64]
    fast: NDArray[np.float64]


def measure_baseline(
    samples: Samples, sfreq: float, options: QualityOptions, top: float | None = None
) -> CellBaseline:
    """Learn what is usual in each channel.

    Parameters
    ----------
    samples : ndarray, shape (n_channels, n)
        An excerpt in microvolts, referenced and filtered as the signal that will be watched.
    sfreq : float
        Hz.
    options : QualityOptions
        Not needed yet; here so that callers need not know.
    top : float, optional
        Highest frequency that the samples hold, Hz.
    """
    meter = CellMeter(len(samples), samples.shape[1], sfreq, top=top)
    meter.update(samples)
    return _baseline_of(meter.finish())


def _baseline_of(cells: CellMeasures) -> CellBaseline:
    if not cells.rms.size:
        nothing = np.zeros(len(cells.rms))
        return CellBaseline(nothing, nothing)
    alive = np.where(cells.swing > 0, 1.0, np.nan)
    alive[np.isnan(alive).all(axis=1)] = 1.0  # a dead channel's median is zero, not unknown
    rms, fast = (np.nanmedian(values * alive, axis=1) for values in (cells.rms, cells.fast))
    return CellBaseline(np.asarray(rms, np.float64), np.asarray(fast, np.float64))


def _smoothing(names: Sequence[str]) -> NDArray[np.float64]:
    """Give the matrix that fits a constant and a gradient over the scalp to the channels with a position."""
    places, known = electrode_positions(names)
    matrix = np.zeros((len(names), len(names)))
    if known.sum() >= FEWEST_FOR_GRADIENT:
        terms = np.column_stack([np.ones(known.sum()), places[known]])
        matrix[np.ix_(known, known)] = terms @ np.linalg.pinv(terms)
    return matrix


class CellWatcher:
    """Watch a signal pass by and tell its artefacts at the end.

    Parameters
    ----------
    names : sequence of str
        Channels, one per row of the blocks.
    n_times : int
        Samples per channel that will arrive in all.
    sfreq : float
        Hz.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``.
    baseline : CellBaseline or None
        What is usual; None: learned from the signal itself.
    options : QualityOptions
        Limits.
    top : float, optional
        Highest frequency that the blocks hold, Hz; 50 or 45 % of the rate if None.
    """

    def __init__(
        self,
        names: Sequence[str],
        n_times: int,
        sfreq: float,
        montage: str,
        baseline: CellBaseline | None,
        options: QualityOptions,
        top: float | None = None,
    ) -> None:
        self._eyes = find_eye_channels(names, montage)
        groups = [(i,) for i in self._eyes.near] + [self._eyes.far] if self._eyes else []
        self._top = top
        self._meter = CellMeter(len(names), n_times, sfreq, groups, top)
        self._sfreq = sfreq
        self._smooth = _smoothing(names)
        self._baseline, self._options = baseline, options
        self._found: CellMeasures | None = None

    def update(self, block: Samples) -> None:
        """Take the next samples, shape (n_channels, n), in microvolts; the block is not kept."""
        self._meter.update(block)

    def measures(self) -> CellMeasures:
        """Give the measures of every cell, once all samples have arrived."""
        if self._found is None:
            self._found = self._meter.finish()
        return self._found

    def baseline(self) -> CellBaseline:
        """Give what is usual in this signal, as it was handed in or learned."""
        if self._baseline is None:
            self._baseline = _baseline_of(self.measures())
        return self._baseline

    def snr_db(self) -> Samples:
        """Give the signal-to-noise ratio of every cell, dB, shape (n_channels, n_cells)."""
        return signal_to_noise(self.measures(), self._sfreq, self._top)

    def cells(self) -> Cells:
        """Give the kinds of artefact in each cell, one bit per kind, uint8 of shape (n_channels, n_cells)."""
        found, usual, options = self.measures(), self.baseline(), self._options
        cells = np.zeros(found.rms.shape, np.uint8)
        self._mark_blinks(cells)
        cells[_muscle(found, usual, options)] |= BIT["muscle"]
        cells[_movement(found, self._smooth, options)] |= BIT["movement"]
        cells[found.peak > options.amplitude_uv] |= BIT["amplitude"]
        least = np.maximum(options.flat_uv, options.flat_share * usual.rms)
        cells[found.swing < least[:, np.newaxis]] |= BIT["flat"]
        return cells

    def _mark_blinks(self, cells: Cells) -> None:
        if self._eyes is None or not cells.size:
            return
        course = self._meter.slow_course()
        near, level = course[:-1], course[-1:]
        tops, shown = find_blinks(near, level, self._eyes, self._options.eye_uv, self._options.eye_ratio)
        reach, last = COURSE_RATE // 5, cells.shape[1] - 1
        for at, rows in zip(tops, shown, strict=True):
            seconds = slice(max(at - reach, 0) // COURSE_RATE, min((at + reach) // COURSE_RATE, last) + 1)
            for row in np.flatnonzero(rows):
                cells[self._eyes.near[row], seconds] |= BIT["eye"]


def _muscle(found: CellMeasures, usual: CellBaseline, options: QualityOptions) -> NDArray[np.bool_]:
    """Tell where fast activity is more than usual, and not just the sharp part of something larger."""
    least = np.maximum(options.muscle_uv, options.muscle_ratio * usual.fast)[:, np.newaxis]
    marked: NDArray[np.bool_] = (found.fast > least) & (found.fast > options.muscle_share * found.rms)
    return marked


def _movement(found: CellMeasures, smooth: NDArray[np.float64], options: QualityOptions) -> NDArray[np.bool_]:
    """Tell where several channels swing more slowly than any seizure: the mean of a whole second moves.

    What varies smoothly over the scalp is taken off first: slow waves of sleep do, cables that are shaken do not.
    """
    # an electrode that is off must not tilt the whole head
    size = np.abs(found.mean - smooth @ np.clip(found.mean, -HIGHEST_TILT, HIGHEST_TILT))
    least = np.maximum(options.movement_uv, options.movement_ratio * usual_size(size, USUAL_SECONDS))
    wanted = min(options.movement_channels, len(size))
    together = (size > least).sum(axis=0) >= wanted
    # swings begin and end small: the seconds beside count from half the limit
    weaker = (size > 0.5 * least).sum(axis=0) >= wanted
    beside = np.zeros_like(together)
    beside[1:] |= together[:-1]
    beside[:-1] |= together[1:]
    marked: NDArray[np.bool_] = (size > 0.5 * least) & (together | (beside & weaker))
    return marked


def mark_spans(cells: Cells, kind: str, spans: Iterable[tuple[int, float, float]], sfreq: float) -> Cells:
    """Mark what was found elsewhere: gaps, electrode pops, spikes of hardware; in place.

    Parameters
    ----------
    cells : ndarray of uint8, shape (n_channels, n_cells)
        Cells of a watcher.
    kind : str
        One of ``KINDS``.
    spans : iterable of (channel, start, stop)
        Row of the cells, and seconds of the recording, half-open.
    sfreq : float
        Rate of the watched signal, Hz.
    """
    seconds = cell_samples(sfreq) / sfreq
    for channel, start, stop in spans:
        first, last = int(max(start, 0.0) // seconds), int(np.ceil(max(stop, start) / seconds))
        cells[channel, first : max(last, first + 1)] |= BIT[kind]
    return cells
