import pytest
import torch
from torch.nn import functional

from eeg_kedro.models.build_window_encoder import weights_from
from eeg_kedro.models.eegnet import EegNet, filter_in_time
from tests.models.window_networks import batch, fit_bursts, spoil


def small(seed=0, n_channels=3, token_length=16, sfreq=16.0, **more):
    with weights_from(seed):
        return EegNet(n_channels, token_length, sfreq, **more)


def literal(net, signal):
    """Write out Lawhern et al. 2018, table 2, in the paper's order, up to the classifier."""
    signal = functional.conv2d(signal.unsqueeze(1), net.temporal[:, None, None], padding="same")
    signal = functional.batch_norm(signal, None, None, training=True)
    weight = net.spatial.weight / net.spatial.weight.norm(dim=1, keepdim=True).clamp(min=1)
    signal = functional.conv2d(signal, weight[:, None, :, None], groups=len(net.temporal))
    signal = functional.elu(functional.batch_norm(signal, None, None, training=True))
    signal = functional.avg_pool2d(signal, (1, net.pools[0]))
    maps = signal.shape[1]
    signal = functional.conv2d(signal, net.separable[:, None, None], padding="same", groups=maps)
    signal = functional.conv2d(signal, net.pointwise.weight.unsqueeze(-1))
    signal = functional.elu(functional.batch_norm(signal, None, None, training=True))
    return functional.avg_pool2d(signal, (1, net.pools[1])).squeeze(2)


def test_mixing_before_filtering_is_the_network_of_the_paper():
    net = small(n_channels=5, token_length=32, sfreq=122.0, dropout=0.0).double().train()
    tokens = torch.randn(4, 5, 12, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = net(tokens, torch.eye(3), torch.ones(4, 5, dtype=torch.bool))
    expected = net._classify(literal(net, tokens.flatten(2)))
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("n_taps", [1, 8, 9])
def test_filtering_by_fourier_transform_is_convolution(n_taps):
    random = torch.Generator().manual_seed(0)
    signal, taps = torch.randn(2, 3, 41, generator=random), torch.randn(3, n_taps, generator=random)
    padded = functional.pad(signal, ((n_taps - 1) // 2, n_taps // 2))
    expected = functional.conv1d(padded, taps.unsqueeze(1), groups=3)
    torch.testing.assert_close(filter_in_time(signal, taps), expected, atol=1e-5, rtol=1e-5)


def test_sizes_are_those_of_the_paper_at_its_rate():
    net = small(n_channels=64, token_length=128, sfreq=128.0)
    assert net.temporal.shape == (8, 64)
    assert net.separable.shape == (16, 16)
    assert net.pools == (4, 8)
    assert net.classifier.weight.shape == (1, 16, 9 * 4)  # a second and four on each side, at 4 Hz


@pytest.mark.parametrize(
    ("length", "sfreq", "pools"),
    [(256, 256, (8, 8)), (250, 250, (10, 5)), (2048, 256, (8, 8)), (7, 7, (1, 1))],
)
def test_poolings_divide_the_token(length, sfreq, pools):
    net = small(token_length=length, sfreq=float(sfreq))
    assert net.pools == pools
    assert net.eval()(*batch(length=length)).shape == (4, 6)


def test_norms_of_spatial_filters_and_classifier_are_bounded():
    net = small()
    tokens, places, valid, _ = batch()
    with torch.no_grad():
        net.spatial.weight.copy_(torch.nn.functional.normalize(net.spatial.weight))
        net.classifier.weight.mul_(0.25 / net.classifier.weight.norm())
    before = net.eval()(tokens, places, valid)
    with torch.no_grad():
        net.spatial.weight.mul_(50)
        net.classifier.weight.mul_(50)
    torch.testing.assert_close(net(tokens, places, valid), before)


@pytest.mark.parametrize("mode", [True, False], ids=["train", "eval"])
def test_garbage_where_nothing_is_there_changes_neither_logits_nor_gradients(mode):
    tokens, places, valid, real = batch()
    results = []
    for given in (tokens, spoil(tokens, valid, real, torch.nan)):
        net = small(dropout=0.0).train(mode)
        logits = net(given, places, valid, real)
        gradients = torch.autograd.grad(logits.square().sum(), [*net.parameters()])
        results.append([logits, *gradients, *net.buffers()])
    assert all(map(torch.equal, *results))
    assert all(result.isfinite().all() for result in results[1])


@pytest.mark.parametrize("mode", [True, False], ids=["train", "eval"])
def test_padding_changes_no_logit_and_no_statistics(mode):
    tokens, places, valid, real = batch()
    padded, cut = (small(dropout=0.0).train(mode) for _ in range(2))
    alone = cut(tokens[1:2, :, :4], places, valid[1:2])
    torch.testing.assert_close(padded(tokens[1:2], places, valid[1:2], real[1:2])[:, :4], alone)
    torch.testing.assert_close(padded.first_norm.running_var, cut.first_norm.running_var)


def test_an_absent_channel_counts_as_zeros():
    tokens, places, valid, _ = batch()
    zeroed = torch.where(valid[:, :, None, None], tokens, 0)
    net = small().eval()
    assert torch.equal(net(tokens, places, valid), net(zeroed, places, torch.ones_like(valid)))


def test_no_windows_get_no_logits_and_leave_the_statistics_alone():
    net, (tokens, places, valid, real) = small().train(), batch()
    logits = net(tokens[:0], places, valid[:0], real[:0])
    assert logits.shape == (0, 6)
    logits.sum().backward()
    assert all((parameter.grad == 0).all() for parameter in net.parameters())
    assert (net.first_norm.running_mean == 0).all()
    assert net(tokens[3:], places, valid[3:], real[3:]).tolist() == [[0] * 6]


def test_a_single_step_has_no_variance_and_is_normed_as_in_use():
    net, valid = small(token_length=1, sfreq=1.0).train(), torch.ones(1, 3, dtype=torch.bool)
    logit = net(torch.ones(1, 3, 1, 1), torch.eye(3), valid)
    assert logit.isfinite().all()
    assert (net.first_norm.running_mean == 0).all()


def test_a_token_is_judged_by_itself_and_half_the_context_on_each_side():
    net = small(context_seconds=4.0).eval()
    tokens = torch.randn(1, 3, 12, 16, requires_grad=True)
    net(tokens, torch.eye(3), torch.ones(1, 3, dtype=torch.bool))[0, 6].backward()
    heard = tokens.grad[0].abs().amax((0, 2)) > 1e-6
    # two tokens on each side, and half a token by each of two kernels of half a second
    assert heard[4:9].all()
    assert not heard[:3].any()
    assert not heard[10:].any()


def test_a_state_dict_goes_into_another_network_and_says_the_same():
    first, second = (small(seed).eval() for seed in (1, 2))
    assert not torch.equal(first(*batch()), second(*batch()))
    second.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(first(*batch()), second(*batch()))


def test_bfloat16_is_close_to_float32():
    net = small().eval()
    with torch.autocast("cpu", torch.bfloat16):
        rough = net(*batch())
    torch.testing.assert_close(rough.float(), net(*batch()), atol=0.1, rtol=0.1)


def test_bursts_of_10_hz_are_learned_within_a_few_steps():
    assert fit_bursts(small(n_channels=2, token_length=64, sfreq=64.0), 40, 0.02) > 0.95
