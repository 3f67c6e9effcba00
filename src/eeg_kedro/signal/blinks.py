"""Blinks: short, positive, symmetric deflections over both eyes that the back of the head does not share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.cell_measures import COURSE_RATE

Samples = NDArray[np.float32]
LEFT, RIGHT = ("FP1", "AF7", "AF3"), ("FP2", "AF8", "AF4")
NEAR = ("FP1", "FP2", "FPZ", "AF7", "AF8", "AF3", "AF4", "F7", "F8", "F3", "F4", "FZ")
LEVELS = (("F3", "FZ", "F4"), ("C3", "CZ", "C4"), ("P3", "PZ", "P4"))  # the first that is there
MOST_NEAR = 8
# at 16 values per second: a blink lasts 0.2 to 0.5 s, so a quarter of a second from its top it is almost over
TOP = range(-1, 2)
SIDES = (*range(-6, -3), *range(4, 7))
APART = 5  # values; two tops that are closer are one
USUAL_SECONDS = 30  # what is usual changes with sleep
REGULAR = 5  # tops in four seconds that make a rhythm, if they are evenly spaced
SPREAD = 0.25  # coefficient of variation below which spacing is even
RHYTHM_SHARE = 0.5  # of the limit: smaller tops count for a rhythm


@dataclass(frozen=True)
class EyeChannels:
    """Where blinks are looked for: places of channels.

    Attributes
    ----------
    left, right : tuple of int
        Channels over each eye, as places in ``near``; both needed.
    near : tuple of int
        Channels that may show a blink.
    far : tuple of int
        Channels whose mean is the level to compare with; empty for pairs.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    near: tuple[int, ...]
    far: tuple[int, ...]


def find_eye_channels(names: Sequence[str], montage: str) -> EyeChannels | None:
    """Choose the channels that show blinks; None where one eye or the level to compare with is missing.

    Parameters
    ----------
    names : sequence of str
        Channels.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``.
    """
    if montage == "bipolar":
        fronts = [name.split("-")[0] for name in names]
        near = [i for i, front in enumerate(fronts) if front in NEAR]
        far: list[int] = []
        sides = [[j for j, i in enumerate(near) if fronts[i] == eye] for eye in ("FP1", "FP2")]
    else:
        place = {name: i for i, name in enumerate(names)}
        near = [place[name] for name in NEAR if name in place][:MOST_NEAR]
        far = next(
            (found for level in LEVELS if (found := [place[name] for name in level if name in place])), []
        )
        sides = [
            [near.index(place[name]) for name in side if name in place and place[name] in near][:1]
            for side in (LEFT, RIGHT)
        ]
    if not all(sides) or (montage != "bipolar" and not far):
        return None
    return EyeChannels(tuple(sides[0]), tuple(sides[1]), tuple(near), tuple(far))


def find_blinks(
    course: Samples, level: Samples, eyes: EyeChannels, least_uv: float, ratio: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find blinks in the slow course of the frontal channels.

    Parameters
    ----------
    course : ndarray, shape (n_near, n)
        Microvolts at 16 values per second.
    level : ndarray, shape (1, n)
        Mean of the far channels.
    eyes : EyeChannels
        Which rows lie over which eye.
    least_uv : float
        Smallest blink, microvolts.
    ratio : float
        Smallest blink as a multiple of the usual deflection (1.48 median absolute deviations).

    Returns
    -------
    tops : ndarray of int, shape (n_blinks,)
        Where each blink is largest.
    shown : ndarray of bool, shape (n_blinks, n_near)
        Which channels show it.
    """
    left, right = (_bumps(course[list(eye)].mean(axis=0) - level[0]) for eye in (eyes.left, eyes.right))
    both = 0.5 * (left + right)
    limit = np.maximum(least_uv, ratio * 1.4826 * usual_size(both, USUAL_SECONDS * COURSE_RATE))
    found = (both >= limit) & (np.minimum(left, right) >= 0.4 * np.maximum(left, right))
    tops = np.flatnonzero(found & _is_top(both))
    tops = tops[~_in_rhythm(np.flatnonzero(_is_top(both) & (both >= RHYTHM_SHARE * limit)), tops)]
    least = np.maximum(0.3 * both[tops], 0.5 * least_uv)
    # row by row: all of a day at once would be the largest thing in memory
    shown = np.array([_bumps(row)[tops] >= least for row in course]).T
    return tops, shown


def usual_size(values: NDArray[np.floating], length: int) -> NDArray[np.floating]:
    """Give the usual size of the values around each of them: the median of stretches of ``length``.

    At least that of the whole series: sleep is larger than waking, but a quiet stretch makes nothing unusual.

    Parameters
    ----------
    values : ndarray, shape (..., n)
        Any unit.
    length : int
        Values per stretch.
    """
    size: NDArray[np.floating] = np.abs(values)
    n = size.shape[-1]
    if n == 0:
        return size
    starts = range(0, max(n - length // 2, 1), length)
    parts = [size[..., start : start + length] for start in starts[:-1]] + [size[..., starts[-1] :]]
    medians = np.stack([np.median(part, axis=-1) for part in parts], axis=-1)
    usual = np.maximum(medians, np.median(size, axis=-1, keepdims=True))
    lengths = [part.shape[-1] for part in parts]
    around: NDArray[np.floating] = np.repeat(usual, lengths, axis=-1)
    return around


def _bumps(course: Samples) -> Samples:
    """Subtract from each value, smoothed, the mean of what lies before and after it."""
    reach = max(map(abs, SIDES))
    wide = np.pad(course, reach, mode="edge")

    def mean_of(offsets: Sequence[int]) -> Samples:
        total = np.zeros_like(course)
        for k in offsets:
            total += wide[reach + k : reach + k + len(course)]
        return total / np.float32(len(offsets))

    return mean_of(TOP) - mean_of(SIDES)


def _is_top(values: Samples) -> NDArray[np.bool_]:
    """Tell where a value is the largest among its neighbors."""
    from scipy.ndimage import maximum_filter1d

    highest: NDArray[np.bool_] = values == maximum_filter1d(values, 2 * APART + 1)
    return highest & (values > 0)


def _in_rhythm(tops: NDArray[np.intp], asked: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which tops are part of a rhythm: many in four seconds, evenly spaced. A seizure is no blinking."""
    reach = 2 * COURSE_RATE
    first, last = (
        np.searchsorted(tops, asked - reach),
        np.searchsorted(tops, asked + reach, side="right"),
    )
    rhythmic = np.zeros(len(asked), bool)
    for i in np.flatnonzero(last - first >= REGULAR):
        steps = np.diff(tops[first[i] : last[i]])
        rhythmic[i] = steps.std() < SPREAD * steps.mean()
    return rhythmic
