"""Maps of the embeddings: one of all participants, one of each who has enough windows; by PCA and by UMAP."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.scoring.map_options import MapOptions
from eeg_kedro.scoring.planar_maps import FEWEST, directions, map_by_pca, map_by_umap
from eeg_kedro.scoring.window_outcomes import judge_windows

Embeddings = NDArray[np.float32]
Rows = NDArray[np.int64]
EVERYBODY = "all"
METHODS = ("pca", "umap")
MAP_TYPES = {
    "participant": "str",
    "run": "str",
    "onset": "float64",
    "role": "str",
    "category": "str",
    "label": "int64",
    "method": "str",
    "panel": "str",
    "x": "float64",
    "y": "float64",
    "outcome": "str",
    "n_shown": "int64",
    "n_total": "int64",
    "seed": "int64",
}
# whom to look at first: nobody has trained on them
ROLE_ORDER = {"test": 0, "validation": 1, "train": 2}


def map_embeddings(
    embeddings: pd.DataFrame,
    options: MapOptions,
    predictions: pd.DataFrame | None = None,
    points: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Place every window, or a sample of them, on the plane.

    Parameters
    ----------
    embeddings : DataFrame
        ``output_embeddings``: ``participant, run, onset`` (s)``, duration`` (s)``, role, category, label`` and
        ``embedding``, one vector of E numbers per window.
    options : MapOptions
        How many windows and participants, and what a neighbour is.
    predictions, points : DataFrame or None
        ``output_predictions`` and ``output_operating_points``, to say what the detector made of each window.

    Returns
    -------
    DataFrame
        A row per window, method and panel with the columns of `MAP_TYPES`; ``panel`` is ``all`` or a participant.
        A panel with fewer than four windows is left out.

    Raises
    ------
    NonFiniteError
        If an embedding is not made of numbers.
    """
    if embeddings.empty:
        return pd.DataFrame(columns=[*MAP_TYPES]).astype(MAP_TYPES)
    vectors = stack_embeddings(embeddings)
    told = embeddings.reset_index(drop=True)
    told = told.assign(outcome=judge_windows(told, predictions, points))
    if options.metric == "cosine":
        vectors = directions(vectors)
    parts = [
        _map_panel(told, vectors, panel, rows, shown, options)
        for panel, rows, shown in _panels(told, options)
        if len(shown) >= FEWEST
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*MAP_TYPES])
    return table[[*MAP_TYPES]].astype(MAP_TYPES)


def stack_embeddings(embeddings: pd.DataFrame) -> Embeddings:
    """Return the embeddings as one array of float32, (n, E).

    Raises
    ------
    NonFiniteError
        If a number is none, or the vectors differ in length.
    """
    sizes = embeddings["embedding"].map(len)
    if sizes.nunique() > 1:
        raise NonFiniteError(
            "embeddings differ in length",
            file="output_embeddings",
            value=sorted(int(size) for size in sizes.unique()),
            allowed="one length for all windows",
            remedy="run `kedro run --pipelines=embed` again",
        )
    vectors = np.stack([*embeddings["embedding"]]).astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if bad.size:
        first = embeddings.iloc[int(bad[0])]
        raise NonFiniteError(
            f"{bad.size} of {len(vectors)} embeddings hold NaN or infinity",
            file=f"{first['participant']}_{first['run']}",
            value=f"the first at {first['onset']:g} s",
            allowed="finite numbers",
            remedy="look at the loss of `embed`: a training that has left the numbers must be started over",
        )
    return vectors


def choose_participants(embeddings: pd.DataFrame, options: MapOptions) -> list[str]:
    """Choose who gets a map: enough windows; unseen ones, both labels and many windows first. Sorted by name."""
    people = embeddings.groupby("participant").agg(
        n=("label", "size"), n_labels=("label", "nunique"), role=("role", "first")
    )
    people = people[(people["n"] >= options.fewest_points) & (people.index != EVERYBODY)]
    people = people.assign(
        rank=people["role"].map(ROLE_ORDER).fillna(len(ROLE_ORDER)), name=people.index.astype(str)
    )
    order = people.sort_values(["n_labels", "rank", "n", "name"], ascending=[False, True, False, True])
    return sorted(order["name"].head(options.most_participants))


def _panels(told: pd.DataFrame, options: MapOptions) -> Iterator[tuple[str, Rows, Rows]]:
    """Give the name of each panel, its rows and those of them that are shown."""
    every = np.arange(len(told))
    yield EVERYBODY, every, _sample(every, options.most_points, EVERYBODY, options.seed)
    for name in choose_participants(told, options):
        rows = np.flatnonzero(told["participant"] == name)
        yield name, rows, _sample(rows, options.most_points_each, name, options.seed)


def _sample(rows: Rows, most: int, panel: str, seed: int) -> Rows:
    """Draw rows without replacement, in their order; whose map it is and the seed say which."""
    if len(rows) <= most:
        return rows
    # by name, so that one participant more changes nobody else's map
    random = np.random.default_rng([seed, zlib.crc32(panel.encode())])
    return np.sort(random.choice(rows, most, replace=False))


def _map_panel(
    told: pd.DataFrame, vectors: Embeddings, panel: str, rows: Rows, shown: Rows, options: MapOptions
) -> pd.DataFrame:
    points = vectors[shown]
    places = {"pca": map_by_pca(points), "umap": map_by_umap(points, options)}
    own = told.iloc[shown].assign(panel=panel, n_shown=len(shown), n_total=len(rows), seed=options.seed)
    own = own.assign(category=own["category"].fillna(""))
    return pd.concat(
        [own.assign(method=name, x=places[name][:, 0], y=places[name][:, 1]) for name in METHODS],
        ignore_index=True,
    )
