import dataclasses
import json

import pytest

from eeg_kedro.errors import ParameterError
from eeg_kedro.training.detector_plan import name_detector, name_model_of, plan_detectors, primary_variant
from tests.training.finetune_corpus import make_finetune_job, make_finetune_options, make_pretrained

NETWORKS = ["pretrained", "scratch", "eegnet"]
NAME = "mamba2_eeg_d16_l2_m50_mae"


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return make_finetune_job(tmp_path_factory.mktemp("people"), models=[*NETWORKS, "always_on"], seeds=[0, 4])


@pytest.fixture(scope="module")
def plans(job):
    return {(plan.variant, plan.seed): plan for plan in plan_detectors(job)}


def test_every_network_is_planned_with_every_seed_under_a_name_of_its_own(plans):
    assert [plan.name for plan in plans.values()] == [
        f"{NAME}_finetuned_s0", f"{NAME}_finetuned_s4", f"{NAME}_scratch_s0", f"{NAME}_scratch_s4",
        "eegnet_s0", "eegnet_s4",
    ]  # fmt: skip


def test_a_tag_stands_before_the_seed():
    assert name_detector("pretrained", "m", 1, "two") == "m_finetuned_two_s1"
    assert name_model_of("eegnet", "m", "two") == "eegnet_two"


def test_only_the_pretrained_one_has_seen_whom_pretraining_saw(plans, job):
    told = {variant: plans[variant, 0].about["participants"] for variant in NETWORKS}
    assert told["pretrained"]["pretrain"] == {"train": ["a", "b"], "validation": ["c"]}
    assert told["scratch"]["pretrain"] == told["eegnet"]["pretrain"] == {"train": [], "validation": []}
    assert all(people["train"] == ["a", "b"] for people in told.values())


def test_identity_is_json_and_holds_what_prediction_needs(plans):
    about = plans["pretrained", 0].about
    assert json.loads(json.dumps(about)) == about
    assert about["ch_names"] == ["C3", "FZ", "O1"] == [*about["channels"]]
    assert (about["token_length"], about["sfreq"], about["window_seconds"]) == (50, 50.0, 4.0)
    assert 0 < about["prior_true"] < about["prior_trained"] < 1


def test_options_of_the_backbone_are_no_part_of_the_others(plans):
    assert "layer_decay" in plans["pretrained", 0].about["options"]
    assert not {"layer_decay", "freeze_backbone"} & {*plans["scratch", 0].about["options"]}


def test_the_weights_begun_with_are_part_of_the_identity(job, plans):
    other = dataclasses.replace(job, pretrained=make_pretrained(job.files, seed=6))
    changed = next(iter(plan_detectors(other))).about["pretrained"]
    assert changed["name"] == NAME
    assert changed["weights"] != plans["pretrained", 0].about["pretrained"]["weights"]


@pytest.mark.parametrize(("head", "kind"), [("dense", "dense"), ("window", "window")])
def test_eegnet_keeps_its_own_answer(tmp_path, head, kind):
    job = make_finetune_job(tmp_path, models=NETWORKS, head=head)
    assert [plan.about["kind"] for plan in plan_detectors(job)] == [kind, kind, "dense"]


def test_six_classes_have_no_labels_here(job):
    other = dataclasses.replace(job, options=make_finetune_options(head="six_class"))
    with pytest.raises(ParameterError, match=r"no labels of six classes.*allowed: dense, window"):
        plan_detectors(other)


def test_windows_of_another_rate_than_pretraining_are_refused(job):
    model = dataclasses.replace(job.pretrained, about={**job.pretrained.about, "sfreq": 64.0})
    with pytest.raises(ParameterError, match=r"another rate.*50 Hz.*allowed: 64 Hz.*clean.sfreq"):
        plan_detectors(dataclasses.replace(job, pretrained=model))


def test_eegnet_alone_does_without_a_pretrained_model(job):
    options = make_finetune_options(models=["eegnet"])
    (plan,) = plan_detectors(dataclasses.replace(job, options=options, pretrained=None))
    assert (plan.about["token_length"], plan.about["channels"]["C3"]["spread"]) == (50, 50.0)
    with pytest.raises(ParameterError, match="pipelines=pretrain"):
        plan_detectors(dataclasses.replace(job, pretrained=None))


def test_the_detector_is_the_pretrained_network_or_the_next_best():
    assert primary_variant(make_finetune_options(models=["eegnet", "pretrained"])) == "pretrained"
    assert primary_variant(make_finetune_options(models=["eegnet", "scratch"])) == "scratch"
