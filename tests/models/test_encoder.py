from itertools import product

import pytest
import torch

from eeg_kedro.models.encoder import EegEncoder
from eeg_kedro.models.encoder_options import EncoderOptions

WAYS = [*product(("mamba2", "transformer"), ("causal", "alternate", "bidirectional"))]
VALID = torch.ones(3, 10, dtype=torch.bool)
VALID[0, 7:] = VALID[1, 3:5] = VALID[2] = False  # padded, with a hole, and nothing at all
HIDDEN = torch.zeros(3, 10, dtype=torch.bool)
HIDDEN[:, 1:3] = HIDDEN[:, 8] = True


def small(backbone="mamba2", direction="alternate", **more):
    sizes = {"d_model": 8, "n_layers": 2, "d_state": 4, "headdim": 4, "n_heads": 2}
    return EegEncoder(EncoderOptions(backbone=backbone, direction=direction, **sizes, **more), 6)


@pytest.fixture
def tokens():
    return torch.randn(3, 10, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def places():
    return torch.eye(3)


@pytest.mark.parametrize(("backbone", "direction"), WAYS)
@pytest.mark.parametrize("garbage", [50.0, float("nan"), float("inf")])
def test_garbage_in_invalid_and_hidden_tokens_changes_nothing(tokens, places, backbone, direction, garbage):
    encoder, spoiled = small(backbone, direction), tokens.clone()
    spoiled[~VALID | HIDDEN] = garbage
    outputs, gradients = [], []
    for given in (tokens, spoiled):
        outputs.append(encoder(given, places, VALID, HIDDEN))
        gradients.append(torch.autograd.grad(outputs[-1].square().sum(), [*encoder.parameters()]))
    assert torch.equal(*outputs)
    assert all(map(torch.equal, *gradients))
    assert all(gradient.isfinite().all() for gradient in gradients[1])


@pytest.mark.parametrize(("backbone", "direction"), WAYS)
def test_a_padded_sequence_is_encoded_as_without_its_padding(tokens, places, backbone, direction):
    encoder = small(backbone, direction)
    padded = encoder(tokens, places, VALID)[:1, :7]
    alone = encoder(tokens[:1, :7], places[:1], VALID[:1, :7])
    torch.testing.assert_close(padded, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("backbone", ["mamba2", "transformer"])
def test_invalid_tokens_are_encoded_as_zeros(tokens, places, backbone):
    encoded = small(backbone)(tokens, places, VALID)
    assert (encoded[~VALID] == 0).all()
    assert (encoded[VALID] != 0).any(-1).all()


def test_a_hidden_token_is_zeros_or_the_learned_one(tokens, places):
    zeroed = tokens.masked_fill(HIDDEN.unsqueeze(-1), 0)
    plain, learned = small(mask_fill="zeros"), small(mask_fill="token")
    torch.testing.assert_close(plain(tokens, places, VALID, HIDDEN), plain(zeroed, places, VALID))
    assert not torch.allclose(
        learned(tokens, places, VALID, HIDDEN), learned(zeroed, places, VALID), atol=1e-2
    )
    assert {*learned.state_dict()} - {*plain.state_dict()} == {"mask_token"}


def test_the_mask_token_hears_of_its_errors(tokens, places):
    encoder = small()
    encoder(tokens, places, VALID, HIDDEN).square().sum().backward()
    assert (encoder.mask_token.grad != 0).any()


def test_what_is_not_told_makes_no_difference(tokens, places):
    for told in (True, False):
        encoder = small(spatial_encoding=told)
        moved = encoder(tokens, places.roll(1, 0), VALID)
        assert torch.equal(encoder(tokens, places, VALID), moved) != told
    assert small(temporal_encoding=False).temporal is None


@pytest.mark.parametrize("backbone", ["mamba2", "transformer"])
def test_an_empty_batch_gives_zero_gradients_to_all(places, backbone):
    encoder = small(backbone)
    encoded = encoder(torch.zeros(0, 10, 6), places[:0], VALID[:0], HIDDEN[:0])
    assert encoded.shape == (0, 10, 8)
    encoded.sum().backward()
    assert all((parameter.grad == 0).all() for parameter in encoder.parameters())


@pytest.mark.parametrize("backbone", ["mamba2", "transformer"])
def test_bfloat16_is_close_to_float32_and_the_result_is_float32(tokens, places, backbone):
    encoder = small(backbone)
    with torch.autocast("cpu", torch.bfloat16):
        rough = encoder(tokens, places, VALID, HIDDEN)
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, encoder(tokens, places, VALID, HIDDEN), atol=0.1, rtol=0.1)
