"""How embeddings lie in their space: how many directions they use, and how far apart alike and other ones are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_NOTHING = 1e-12  # share of the largest eigenvalue below which it is rounding
MOST_POINTS = 4000  # windows of which all pairs are looked at; 8 million pairs


def effective_rank(embeddings: Floats) -> float:
    """Tell how many directions embeddings use: exp of the entropy of the singular values (Roy & Vetterli 2007).

    Of the differences to the mean: what all have in common tells nothing.

    Parameters
    ----------
    embeddings : ndarray of float, shape (n, E)
        Finite numbers.

    Returns
    -------
    float
        From 1 to E; 0 if all embeddings are one point.
    """
    centered = np.asarray(embeddings, np.float64)
    centered = centered - centered.mean(axis=0)
    small = centered.T @ centered if len(centered) > centered.shape[1] else centered @ centered.T
    power = np.linalg.eigvalsh(small)
    # differences that are rounding of the float32 numbers themselves are no direction
    floor = max(power.max(initial=0.0) * _NOTHING, np.square(embeddings, dtype=np.float64).sum() * _NOTHING)
    singular = np.sqrt(power[power > floor])
    if not singular.size:
        return 0.0
    share = singular / singular.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def unit_vectors(embeddings: Floats) -> NDArray[np.float32]:
    """Scale each embedding (n, E) to length one; zeros stay zeros."""
    length = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (embeddings / np.maximum(length, np.finfo(np.float32).tiny)).astype(
        np.float32
    )
    return unit


def mean_distance(embeddings: Floats) -> float:
    """Return the mean Euclidean distance of all pairs of embeddings (n, E); NaN below two."""
    from scipy.spatial.distance import pdist

    return float(pdist(embeddings).mean()) if len(embeddings) > 1 else np.nan


def alignment(
    unit: Floats, labels: NDArray[np.integer], participants: Sequence[str] | NDArray[np.str_]
) -> float:
    """Return the mean squared distance of windows of one label and two participants (Wang & Isola 2020).

    Exactly, from sums: |x - y|^2 = 2 - 2 x.y on the unit sphere.

    Parameters
    ----------
    unit : ndarray of float, shape (n, E)
        Unit vectors.
    labels, participants : sequence, length n
        Of each window.

    Returns
    -------
    float
        From 0 to 4; NaN where no label has windows of two participants.
    """
    who = np.unique(np.asarray(participants, str), return_inverse=True)[1]
    products, pairs = 0.0, 0.0
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        sums = np.zeros((who.max() + 1, unit.shape[1]))
        np.add.at(sums, who[rows], unit[rows])
        counts = np.bincount(who[rows], minlength=len(sums)).astype(float)
        # all ordered pairs, less those within a participant
        products += float(np.square(sums.sum(axis=0)).sum() - np.square(sums).sum())
        pairs += float(counts.sum() ** 2 - np.square(counts).sum())
    return 2 - 2 * products / pairs if pairs else np.nan


def uniformity(unit: Floats) -> float:
    """Return log mean exp(-2 |x - y|^2) over all pairs of unit vectors (n, E) (Wang & Isola 2020); NaN below two.

    0 if all are one point, about -4 if they are spread evenly over a sphere of many dimensions.
    """
    from scipy.spatial.distance import pdist

    if len(unit) < 2:
        return np.nan
    return float(np.log(np.mean(np.exp(-2 * pdist(unit, "sqeuclidean")))))


def sample_rows(n: int, most: int, seed: int) -> NDArray[np.intp]:
    """Return at most ``most`` of ``range(n)``, drawn without replacement, in order."""
    if n <= most:
        return np.arange(n)
    rows: NDArray[np.intp] = np.sort(np.random.default_rng([seed, n]).choice(n, most, replace=False))
    return rows
