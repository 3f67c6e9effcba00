"""The mixer of Hugging Face as an independent implementation: same names, same numbers."""

from __future__ import annotations

import pytest
import torch

from eeg_kedro.models.mamba2 import Mamba2Mixer
from tests.models.oracles import relative

transformers = pytest.importorskip("transformers")


def theirs(ngroups=1):
    from transformers.models.mamba2.modeling_mamba2 import Mamba2Mixer as Peer

    config = transformers.Mamba2Config(
        hidden_size=32, expand=2, head_dim=16, num_heads=4, state_size=24, conv_kernel=4, n_groups=ngroups,
        chunk_size=64, num_hidden_layers=1, use_bias=False, layer_norm_epsilon=1e-5,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Peer(config, layer_idx=0)


def ours(ngroups=1):
    return Mamba2Mixer(32, d_state=24, headdim=16, ngroups=ngroups)


def test_a_state_dict_goes_strictly_both_ways():
    peer, mixer = theirs(), ours()
    mixer.load_state_dict(peer.state_dict(), strict=True)
    peer.load_state_dict(ours().state_dict(), strict=True)
    assert {name: value.shape for name, value in peer.state_dict().items()} == {
        name: value.shape for name, value in mixer.state_dict().items()
    }


@pytest.mark.parametrize("n_tokens", [1, 2, 63, 64, 65, 124, 257, 1024])
def test_outputs_are_theirs(n_tokens):
    peer, mixer = theirs(), ours()
    mixer.load_state_dict(peer.state_dict())
    inputs = torch.randn(2, n_tokens, 32, generator=torch.Generator().manual_seed(n_tokens))
    with torch.no_grad():
        assert relative(mixer(inputs), peer(inputs)) <= 1e-5


def test_outputs_are_theirs_with_two_groups():
    peer, mixer = theirs(2), ours(2)
    mixer.load_state_dict(peer.state_dict())
    inputs = torch.randn(2, 70, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert relative(mixer(inputs), peer(inputs)) <= 1e-5


def test_gradients_are_theirs():
    peer, mixer = theirs(), ours()
    mixer.load_state_dict(peer.state_dict())
    inputs = torch.randn(2, 124, 32, generator=torch.Generator().manual_seed(0))
    for model in (peer, mixer):
        model(inputs).square().sum().backward()
    wanted = dict(peer.named_parameters())
    assert all(relative(value.grad, wanted[name].grad) <= 1e-4 for name, value in mixer.named_parameters())
