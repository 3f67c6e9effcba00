"""Points of many dimensions on a plane, the same each time: PCA, and UMAP on exact neighbours."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.scoring.exact_neighbours import find_neighbours
from eeg_kedro.scoring.map_options import MapOptions

Points = NDArray[np.float32]
FEWEST = 4  # three points always make a triangle: there is nothing to see
INIT_SPAN = 10.0  # as UMAP scales its own start
INIT_NOISE = 1e-4  # of the span: copies must not start at one place, or nothing moves them apart
# of McInnes et al. 2018 (arXiv:1802.03426), as umap-learn has them by default
SPREAD, LEARNING_RATE, REPULSION, NEGATIVE_SAMPLES = 1.0, 1.0, 1.0, 5


def directions(points: Points) -> Points:
    """Scale each row to length 1, (n, d); rows of zeros stay. Their squared distances are 2 - 2 cos."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    scaled: Points = np.divide(points, lengths, out=np.zeros_like(points), where=lengths > 0)
    return scaled


def map_by_pca(points: Points) -> NDArray[np.float64]:
    """Project points on the two directions in which they vary most.

    The sign of an axis means nothing: it is chosen so that the largest coordinate is positive.

    Parameters
    ----------
    points : ndarray of float32, (n, d)
        Finite; n may be 0.

    Returns
    -------
    ndarray of float64, (n, 2)
        In units of the points; a second column of zeros where they lie on a line, zeros where they are one point.
    """
    if not len(points):
        return np.zeros((0, 2))
    centered = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centered.T @ centered)
    places = centered @ vectors[:, ::-1][:, :2]
    if places.shape[1] < 2:
        places = np.column_stack([places, np.zeros(len(places))])
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    flipped: NDArray[np.float64] = places * np.where(largest < 0, -1.0, 1.0)
    return flipped


def map_by_umap(points: Points, options: MapOptions) -> NDArray[np.float64]:
    """Place points so that neighbours stay neighbours (McInnes et al. 2018, arXiv:1802.03426).

    umap-learn gets exact neighbours instead of looking for them, and starts from PCA, which keeps what is far
    apart far apart (Kobak & Linderman 2021) and does not depend on how the graph hangs together. The whole is
    a function of points and options: whoever wants the model again fits it again.

    Parameters
    ----------
    points : ndarray of float32, (n, d)
        Finite, at least `FEWEST` of them. With fewer than ``n_neighbors`` points, all are neighbours.
    options : MapOptions
        Of the map.

    Returns
    -------
    ndarray of float64, (n, 2)
        No unit; zeros where all points are one.
    """
    start = map_by_pca(points)
    span = np.abs(start).max()
    if not span > np.finfo(np.float32).eps * max(1.0, float(np.abs(points).max())):
        return np.zeros((len(points), 2))
    random = np.random.RandomState(options.seed)  # the kind umap-learn wants, and nobody else's
    start = INIT_SPAN * start / span + random.normal(scale=INIT_SPAN * INIT_NOISE, size=start.shape)
    n_neighbors = min(options.n_neighbors, len(points))
    indices, distances = find_neighbours(points, n_neighbors)
    with _umap_threads():
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

        graph, _, _ = fuzzy_simplicial_set(
            points, n_neighbors, random, "euclidean", knn_indices=indices, knn_dists=distances
        )
        a, b = find_ab_params(SPREAD, options.min_dist)
        places, _ = simplicial_set_embedding(
            data=points,
            graph=graph,
            n_components=2,
            initial_alpha=LEARNING_RATE,
            a=a,
            b=b,
            gamma=REPULSION,
            negative_sample_rate=NEGATIVE_SAMPLES,
            n_epochs=options.n_epochs,
            init=start.astype(np.float32),
            random_state=random,
            metric="euclidean",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            parallel=False,  # parallel writes race with each other: another map each time
        )
    return np.asarray(places, np.float64)


@contextmanager
def _umap_threads() -> Iterator[None]:
    """Import umap, and hold Numba to the cores this process may use while it computes."""
    with warnings.catch_warnings():
        # umap offers a class that needs TensorFlow; it is not used here
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        import umap  # noqa: F401
    from numba import get_num_threads, set_num_threads

    before = get_num_threads()
    set_num_threads(min(_free_cores(), before))
    try:
        yield
    finally:
        set_num_threads(before)


def _free_cores() -> int:
    """Count the cores this process may run on, fewer where OMP_NUM_THREADS says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wish = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(wish)) if wish.isdigit() and int(wish) else cores
