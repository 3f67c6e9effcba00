"""Spherical splines: what electrodes would have recorded, from what their neighbors recorded (Perrin 1989)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError

STIFFNESS = 4  # m in the paper
LEGENDRE_TERMS = 50
SMOOTHING = 1e-5  # on the diagonal; with the two above as MNE has them, so that results agree
_DEGREE = np.arange(1, LEGENDRE_TERMS + 1)
_SERIES = np.r_[0.0, (2 * _DEGREE + 1) / ((_DEGREE * (_DEGREE + 1.0)) ** STIFFNESS * 4 * np.pi)]


def interpolation_matrix(from_pos: NDArray[np.float64], to_pos: NDArray[np.float64]) -> NDArray[np.float64]:
    """Build the matrix that predicts electrodes from others by spherical splines.

    Parameters
    ----------
    from_pos : ndarray, shape (n, 3)
        Electrodes that are measured, as directions from the center of the head (any length but zero).
    to_pos : ndarray, shape (m, 3)
        Electrodes that are wanted, likewise.

    Returns
    -------
    ndarray of float64, shape (m, n)
        ``matrix @ samples`` predicts; each row sums to one, so the unit is kept.

    Raises
    ------
    SignalError
        If no electrode is measured, or one has no direction.

    References
    ----------
    F. Perrin, J. Pernier, O. Bertrand, J. F. Echallier (1989), Spherical splines for scalp potential and
    current density mapping, Electroenceph. clin. Neurophysiol. 72, 184-187.
    """
    sources, targets = _directions(from_pos), _directions(to_pos)
    if not len(sources):
        raise SignalError(
            "interpolation needs at least one measured electrode", value=0, remedy="mask the channels instead"
        )
    return spline_weights(spline_kernel(sources, sources), spline_kernel(targets, sources))


def spline_kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evaluate the splines' function g between unit vectors (n, 3) and (m, 3), shape (n, m)."""
    return np.asarray(np.polynomial.legendre.legval(a @ b.T, _SERIES), np.float64)


def spline_weights(among: NDArray[np.float64], towards: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the weights; leading axes are independent cases.

    Parameters
    ----------
    among : ndarray, shape (..., n, n)
        g between measured electrodes.
    towards : ndarray, shape (..., m, n)
        g from wanted to measured electrodes.

    Returns
    -------
    ndarray of float64, shape (..., m, n)
        Weights of the measured electrodes.
    """
    n = among.shape[-1]
    system = np.ones((*among.shape[:-2], n + 1, n + 1))
    system[..., :n, :n] = among + SMOOTHING * np.eye(n)
    system[..., n, n] = 0.0
    wanted = np.ones((*towards.shape[:-1], n + 1))
    wanted[..., :n] = towards
    # the system is symmetric: solving for the transposed right-hand side spares its inverse
    solved = np.linalg.solve(system, wanted.swapaxes(-1, -2))
    return np.ascontiguousarray(solved[..., :n, :].swapaxes(-1, -2))


def _directions(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    points = np.asarray(positions, np.float64).reshape(-1, 3)
    length = np.linalg.norm(points, axis=1, keepdims=True)
    if not np.all(length > 0):
        lost = [int(i) for i in np.flatnonzero(~(length[:, 0] > 0))]
        raise SignalError(
            "electrodes without position cannot be interpolated", value=lost, remedy="mask them"
        )
    unit: NDArray[np.float64] = points / length
    return unit
