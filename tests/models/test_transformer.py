import pytest
import torch
from torch import nn

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.transformer import SelfAttention, TransformerBackbone, seen_tokens

VALID = torch.tensor([[True] * 6, [True] * 4 + [False] * 2, [False, True, False, True, True, False]])


@pytest.fixture
def tokens():
    return torch.randn(3, 6, 16, generator=torch.Generator().manual_seed(0))


def small(direction="bidirectional", **more):
    return EncoderOptions(
        backbone="transformer", direction=direction, d_model=16, n_layers=2, n_heads=4, headdim=8, **more
    )


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_that_of_torch(tokens, causal):
    ours, theirs = SelfAttention(16, 4), nn.MultiheadAttention(16, 4, batch_first=True)
    theirs.in_proj_weight, theirs.in_proj_bias = ours.in_proj.weight, ours.in_proj.bias
    theirs.out_proj.load_state_dict(ours.out_proj.state_dict())
    # our mask never leaves a token without any other, torch's answers such rows with nan: all but those agree
    later = torch.ones(6, 6, dtype=torch.bool).triu(1) if causal else None
    expected = theirs(tokens, tokens, tokens, key_padding_mask=~VALID, attn_mask=later, need_weights=False)[0]
    found = ours(tokens, seen_tokens(VALID, causal))
    torch.testing.assert_close(found[VALID], expected[VALID])


def test_an_item_without_valid_tokens_has_finite_gradients(tokens):
    for direction in ("causal", "alternate"):
        backbone = TransformerBackbone(small(direction))
        backbone(tokens, torch.zeros(3, 6, dtype=torch.bool)).sum().backward()
        assert all(parameter.grad.isfinite().all() for parameter in backbone.parameters())


def test_only_the_causal_direction_looks_back_alone(tokens):
    changed = tokens.clone()
    changed[:, 4] += 1
    everything = torch.ones(3, 6, dtype=torch.bool)
    for direction, is_blind in (("causal", True), ("alternate", False)):
        backbone = TransformerBackbone(small(direction))
        before, after = backbone(tokens, everything), backbone(changed, everything)
        assert torch.equal(before[:, :4], after[:, :4]) == is_blind


def test_the_order_of_tokens_is_told_only_with_the_temporal_encoding(tokens):
    order, everything = torch.tensor([5, 3, 1, 0, 2, 4]), torch.ones(3, 6, dtype=torch.bool)
    for told in (True, False):
        backbone = TransformerBackbone(small(temporal_encoding=told)).double()
        shuffled = backbone(tokens.double()[:, order], everything)
        same = torch.allclose(shuffled, backbone(tokens.double(), everything)[:, order])
        assert same != told


def test_a_block_is_about_as_large_as_one_of_mamba2():
    block = TransformerBackbone(EncoderOptions(backbone="transformer", n_layers=1))
    assert sum(p.numel() for p in block.parameters()) == pytest.approx(134_412, rel=0.03)
