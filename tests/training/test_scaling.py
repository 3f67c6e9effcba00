import numpy as np
import pytest
import torch

from eeg_kedro.training.scaling import to_microvolts, to_units


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_units_are_distances_from_the_center_in_spreads(make):
    samples = make([[60.0, 10.0, -40.0]])
    units = to_units(samples, 10.0, 50.0)
    assert units is samples
    assert units.tolist() == [[1.0, 0.0, -1.0]]
    assert to_microvolts(units, 10.0, 50.0).tolist() == [[60.0, 10.0, -40.0]]


def test_each_item_has_its_own_scale():
    units = to_units(torch.ones(2, 3), torch.tensor([[0.0], [1.0]]), torch.tensor([[4.0], [2.0]]))
    assert units.tolist() == [[0.25] * 3, [0.0] * 3]
