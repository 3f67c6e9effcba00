from math import prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.models.build_window_encoder import build_conv_encoder
from eeg_kedro.models.conv_options import ConvOptions
from eeg_kedro.models.residual_conv import cut_token
from tests.models.window_networks import batch, detector_of, fit_bursts


@given(length=st.integers(1, 3000), n_blocks=st.integers(1, 12))
def test_strides_cut_a_token_into_whole_steps(length, n_blocks):
    strides = cut_token(length, n_blocks)
    assert len(strides) == n_blocks + 1
    assert length % prod(strides) == 0
    assert max(strides) <= 8


def test_strides_of_tokens_of_a_second():
    assert cut_token(256, 4) == [8, 2, 2, 2, 2]
    assert cut_token(250, 4) == [5, 2, 5, 5, 1]
    assert cut_token(257, 1) == [1, 1]


@pytest.mark.parametrize("length", [1, 7, 100, 200, 250, 257])
def test_tokens_of_any_length_are_encoded(length):
    encoder = build_conv_encoder(ConvOptions(width=12, n_blocks=3), length, seed=0)
    encoded = encoder(*batch(length=length))
    assert encoded.shape == (4, 6, 24)
    assert encoded.isfinite().all()


def test_a_sequence_is_encoded_alone_as_among_many():
    encoder = build_conv_encoder(ConvOptions(width=12, n_blocks=3), 256, seed=0)
    tokens, real = torch.randn(300, 4, 256), torch.ones(300, 4, dtype=torch.bool)
    places = torch.nn.functional.normalize(torch.randn(300, 3), dim=1)
    whole = encoder.encode_channels(tokens, places, real)
    one = encoder.encode_channels(tokens[250:251], places[250:251], real[250:251])
    torch.testing.assert_close(whole[250:251], one, atol=1e-5, rtol=1e-5)


def test_a_token_hears_of_its_neighbors_but_not_of_those_far_away():
    encoder = build_conv_encoder(ConvOptions(width=12, n_blocks=2, kernel=3), 64, seed=0)
    tokens = torch.randn(1, 12, 64, requires_grad=True)
    encoded = encoder.encode_channels(tokens, torch.eye(3)[:1], torch.ones(1, 12, dtype=torch.bool))
    encoded[0, 6].sum().backward()
    heard = (tokens.grad[0] != 0).any(1)
    assert heard[5:8].all()
    assert not heard[[0, 1, 2, 10, 11]].any()


def test_the_place_of_an_electrode_makes_a_difference():
    encoder = build_conv_encoder(ConvOptions(width=12, n_blocks=2), 16, seed=0)
    tokens, places, valid, real = batch()
    assert not torch.allclose(encoder(tokens, places, valid, real), encoder(tokens, -places, valid, real))


def test_an_even_kernel_is_refused():
    with pytest.raises(ValidationError, match="centered"):
        ConvOptions(kernel=4)


def test_bursts_of_10_hz_are_learned_within_a_few_steps():
    assert fit_bursts(detector_of("conv", length=64), 40, 0.01) > 0.95
