import mne
import numpy as np
import pytest

from eeg_kedro.synthetic.electrodes import EARS, STANDARD_19, angles_to, falloff, locate, scatter_sources

NAMES = [*STANDARD_19, *EARS, "FT9", "FT10"]


def test_positions_are_on_the_unit_sphere():
    assert np.allclose(np.linalg.norm(locate(NAMES), axis=1), 1)


@pytest.mark.parametrize("name", STANDARD_19)
def test_positions_agree_with_the_measured_head_of_mne(name):
    montage = mne.channels.make_standard_montage("colin27_1020").get_positions()["ch_pos"]
    head = {key.upper(): position for key, position in montage.items()}
    centre = np.mean([head[key] for key in ("T3", "T4", "FZ", "PZ")], axis=0) * [1, 1, 0]
    measured = (head[name] - centre) / np.linalg.norm(head[name] - centre)
    assert np.rad2deg(np.arccos(measured @ locate([name])[0])) < 20


def test_left_and_right_mirror_each_other():
    assert np.allclose(locate(["F7", "P3", "A1"]) * [-1, 1, 1], locate(["F8", "P4", "A2"]))


def test_a_field_is_one_at_its_focus_and_falls_with_the_angle():
    field = falloff(NAMES, locate(["C3"])[0], 0.6)
    order = np.argsort(angles_to(NAMES, locate(["C3"])[0]))
    assert field[NAMES.index("C3")] == pytest.approx(1)
    assert np.all(np.diff(field[order]) <= 1e-12)


def test_sources_are_spread_over_the_scalp_and_not_over_the_face_only():
    sources = scatter_sources(40)
    assert np.allclose(np.linalg.norm(sources, axis=1), 1)
    assert np.abs(sources[:, :2].mean(axis=0)).max() < 0.05
