import dataclasses

import pytest
import torch

from eeg_kedro.errors import CheckpointError, ParameterError
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.finetuning import finetune
from tests.training.finetune_corpus import BALANCE, make_finetune_job, make_finetune_options
from tests.training.pretrain_corpus import digest

NAME = "mamba2_eeg_d16_l2_m50_mae_finetuned_s0"


def train(job, stop=None, **told):
    """Train and save as a node does; return the last checkpoint of each network, or stop after so many reports."""
    store, found = CheckpointStore(job.store_folder), {}
    for number, report in enumerate(finetune(job, **told), 1):
        store.save(report.checkpoint)
        found[report.checkpoint.name] = report.checkpoint
        if number == stop:
            break
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("people")


def test_a_resumed_training_equals_an_undisturbed_one_in_every_bit(folder, tmp_path):
    pausing = {
        "loop__save_steps": 2,
        "loop__epochs": 2,
        "models": ["pretrained", "eegnet"],
        "loop__patience": 0,
    }
    whole = train(make_finetune_job(folder, store=tmp_path / "whole", **pausing))
    job = make_finetune_job(folder, store=tmp_path / "parts", **pausing)
    for reports in (1, 2):
        train(job, stop=reports)
    parts = train(job)
    assert {*parts} == {*whole} == {NAME, "eegnet_s0"}
    for name in whole:
        assert digest(parts[name].weights) == digest(whole[name].weights)
        assert digest(parts[name].best_weights) == digest(whole[name].best_weights)


def test_a_frozen_backbone_keeps_its_weights_and_the_head_learns(folder, tmp_path):
    job = make_finetune_job(folder, store=tmp_path, freeze_backbone=True)
    weights = train(job)[NAME].weights
    before = {key: value for key, value in job.pretrained.weights.items() if key.startswith("encoder.")}
    assert all(torch.equal(weights[f"encoder.{key}"], value) for key, value in before.items())
    assert weights["head.leave.bias"].abs().sum() > 0


def test_layers_below_wait_for_their_epoch(folder, tmp_path):
    job = make_finetune_job(folder, store=tmp_path, unfreeze_epochs=1, loop__epochs=2)
    weights = train(job)[NAME].weights

    def moved(key):
        return not torch.equal(weights[f"encoder.{key}"], job.pretrained.weights[key])

    block = "encoder.backbone.layers.{}.mixer.in_proj.weight".format
    assert (moved(block(1)), moved(block(0)), moved("encoder.projection.weight")) == (True, False, False)


def test_each_seed_trains_a_network_of_its_own(folder, tmp_path):
    found = train(make_finetune_job(folder, store=tmp_path, seeds=[0, 1], loop__epochs=1))
    one, other = found.values()
    assert [*found] == [NAME, NAME.replace("_s0", "_s1")]
    assert digest(one.weights) != digest(other.weights)


def test_what_is_trained_already_is_reported_and_not_trained_again(folder, tmp_path):
    said = []
    job = make_finetune_job(folder, store=tmp_path, loop__epochs=1)
    first, again = train(job), train(job, on_notice=said.append)
    assert digest(first[NAME].weights) == digest(again[NAME].weights)
    assert any("is trained already" in sentence for sentence in said)


def test_another_training_of_the_name_is_refused(folder, tmp_path):
    train(make_finetune_job(folder, store=tmp_path, loop__epochs=1))
    other = make_finetune_job(folder, store=tmp_path, loop__epochs=1, hidden=9)
    with pytest.raises(CheckpointError, match=r"network.hidden: 8 -> 9.*finetune.tag.*finetune.resume=never"):
        train(other)


def test_without_validation_it_trains_to_the_last_epoch_and_warns(tmp_path):
    job = make_finetune_job(tmp_path, keep=["a", "b", "d"], loop__epochs=3, loop__patience=1)
    warned = []
    (checkpoint,) = train(job, on_warning=warned.append).values()
    assert (len(checkpoint.history), checkpoint.best_weights) == (3, None)
    assert any("no participants to validate on" in sentence for sentence in warned)


def test_what_was_decided_is_said(folder, tmp_path):
    said = []
    train(make_finetune_job(folder, store=tmp_path, loop__epochs=1), on_notice=said.append)
    text = "\n".join(said)
    assert "training windows of 2 participants" in text
    assert "drawn anew in each epoch with balance.seed=0" in text


def test_a_weighted_loss_on_balanced_windows_is_refused_before_anything_is_trained(folder, tmp_path):
    options = make_finetune_options(loss_weight="prior")
    job = dataclasses.replace(make_finetune_job(folder, store=tmp_path), options=options)
    with pytest.raises(ParameterError, match="correct for rare seizures twice"):
        train(job)
    assert not CheckpointStore(tmp_path).names()


def test_a_weighted_loss_on_all_windows_makes_seizure_half_of_all_time(tmp_path):
    everything = BALANCE.model_copy(update={"none_ratio": 1000.0, "full_ratio": 1000.0})
    job = make_finetune_job(tmp_path, balance=everything, loss_weight="prior", loop__epochs=1)
    said = []
    (checkpoint,) = train(job, on_notice=said.append).values()
    assert checkpoint.about["prior_trained"] == pytest.approx(0.5)
    assert any("to the model it is 50% of all time" in sentence for sentence in said)
