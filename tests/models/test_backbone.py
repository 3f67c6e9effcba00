import pytest
import torch

from eeg_kedro.models.backbone import Mamba2Backbone
from eeg_kedro.models.encoder_options import EncoderOptions

EVERYTHING = torch.ones(2, 9, dtype=torch.bool)


@pytest.fixture
def tokens():
    return torch.randn(2, 9, 8, generator=torch.Generator().manual_seed(0))


def small(direction, n_layers=3, **more):
    sizes = {"d_model": 8, "d_state": 4, "headdim": 4}
    return Mamba2Backbone(EncoderOptions(direction=direction, n_layers=n_layers, **sizes, **more))


def test_blocks_add_to_the_tokens_what_the_mixer_makes_of_normed_ones(tokens):
    backbone = small("alternate", n_layers=2)
    expected = tokens
    for block in backbone.layers:
        normed = expected / (expected.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        expected = expected + block.mixer(normed, EVERYTHING)
    expected = expected / (expected.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(backbone(tokens, EVERYTHING), expected)


@pytest.mark.parametrize(
    ("direction", "n_layers", "back", "ahead"),
    [
        ("causal", 2, True, False),
        ("alternate", 1, True, False),
        ("alternate", 2, True, True),
        ("bidirectional", 1, True, True),
    ],
)
def test_directions_say_from_where_a_token_hears(tokens, direction, n_layers, back, ahead):
    backbone = small(direction, n_layers)
    changed = tokens.clone()
    changed[:, 4] += 1
    differs = (backbone(tokens, EVERYTHING) != backbone(changed, EVERYTHING)).any(-1).all(0)
    assert (differs[5:].any().item(), differs[:4].any().item()) == (back, ahead)
    assert differs[4]


def test_odd_layers_of_an_alternate_backbone_hear_only_what_comes_later(tokens):
    mixer = small("alternate").layers[1].mixer
    changed = tokens.clone()
    changed[:, 4] += 1
    differs = (mixer(tokens, EVERYTHING) != mixer(changed, EVERYTHING)).any(-1).all(0)
    assert differs[:5].any()
    assert not differs[5:].any()


def test_causal_and_alternate_have_the_same_names_and_only_rev_is_added_by_both_ways():
    causal, alternate, both = ({*small(way).state_dict()} for way in ("causal", "alternate", "bidirectional"))
    assert causal == alternate
    added = both - causal
    assert causal < both
    assert {name.split(".")[3] for name in added} == {"conv1d_rev", "dt_bias_rev", "A_log_rev", "D_rev"}


def test_dropout_acts_in_training_only(tokens):
    backbone = small("causal", dropout=0.5)
    assert not torch.equal(backbone(tokens, EVERYTHING), backbone(tokens, EVERYTHING))
    backbone.eval()
    assert torch.equal(backbone(tokens, EVERYTHING), backbone(tokens, EVERYTHING))
