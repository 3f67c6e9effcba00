import pytest
import torch

from eeg_kedro.models.unfreezing import freeze
from eeg_kedro.models.window_encoder import pool_mean_max
from tests.models.window_networks import KINDS, batch, encoder_of, spoil


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_channels_changes_nothing(kind):
    tokens, places, valid, real = batch()
    encoder, order = encoder_of(kind), torch.tensor([2, 0, 1])
    moved = encoder(tokens[:, order], places[order], valid[:, order], real)
    torch.testing.assert_close(encoder(tokens, places, valid, real), moved, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("garbage", [50.0, float("nan"), float("inf")])
def test_garbage_where_nothing_is_there_changes_neither_outputs_nor_gradients(kind, garbage):
    tokens, places, valid, real = batch()
    encoder, results = encoder_of(kind), []
    for given in (tokens, spoil(tokens, valid, real, garbage)):
        encoded = encoder(given, places, valid, real)
        loss = encoded.square().sum()
        gradients = torch.autograd.grad(loss, [*encoder.parameters()], allow_unused=True)
        results.append([encoded, *(gradient for gradient in gradients if gradient is not None)])
    assert all(map(torch.equal, *results))
    assert all(result.isfinite().all() for result in results[1])


@pytest.mark.parametrize("kind", KINDS)
def test_an_absent_channel_and_padding_are_as_if_they_were_cut_off(kind):
    tokens, places, valid, real = batch()
    encoder = encoder_of(kind)
    alone = encoder(tokens[1:2, 1:, :4], places[1:], valid[1:2, 1:])
    torch.testing.assert_close(encoder(tokens, places, valid, real)[1:2, :4], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_is_zeros_and_what_is_there_is_not(kind):
    tokens, places, valid, real = batch()
    encoded = encoder_of(kind)(tokens, places, valid, real)
    there = valid.any(1, keepdim=True) & real
    assert encoded.shape == (4, 6, 16)
    assert (encoded[~there] == 0).all()
    assert (encoded[there] != 0).any(-1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_no_window_gives_no_output_and_zero_gradients(kind):
    tokens, places, valid, real = batch()
    encoder = encoder_of(kind)
    encoded = encoder(tokens[:0], places, valid[:0], real[:0])
    assert encoded.shape == (0, 6, 16)
    encoded.sum().backward()
    assert all(p.grad is None or (p.grad == 0).all() for p in encoder.parameters())


@pytest.mark.parametrize("kind", ["mamba2-alternate", "conv"])
def test_without_word_of_real_tokens_all_are(kind):
    tokens, places, valid, _ = batch()
    encoder, everything = encoder_of(kind), torch.ones(4, 6, dtype=torch.bool)
    assert torch.equal(encoder(tokens, places, valid), encoder(tokens, places, valid, everything))


@pytest.mark.parametrize("kind", ["mamba2-alternate", "transformer-causal", "conv"])
def test_a_frozen_encoder_builds_no_graph_and_keeps_its_dropout_off(kind):
    encoder = encoder_of(kind, dropout=0.5)
    expected = encoder.eval()(*batch())
    freeze(encoder)
    around = torch.nn.Sequential(encoder).train()
    tokens, *told = batch()
    found = around[0](tokens.requires_grad_(), *told)
    assert torch.equal(found, expected)
    assert not found.requires_grad
    assert around.training


@pytest.mark.parametrize("kind", ["mamba2-alternate", "conv"])
def test_dropout_is_on_while_an_encoder_is_trained(kind):
    encoder = encoder_of(kind, dropout=0.5).train()
    assert not torch.equal(encoder(*batch()), encoder(*batch()))


@pytest.mark.parametrize("kind", ["mamba2-alternate", "transformer-bidirectional", "conv"])
def test_bfloat16_is_close_to_float32(kind):
    encoder = encoder_of(kind)
    with torch.autocast("cpu", torch.bfloat16):
        rough = encoder(*batch())
    torch.testing.assert_close(rough.float(), encoder(*batch()), atol=0.15, rtol=0.15)


def test_pooling_is_mean_and_maximum_of_those_that_are_there():
    values = torch.tensor([[[1.0, -4.0], [3.0, -2.0], [torch.nan, 9.0]]])
    assert pool_mean_max(values, torch.tensor([[True, True, False]])).tolist() == [[2, -3, 3, -2]]
    assert pool_mean_max(values, torch.tensor([[False, False, False]])).tolist() == [[0, 0, 0, 0]]


def test_pooling_over_nothing_has_a_gradient_of_zero():
    values = torch.randn(2, 3, 4, requires_grad=True)
    pool_mean_max(values, torch.tensor([[True, False, True], [False] * 3])).square().sum().backward()
    assert (values.grad[1] == 0).all()
    assert (values.grad[0, 1] == 0).all()
    assert (values.grad[0, 0] != 0).all()
