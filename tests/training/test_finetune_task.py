import dataclasses

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score
from torch.nn import functional

from eeg_kedro.training.detector_plan import plan_detectors
from eeg_kedro.training.finetune_job import open_sides
from eeg_kedro.training.finetune_task import FinetuneTask, layer_rates, rank_scores, weighted_entropy
from eeg_kedro.training.ranks import Ranks
from tests.training.finetune_corpus import make_finetune_job, make_finetune_options

LAYERS = ["input", "block_1", "block_2", "rest", "head"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("people")


def make_task(folder, weight=1.0, variant="pretrained", **changes):
    job = make_finetune_job(folder, models=[variant], **changes)
    (plan,) = plan_detectors(job)
    weights = job.pretrained.weights if variant == "pretrained" else None
    return FinetuneTask(plan, job.options, open_sides(job), weight, Ranks.single(), weights)


def scales(task):
    return {group["name"]: task.rate_scale(group["name"], 0) for group in task.parameter_groups(0.1)}


def test_the_loss_is_the_cross_entropy_of_each_token_with_its_share(folder):
    task = make_task(folder, augment={"channel_dropout": 0.0, "flip": 0.0})
    batch = next(task.batches(0, 0))
    total, count, n_tokens = task.loss(batch)
    given = task._vary(batch)
    tokens, valid, real = task._tokens.cut(given.samples, given.valid)
    said = task.model(tokens, task._tokens.places, valid, real)
    wanted = functional.binary_cross_entropy_with_logits(said, batch.shares, reduction="sum")
    torch.testing.assert_close(total, wanted)
    assert (count.item(), n_tokens) == (6 * 4, 6 * 4 * 3)
    assert 0 < batch.shares.mean() < 1


def test_a_window_head_learns_the_share_of_the_window(folder):
    task = make_task(folder, head="window")
    batch = next(task.batches(0, 0))
    logits, targets, real, _ = task._judge(batch)
    assert logits.shape == (6,)
    torch.testing.assert_close(targets, batch.shares.mean(1))
    assert real.all()


def test_a_seizure_token_counts_as_often_as_it_weighs():
    logits, targets = torch.tensor([[2.0, -1.0, 0.5]]), torch.tensor([[1.0, 0.0, 0.25]])
    real = torch.tensor([[True, True, True]])
    total, count = weighted_entropy(logits, targets, real, 3.0)
    seizure, other = functional.softplus(-logits), functional.softplus(logits)
    torch.testing.assert_close(total, (3 * targets * seizure + (1 - targets) * other).sum())
    assert count.item() == pytest.approx(3 + 1 + (0.75 + 0.75))


def test_what_is_not_real_has_no_part_in_the_loss():
    logits, targets = torch.tensor([[2.0, 99.0]]), torch.tensor([[1.0, 0.0]])
    alone = weighted_entropy(logits[:, :1], targets[:, :1], torch.ones(1, 1, dtype=torch.bool), 1.0)
    both = weighted_entropy(logits, targets, torch.tensor([[True, False]]), 1.0)
    assert [value.item() for value in both] == [value.item() for value in alone]


def test_validation_is_measured_on_every_token_of_unseen_people(folder):
    task = make_task(folder)
    task.model.eval()
    with torch.no_grad():
        found = task.evaluate()
        judged = [task._judge(batch) for batch in task._validation.batches(0)]
    logits, shares = (torch.cat([one[i].flatten() for one in judged]) for i in (0, 1))
    truth = shares.numpy() >= 0.5
    assert found["loss"][1] == logits.numel() == 4 * task._validation.side.draw(0).size
    assert found["auroc"] == (pytest.approx(roc_auc_score(truth, logits)), 1.0)
    assert found["auprc"] == (pytest.approx(average_precision_score(truth, logits)), 1.0)


@pytest.mark.parametrize("truth", [[], [True, True], [False]])
def test_one_class_has_no_curve(truth):
    found = rank_scores(np.array(truth, bool), np.zeros(len(truth), np.float32))
    assert found == {"auroc": (0.0, 0.0), "auprc": (0.0, 0.0)}


def test_layers_are_unfrozen_from_the_top_one_by_one():
    options = make_finetune_options(unfreeze_epochs=2, layer_decay=0.5, backbone_rate=0.4)
    assert layer_rates(LAYERS, options) == {
        "head": (0, 1.0), "rest": (2, 0.4), "block_2": (2, 0.4), "block_1": (4, 0.2), "input": (6, 0.1),
    }  # fmt: skip


def test_all_layers_at_once_is_the_default():
    assert {first for first, _ in layer_rates(LAYERS, make_finetune_options()).values()} == {0}


def test_a_layer_has_no_rate_before_its_epoch(folder):
    task = make_task(folder, unfreeze_epochs=3, backbone_rate=0.4)
    assert [task.rate_scale("block_2", epoch) for epoch in (0, 2, 3, 9)] == [0.0, 0.0, 0.4, 0.4]


def test_every_parameter_is_in_one_group(folder):
    task = make_task(folder)
    grouped = [p for group in task.parameter_groups(0.1) for p in group["params"]]
    assert sorted(map(id, grouped)) == sorted(map(id, task.model.parameters()))
    assert {group["weight_decay"] for group in task.parameter_groups(0.1)} == {0.0, 0.1}


def test_a_network_from_scratch_has_one_rate_for_all(folder):
    assert {*scales(make_task(folder, variant="scratch", freeze_backbone=True)).values()} == {1.0}
    assert len({*scales(make_task(folder)).values()}) > 2


def test_a_frozen_backbone_is_in_no_group_and_in_evaluation_mode(folder):
    task = make_task(folder, freeze_backbone=True)
    assert {*scales(task)} == {"head"}
    task.model.train()
    assert not task.model.encoder.training
    assert task.model.head.training


def test_a_batch_is_named_by_recordings(folder):
    task = make_task(folder)
    assert " s, " in task.describe(next(task.batches(0, 0)))


def test_training_windows_vary_with_epoch_and_seed_and_labels_stay(folder):
    task = make_task(folder, augment__channel_dropout=0.5)
    batch = next(task.batches(0, 0))
    one, same = task._vary(batch), task._vary(batch)
    other = task._vary(dataclasses.replace(batch, epoch=1))
    assert torch.equal(one.samples, same.samples)
    assert torch.equal(one.shares, batch.shares)
    assert not torch.equal(one.samples, other.samples)
    assert one.valid.sum() < batch.valid.sum()


def test_eegnet_keeps_all_its_channels(folder):
    task = make_task(folder, variant="eegnet", augment={"channel_dropout": 0.9, "flip": 0.0})
    batch = next(task.batches(0, 0))
    assert torch.equal(task._vary(batch).valid, batch.valid)


def test_what_validates_does_not_vary(folder):
    task = make_task(folder)
    task.model.eval()
    with torch.no_grad():
        assert task.evaluate() == task.evaluate()
