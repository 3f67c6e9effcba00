import pytest
import torch
from torch import nn

from eeg_kedro.training.flat_gradients import FlatGradients
from tests.training.tiny_task import WIDTH, tiny_net


@pytest.fixture
def net():
    return tiny_net()


def fill(net):
    net(torch.linspace(-1, 1, 3 * WIDTH).view(3, WIDTH)).square().sum().backward()


def test_autograd_writes_into_the_one_tensor(net):
    flat = FlatGradients(net.parameters(), n_sums=2)
    fill(net)
    twin = tiny_net()
    fill(twin)
    assert torch.equal(flat.gradients, torch.cat([p.grad.flatten() for p in twin.parameters()]))
    flat.clear()
    assert not any(parameter.grad.any() for parameter in net.parameters())


@pytest.mark.parametrize("largest", [0.01, 1e9])
def test_clipping_is_that_of_torch(net, largest):
    flat, twin = FlatGradients(net.parameters(), n_sums=0), tiny_net()
    fill(net)
    fill(twin)
    for parameter in twin.parameters():
        parameter.grad /= 4
    norm = nn.utils.clip_grad_norm_(twin.parameters(), largest)
    assert flat.scale_and_clip(1 / 4, largest) == pytest.approx(float(norm), rel=1e-5)
    for found, wanted in zip(net.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(found.grad, wanted.grad, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_norm_that_is_no_number_is_returned(net, bad):
    flat = FlatGradients(net.parameters(), n_sums=0)
    flat.gradients[3] = bad
    assert not torch.isfinite(torch.tensor(flat.scale_and_clip(1.0, 1.0)))


def test_sums_travel_with_the_gradients_and_change_no_norm(net):
    flat = FlatGradients(net.parameters(), n_sums=3)
    flat.put_sums([torch.tensor(2.5, requires_grad=True), torch.tensor(7), 3])
    assert flat.read_sums() == flat.buffer[-3:].tolist() == [2.5, 7.0, 3.0]
    assert flat.scale_and_clip(1.0, 1.0) == 0


def test_frozen_parameters_have_no_part(net):
    net[0].requires_grad_(False)
    flat = FlatGradients(net.parameters(), n_sums=0)
    assert flat.gradients.numel() == sum(p.numel() for p in net.parameters() if p.requires_grad)
    assert net[0].weight.grad is None
