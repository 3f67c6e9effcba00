import pytest
import torch

from eeg_kedro.models.detection_heads import (
    AttentionPooling,
    DenseSeizureHead,
    ParticipantHead,
    SixClassHead,
    WindowHead,
)

HEADS = {DenseSeizureHead: (3, 7), WindowHead: (3,), SixClassHead: (3, 6), ParticipantHead: (3,)}
REAL = torch.ones(3, 7, dtype=torch.bool)
REAL[1, 4:] = REAL[2] = False


@pytest.fixture
def features():
    return torch.randn(3, 7, 10, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=HEADS, ids=lambda kind: kind.__name__)
def head(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return request.param(10)


def test_a_head_says_as_much_as_it_promises(head, features):
    assert head(features, REAL).shape == HEADS[type(head)]
    assert head(features[:0], REAL[:0]).shape == (0, *HEADS[type(head)][1:])


def test_garbage_where_nothing_is_there_changes_neither_logits_nor_gradients(head, features):
    spoiled, results = features.clone(), []
    spoiled[~REAL] = torch.nan
    for given in (features, spoiled):
        logits = head(given, REAL)
        gradients = torch.autograd.grad(logits.square().sum(), [*head.parameters()])
        results.append([logits, *gradients])
    assert all(map(torch.equal, *results))
    assert all(result.isfinite().all() for result in results[1])


def test_padding_changes_no_logit(head, features):
    alone = head(features[1:2, :4], REAL[1:2, :4])
    torch.testing.assert_close(head(features, REAL)[1:2][..., : alone.shape[-1]], alone, atol=1e-6, rtol=1e-5)


def test_an_untrained_head_says_next_to_nothing(head, features):
    assert head(features, REAL).abs().max() < 0.3


def test_a_dense_head_looks_two_tokens_around_and_no_further(features):
    features.requires_grad_()
    DenseSeizureHead(10, kernel=5)(features)[0, 3].backward()
    assert (features.grad[0] != 0).any(-1).tolist() == [False, True, True, True, True, True, False]


def test_a_dense_head_says_0_for_tokens_that_are_not_there(features):
    logits = DenseSeizureHead(10)(features, REAL)
    assert (logits[~REAL] == 0).all()
    assert (logits[REAL] != 0).all()


def test_attention_is_that_of_the_paper(features):
    pooling = AttentionPooling(10, 4)
    scores = [
        pooling.score.weight @ (torch.tanh(pooling.what(item)) * torch.sigmoid(pooling.gate(item)))
        for item in features[1, :4]
    ]
    weights = torch.cat(scores).exp() / torch.cat(scores).exp().sum()
    expected = sum(weight * item for weight, item in zip(weights, features[1, :4], strict=True))
    torch.testing.assert_close(pooling(features, REAL)[1], expected)


def test_the_weights_of_a_bag_sum_to_one_and_those_of_an_empty_one_to_nothing(features):
    weights = ParticipantHead(10).weigh(features, REAL)
    torch.testing.assert_close(weights.sum(1), torch.tensor([1.0, 1.0, 0.0]))
    assert (weights[~REAL] == 0).all()


def test_a_participant_is_told_by_the_one_window_that_matters():
    """One window in ten carries the label: a mean dilutes it, attention finds it."""
    random = torch.Generator().manual_seed(0)
    windows, labels = torch.randn(64, 10, 6, generator=random), torch.arange(64) % 2
    windows[:, 3, 0] = 6.0 * labels
    head, there = ParticipantHead(6, 16), torch.ones(64, 10, dtype=torch.bool)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.03)
    for _ in range(80):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(head(windows, there), labels.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert ((head(windows, there) > 0) == labels.bool()).float().mean() > 0.95
    assert head.weigh(windows, there)[labels.bool(), 3].mean() > 0.5
