import pytest
import torch

from eeg_kedro.errors import ParameterError
from eeg_kedro.models.seizure_detector import SeizureDetector
from eeg_kedro.models.unfreezing import freeze
from tests.models.window_networks import KINDS, batch, detector_of, encoder_of, fit_bursts, spoil

SHAPES = {"dense": (4, 6), "window": (4,), "six_class": (4, 6)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", SHAPES)
def test_absent_channels_and_unreal_tokens_reach_no_logit(kind, head):
    detector = detector_of(kind, head)
    tokens, places, valid, real = batch()
    logits = detector(tokens, places, valid, real)
    spoiled = detector(spoil(tokens, valid, real, torch.nan), places, valid, real)
    assert logits.shape == SHAPES[head]
    assert torch.equal(logits, spoiled)
    spoiled.square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in detector.parameters())


@pytest.mark.parametrize("head", SHAPES)
def test_padding_and_the_order_of_channels_change_no_logit(head):
    detector, order = detector_of("mamba2-alternate", head), torch.tensor([1, 2, 0])
    tokens, places, valid, real = batch()
    logits = detector(tokens, places, valid, real)
    moved = detector(tokens[:, order], places[order], valid[:, order], real)
    torch.testing.assert_close(logits, moved, atol=1e-5, rtol=1e-5)
    alone = detector(tokens[1:2, :, :4], places, valid[1:2])
    whole = logits[1:2, :4] if head == "dense" else logits[1:2]
    torch.testing.assert_close(whole, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("head", SHAPES)
def test_no_windows_get_no_logits_and_zero_gradients(head):
    detector = detector_of("mamba2-alternate", head)
    tokens, places, valid, real = batch()
    logits = detector(tokens[:0], places, valid[:0], real[:0])
    assert logits.shape == (0, *SHAPES[head][1:])
    logits.sum().backward()
    assert all(p.grad is None or (p.grad == 0).all() for p in detector.parameters())


def test_only_the_head_learns_above_a_frozen_encoder():
    detector = detector_of("transformer-causal", dropout=0.5)
    freeze(detector.encoder)
    first, second = (detector.train()(*batch()) for _ in range(2))
    first.square().sum().backward()
    assert torch.equal(first, second)
    assert all(parameter.grad is None for parameter in detector.encoder.parameters())
    assert all((parameter.grad != 0).any() for parameter in detector.head.leave.parameters())


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="dense, window, six_class"):
        SeizureDetector(encoder_of("conv"), torch.nn.Identity(), "sparse")


@pytest.mark.parametrize("kind", ["mamba2-alternate", "transformer-bidirectional"])
def test_bursts_of_10_hz_are_learned_within_a_few_steps(kind):
    assert fit_bursts(detector_of(kind, length=64), 40, 0.01) > 0.95


@pytest.mark.parametrize("head", SHAPES)
def test_with_a_spectral_branch_what_is_not_there_reaches_no_logit_either(head):
    detector = detector_of("conv", head, spectral=True)
    tokens, places, valid, real = batch()
    logits = detector(tokens, places, valid, real)
    spoiled = detector(spoil(tokens, valid, real, torch.nan), places, valid, real)
    assert torch.equal(logits, spoiled)
    spoiled.square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in detector.parameters())


def test_the_logits_of_the_spectral_branch_are_added():
    detector = detector_of("conv", spectral=True)
    tokens, places, valid, real = batch()
    alone = SeizureDetector(detector.encoder, detector.head, "dense")(tokens, places, valid, real)
    added = detector.spectral_head(detector.spectral(tokens, valid, real), real)
    assert torch.equal(detector(tokens, places, valid, real), alone + added)


def test_a_spectral_branch_leaves_the_first_weights_of_the_head_alone():
    with_branch, without = detector_of("conv", spectral=True), detector_of("conv")
    assert torch.equal(with_branch.head.leave.weight, without.head.leave.weight)
