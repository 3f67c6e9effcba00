import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.training.detection_tokens import DetectorTokens, token_shares

CHANNELS = {
    "C3": {"center": 10.0, "spread": 2.0, "place": [0.0, 0.0, 1.0]},
    "C4": {"center": -5.0, "spread": 4.0, "place": [1.0, 0.0, 0.0]},
}


def cut(samples, valid=((True, True),), n_samples=None, length=4):
    counts = None if n_samples is None else torch.tensor([n_samples])
    return DetectorTokens(CHANNELS, length).cut(torch.tensor(samples), torch.tensor(valid), counts)


def test_tokens_are_samples_in_units_and_the_last_is_filled_up():
    tokens, valid, real = cut([[[12.0] * 10, [-1.0] * 10]])
    assert tokens.shape == (1, 2, 3, 4)
    assert tokens[0, 0].flatten().tolist() == [1.0] * 10 + [0.0] * 2
    assert tokens[0, 1].flatten().tolist() == [1.0] * 10 + [0.0] * 2
    assert real.tolist() == [[True] * 3]
    assert valid.all()


def test_what_is_not_there_is_zeros_and_not_the_center():
    tokens, _, real = cut([[[12.0] * 8, [0.0] * 8]], valid=((True, False),), n_samples=3)
    assert tokens[0, 0].flatten().tolist() == [1.0] * 3 + [0.0] * 5
    assert (tokens[0, 1] == 0).all()
    assert real.tolist() == [[True, False]]


def test_the_samples_given_stay_as_they_are():
    samples = torch.full((1, 2, 8), 12.0)
    DetectorTokens(CHANNELS, 4).cut(samples, torch.ones(1, 2, dtype=torch.bool))
    assert (samples == 12.0).all()


def test_places_are_those_of_the_channels_in_their_order():
    assert DetectorTokens(CHANNELS, 4).places.tolist() == [[0, 0, 1], [1, 0, 0]]


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 5))
def test_shares_are_means_over_the_samples_of_each_token(n_samples, length, seed):
    masks = np.random.default_rng(seed).integers(0, 2, (3, n_samples)).astype(np.uint8)
    wanted = [[masks[row, at : at + length].mean() for at in range(0, n_samples, length)] for row in range(3)]
    assert token_shares(masks, length) == pytest.approx(np.array(wanted))


@given(st.integers(1, 40), st.integers(1, 12), st.data())
def test_a_token_is_real_if_any_of_its_samples_is(n_samples, length, data):
    n_real = data.draw(st.integers(1, n_samples))
    samples = [[[0.0] * n_samples] * 2]
    _, _, real = cut(samples, n_samples=n_real, length=length)
    assert real[0].tolist() == [at < n_real for at in range(0, n_samples, length)]
