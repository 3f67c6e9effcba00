import pytest
import torch

from eeg_kedro.losses.masked_reconstruction import masked_error, row_error

MASKED = torch.tensor([[True, False, True], [False, False, False]])


@pytest.fixture
def pair():
    random = torch.Generator().manual_seed(0)
    return torch.randn(2, 3, 4, generator=random).requires_grad_(), torch.randn(2, 3, 4, generator=random)


def test_the_error_is_summed_over_masked_tokens_and_counted(pair):
    predictions, targets = pair
    total, count = masked_error(predictions, targets, MASKED)
    by_hand = sum((predictions[0, t, k] - targets[0, t, k]) ** 2 for t in (0, 2) for k in range(4))
    torch.testing.assert_close(total, by_hand)
    assert (count.item(), count.dtype) == (8, torch.float32)


def test_the_gradient_is_twice_the_error_on_masked_tokens_and_zero_elsewhere(pair):
    predictions, targets = pair
    masked_error(predictions, targets, MASKED)[0].backward()
    expected = 2 * (predictions - targets) * MASKED.unsqueeze(-1)
    torch.testing.assert_close(predictions.grad, expected.detach())


def test_what_is_not_masked_may_be_nan(pair):
    predictions, targets = pair
    spoiled = targets.clone()
    spoiled[~MASKED] = float("nan")
    total, _ = masked_error(predictions, spoiled, MASKED)
    total.backward()
    assert total == masked_error(predictions, targets, MASKED)[0]
    assert predictions.grad.isfinite().all()


def test_nan_in_a_masked_token_is_seen(pair):
    predictions, targets = pair
    targets[0, 0, 0] = float("nan")
    assert masked_error(predictions, targets, MASKED)[0].isnan()


def test_parts_of_a_batch_add_up_and_an_empty_part_adds_nothing(pair):
    predictions, targets = pair
    parts = [masked_error(predictions[i], targets[i], MASKED[i]) for i in (slice(1), slice(1, 2), slice(0))]
    whole = masked_error(predictions, targets, MASKED)
    torch.testing.assert_close(tuple(map(sum, zip(*parts, strict=True))), whole)
    assert [part[1].item() for part in parts] == [8, 0, 0]
    parts[2][0].backward()
    assert (predictions.grad == 0).all()


def test_bfloat16_predictions_are_summed_in_float32():
    predictions = torch.zeros(1, 1, 4097, dtype=torch.bfloat16)
    targets = torch.ones(1, 1, 4097)
    with torch.autocast("cpu", torch.bfloat16):
        total, _ = masked_error(predictions, targets, torch.ones(1, 1, dtype=torch.bool))
    assert (total.item(), total.dtype) == (4097, torch.float32)


def test_predictions_of_the_masked_tokens_alone_give_the_same_sum_and_count(pair):
    predictions, targets = pair
    whole, alone = masked_error(predictions, targets, MASKED), row_error(predictions[MASKED], targets, MASKED)
    assert all(map(torch.equal, whole, alone))
