import mne
import numpy as np
import pytest

from eeg_kedro.errors import ElectrodeError
from eeg_kedro.io.asa_electrodes import read_asa
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.signal.electrodes import DOUBLE_BANANA, STANDARD_19

# a sphere of radius 2 around (1, 2, 3); the last electrode bears an old name
BALL = {"Fpz": (1, 4, 3), "Oz": (1, 0, 3), "Cz": (1, 2, 5), "T8": (3, 2, 3), "T3": (-1, 2, 3)}


def turned(table, n_quarters):
    """Turn positions about the vertex; three quarters give x to the nose, y to the left ear."""
    quarter = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    turn = np.linalg.matrix_power(quarter, n_quarters)
    return {name: tuple(turn @ np.array(place, float)) for name, place in table.items()}


def test_the_standard_electrodes_stand_where_anatomy_has_them():
    places = dict(zip(STANDARD_19, place_channels(STANDARD_19), strict=True))
    assert places["CZ"][2] > 0.95
    assert places["T3"][0] < -0.9 < 0.9 < places["T4"][0]
    assert places["O1"][1] < -0.9 < 0.9 < places["FP1"][1]


def test_places_are_on_the_unit_sphere_for_electrodes_and_pairs():
    places = place_channels([*STANDARD_19, *DOUBLE_BANANA])
    assert (places.dtype, places.shape) == (np.float64, (37, 3))
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1, atol=1e-12)


@pytest.mark.parametrize(("old", "new"), [("T3", "T7"), ("T4", "T8"), ("T5", "P7"), ("T6", "P8")])
@pytest.mark.parametrize("table", [None, {**BALL, "T4": (2.9, 2.2, 3), "P7": (0, 1, 3), "T6": (2, 1, 3)}])
def test_old_and_new_names_are_one_place(old, new, table):
    first, second = place_channels([old, new], table)
    np.testing.assert_array_equal(first, second)


def test_a_table_is_centered_and_brought_to_the_unit_sphere():
    found = place_channels(["FPZ", "cz", "T8", "T7"], BALL)
    np.testing.assert_allclose(found, [(0, 1, 0), (0, 0, 1), (1, 0, 0), (-1, 0, 0)], atol=1e-9)


def test_a_pair_sits_in_the_middle_whichever_way_round():
    root = np.sqrt(0.5)
    found = place_channels(["Cz-T8", "T8-CZ", "CZ-CZ"], BALL)
    np.testing.assert_allclose(found, [(root, 0, root), (root, 0, root), (0, 0, 1)], atol=1e-9)


def test_a_real_file_gives_what_the_montage_gives(shared_data):
    table = read_asa(shared_data / "electrodes" / "colin27_1005.elc")
    names = [*STANDARD_19, *DOUBLE_BANANA, "POO10H"]
    np.testing.assert_allclose(place_channels(names, table), place_channels(names), atol=1e-9)


@pytest.mark.parametrize("n_quarters", range(4))
def test_axes_with_x_to_the_nose_are_turned(n_quarters):
    points = mne.channels.make_standard_montage("biosemi64").get_positions()["ch_pos"]
    found = place_channels(["Fp1", "T8", "PO3"], turned(points, n_quarters))
    np.testing.assert_allclose(found, place_channels(["Fp1", "T8", "PO3"]), atol=0.2)


def test_axes_that_cannot_be_understood_are_refused():
    points = mne.channels.make_standard_montage("biosemi64").get_positions()["ch_pos"]
    mirrored = {name: (z, x, -y) for name, (x, y, z) in points.items()}
    with pytest.raises(ElectrodeError, match="axes"):
        place_channels(["CZ"], mirrored)


def test_a_table_of_a_cap_with_its_own_names_is_taken_as_it_is():
    own = {f"E{number}": place for number, place in enumerate(BALL.values())}
    np.testing.assert_allclose(place_channels(["E3"], own), [(1, 0, 0)], atol=1e-9)


def test_fiducials_do_not_move_the_sphere():
    more = {**BALL, "Nz": (1.0, 9.0, -5.0), "LPA": (-9.0, 0.0, 0.0), "RPA": (9.0, 0.0, 0.0)}
    np.testing.assert_array_equal(place_channels(["CZ"], more), place_channels(["CZ"], BALL))


@pytest.mark.parametrize("table", [None, BALL])
def test_all_unknown_channels_are_named_as_given(table):
    with pytest.raises(ElectrodeError) as caught:
        place_channels(["Cz", "X1", "Fpz-X9", "Cz-Oz-T8", "T3-T8-"], table)
    assert caught.value.value == "X1, Fpz-X9, Cz-Oz-T8, T3-T8-"
    assert "pretrain.ch_names" in caught.value.remedy
    assert "pretrain.electrode_file" in caught.value.remedy


def test_a_pair_across_the_head_has_no_middle():
    with pytest.raises(ElectrodeError, match="FPZ-OZ"):
        place_channels(["FPZ-OZ"], BALL)


@pytest.mark.parametrize("kept", [("Cz", "T8"), ("Fpz", "Oz", "T8", "T3")])
def test_points_without_a_sphere_are_refused(kept):
    with pytest.raises(ElectrodeError, match="sphere"):
        place_channels(["T8"], {name: BALL[name] for name in kept})


def test_no_channels_have_no_places():
    assert place_channels([]).shape == (0, 3)
