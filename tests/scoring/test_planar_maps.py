import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.decomposition import PCA

from eeg_kedro.scoring.map_options import MapOptions
from eeg_kedro.scoring.planar_maps import directions, map_by_pca, map_by_umap

OPTIONS = MapOptions()
# in a fresh process compiled code, hash seed and thread pools start anew
FRESH = """
import numpy as np
from eeg_kedro.scoring.map_options import MapOptions
from eeg_kedro.scoring.planar_maps import map_by_umap
points = np.random.default_rng(0).standard_normal((400, 16)).astype(np.float32)
print(map_by_umap(points, MapOptions()).tobytes().hex())
"""


@pytest.fixture
def clumps():
    """Make three clumps of 60 points, far apart, and say who is in which."""
    random = np.random.default_rng(1)
    label = np.repeat(np.arange(3), 60)
    return (8 * np.eye(3, 10)[label] + random.standard_normal((180, 10))).astype(np.float32), label


def test_pca_is_that_of_sklearn_up_to_the_sign(clumps):
    points, _ = clumps
    ours, theirs = map_by_pca(points), PCA(2).fit_transform(points.astype(np.float64))
    assert np.abs(ours) == pytest.approx(np.abs(theirs), abs=1e-6)
    assert (ours[np.abs(ours).argmax(axis=0), [0, 1]] > 0).all()


@pytest.mark.parametrize("shape", [(0, 4), (5, 1), (1, 3)])
def test_pca_of_too_little_is_two_columns(shape):
    places = map_by_pca(np.ones(shape, np.float32))
    assert places.shape == (shape[0], 2)
    assert not places.any()


def test_directions_have_length_one_and_zeros_stay():
    scaled = directions(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32))
    assert scaled == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))


@pytest.mark.slow  # umap takes some ten seconds to import and compile, once per process
def test_umap_keeps_clumps_together_and_apart(clumps):
    points, label = clumps
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        places = map_by_umap(points, OPTIONS)
    centers = np.stack([places[label == one].mean(axis=0) for one in range(3)])
    nearest = np.linalg.norm(places[:, None] - centers, axis=2).argmin(axis=1)
    assert np.array_equal(nearest, label)


@pytest.mark.slow  # as above
@pytest.mark.parametrize("n", [4, 5, 14, 15, 16])
def test_few_points_are_all_neighbours(n):
    points = np.random.default_rng(n).standard_normal((n, 3)).astype(np.float32)
    places = map_by_umap(points, OPTIONS)
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == n


@pytest.mark.slow  # as above
@pytest.mark.parametrize("width", [1, 8])
def test_identical_points_are_one_point(width):
    assert not map_by_umap(np.full((30, width), 0.3, np.float32), OPTIONS).any()


@pytest.mark.slow  # as above
def test_two_places_and_a_line_are_defined():
    twice = np.repeat(np.eye(2, 5, dtype=np.float32), 20, axis=0)
    line = np.arange(40, dtype=np.float32)[:, None] * np.ones((1, 5), np.float32)
    for points in (twice, line):
        assert np.isfinite(map_by_umap(points, OPTIONS)).all()


@pytest.mark.slow  # as above
def test_nobody_elses_random_numbers_or_threads_are_touched(clumps):
    from numba import get_num_threads

    before, threads = np.random.get_state()[1].copy(), get_num_threads()
    first, again = (map_by_umap(clumps[0], OPTIONS) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(np.random.get_state()[1], before)
    assert get_num_threads() == threads


@pytest.mark.slow  # a fresh process with its own compilation
def test_another_process_makes_the_same_map():
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    points = np.random.default_rng(0).standard_normal((400, 16)).astype(np.float32)
    assert done.stdout.strip() == map_by_umap(points, OPTIONS).tobytes().hex()


@pytest.mark.slow  # as above
def test_another_seed_makes_another_map(clumps):
    one, other = (map_by_umap(clumps[0], MapOptions(seed=seed)) for seed in (0, 1))
    assert not np.allclose(one, other)
