import pytest

from eeg_kedro.io.physical_unit import microvolt_factor


@pytest.mark.parametrize("dimension", ["uV", "UV", "µV", "μV", " uv ", "ÂµV", "microvolts", "[uV]"])
def test_microvolts_are_one(dimension):
    assert microvolt_factor(dimension) == 1


@pytest.mark.parametrize(("dimension", "factor"), [("mV", 1e3), ("V", 1e6), ("nV", 1e-3), ("Volt", 1e6)])
def test_other_voltages_have_their_factor(dimension, factor):
    assert microvolt_factor(dimension) == factor


@pytest.mark.parametrize("dimension", ["", "%", "MV", "degC", "Boolean", "kV", "bpm", "uV/s", "lev"])
def test_anything_else_has_none(dimension):
    assert microvolt_factor(dimension) is None
