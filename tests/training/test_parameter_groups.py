import torch
from torch import nn

from eeg_kedro.models.mamba2 import Mamba2Mixer
from eeg_kedro.training.parameter_groups import decays, parameter_groups

MIXER = ["conv1d.weight", "conv1d_rev.weight", "in_proj.weight", "out_proj.weight"]


def decaying(model):
    return sorted(name for name, parameter in model.named_parameters() if decays(name, parameter))


def test_only_projections_and_taps_of_a_mixer_decay():
    assert decaying(Mamba2Mixer(16, headdim=8, d_state=8, bidirectional=True)) == MIXER


def test_only_matrices_of_an_attention_layer_decay():
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    wanted = ["linear1.weight", "linear2.weight", "self_attn.in_proj_weight", "self_attn.out_proj.weight"]
    assert decaying(layer) == wanted


def test_what_says_so_of_itself_does_not_decay():
    matrix = nn.Parameter(torch.ones(2, 2))
    assert decays("table", matrix)
    matrix._no_weight_decay = True
    assert not decays("table", matrix)


def test_every_trained_parameter_is_in_one_group():
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 1))
    model[2].requires_grad_(False)
    first, second = parameter_groups(model, 0.1)
    assert (first["weight_decay"], second["weight_decay"]) == (0.1, 0.0)
    found = {id(parameter) for group in (first, second) for parameter in group["params"]}
    assert found == {id(parameter) for parameter in model.parameters() if parameter.requires_grad}
    assert len(first["params"]) + len(second["params"]) == len(found)
