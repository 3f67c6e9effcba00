import numpy as np
import pytest
import torch

from eeg_kedro.training.pretrain_task import PretrainTask
from eeg_kedro.training.ranks import Ranks
from tests.training.pretrain_corpus import make_job, write_corpus


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def make_task(files, tmp_path, ranks=None, **changes):
    return PretrainTask(make_job(files, tmp_path, **changes), ranks or Ranks.single())


def test_the_loss_is_the_squared_error_on_masked_samples(files, tmp_path):
    task = make_task(files, tmp_path)
    batch = next(task.batches(0, 0))
    error, count, n_tokens = task.loss(batch)
    with torch.no_grad():
        predictions = task.model(batch.inputs, batch.positions, batch.valid, batch.hidden)
    difference = (predictions - batch.targets)[batch.masked]
    torch.testing.assert_close(error.detach(), difference.square().sum())
    assert (count.item(), n_tokens) == (difference.numel(), int(batch.valid.sum()))


@pytest.mark.parametrize("target", ["raw", "lowpass", "spectral"])
def test_zero_loss_is_the_power_of_what_is_masked(files, tmp_path, target):
    found = make_task(files, tmp_path, target=target).evaluate()
    names = ("loss", "zero_loss", "channel_mean_loss", "linear_interpolation_loss", "copy_nearest_loss")
    assert set(found) == set(names)
    assert len({count for _, count in found.values()}) == 1
    if target == "raw":  # 40 uV of sinusoid and 5 uV of noise, in units of 50 uV
        total, count = found["zero_loss"]
        assert total / count == pytest.approx((40**2 / 2 + 5**2) / 50**2, rel=0.05)


def test_trivial_predictors_say_the_same_in_every_epoch(files, tmp_path):
    task = make_task(files, tmp_path)
    first, second = task.evaluate(), task.evaluate()
    assert first == second


def test_shares_of_processes_add_up_to_the_whole(files, tmp_path):
    whole = make_task(files, tmp_path).evaluate()
    shares = [make_task(files, tmp_path, Ranks(rank, 2, 2)).evaluate() for rank in range(2)]
    for name, pair in whole.items():
        np.testing.assert_allclose(np.sum([share[name] for share in shares], 0), pair, rtol=1e-6)


def test_an_empty_share_adds_nothing(files, tmp_path):
    shares = [make_task(files, tmp_path, Ranks(rank, 6, 6), ch_names=("C3",)).evaluate() for rank in range(6)]
    empty = [share for share in shares if share["loss"] == (0.0, 0.0)]
    assert len(empty) == 2  # 4 sequences of validation among 6 processes
    assert all(set(share.values()) == {(0.0, 0.0)} for share in empty)


def test_the_first_weights_belong_to_the_seed(files, tmp_path):
    one, same, other = (make_task(files, tmp_path, seed=seed).model.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["head.weight"], other["head.weight"])
