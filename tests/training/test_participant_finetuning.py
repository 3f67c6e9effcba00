"""A label that is in the signal is learned from persons and found in others, to the bit again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score

from eeg_kedro.errors import CheckpointError, NonFiniteError, ParameterError
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.model_file import PretrainedModel
from eeg_kedro.training.participant_finetuning import finetune_participants, predict_participants
from eeg_kedro.training.participant_job import ParticipantJob
from eeg_kedro.training.participant_labels import match_labels
from eeg_kedro.training.participant_network import build_participant_detector
from eeg_kedro.training.pretrain_task import make_model
from tests.training.participant_corpus import (
    LABELS,
    PEOPLE,
    SPLIT,
    PeopleWindows,
    make_job,
    make_options,
    make_pretrained,
)
from tests.training.pretrain_corpus import SPLIT as CORPUS_SPLIT
from tests.training.pretrain_corpus import make_job as make_pretraining
from tests.training.pretrain_corpus import write_corpus
from tests.training.tiny_task import digest


def train(job, stop_after=None):
    """Train and save as a node does; return the reports."""
    reports = []
    for report in finetune_participants(job):
        CheckpointStore(job.store_folder).save(report.checkpoint)
        reports.append(report)
        if len(reports) == stop_after:
            break
    return reports


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    job = make_job(tmp_path_factory.mktemp("store"), seeds=(0, 1))
    return job, train(job)


def last_of(reports):
    return [report.checkpoint for report in reports if report.finished]


def test_the_label_is_found_in_people_never_seen(trained):
    job, reports = trained
    found = predict_participants(job, last_of(reports))
    unseen = found[found["role"] != "train"]
    assert roc_auc_score(unseen["label"], unseen["probability"]) > 0.9
    assert reports[-1].metrics["validation_auroc"] > 0.9
    assert reports[-1].metrics["validation_accuracy"] > 0.7


def test_labels_that_mean_nothing_are_not_found(tmp_path):
    shuffled = LABELS.assign(label=["relapse", "relapse", "remission", "remission"] * 4)
    job = make_job(tmp_path, labels=shuffled)
    found = predict_participants(job, last_of(train(job)))
    unseen = found[found["role"] != "train"]
    assert 0.1 < roc_auc_score(unseen["label"], unseen["probability"]) < 0.9


def test_predictions_are_a_row_per_seed_and_participant(trained):
    job, reports = trained
    found = predict_participants(job, last_of(reports))
    assert [*found] == ["participant", "person", "role", "label", "probability", "model", "seed"]
    assert found["participant"].tolist() == PEOPLE * 2
    assert found["seed"].tolist() == [0] * 16 + [1] * 16
    assert set(found["model"]) == {"tiny_participant"}
    assert found["probability"].between(0, 1).all()
    assert found["label"].tolist() == [0, 1] * 16


def test_metrics_are_those_of_the_predictions(trained):
    job, reports = trained
    final = next(report for report in reports if report.finished)
    best = min(final.checkpoint.history, key=lambda row: row["validation_loss"])
    found = predict_participants(job, [final.checkpoint])
    seen = found[found["role"] == "validation"]
    chosen = np.where(seen["label"] == 1, seen["probability"], 1 - seen["probability"])
    assert -np.log(chosen).mean() == pytest.approx(best["validation_loss"], rel=1e-4)
    assert ((seen["probability"] > 0.5) == seen["label"]).mean() == pytest.approx(best["validation_accuracy"])
    assert roc_auc_score(seen["label"], seen["probability"]) == pytest.approx(best["validation_auroc"])


def test_the_best_weights_are_used_and_the_last_where_there_are_none(trained):
    job, reports = trained
    first, second = last_of(reports)
    best = predict_participants(job, [replace(first, best_weights=second.weights)])["probability"]
    last = predict_participants(job, [replace(first, best_weights=None)])["probability"]
    expected = predict_participants(job, [replace(second, best_weights=None)])["probability"]
    assert best.tolist() == expected.tolist() != last.tolist()


def test_each_seed_has_its_own_model_and_the_same_seed_the_same(trained, tmp_path):
    _, reports = trained
    first, second = (digest(checkpoint.weights) for checkpoint in last_of(reports))
    again = last_of(train(make_job(tmp_path)))
    assert [digest(again[0].weights)] == [first] != [second]


def test_a_training_that_was_stopped_goes_on_to_the_bit(trained, tmp_path):
    _, reports = trained
    train(make_job(tmp_path), stop_after=5)
    resumed = train(make_job(tmp_path))
    assert len(resumed) == 7
    assert digest(resumed[-1].checkpoint.weights) == digest(last_of(reports)[0].weights)


def test_what_is_trained_is_not_trained_again(trained):
    job, _ = trained
    windows = PeopleWindows()
    again = [*finetune_participants(make_job(job.store_folder, windows, seeds=(0, 1)))]
    assert [report.finished for report in again] == [True, True]
    assert windows.asked == []


def test_with_other_labels_it_is_refused_to_go_on(trained):
    job, _ = trained
    other = make_job(job.store_folder, labels=LABELS.assign(label=["remission", "relapse"] * 8))
    with pytest.raises(CheckpointError, match=r"finetune\.participant\.tag"):
        train(other)


def test_frozen_weights_are_those_of_pretraining_and_their_windows_are_read_once(tmp_path):
    windows, pretrained = PeopleWindows(), make_pretrained()
    job = make_job(tmp_path, windows, pretrained=pretrained, loop__epochs=2, seeds=(0, 1))
    checkpoint = train(job)[-1].checkpoint
    kept = {name.removeprefix("encoder."): value for name, value in checkpoint.weights.items()}
    for name, value in pretrained.weights.items():
        if name.startswith("encoder."):
            assert torch.equal(kept[name], value)
    assert len(windows.asked) == len(set(windows.asked)) == 12 * 6


def test_an_encoder_that_is_not_frozen_moves_and_learns(tmp_path):
    pretrained = make_pretrained()
    job = make_job(tmp_path, pretrained=pretrained, freeze_backbone=False, loop__epochs=6)
    checkpoint = train(job)[-1].checkpoint
    before = pretrained.weights["encoder.projection.weight"]
    assert not torch.equal(checkpoint.weights["encoder.encoder.projection.weight"], before)
    found = predict_participants(job, [checkpoint])
    assert roc_auc_score(found["label"], found["probability"]) > 0.9


def test_windows_of_test_participants_are_not_read_in_training(tmp_path):
    windows = PeopleWindows()
    train(make_job(tmp_path, windows, loop__epochs=1))
    assert set(windows.table.iloc[windows.asked]["participant"]) == set(PEOPLE[:12])


def test_without_anybody_to_validate_on_it_trains_to_the_end(tmp_path):
    split = SPLIT.assign(role=["train"] * 8 + ["test"] * 8)
    job, told = make_job(tmp_path, split=split, loop__epochs=2), []
    reports = [*finetune_participants(job, on_notice=told.append)]
    assert len(reports) == 2
    assert np.isnan(reports[-1].metrics["validation_loss"])
    assert any("validate" in sentence for sentence in told)
    assert len(predict_participants(job, last_of(reports))) == 16


def test_one_class_in_validation_has_no_auroc(tmp_path):
    labels = LABELS[~LABELS["participant"].isin(["p08", "p10"])]
    metrics = train(make_job(tmp_path, labels=labels, loop__epochs=1))[-1].metrics
    assert np.isnan(metrics["validation_auroc"])
    assert np.isfinite(metrics["validation_loss"])


def test_who_has_one_window_is_judged_too(tmp_path):
    windows = PeopleWindows()
    kept = np.flatnonzero(
        (windows.table["participant"] != "p01") | (windows.table["window_start_sample"] == 0)
    )
    windows.table, windows.samples = windows.table.iloc[kept], windows.samples[kept]
    job = make_job(tmp_path, windows, loop__epochs=1)
    assert len(predict_participants(job, last_of(train(job)))) == 16


def test_a_sample_that_is_no_number_is_told(tmp_path):
    windows = PeopleWindows()
    windows.samples[9, 1] = np.nan
    with pytest.raises(NonFiniteError, match="no finite numbers"):
        train(make_job(tmp_path, windows))


def test_a_checkpoint_of_another_encoder_is_refused(trained, tmp_path):
    _, reports = trained
    other = make_job(tmp_path, pretrained=make_pretrained(seed=1))
    with pytest.raises(CheckpointError, match="pretrained differs"):
        predict_participants(other, last_of(reports))


def test_weights_of_another_shape_are_refused(tmp_path):
    about = make_job(tmp_path).about(0)
    with pytest.raises(CheckpointError):
        build_participant_detector(about, 0, weights={"encoder.projection.weight": torch.zeros(3, 3)})


def test_without_checkpoints_there_are_no_predictions(tmp_path):
    found = predict_participants(make_job(tmp_path), [])
    assert found.empty
    assert isinstance(found, pd.DataFrame)
    assert found["label"].dtype == "int64"


def test_what_cannot_be_learned_from_is_refused_before_anything_is_read(tmp_path):
    windows = PeopleWindows(PEOPLE[1::2])
    with pytest.raises(ParameterError, match="both classes"):
        train(make_job(tmp_path, windows))
    assert windows.asked == []


def test_windows_of_recordings_and_a_model_of_pretraining_will_do(tmp_path):
    files = write_corpus(tmp_path)  # of a and b, who are trained on, and c
    pretraining = make_pretraining(files, tmp_path)
    about = pretraining.about(1)
    weights = make_model(pretraining.options, torch.device("cpu")).state_dict()
    reader = WindowReader(files)
    table = pd.DataFrame(
        {"participant": who, "run": "1", "window_start_sample": start, "n_samples": 200, "sfreq": 50.0}
        | {"windows_fingerprint": reader.layout(who, "1").fingerprint}
        for who in "abc"
        for start in (0, 400, 1000)
    )
    options = make_options(positive=None, loop__epochs=1)
    labels = pd.DataFrame({"participant": [*"abc"], "label": [*"101"]})
    labelled = match_labels(labels, CORPUS_SPLIT.assign(person=[*"abc"]), options)
    windows = RecordedWindows(reader, table, None)
    pretrained = PretrainedModel(about["name"], about, weights)
    job = ParticipantJob(options, labelled, windows, table, pretrained, tmp_path / "store")
    assert predict_participants(job, last_of(train(job)))["participant"].tolist() == [*"abc"]


def test_the_state_of_the_global_generators_is_left_alone(tmp_path):
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    train(make_job(tmp_path, loop__epochs=1))
    assert torch.equal(before[0], torch.random.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])
