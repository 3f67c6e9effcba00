"""Candidates of spikes and sharp waves, by height, slope and duration. Candidates, not a diagnosis.

Two steps. Everywhere: how far a sample stands out above those 50 ms before and after it, which is large for a
pointed wave and small for a slow one. Where that is far beyond the row's own background: the height above the
turning points on both sides, the slope of both flanks, and the duration, taken as twice the width at half the
height (the base of a triangle). Blinks and slow waves are too long, muscle too short, and a rhythm raises the
background it is compared with.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Samples = NDArray[np.float32]

REACH_SECONDS = 0.05  # how far before and after a sample its neighbors are looked at
FLANK_SECONDS = 0.2  # how far the turning points may lie away: the length of the longest sharp wave
PEAK_SECONDS = 0.012  # the summit lies this near to where the wave stands out most
SMOOTH_SECONDS = 0.012
RIPPLE = 0.1  # a rise by this share of the height is a turning point, a smaller one a ripple on the flank
SPIKE_SECONDS = (0.020, 0.070)  # Kane et al. (2017): spikes 20 to 70 ms, sharp waves 70 to 200 ms
LONGEST_SHARP_WAVE = 0.200
TO_SIGMA = 1.4826  # median absolute value to standard deviation, of a normal distribution
EVERY = 8  # the background is the median of every 8th sample


class DischargeOptions(BaseModel):
    """What makes a pointed wave a candidate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="count candidates; zeros if false")
    smallest_uv: float = Field(
        50.0, gt=0, le=10_000, description="least height above both flanks, microvolts"
    )
    slope_uv_per_ms: float = Field(
        0.8, gt=0, le=1000, description="least slope of both flanks, microvolts per ms"
    )
    background: float = Field(
        5.0, gt=0, le=100, description="least sharpness, standard deviations of the window's own (robust)"
    )


class Discharges(NamedTuple):
    """Candidates of one block of rows.

    Attributes
    ----------
    row, sample : ndarray of int64, shape (n,)
        Where the summit is.
    uv : ndarray of float32, shape (n,)
        Height above the nearer turning point, microvolts.
    seconds : ndarray of float32, shape (n,)
        Duration, s.
    slope : ndarray of float32, shape (n,)
        Mean slope of both flanks, microvolts per millisecond.
    """

    row: NDArray[np.int64]
    sample: NDArray[np.int64]
    uv: NDArray[np.float32]
    seconds: NDArray[np.float32]
    slope: NDArray[np.float32]

    @property
    def is_spike(self) -> NDArray[np.bool_]:
        """Whether a candidate is short enough to be a spike; the others are sharp waves."""
        return self.seconds < SPIKE_SECONDS[1]


def find_discharges(rows: Samples, sfreq: float, options: DischargeOptions) -> Discharges:
    """Find candidates of spikes and sharp waves of either polarity.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_times)
        Microvolts, one channel of one window per row. The first and last 50 ms are not searched.
    sfreq : float
        Hz.
    options : DischargeOptions
        Limits.
    """
    reach = max(round(REACH_SECONDS * sfreq), 1)
    if rows.shape[1] <= 2 * reach:
        return _none()
    sharpness = rows[:, : -2 * reach] + rows[:, 2 * reach :]
    sharpness *= -0.5
    sharpness += rows[:, reach:-reach]
    size = np.abs(sharpness)
    sigma = TO_SIGMA * np.median(size[:, ::EVERY], axis=1)
    limit = np.maximum(options.background * sigma, 0.5 * options.smallest_uv)
    row, place = np.nonzero(size > limit[:, np.newaxis])
    if not row.size:
        return _none()
    first = _summits(row, place, size[row, place], reach)
    row, place = row[first], place[first]
    sign = np.sign(sharpness[row, place])
    return _measure(rows, row, place + reach, sign, sfreq, options)


def _none() -> Discharges:
    whole, real = np.zeros(0, np.int64), np.zeros(0, np.float32)
    return Discharges(whole, whole, real, real, real)


