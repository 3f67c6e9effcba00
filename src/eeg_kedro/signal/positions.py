"""Where electrodes sit on a unit sphere, from the standard montage that MNE carries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.float64]
# the newer template first: MNE 1.14 drops the older name
_MONTAGES = ("colin27_1005", "standard_1005")


def electrode_positions(names: Sequence[str]) -> tuple[Positions, NDArray[np.bool_]]:
    """Look electrodes up by their uppercase 10-05 name.

    Parameters
    ----------
    names : sequence of str
        Channels; pairs and names that are no electrodes have no position.

    Returns
    -------
    positions : ndarray of float64, shape (n_channels, 3)
        Points on the unit sphere: x to the right ear, y to the nose, z to the vertex; zeros where unknown.
    known : ndarray of bool, shape (n_channels,)
        Whether the electrode has a position.
    """
    table = _table()
    known = np.array([name in table for name in names], bool)
    rows = [table.get(name, (0.0, 0.0, 0.0)) for name in names]
    return np.array(rows, np.float64).reshape(-1, 3), known


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[float, float, float]]:
    points = {name.upper(): place for name, place in _read_montage().items()}
    places = np.array([*points.values()])
    unit = places - sphere_center(places)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return {name: (float(x), float(y), float(z)) for name, (x, y, z) in zip(points, unit, strict=True)}


def _read_montage() -> dict[str, NDArray[np.float64]]:
    import mne

    names = mne.channels.get_builtin_montages()
    montage = mne.channels.make_standard_montage(next(name for name in _MONTAGES if name in names))
    places: dict[str, NDArray[np.float64]] = montage.get_positions()["ch_pos"]
    return places


def sphere_center(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a sphere: |p|^2 = 2 p.c + (r^2 - |c|^2) is linear in the center c."""
    system = np.column_stack([2 * places, np.ones(len(places))])
    solution = np.linalg.lstsq(system, (places**2).sum(axis=1), rcond=None)[0]
    center: NDArray[np.float64] = solution[:3]
    return center
