import numpy as np
import pytest

from eeg_kedro.signal.spatial import component_paths, plan_spatial

NAMES = (
    "FP1",
    "F3",
    "C3",
    "P3",
    "O1",
    "F7",
    "T3",
    "T5",
    "FZ",
    "CZ",
    "PZ",
    "FP2",
    "F4",
    "C4",
    "P4",
    "O2",
    "A1",
)


def plan(bad=(), dead=(), montage="referential", reference="average", interpolate=True, names=NAMES):
    return plan_spatial(names, bad, dead, montage, reference, interpolate)


def remove_components(chosen, unmixing, mixing, removed):
    fields, filters = component_paths(chosen, unmixing, mixing, removed)
    return chosen.matrix - fields @ filters


@pytest.fixture
def samples():
    return np.random.default_rng(0).standard_normal((len(NAMES), 500))


def test_the_average_is_that_of_good_scalp_channels_and_leaves_out_ears_and_bad_ones(samples):
    found = plan(bad=["C3"]).matrix @ samples
    good = [i for i, name in enumerate(NAMES) if name not in ("C3", "A1")]
    np.testing.assert_allclose(found[0], samples[0] - samples[good].mean(axis=0), atol=1e-12)


def test_a_bad_channel_becomes_what_its_neighbors_say(samples):
    smooth = np.outer(np.linspace(1, 2, len(NAMES)), np.sin(np.arange(500) / 20))
    spoiled = smooth.copy()
    spoiled[2] += 500
    chosen = plan(bad=["C3"], reference="as_recorded")
    assert (chosen.interpolated, chosen.masked, chosen.kept) == (("C3",), (), ())
    assert np.abs(chosen.matrix @ spoiled)[2].max() < 3


@pytest.mark.parametrize("changes", [{"montage": "bipolar"}, {"interpolate": False}])
def test_where_nothing_can_replace_them_dead_channels_go_and_bad_ones_stay(changes):
    chosen = plan(bad=["C3", "O1"], dead=["O1"], **changes)
    assert (chosen.masked, chosen.kept, chosen.interpolated) == (("O1",), ("C3",), ())
    assert "O1" not in chosen.names
    assert "C3" not in chosen.good_names


def test_too_few_good_electrodes_are_no_base_for_splines():
    chosen = plan(bad=["C3"], names=("FP1", "C3", "O1", "CZ"))
    assert chosen.kept == ("C3",)


def test_removing_all_components_leaves_the_reference_space_empty(samples):
    chosen = plan(bad=["C3"])
    referenced = chosen.fitting @ samples
    values, vectors = np.linalg.eigh(referenced @ referenced.T)
    kept = values > 1e-9 * values[-1]
    mixing, unmixing = vectors[:, kept], vectors[:, kept].T
    matrix = remove_components(chosen, unmixing, mixing, range(kept.sum()))
    assert np.abs(matrix @ samples).max() < 1e-9


def test_removing_one_component_takes_its_field_from_good_and_interpolated_channels():
    rng = np.random.default_rng(1)
    chosen = plan(bad=["C3"])
    mixing = rng.standard_normal((len(chosen.good), 3))
    mixing -= mixing[:-1].mean(axis=0)  # the last good channel is an ear
    unmixing = np.linalg.pinv(mixing)
    source = rng.standard_normal((3, 200))
    samples = np.linalg.pinv(chosen.fitting) @ mixing @ source
    before, after = chosen.matrix @ samples, remove_components(chosen, unmixing, mixing, [1]) @ samples
    left = mixing[:, [0, 2]] @ (unmixing @ chosen.fitting @ samples)[[0, 2]]
    np.testing.assert_allclose(after[list(chosen.good)], left, atol=1e-9)
    assert np.abs(after[2] - before[2]).max() > 0


def test_with_the_recorded_reference_only_the_components_are_taken_away(samples):
    chosen = plan(reference="as_recorded")
    eye = np.zeros((len(NAMES), 1))
    eye[0] = 1.0
    matrix = remove_components(chosen, eye.T, eye, [0])
    np.testing.assert_allclose((matrix @ samples)[3], samples[3])
    assert np.array_equal(remove_components(chosen, eye.T, eye, []), chosen.matrix)
