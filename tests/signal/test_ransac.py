import numpy as np
import pytest

from eeg_kedro.signal.electrodes import STANDARD_19
from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.signal.ransac import draw_subsets, ransac_correlations, subset_size
from eeg_kedro.signal.spherical_splines import interpolation_matrix

POSITIONS = electrode_positions(STANDARD_19)[0]
SFREQ = 128


def make_eeg(seconds, seed=0):
    """Mix smooth fields of 1/f sources, with a little noise of each electrode's own."""
    rng = np.random.default_rng(seed)
    gains = np.exp(3 * (POSITIONS @ electrode_positions(["F7", "C4", "O1", "FP2", "T6", "CZ"])[0].T - 1))
    sources = np.cumsum(rng.standard_normal((6, seconds * SFREQ)), axis=1)
    sources -= sources.mean(axis=1, keepdims=True)
    samples = gains @ sources
    return (samples + 0.05 * samples.std() * rng.standard_normal(samples.shape)).astype(np.float32)


def cut(samples, seconds=5):
    size = seconds * SFREQ
    return samples[:, : samples.shape[1] // size * size].reshape(19, -1, size).swapaxes(0, 1)


def test_every_prediction_is_the_median_over_subsets_without_the_channel_itself():
    windows, subsets = cut(make_eeg(10)), draw_subsets(19, 5, 9, seed=1)
    found = ransac_correlations(windows, POSITIONS, subsets)
    for channel in range(19):
        others = [s for s in subsets if channel not in s]
        rows = [interpolation_matrix(POSITIONS[s], POSITIONS[[channel]])[0] @ windows[1][s] for s in others]
        expected = np.corrcoef(np.median(rows, axis=0), windows[1, channel])[0, 1]
        assert found[1, channel] == pytest.approx(expected, abs=1e-4)


def plant(samples, bad):
    strangers = make_eeg(60, seed=9)[[7, 10]]
    samples[[STANDARD_19.index(name) for name in bad]] = strangers[: len(bad)]
    return samples


@pytest.mark.parametrize("bad", [[], ["T5"], ["P3", "O2"]])
def test_ransac_finds_the_strangers_that_pyprep_finds(bad):
    from pyprep.ransac import find_bad_by_ransac

    samples, labels = plant(make_eeg(60), bad), np.array(STANDARD_19)
    pyprep, _ = find_bad_by_ransac(samples.astype(float), SFREQ, labels, POSITIONS, [], random_state=3)
    found = ransac_correlations(cut(samples), POSITIONS, draw_subsets(19, 5, 50, seed=3))
    assert {*labels[(found < 0.4).mean(axis=0) > 0.4]} == {*bad}
    assert {*bad} <= {*pyprep}


def test_independent_noise_does_not_predict_itself():
    windows = np.random.default_rng(2).standard_normal((4, 19, 640)).astype(np.float32)
    assert ransac_correlations(windows, POSITIONS, draw_subsets(19, 5, 50, seed=0)).max() < 0.3


def test_a_still_channel_correlates_with_nothing():
    windows = cut(make_eeg(5))
    windows[:, 4] = 7.0
    assert ransac_correlations(windows, POSITIONS, draw_subsets(19, 5, 50, seed=0))[0, 4] == 0.0


def test_equal_seeds_draw_equal_subsets_without_repetition():
    subsets = draw_subsets(19, 5, 50, seed=4)
    assert np.array_equal(subsets, draw_subsets(19, 5, 50, seed=4))
    assert not np.array_equal(subsets, draw_subsets(19, 5, 50, seed=5))
    assert all(len({*s}) == 5 for s in subsets)


@pytest.mark.parametrize(("n_channels", "size"), [(13, 0), (14, 4), (19, 5), (64, 16), (0, 0)])
def test_ransac_needs_fourteen_channels_as_in_pyprep(n_channels, size):
    assert subset_size(n_channels, 0.25) == size
