"""Step and exponential decay fitted to an electrode pop, against a background that is mostly slow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEFORE_SECONDS = 1.0
AFTER_SECONDS = 3.0
LEAST_SECONDS = 0.15  # behind the step, for a fit to mean anything
TAUS = np.geomspace(0.03, 3.0, 30)  # seconds
CORNER = 0.8  # Hz; EEG falls above it, so whitening is a first-order difference with this memory
USUAL_TAU, SPREAD = 0.3, 0.8  # seconds, and in natural logarithms: the high-pass of an amplifier sets it
LEFT_OVER = 1.5  # the rest may be this much larger than the background around it
LEFT_SHARE = 0.15  # and this share of the pop more
LEAST_SHARE = 0.5  # of the step that must belong to step and decay; the rest is something else


@dataclass(frozen=True)
class Decay:
    """A fitted pop: microvolts right after the step, seconds, and whether it describes the samples."""

    uv: float
    tau: float
    good: bool


class DecayShapes:
    """Whitened unit decays of all time constants, made once per rate."""

    def __init__(self, sfreq: float) -> None:
        n = round(AFTER_SECONDS * sfreq) + 3
        self.memory = float(np.exp(-2 * np.pi * CORNER / sfreq))
        decays = np.exp(-np.arange(n) / (TAUS[:, None] * sfreq))
        self.whitened = decays.copy()
        self.whitened[:, 1:] -= self.memory * decays[:, :-1]
        self.squares = np.cumsum(self.whitened**2, axis=1)
        self.sums = np.cumsum(self.whitened, axis=1)


def fit_decay(
    part: NDArray[np.float64], start: int, n_rise: int, shapes: DecayShapes, sfreq: float
) -> Decay | None:
    """Fit step and decay by least squares on whitened samples.

    Parameters
    ----------
    part : ndarray, shape (n,)
        Microvolts around the step.
    start : int
        First sample of the step.
    n_rise : int
        Samples it takes to reach the new level, 0 or 1.
    shapes : DecayShapes
        Whitened decays for this rate.
    sfreq : float
        Sampling rate in Hz.

    Returns
    -------
    Decay or None
        None where no decay explains the step, or the samples behind it are too few.
    """
    if len(part) - start - n_rise < LEAST_SECONDS * sfreq or start < 4:
        return None
    step = part[start + n_rise] - part[start - 1]
    straight = part.copy()
    if n_rise:  # as if the step had been taken at once
        straight[start] += part[start + n_rise] - part[start]
    white = straight[1:] - shapes.memory * straight[:-1]
    m = len(white) - (start - 1)
    y, n = white[start - 1 :], len(white)
    level, square, total = white.sum(), shapes.squares[:, m - 1], shapes.sums[:, m - 1]
    product = shapes.whitened[:, :m] @ y
    slopes = product - total * level / n
    strength = square - total**2 / n
    gain = slopes**2 / strength
    rest = (white @ white - level**2 / n - gain) / n
    # what is known of time constants decides where slow waves hide the decay
    prior = (np.log(TAUS / USUAL_TAU) / SPREAD) ** 2
    best = int(np.argmin(n * np.log(np.maximum(rest, np.finfo(np.float64).tiny)) + prior))
    uv, tau = float(slopes[best] / strength[best]), float(TAUS[best])
    if not LEAST_SHARE < uv / step < 1 / LEAST_SHARE or best == 0:
        return None
    return Decay(uv, tau, _describes(straight, start, uv, tau, sfreq))


def _describes(part: NDArray[np.float64], start: int, uv: float, tau: float, sfreq: float) -> bool:
    """Say whether what remains after subtraction looks like the background around the pop."""
    rest = part.copy()
    rest[start:] -= uv * np.exp(-np.arange(len(part) - start) / (tau * sfreq))
    end = min(start + max(round(3 * tau * sfreq), round(LEAST_SECONDS * sfreq)), len(part))
    level = rest[:start].mean()
    inside = np.sqrt(np.mean((rest[start:end] - level) ** 2))
    around = max(float(rest[:start].std()), float(rest[end:].std()) if len(rest) - end > sfreq / 2 else 0.0)
    return bool(inside <= LEFT_OVER * around + LEFT_SHARE * abs(uv))
