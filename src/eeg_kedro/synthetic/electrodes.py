"""Where electrodes sit on a unit sphere, and how an activity falls off around its focus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# (degrees below the vertex, degrees from the nose, positive to the right); the ideal 10-20 sphere,
# ears and the 10 % row of the face (FT9, FT10) lie below the equator
_ANGLES: dict[str, tuple[float, float]] = {
    "FP1": (90, -18), "FP2": (90, 18), "F7": (90, -54), "F8": (90, 54), "T3": (90, -90), "T4": (90, 90),
    "T5": (90, -126), "T6": (90, 126), "O1": (90, -162), "O2": (90, 162), "F3": (60, -39), "F4": (60, 39),
    "P3": (60, -141), "P4": (60, 141), "FZ": (45, 0), "PZ": (45, 180), "CZ": (0, 0), "C3": (45, -90),
    "C4": (45, 90), "A1": (120, -100), "A2": (120, 100), "FT9": (112, -72), "FT10": (112, 72),
}  # fmt: skip

STANDARD_19 = (
    "FP1", "F3", "C3", "P3", "O1", "F7", "T3", "T5", "FZ", "CZ", "PZ",
    "FP2", "F4", "C4", "P4", "O2", "F8", "T4", "T6",
)  # fmt: skip
EARS = ("A1", "A2")


def locate(names: Sequence[str]) -> NDArray[np.float64]:
    """Give electrode positions on the unit sphere.

    Parameters
    ----------
    names : sequence of str
        Upper-case 10-20 names; T7, T8, P7 and P8 are T3, T4, T5 and T6.

    Returns
    -------
    ndarray, shape (n_channels, 3)
        x to the right ear, y to the nose, z to the vertex.
    """
    below, around = np.deg2rad([_ANGLES[name] for name in names]).T
    return np.column_stack([np.sin(below) * np.sin(around), np.sin(below) * np.cos(around), np.cos(below)])


def angles_to(names: Sequence[str], focus: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the angle between electrodes and a focus, in radians, shape (n_channels,)."""
    direction = focus / np.linalg.norm(focus)
    return np.arccos(np.clip(locate(names) @ direction, -1.0, 1.0))


def falloff(names: Sequence[str], focus: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Weigh electrodes by a Gaussian of the angle to a focus; ``width`` in radians, shape (n_channels,)."""
    return np.exp(-0.5 * (angles_to(names, focus) / width) ** 2)


def scatter_sources(n_sources: int) -> NDArray[np.float64]:
    """Spread points evenly over the scalp, shape (n_sources, 3).

    A Fibonacci lattice on the cap down to 30 degrees below the ears' level.
    """
    index = np.arange(n_sources) + 0.5
    height = 1.0 - 1.5 * index / n_sources
    around = index * np.pi * (3.0 - np.sqrt(5.0))
    radius = np.sqrt(1.0 - height**2)
    return np.column_stack([radius * np.sin(around), radius * np.cos(around), height])
