import numpy as np
import pytest

from eeg_kedro.errors import ElectrodeError
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.training.channel_units import describe_channels

KNOWN = {
    name: {"center": center, "spread": spread, "place": [0.0, 0.0, 1.0]}
    for name, center, spread in (("C3", 1.0, 10.0), ("C4", 2.0, 30.0), ("CZ", 6.0, 20.0))
}


def test_known_channels_are_as_the_model_knows_them():
    assert describe_channels(["CZ", "C3"], KNOWN) == {"CZ": KNOWN["CZ"], "C3": KNOWN["C3"]}


def test_others_get_the_median_scale_and_their_own_place():
    found = describe_channels(["O1"], KNOWN)["O1"]
    assert (found["center"], found["spread"]) == (2.0, 20.0)
    np.testing.assert_allclose(found["place"], place_channels(["O1"])[0])


def test_old_and_new_names_are_one_place():
    found = describe_channels(["T3", "T7"], {}, microvolts=50.0)
    assert found["T3"] == found["T7"]
    assert found["T3"]["spread"] == 50.0


def test_all_channels_without_a_place_are_named():
    with pytest.raises(ElectrodeError, match=r"X1, EKG.*sample"):
        describe_channels(["X1", "C3", "EKG"], {})
