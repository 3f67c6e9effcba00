import numpy as np
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.electrodes import STANDARD_19
from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.signal.spherical_splines import interpolation_matrix

POSITIONS = electrode_positions(STANDARD_19)[0]
BAD = [STANDARD_19.index(name) for name in ("P3", "T6")]
GOOD = [i for i in range(len(STANDARD_19)) if i not in BAD]


def interpolate_with_mne(samples):
    import mne

    names = [*STANDARD_19]
    raw = mne.io.RawArray(samples, mne.create_info(names, 256, "eeg"), verbose="ERROR")
    places = dict(zip(names, 0.095 * POSITIONS, strict=True))
    raw.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    raw.info["bads"] = [names[i] for i in BAD]
    return raw.interpolate_bads(origin=(0.0, 0.0, 0.0), verbose="ERROR").get_data()


def test_the_matrix_interpolates_as_mne_does():
    samples = np.random.default_rng(0).standard_normal((19, 500))
    found = interpolation_matrix(POSITIONS[GOOD], POSITIONS[BAD]) @ samples[GOOD]
    expected = interpolate_with_mne(samples)[BAD]
    assert np.linalg.norm(found - expected) < 1e-6 * np.linalg.norm(expected)


def test_a_smooth_field_is_found_again_where_an_electrode_is_lost():
    field = POSITIONS @ np.array([0.3, -0.8, 0.5]) + 2.0
    found = interpolation_matrix(POSITIONS[GOOD], POSITIONS[BAD]) @ field[GOOD]
    np.testing.assert_allclose(found, field[BAD], atol=0.05)


@pytest.mark.parametrize("n", [1, 2, 3, 17])
def test_a_constant_stays_a_constant_from_however_few_electrodes(n):
    matrix = interpolation_matrix(POSITIONS[GOOD[:n]], POSITIONS[BAD])
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, rtol=1e-9)


def test_the_length_of_a_position_does_not_matter():
    near, far = (interpolation_matrix(r * POSITIONS[GOOD], POSITIONS[BAD]) for r in (0.1, 95.0))
    np.testing.assert_allclose(near, far, rtol=1e-9)


def test_electrodes_without_position_are_refused():
    with pytest.raises(SignalError, match="without position"):
        interpolation_matrix(np.zeros((3, 3)), POSITIONS[BAD])
    with pytest.raises(SignalError, match="at least one"):
        interpolation_matrix(np.zeros((0, 3)), POSITIONS[BAD])


def test_no_wanted_electrode_gives_no_row():
    assert interpolation_matrix(POSITIONS, np.zeros((0, 3))).shape == (0, 19)
