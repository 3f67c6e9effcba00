"""UMAP of embeddings with exact neighbours, beside umap-learn on its own.

usage: python benchmarks/embedding_maps.py [n=20000]

Each candidate runs in a process of its own, because compilation is part of the price and is paid once per process;
CPU seconds, imports included. Both are seeded, both take 200 passes. ``kept``: of the 15 nearest of a window, the
share that is among its 15 nearest on the map (500 windows).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.scoring.exact_neighbours import find_neighbours
from eeg_kedro.scoring.map_options import MapOptions
from eeg_kedro.scoring.planar_maps import map_by_umap

Points = NDArray[np.float32]
WIDTH, CLUMPS, NEIGHBOURS, JUDGED = 128, 25, 15, 500
BAR_SECONDS = 60.0
OPTIONS = MapOptions.model_validate({"n_neighbors": NEIGHBOURS})


def make_points(n_points: int) -> Points:
    """Make embeddings of 25 people who overlap, (n_points, 128)."""
    random = np.random.default_rng(0)
    centers = 1.2 * random.standard_normal((CLUMPS, WIDTH))
    chosen = centers[random.integers(0, CLUMPS, n_points)]
    return (chosen + random.standard_normal((n_points, WIDTH))).astype(np.float32)


def map_ours(points: Points) -> NDArray[np.float64]:
    return map_by_umap(points, OPTIONS)


def map_by_peer(points: Points) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

    model = UMAP(
        n_neighbors=NEIGHBOURS, min_dist=OPTIONS.min_dist, n_epochs=OPTIONS.n_epochs, random_state=0, n_jobs=1
    )
    return np.asarray(model.fit_transform(points), np.float64)


CANDIDATES: dict[str, Callable[[Points], NDArray[np.float64]]] = {"ours": map_ours, "umap-learn": map_by_peer}


def kept_share(points: Points, places: NDArray[np.float64]) -> float:
    """Return the share of nearest neighbours that are nearest on the map, too."""
    before = find_neighbours(points, NEIGHBOURS + 1)[0][:JUDGED, 1:]
    after = find_neighbours(places.astype(np.float32), NEIGHBOURS + 1)[0][:JUDGED, 1:]
    return float(
        np.mean([len({*one} & {*other}) / NEIGHBOURS for one, other in zip(before, after, strict=True)])
    )


def measure(name: str, n_points: int) -> dict[str, float]:
    """Map twice in this process: with compilation and without."""
    points = make_points(n_points)
    places = CANDIDATES[name](points)
    second = time.process_time()
    CANDIDATES[name](points)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    # since the process began: what was imported before the first map belongs to it, too
    return {"first": second, "second": done - second, "peak": peak, "kept": kept_share(points, places)}


def run(name: str, n_points: int) -> dict[str, float]:
    """Measure in a fresh process."""
    command = [sys.executable, __file__, "--one", name, str(n_points)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
        return
    n_points = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(f"{n_points:,} embeddings of {WIDTH} numbers; CPU s, each in a process of its own\n")
    print("| work | must | ours | umap-learn | ratio |\n|---|---|---|---|---|")
    ours, peer = (run(name, n_points) for name in CANDIDATES)
    for key, words, must in (
        ("first", "the whole process, imports and compilation included", f"< {BAR_SECONDS:.0f} s"),
        ("second", "a second map in the same process", "-"),
    ):
        print(f"| {words} | {must} | {ours[key]:.1f} s | {peer[key]:.1f} s | {peer[key] / ours[key]:.1f}x |")
    print(f"| peak memory | - | {ours['peak']:.2f} GB | {peer['peak']:.2f} GB | |")
    print(f"| neighbours kept on the map | as the peer | {ours['kept']:.3f} | {peer['kept']:.3f} | |")


if __name__ == "__main__":
    main()
