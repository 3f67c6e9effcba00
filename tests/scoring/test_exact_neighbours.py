import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from eeg_kedro.scoring.exact_neighbours import find_neighbours


@pytest.fixture
def points():
    return np.random.default_rng(0).standard_normal((300, 12)).astype(np.float32)


def test_neighbours_are_those_of_brute_force(points):
    indices, distances = find_neighbours(points, 15, block=64)
    model = NearestNeighbors(n_neighbors=15, algorithm="brute").fit(points.astype(np.float64))
    true_distances, true_indices = model.kneighbors(points.astype(np.float64))
    assert np.array_equal(indices, true_indices)
    assert distances == pytest.approx(true_distances, abs=1e-5)


def test_neighbours_far_from_the_origin_are_still_exact(points):
    near, far = find_neighbours(points, 5)[0], find_neighbours(points + np.float32(1000), 5)[0]
    assert (near == far).mean() > 0.99  # adding 1000 rounds the points themselves


@pytest.mark.parametrize("block", [1, 7, 299, 5000])
def test_blocks_change_nothing(points, block):
    whole, parts = find_neighbours(points, 4), find_neighbours(points, 4, block=block)
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))


def test_a_point_comes_before_its_copies():
    indices, distances = find_neighbours(np.ones((40, 3), np.float32), 5)
    assert np.array_equal(indices[:, 0], np.arange(40))
    assert not distances.any()
    assert all(len(set(row)) == 5 for row in indices.tolist())


def test_all_points_may_be_neighbours(points):
    indices, _ = find_neighbours(points[:6], 6)
    assert np.array_equal(np.sort(indices), np.tile(np.arange(6), (6, 1)))


@pytest.mark.parametrize("n_neighbors", [0, 7])
def test_more_neighbours_than_points_are_refused(points, n_neighbors):
    with pytest.raises(ValueError, match="6 points"):
        find_neighbours(points[:6], n_neighbors)
