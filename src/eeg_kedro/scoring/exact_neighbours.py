"""Exact nearest neighbours in blocks: below some tens of thousands of points quicker than an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

BLOCK = 2048  # rows of the matrix of distances held at a time: 160 MB with 20,000 points
SPARE = 8  # candidates beyond those asked for, so that rounding in the matrix product loses none


def find_neighbours(
    points: NDArray[np.float32], n_neighbors: int, block: int = BLOCK
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the nearest points of each point by Euclidean distance, itself first.

    Parameters
    ----------
    points : ndarray of float32, (n, d)
        Finite numbers.
    n_neighbors : int
        How many to find, the point itself among them; at most n.
    block : int
        Points whose distances to all others are held at a time.

    Returns
    -------
    indices : ndarray of int32, (n, n_neighbors)
        By distance; a point comes before its own copies. Of points equally far away any may be taken.
    distances : ndarray of float32, (n, n_neighbors)

    Raises
    ------
    ValueError
        If there are fewer points than neighbours.
    """
    import torch

    if not 1 <= n_neighbors <= len(points):
        raise ValueError(f"{n_neighbors} neighbours among {len(points)} points")
    # about the mean, large coordinates do not swallow small distances
    table = torch.from_numpy(np.ascontiguousarray(points - points.mean(axis=0), np.float32))
    squares = (table * table).sum(dim=1)
    found = [
        _nearest(table, squares, torch.arange(start, min(start + block, len(points))), n_neighbors)
        for start in range(0, len(points), block)
    ]
    indices, distances = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return indices.astype(np.int32), distances


def _nearest(table: Tensor, squares: Tensor, rows: Tensor, n_neighbors: int) -> tuple[Any, Any]:
    """Choose candidates by the matrix product, rank them by their true distances."""
    own = table[rows]
    rough = squares[None, :] - 2 * own @ table.T
    rough[range(len(rows)), rows] = -float("inf")
    wanted = min(n_neighbors + SPARE, len(table))
    candidates = rough.topk(wanted, largest=False).indices.sort(dim=1).values
    distances = (table[candidates] - own[:, None, :]).square().sum(dim=2).sqrt()
    ranked = distances.masked_fill(candidates == rows[:, None], -1.0)
    order = ranked.sort(dim=1, stable=True).indices[:, :n_neighbors]
    return candidates.gather(1, order), distances.gather(1, order)
