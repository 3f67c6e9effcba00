import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.build_window_encoder import (
    build_detector,
    build_embedder,
    build_token_encoder,
    weights_from,
)
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.models.window_encoder import pool_mean_max
from tests.models.window_networks import KINDS, LENGTH, WAYS, batch, detector_of, encoder_of

SIZES = {"d_model": 8, "n_layers": 2, "d_state": 4, "headdim": 4, "n_heads": 2}


@pytest.mark.parametrize(("backbone", "direction"), WAYS)
def test_pretrained_weights_give_exactly_what_pretraining_encoded(backbone, direction):
    options = EncoderOptions(backbone=backbone, direction=direction, **SIZES)
    pretrained = build_pretrainer(options, LENGTH, 5, seed=7)
    encoder = build_token_encoder(options, LENGTH, 0, weights=pretrained.state_dict())
    tokens, places, *_ = batch()
    real = torch.ones(12, 6, dtype=torch.bool)
    expected = pretrained.encode(tokens.flatten(0, 1), places.repeat(4, 1), real)
    assert torch.equal(encoder.encode_channels(tokens.flatten(0, 1), places.repeat(4, 1), real), expected)
    there = torch.ones(4, 3, dtype=torch.bool)
    pooled = pool_mean_max(expected.view(4, 3, 6, 8), there)
    assert torch.equal(encoder(tokens, places, there), pooled)


@pytest.mark.parametrize("told", [{"d_model": 16}, {"direction": "bidirectional"}])
def test_weights_of_another_encoder_are_refused(told):
    weights = build_pretrainer(EncoderOptions(**SIZES), LENGTH, 5, seed=7).state_dict()
    with pytest.raises(CheckpointError, match="take the options"):
        build_token_encoder(EncoderOptions(**SIZES | told), LENGTH, 0, weights=weights)


def test_a_file_without_an_encoder_is_refused():
    with pytest.raises(CheckpointError):
        build_token_encoder(EncoderOptions(**SIZES), LENGTH, 0, weights={"head.bias": torch.zeros(5)})


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_weights_and_leaves_the_global_state_alone(kind):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (build_embedder(encoder_of(kind, seed), 4, 3, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    assert all(map(torch.equal, first.state_dict().values(), again.state_dict().values()))
    for part in ("encoder", "embedding", "projection"):
        pairs = zip(getattr(first, part).parameters(), getattr(other, part).parameters(), strict=True)
        assert not all(torch.equal(*pair) for pair in pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_dict_goes_into_another_network_of_the_kind_and_says_the_same(kind):
    first, second = (detector_of(kind, seed=seed) for seed in (1, 2))
    assert not torch.equal(first(*batch()), second(*batch()))
    second.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(first(*batch()), second(*batch()))


def test_a_head_leaves_the_weights_of_the_encoder_alone():
    encoder = encoder_of("conv", seed=3)
    before = {key: value.clone() for key, value in encoder.state_dict().items()}
    build_detector(encoder, "window", 8, seed=4)
    assert all(torch.equal(value, before[key]) for key, value in encoder.state_dict().items())


def test_the_global_state_is_put_back_even_if_a_network_cannot_be_made():
    state = torch.get_rng_state()
    with pytest.raises(AttributeError), weights_from(3):
        torch.nn.Linear(2, 2).nothing  # noqa: B018
    assert torch.equal(torch.get_rng_state(), state)
