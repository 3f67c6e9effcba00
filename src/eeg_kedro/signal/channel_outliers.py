"""Which channel is unlike the others: robust z-scores, and the local outlier factor for small sets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
SD_PER_MAD = 1.4826  # of a normal distribution
# natural logarithm: channels that differ by less than about a fifth count as equal, or a quiet recording in which
# all channels are nearly alike would have outliers by decree
LEAST_SPREAD = 0.2
FEWEST_FOR_LOF = 6


def robust_z(values: Values, population: NDArray[np.bool_], least_spread: float = LEAST_SPREAD) -> Values:
    """Measure how far channels are from the median channel, in robust standard deviations.

    Parameters
    ----------
    values : ndarray, shape (n_channels,)
        A measure, usually a logarithm.
    population : ndarray of bool, shape (n_channels,)
        Channels that say what is usual; at least one.
    least_spread : float
        Standard deviation taken if the population's is smaller, in units of ``values``.

    Returns
    -------
    ndarray, shape (n_channels,)
        Signed distance from the population's median over its scaled median absolute deviation.
    """
    center = np.median(values[population])
    spread = SD_PER_MAD * np.median(np.abs(values[population] - center))
    z: Values = (values - center) / max(float(spread), least_spread)
    return z


def local_outlier_factors(features: Values) -> Values:
    """Compare each channel's density of neighbors with that of the neighbors themselves (Breunig 2000).

    Parameters
    ----------
    features : ndarray, shape (n_channels, n_features)
        Measures in comparable units, at least `FEWEST_FOR_LOF` channels.

    Returns
    -------
    ndarray, shape (n_channels,)
        About 1 for a channel like its neighbors, larger for one that stands apart.

    References
    ----------
    M. Breunig, H.-P. Kriegel, R. Ng, J. Sander (2000), LOF: identifying density-based local outliers, SIGMOD.
    """
    from sklearn.neighbors import LocalOutlierFactor

    # half of the others: so many must be alike before they can make a neighborhood of their own
    n_neighbors = max(len(features) // 2, 3)
    lof = LocalOutlierFactor(n_neighbors=n_neighbors).fit(features)
    factors: Values = -lof.negative_outlier_factor_
    return factors
