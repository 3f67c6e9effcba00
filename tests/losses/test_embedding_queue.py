import copy

import pytest
import torch
from pytorch_metric_learning.losses import CrossBatchMemory, NTXentLoss
from torch.nn import functional

from eeg_kedro.errors import ParameterError
from eeg_kedro.losses.embedding_queue import EmbeddingQueue
from tests.losses.small_batches import E, make_loss, projections, unit

B, Q = 4, 10
PEOPLE = torch.tensor([0, 0, 1, 1])


def make_queue(**options):
    return EmbeddingQueue(E, Q, 0.2, **options).double()


def batch(step):
    return projections(B, seed=2 * step), projections(B, seed=2 * step + 1)


def test_keys_take_the_place_of_the_oldest():
    queue = make_queue()
    for step in range(3):
        queue(*batch(step), PEOPLE)
    keys = torch.cat([batch(step)[1] for step in range(3)])
    expected = torch.cat([keys[10:12], keys[2:10]])
    assert torch.equal(queue.embedding_memory, expected)
    assert (queue.queue_idx, queue.has_been_filled) == (2, True)


def test_the_loss_is_cross_entropy_of_the_own_key_against_the_queue():
    queue = make_queue()
    for step in range(5):
        queries, keys = batch(step)
        value = queue(queries, keys, PEOPLE)
        n_keys = min(Q, B * (step + 1))
        logits = unit(queries) @ unit(queue.embedding_memory[:n_keys]).T / 0.2
        torch.testing.assert_close(
            value, functional.cross_entropy(logits, torch.arange(4 * step, 4 * step + 4) % Q)
        )


def test_it_is_the_librarys_memory_with_nt_xent():
    ours, theirs = make_queue(), CrossBatchMemory(NTXentLoss(0.2), E, Q).double()
    for step in range(5):
        queries, keys = batch(step)
        windows = torch.arange(B).repeat(2) + B * step
        expected = theirs(torch.cat([queries, keys]), windows, enqueue_mask=torch.arange(2 * B) >= B)
        torch.testing.assert_close(ours(queries, keys, PEOPLE), expected)


def test_keys_get_no_gradient():
    queries, keys = batch(0)
    make_queue()(queries, keys, PEOPLE).backward()
    assert keys.grad is None
    assert queries.grad.any()


def test_a_queue_goes_on_from_its_state_dict_to_the_bit():
    queue = make_queue()
    for step in range(4):
        queue(*batch(step), PEOPLE)
    restored = make_queue()
    restored.load_state_dict(copy.deepcopy(queue.state_dict()))
    for step in range(4, 8):
        assert torch.equal(queue(*batch(step), PEOPLE), restored(*batch(step), PEOPLE))
    assert all(torch.equal(value, restored.state_dict()[name]) for name, value in queue.state_dict().items())


def test_the_state_dict_holds_tensors_only_and_the_loss_holds_the_queue():
    state = make_loss(objective="moco", queue_size=Q).state_dict()
    assert {"_loss.embedding_memory", "_loss.label_memory", "_loss.place", "_loss.filled"} == {*state}
    assert all(isinstance(value, torch.Tensor) for value in state.values())


def test_evaluation_leaves_the_queue_as_it_was():
    queue = make_queue()
    queue(*batch(0), PEOPLE)
    before = copy.deepcopy(queue.state_dict())
    value = queue.eval()(*batch(1), PEOPLE)
    assert all(torch.equal(before[name], value) for name, value in queue.state_dict().items())
    assert torch.equal(value, queue.train()(*batch(1), PEOPLE))


def test_negatives_may_be_kept_to_the_participant():
    queue, queries, keys = make_queue(negatives="same_participant"), *batch(0)
    logits = (unit(queries) @ unit(keys).T / 0.2).masked_fill(PEOPLE.unsqueeze(1) != PEOPLE, -torch.inf)
    expected = functional.cross_entropy(logits, torch.arange(B))
    torch.testing.assert_close(queue(queries, keys, PEOPLE), expected)


def test_a_queue_shorter_than_a_batch_is_refused():
    with pytest.raises(ParameterError, match="queue_size"):
        EmbeddingQueue(E, 3, 0.2)(*batch(0), PEOPLE)
