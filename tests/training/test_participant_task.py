"""Steps of participants: whose windows are drawn when, and what is trained how fast."""

import numpy as np
import pytest
import torch

from eeg_kedro.training.participant_network import build_participant_detector
from eeg_kedro.training.participant_task import ParticipantTask
from eeg_kedro.training.window_features import WindowFeatures
from tests.training.participant_corpus import PEOPLE, make_job

CPU = torch.device("cpu")


def make_task(folder, seed=0, **changes):
    job = make_job(folder, **changes)
    return ParticipantTask(job, WindowFeatures(job.windows, job.about(seed), 4, CPU), seed, CPU), job


def drawn(task, epoch, step=0):
    bags = [*task.batches(epoch, step)]
    return {who: bag.tolist() for batch in bags for who, bag in zip(batch.names, batch.windows, strict=True)}


def test_an_epoch_has_each_participant_once(tmp_path):
    task, _ = make_task(tmp_path, loop__batch_size=3)
    batches = [*task.batches(0, 0)]
    assert [len(batch.names) for batch in batches] == [3, 3, 2]
    assert sorted(name for batch in batches for name in batch.names) == PEOPLE[:8]
    assert all(batch.labels.tolist() == [int(name[1:]) % 2 for name in batch.names] for batch in batches)


def test_windows_are_drawn_from_the_bag_anew_in_each_epoch(tmp_path):
    task, job = make_task(tmp_path)
    first, second = drawn(task, 0), drawn(task, 1)
    assert all(len(set(bag)) == 3 and set(bag) <= set(job.bags[who]) for who, bag in first.items())
    assert sum(first[who] != second[who] for who in first) > 3


def test_draws_depend_on_seed_epoch_and_participant_only(tmp_path):
    task, _ = make_task(tmp_path)
    whole = drawn(task, 2)
    rest = drawn(task, 2, step=1)
    assert rest == {who: whole[who] for who in rest}
    assert len(rest) == 4
    assert drawn(make_task(tmp_path, seed=1)[0], 2) != whole


def test_more_windows_than_there_are_means_all_of_them(tmp_path):
    task, job = make_task(tmp_path, n_windows=50)
    assert all(bag == job.bags[who].tolist() for who, bag in drawn(task, 0).items())


def test_features_of_training_are_standardised(tmp_path):
    task, job = make_task(tmp_path)
    features = torch.cat([task._describe(job.bags[who]) for who in PEOPLE[:8]])
    standard = ((features - task.model.center) / task.model.spread).detach()
    np.testing.assert_allclose(standard.mean(0), 0, atol=1e-4)
    assert np.isin(standard.std(0, unbiased=False).round(decimals=3).numpy(), (0, 1)).all()


def test_bags_of_different_sizes_do_not_disturb_each_other(tmp_path):
    task, job = make_task(tmp_path)
    long, short = job.bags["p00"], job.bags["p01"][:2]
    with torch.no_grad():
        together = task._judge((long, short))
        alone = torch.cat([task._judge((long,)), task._judge((short,))])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(("frozen", "names"), [(True, {"head"}), (False, {"head", "backbone"})])
def test_the_encoder_is_trained_more_slowly_or_not_at_all(tmp_path, frozen, names):
    task, _ = make_task(tmp_path, freeze_backbone=frozen, backbone_rate=0.2)
    groups = task.parameter_groups(0.1)
    assert {group["name"] for group in groups} == names
    trained = sum(p.numel() for group in groups for p in group["params"])
    assert trained == sum(p.numel() for p in task.model.parameters() if p.requires_grad)
    assert (task.rate_scale("backbone", 3), task.rate_scale("head", 3)) == (0.2, 1.0)


def test_a_batch_is_described_by_its_participants(tmp_path):
    task, _ = make_task(tmp_path)
    batch = next(iter(task.batches(0, 0)))
    assert task.describe(batch) == f"participants {', '.join(batch.names)}"


def test_windows_that_were_described_together_or_alone_have_the_same_features(tmp_path):
    job = make_job(tmp_path)
    network = build_participant_detector(job.about(0), 0, weights=job.pretrained.weights).eval()
    found = [
        WindowFeatures(job.windows, job.about(0), batch, CPU).recall(network, job.bags["p03"])
        for batch in (1, 4)
    ]
    np.testing.assert_allclose(*found, atol=1e-5)