def _summits(
    row: NDArray[np.int64], place: NDArray[np.int64], size: NDArray[np.float32], reach: int
) -> NDArray[np.int64]:
    """Return which entry is the largest of each group; a gap longer than ``reach`` begins a new group."""
    group = np.cumsum(np.r_[0, (np.diff(row) > 0) | (np.diff(place) > reach)])
    order = np.lexsort((place, -size, group))
    return order[np.flatnonzero(np.r_[True, np.diff(group[order]) > 0])]


def _measure(
    rows: Samples,
    row: NDArray[np.int64],
    sample: NDArray[np.int64],
    sign: NDArray[np.float32],
    sfreq: float,
    options: DischargeOptions,
) -> Discharges:
    """Measure height, flanks and width of the waves and keep those that are pointed enough."""
    flank, near = round(FLANK_SECONDS * sfreq), max(round(PEAK_SECONDS * sfreq), 1)
    waves = _smoothed(rows, row, sample, flank + near, sfreq) * sign[:, np.newaxis]
    shift = np.argmax(waves[:, flank : flank + 2 * near + 1], axis=1)
    which = np.arange(row.size)[:, np.newaxis]
    steps = np.arange(flank + 1)
    before = waves[which, (flank + shift)[:, np.newaxis] - steps]
    after = waves[which, (flank + shift)[:, np.newaxis] + steps]
    height = before[:, 0] - np.maximum(_turning_point(before), _turning_point(after))
    rise, fall = _half_width(before, height), _half_width(after, height)
    seconds = ((rise + fall) * (2 / sfreq)).astype(np.float32)
    slope = 0.5 * height / np.maximum(rise, fall) * (sfreq / 1000)
    kept = (height >= options.smallest_uv) & (slope >= options.slope_uv_per_ms)
    kept &= (seconds >= SPIKE_SECONDS[0]) & (seconds <= LONGEST_SHARP_WAVE)
    summit = np.clip(sample + shift - near, 0, rows.shape[1] - 1)
    uv, steep = height[kept].astype(np.float32), slope[kept].astype(np.float32)
    return Discharges(row[kept], summit[kept], uv, seconds[kept], steep)


def _smoothed(
    rows: Samples, row: NDArray[np.int64], sample: NDArray[np.int64], reach: int, sfreq: float
) -> Samples:
    """Cut waves of ``2 * reach + 1`` samples out, each the mean over some 12 ms; ends are continued."""
    half = round(SMOOTH_SECONDS * sfreq) // 2
    at = sample[:, np.newaxis] + np.arange(-reach - half, reach + half + 1)
    waves = rows[row[:, np.newaxis], np.clip(at, 0, rows.shape[1] - 1)]
    if half == 0:
        return np.asarray(waves, np.float32)
    weights = np.bartlett(2 * half + 3)[1:-1]  # a triangle leaves the height of a 60 ms wave nearly as it is
    weights = (weights / weights.sum()).astype(np.float32)
    framed = np.lib.stride_tricks.sliding_window_view(waves, weights.size, axis=1)
    smoothed: Samples = np.einsum("ijk,k->ij", framed, weights)
    return smoothed


def _turning_point(flank: Samples) -> Samples:
    """Return the value at which each flank, shape (n, n_steps) from the summit on, turns up again."""
    lowest = np.minimum.accumulate(flank, axis=1)
    up = flank - lowest > RIPPLE * (flank[:, :1] - lowest)
    up[:, -1] = True
    value: Samples = lowest[np.arange(len(flank)), np.argmax(up, axis=1)]
    return value


def _half_width(flank: Samples, height: Samples) -> Samples:
    """Return after how many samples each flank has lost half of the height, between two samples linearly."""
    half = flank[:, 0] - 0.5 * height
    below = flank < half[:, np.newaxis]
    below[:, -1] = True
    at = np.maximum(np.argmax(below, axis=1), 1)
    which = np.arange(len(flank))
    above, under = flank[which, at - 1], flank[which, at]
    drop = np.maximum(above - under, 1e-6)
    return np.asarray(at - 1 + np.clip((above - half) / drop, 0, 1), np.float32)
