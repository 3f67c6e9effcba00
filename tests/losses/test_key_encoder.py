import torch
from torch import nn

from eeg_kedro.losses.key_encoder import KeyEncoder


def make_net():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def test_the_copy_begins_as_the_original_and_is_no_part_of_it():
    net = make_net()
    keys, x = KeyEncoder(net).eval(), torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    assert torch.equal(keys(x), net.eval()(x))
    net[0].weight.data.zero_()
    assert not torch.equal(keys(x), net(x))


def test_keys_and_their_weights_have_no_gradient():
    keys = KeyEncoder(make_net())
    assert not keys(torch.ones(2, 3, requires_grad=True)).requires_grad
    assert not any(weight.requires_grad for weight in keys.parameters())


def test_after_n_updates_a_weight_is_its_closed_form():
    net = make_net()
    keys, first = KeyEncoder(net), net[0].weight.detach().clone()
    net[0].weight.data += 1
    for _ in range(7):
        keys.update(net, 0.9)
    torch.testing.assert_close(keys.network[0].weight, first + (1 - 0.9**7))


def test_without_momentum_the_copy_is_the_original_and_buffers_always_are():
    net = make_net()
    keys = KeyEncoder(net)
    net[0].weight.data += 1
    net[1].running_mean += 2
    keys.update(net, 0.99)
    assert torch.equal(keys.network[1].running_mean, net[1].running_mean)
    keys.update(net, 0.0)
    torch.testing.assert_close(keys.network.state_dict(), net.state_dict())


def test_the_copy_is_in_the_state_dict_for_a_resumed_run():
    net = make_net()
    keys, other = KeyEncoder(net), KeyEncoder(make_net())
    net[0].weight.data += 1
    keys.update(net, 0.5)
    other.load_state_dict(keys.state_dict())
    assert torch.equal(other.network[0].weight, keys.network[0].weight)
