import numpy as np
import pytest

from eeg_kedro.training.gates.output_structure import (
    channel_diversity,
    position_correlation,
    prediction_consistency,
)

B, T, D = 24, 60, 16
GROUPS = np.repeat(np.arange(6), 4)  # six recordings of four channels
ALL = np.ones((B, T), bool)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


CODE, SHARED, OWN = noise(1, T, D), noise(6, T, D, seed=1)[GROUPS], noise(B, T, D, seed=2)


def test_a_pure_code_of_the_position_has_correlation_1():
    assert position_correlation(np.repeat(CODE, B, axis=0), ALL, GROUPS) == pytest.approx(1, abs=1e-5)


def test_a_place_added_to_the_code_hides_nothing():
    outputs = CODE + 50 * noise(B, 1, D)
    assert position_correlation(outputs, ALL, GROUPS) == pytest.approx(1, abs=1e-3)


def test_noise_has_no_correlation_with_position():
    assert position_correlation(OWN, ALL, GROUPS) < 0.07


def test_channels_of_one_recording_are_not_taken_for_position():
    assert position_correlation(SHARED, ALL, GROUPS) < 0.1


def test_the_square_is_the_share_of_the_variance():
    measured = position_correlation(CODE + 2 * OWN, ALL, GROUPS) ** 2
    assert measured == pytest.approx(1 / 5, abs=0.02)


def test_a_single_recording_cannot_tell_position_from_signal():
    assert np.isnan(position_correlation(OWN, ALL, np.zeros(B, int)))


@pytest.mark.parametrize("measure", [position_correlation, channel_diversity, prediction_consistency])
def test_what_stands_in_invalid_tokens_changes_nothing(measure):
    valid = np.random.default_rng(3).random((B, T)) < 0.7
    outputs = CODE + SHARED + OWN
    garbage = np.where(valid[..., None], outputs, 1e6)
    assert measure(garbage, valid, GROUPS) == measure(outputs, valid, GROUPS)


def test_a_code_of_the_position_is_found_in_sequences_of_different_lengths():
    valid = np.arange(T) < np.linspace(10, T, B)[:, None]
    outputs = np.where(valid[..., None], CODE, np.nan)
    assert position_correlation(outputs, valid, GROUPS) == pytest.approx(1, abs=1e-5)


def test_equal_channels_have_no_diversity_and_independent_ones_have_all():
    assert channel_diversity(SHARED, ALL, GROUPS) == pytest.approx(0, abs=1e-5)
    assert channel_diversity(OWN, ALL, GROUPS) > 0.97


def test_diversity_is_the_share_between_channels():
    measured = channel_diversity(SHARED + 0.5 * OWN, ALL, GROUPS)
    assert measured == pytest.approx(0.25 / 1.25, abs=0.02)


def test_the_place_of_the_electrode_is_no_diversity():
    assert channel_diversity(SHARED + noise(B, 1, D), ALL, GROUPS) == pytest.approx(0, abs=1e-4)


def test_channels_of_different_recordings_say_nothing_about_diversity():
    assert np.isnan(channel_diversity(OWN, ALL, np.arange(B)))


def test_equal_predictions_are_consistent_and_independent_ones_are_not():
    assert prediction_consistency(np.repeat(CODE, B, axis=0), ALL, GROUPS) == pytest.approx(1, abs=1e-5)
    assert abs(prediction_consistency(OWN, ALL, GROUPS)) < 0.05
    assert abs(prediction_consistency(SHARED, ALL, GROUPS)) < 0.05


def test_consistency_is_the_mean_of_all_correlations_between_recordings():
    predictions, masked = CODE + OWN, noise(B, T, seed=5) > 0
    pairs = [(i, j, t) for i in range(B) for j in range(i) for t in range(T)]
    brute = [
        np.corrcoef(predictions[i, t], predictions[j, t])[0, 1]
        for i, j, t in pairs
        if GROUPS[i] != GROUPS[j] and masked[i, t] and masked[j, t]
    ]
    assert prediction_consistency(predictions, masked, GROUPS) == pytest.approx(np.mean(brute), abs=1e-5)


def test_correlation_and_diversity_agree_with_pairs_taken_one_by_one():
    outputs, valid = CODE + SHARED + OWN, noise(B, T, seed=6) > -0.5
    for same in (False, True):
        pairs = [(i, j) for i in range(B) for j in range(B) if i != j and (GROUPS[i] == GROUPS[j]) == same]
        share = _brute_share(outputs, valid, pairs)
        measured = 1 - channel_diversity(outputs, valid, GROUPS)
        measured = measured if same else position_correlation(outputs, valid, GROUPS) ** 2
        assert measured == pytest.approx(share, abs=1e-5)


def _brute_share(outputs, valid, pairs):
    between = within = 0.0
    for i, j in pairs:
        both = valid[i] & valid[j]
        one, other = (outputs[item, both].astype(float) for item in (i, j))
        one, other = one - one.mean(axis=0), other - other.mean(axis=0)
        between, within = between + (one * other).sum(), within + (one**2).sum()
    return between / within
