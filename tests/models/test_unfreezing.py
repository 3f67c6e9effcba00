import pytest
import torch

from eeg_kedro.models.unfreezing import freeze, is_frozen, layer_groups, unfreeze_top
from tests.models.window_networks import KINDS, batch, detector_of, encoder_of

NAMES = ["input", "block_1", "block_2", "rest"]


def trained(encoder):
    return [name for name, parameters in layer_groups(encoder) if all(p.requires_grad for p in parameters)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_groups_hold_every_parameter_once_from_input_to_output(kind):
    encoder = encoder_of(kind)
    groups = layer_groups(encoder)
    listed = [id(parameter) for _, parameters in groups for parameter in parameters]
    assert [name for name, _ in groups] == NAMES
    assert sorted(listed) == sorted(map(id, encoder.parameters()))
    assert all(parameters for _, parameters in groups)


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_is_before_another_if_changing_it_changes_what_the_other_is_given(kind):
    """Scale each group: the modules of the groups before it must be given the same as before."""
    encoder, seen = encoder_of(kind), []
    first, blocks, last = encoder.stages()
    for modules in ([first[0]], *blocks, last):
        modules[0].register_forward_pre_hook(lambda _module, given: seen.append(given[0].clone()))
    encoder(*batch())
    for number, (_, parameters) in enumerate(layer_groups(encoder)):
        before = list(seen[-4:])
        with torch.no_grad():
            for parameter in parameters:
                parameter.add_(0.1)
        encoder(*batch())
        same = [torch.equal(*pair) for pair in zip(before, seen[-4:], strict=True)]
        assert same == [earlier <= number for earlier in range(4)]


@pytest.mark.parametrize("kind", ["mamba2-alternate", "transformer-causal", "conv"])
@pytest.mark.parametrize("n_layers", range(4))
def test_so_many_layers_from_the_top_are_trained_and_only_they_change(kind, n_layers):
    encoder = encoder_of(kind)
    unfreeze_top(encoder, n_layers)
    expected = NAMES[len(NAMES) - 1 - n_layers :] if n_layers else []
    assert trained(encoder) == expected
    assert is_frozen(encoder) == (n_layers == 0)
    encoded = encoder(*batch())
    assert encoded.requires_grad == (n_layers > 0)
    if n_layers:
        encoded.square().sum().backward()
    learned = {id(p) for p in encoder.parameters() if p.grad is not None and (p.grad != 0).any()}
    groups = dict(layer_groups(encoder))
    assert [name for name in NAMES if learned & {id(p) for p in groups[name]}] == expected


@pytest.mark.parametrize("kind", ["mamba2-alternate", "transformer-causal", "conv"])
def test_dropout_of_frozen_blocks_stays_off_and_comes_back_when_they_are_trained(kind):
    detector = detector_of(kind, dropout=0.5)
    unfreeze_top(detector.encoder, 1)
    detector.train()
    lower, upper = (block[0] for block in detector.encoder.stages()[1])
    assert not any(module.training for module in lower.modules())
    assert all(module.training for module in upper.modules())
    unfreeze_top(detector.encoder, 3)
    detector.train()
    assert all(module.training for module in detector.modules())


def test_what_has_no_parameters_is_not_frozen():
    assert not is_frozen(torch.nn.Dropout())
    linear = torch.nn.Linear(2, 2)
    freeze(linear)
    assert is_frozen(linear)
    assert not linear.training
