import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.scoring.embedding_geometry import (
    alignment,
    effective_rank,
    mean_distance,
    sample_rows,
    uniformity,
    unit_vectors,
)


def cloud(n=40, size=6, seed=0):
    return np.random.default_rng(seed).standard_normal((n, size)).astype(np.float32)


def test_the_effective_rank_is_the_entropy_of_the_singular_values():
    x = cloud() * np.arange(1, 7)
    singular = np.linalg.svd((x - x.mean(axis=0)).astype(np.float64), compute_uv=False)
    share = singular / singular.sum()
    assert effective_rank(x) == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-5)


@given(st.integers(1, 6), st.floats(-100, 100))
def test_equal_directions_count_fully_and_an_offset_does_not(rank, offset):
    x = np.zeros((12, 6))
    x[np.arange(2 * rank), np.arange(2 * rank) // 2] = np.tile([1.0, -1.0], rank)
    assert effective_rank(x + offset) == pytest.approx(rank, rel=1e-6)


def test_more_numbers_than_windows_give_the_same_rank_as_a_table_padded_with_zeros():
    x = cloud(5, 30)
    assert effective_rank(x) == pytest.approx(effective_rank(np.hstack([x, np.zeros((5, 9))])), rel=1e-6)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_one_point_has_no_rank(n):
    assert effective_rank(np.full((n, 4), 0.1, np.float32)) == 0


def test_unit_vectors_have_length_one_and_zeros_stay():
    x = np.vstack([cloud(5) * 1e-12, np.zeros((1, 6), np.float32)])
    np.testing.assert_allclose(np.linalg.norm(unit_vectors(x), axis=1), [1] * 5 + [0], rtol=1e-6)


def test_alignment_is_the_mean_over_pairs_of_one_label_and_two_participants():
    x, labels, people = unit_vectors(cloud(20)), np.arange(20) % 2, [f"p{i % 3}" for i in range(20)]
    pairs = [
        ((x[i] - x[j]) ** 2).sum()
        for i in range(20)
        for j in range(20)
        if labels[i] == labels[j] and people[i] != people[j]
    ]
    assert alignment(x, labels, people) == pytest.approx(np.mean(pairs), rel=1e-5)


def test_alignment_of_one_participant_is_undefined():
    assert np.isnan(alignment(unit_vectors(cloud(6)), np.zeros(6, int), ["a"] * 6))


def test_uniformity_and_mean_distance_are_means_over_pairs():
    x = unit_vectors(cloud(15))
    squared = np.array([((x[i] - x[j]) ** 2).sum() for i in range(15) for j in range(i)])
    assert uniformity(x) == pytest.approx(np.log(np.exp(-2 * squared).mean()), rel=1e-5)
    assert mean_distance(x) == pytest.approx(np.sqrt(squared).mean(), rel=1e-5)


def test_one_window_has_no_pairs():
    assert np.isnan(uniformity(cloud(1)))
    assert np.isnan(mean_distance(cloud(1)))


def test_rows_are_all_or_a_draw_that_belongs_to_the_seed():
    assert sample_rows(5, 9, 0).tolist() == [0, 1, 2, 3, 4]
    drawn = sample_rows(100, 9, 0)
    assert len({*drawn.tolist()}) == 9
    assert (drawn == sample_rows(100, 9, 0)).all()
    assert (drawn != sample_rows(100, 9, 1)).any()
