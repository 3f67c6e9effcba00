import pytest
import torch

from eeg_kedro.models.build_window_encoder import build_embedder
from eeg_kedro.models.unfreezing import freeze
from tests.models.window_networks import batch, encoder_of, spoil

ENCODERS = ["mamba2-alternate", "transformer-causal", "conv"]


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_window_becomes_one_point_and_garbage_changes_nothing(kind):
    embedder = build_embedder(encoder_of(kind), 5, 3, seed=0)
    tokens, places, valid, real = batch()
    embedding = embedder(tokens, places, valid, real)
    spoiled = embedder(spoil(tokens, valid, real, torch.nan), places, valid, real)
    assert embedding.shape == (4, 5)
    assert torch.equal(embedding, spoiled)
    embedder.project(spoiled).square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in embedder.parameters())


@pytest.mark.parametrize("kind", ENCODERS)
def test_padding_and_the_order_of_channels_move_no_point(kind):
    embedder, order = build_embedder(encoder_of(kind), 5, 3, seed=0), torch.tensor([1, 2, 0])
    tokens, places, valid, real = batch()
    whole = embedder(tokens, places, valid, real)
    cut = embedder(tokens[1:2, :, :4], places, valid[1:2])
    moved = embedder(tokens[:, order], places[order], valid[:, order], real)
    torch.testing.assert_close(whole[1:2], cut, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(whole, moved, atol=1e-5, rtol=1e-5)


def test_windows_of_which_nothing_is_there_are_one_point():
    embedding = build_embedder(encoder_of("conv"), 5, 3, seed=0)(*batch())
    assert torch.equal(embedding[2], embedding[3])
    assert embedding.isfinite().all()


def test_the_projection_has_its_own_size_and_no_windows_are_no_points():
    embedder = build_embedder(encoder_of("conv"), 5, 3, seed=0)
    tokens, places, valid, real = batch()
    embedding = embedder(tokens[:0], places, valid[:0], real[:0])
    assert embedding.shape == (0, 5)
    assert embedder.project(embedding).shape == (0, 3)


def test_only_what_is_above_a_frozen_encoder_learns():
    embedder = build_embedder(encoder_of("conv", dropout=0.5), 5, 3, seed=0)
    freeze(embedder.encoder)
    embedder.train().project(embedder(*batch())).square().sum().backward()
    learned = {name.split(".")[0] for name, p in embedder.named_parameters() if p.grad is not None}
    assert learned == {"norm", "embedding", "projection"}
    assert torch.equal(embedder(*batch()), embedder(*batch()))
