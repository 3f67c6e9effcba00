import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from eeg_kedro.errors import (
    CheckpointError,
    CollapseError,
    NonFiniteError,
    NoSeizureError,
    ParameterError,
    StaleError,
)
from eeg_kedro.training import embed_task
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.checkpoint_files import read_checkpoint, write_checkpoint
from eeg_kedro.training.embedding import embed_table, tidy
from eeg_kedro.training.model_file import PretrainedModel
from tests.training.embed_corpus import (
    ROLES,
    digest,
    make_job,
    make_options,
    make_pretrained,
    train,
    write_corpus,
)

OBJECTIVES = {
    "supcon": {"conv__dropout": 0.1},
    "simclr": {},
    "moco": {"loss__queue_size": 32},
    "triplet": {"loss__mining": "batch_hard"},
    "contrastive": {"loss__positives": "participant"},
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def resumed(job, checkpoint, folder):
    """Train on from a checkpoint that went through files, as after a kill."""
    (folder / "files").mkdir(parents=True)
    write_checkpoint(folder / "files", checkpoint)
    CheckpointStore(job.store_folder).save(read_checkpoint(folder / "files"))
    return train(job)[-1][1].checkpoint


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_from_whatever_step_it_goes_on_the_weights_are_the_same_to_the_bit(corpus, tmp_path, objective):
    changes = {"loss__objective": objective, **OBJECTIVES[objective]}
    whole = [
        report.checkpoint for _, report in train(make_job(corpus, tmp_path, loop__save_steps=1, **changes))
    ]
    assert [checkpoint.step for checkpoint in whole] == [1, 2, 3, 4, 5, 6]
    for checkpoint in whole[:-1]:
        folder = tmp_path / str(checkpoint.step)
        last = resumed(make_job(corpus, folder, **changes), checkpoint, folder)
        assert digest(last.weights) == digest(whole[-1].weights)
        assert digest(last.best_weights) == digest(whole[-1].best_weights)


def test_two_stages_resumed_anywhere_end_with_the_same_weights(corpus, tmp_path):
    changes = {"stages": "patients_then_seizures", "steps": 2, "loop__save_steps": 3, "loop__epochs": 2}
    whole = [report for _, report in train(make_job(corpus, tmp_path, make_pretrained(), **changes))]
    for number in range(1, len(whole)):
        job = make_job(corpus, tmp_path / str(number), make_pretrained(), **changes)
        for report in whole[:number]:
            CheckpointStore(job.store_folder).save(report.checkpoint)
        assert digest(train(job)[-1][1].checkpoint.weights) == digest(whole[-1].checkpoint.weights)


def test_the_second_stage_begins_with_the_best_weights_of_the_first(corpus, tmp_path):
    changes = {"stages": "patients_then_seizures", "loop__save_steps": 1, "loop__lr": 1e-12}
    reports = train(make_job(corpus, tmp_path, **changes))
    first = [report.checkpoint for stage, report in reports if stage.number == 1][-1]
    second = next(report.checkpoint for stage, report in reports if stage.number == 2)
    for name, weight in first.best_weights.items():
        torch.testing.assert_close(second.weights[name], weight, rtol=0, atol=1e-9)
    assert (first.name, second.name) == ("conv_embedder_supcon_stage1", "conv_embedder_supcon_stage2")


def test_of_the_second_stage_only_some_layers_are_trained(corpus, tmp_path):
    reports = train(
        make_job(corpus, tmp_path, make_pretrained(), stages="patients_then_seizures", unfreeze=1)
    )
    before, after = (
        [report.checkpoint for stage, report in reports if stage.number == number][-1] for number in (1, 2)
    )
    moved = {
        name for name, weight in after.weights.items() if not torch.equal(weight, before.best_weights[name])
    }
    blocks = "query.embedder.encoder.encoder.backbone.layers"
    assert any(name.startswith(f"{blocks}.1.") for name in moved)
    assert not any(
        name.startswith((f"{blocks}.0.", "query.embedder.encoder.encoder.projection")) for name in moved
    )


def test_a_frozen_encoder_stays_as_it_was_pretrained(corpus, tmp_path):
    model = make_pretrained()
    _, report = train(make_job(corpus, tmp_path, model, unfreeze="none"))[-1]
    for name, weight in model.weights.items():
        if name.startswith("encoder."):
            assert torch.equal(report.checkpoint.weights[f"query.embedder.encoder.{name}"], weight)


def test_nobody_of_the_test_participants_is_read(corpus, tmp_path, monkeypatch):
    read = set()
    gather = type(corpus.signals).gather
    monkeypatch.setattr(
        type(corpus.signals), "gather", lambda self, rows: (read.update(rows.tolist()), gather(self, rows))[1]
    )
    train(make_job(corpus, tmp_path))
    assert set(corpus.table.loc[sorted(read), "participant"]) == {*"abcdef"}


def test_no_window_of_unseen_people_decides_the_scale(corpus, tmp_path, monkeypatch):
    scaled, learn = [], embed_task.learn_scale
    monkeypatch.setattr(embed_task, "learn_scale", lambda *given: (scaled.append(given[2]), learn(*given)))
    train(make_job(corpus, tmp_path, stages="patients_then_seizures", loop__epochs=1))
    (rows,) = scaled  # the second stage keeps that of the first
    assert set(corpus.table.loc[rows, "role"]) == {"train"}


def test_every_epoch_is_measured_on_unseen_participants(corpus, tmp_path):
    for _, report in train(make_job(corpus, tmp_path)):
        found = {name: value for name, value in report.metrics.items() if name.startswith("validation_")}
        assert {f"validation_{name}" for name in ("label_knn_auroc", "participant_probe_accuracy")} < {*found}
        assert len(found) == 9
        assert all(map(math.isfinite, found.values()))


def test_the_validation_loss_is_the_same_for_the_same_weights(corpus, tmp_path):
    for number, objective in enumerate(OBJECTIVES):
        changes = {
            "loss__objective": objective,
            "loss__queue_size": 32,
            "loop__lr": 1e-12,
            "augment__noise": 0.0,
        }
        reports = train(make_job(corpus, tmp_path / str(number), conv__dropout=0.3, **changes))
        losses = [report.metrics["validation_loss"] for _, report in reports]
        if objective != "moco":  # its queue has other keys in each epoch
            assert losses[0] == pytest.approx(losses[1], abs=1e-6)
        assert losses[0] > 0


def test_seizures_of_unseen_people_are_told_from_the_rest(corpus, tmp_path):
    changes = {"steps": 20, "loop__epochs": 2, "augment__flip": 0.0}
    before, after = (
        train(make_job(corpus, tmp_path / str(lr), loop__lr=lr, **changes))[-1][1].metrics
        for lr in (1e-9, 0.01)
    )
    assert after["validation_label_knn_auroc"] > 0.9 > before["validation_label_knn_auroc"]


def test_a_collapsed_embedding_stops_the_run_with_advice(corpus, tmp_path):
    job = make_job(
        corpus,
        tmp_path,
        loss__objective="triplet",
        alarm__margin_tolerance=1.0,
        alarm__margin_steps=4,
        steps=9,
    )
    with pytest.raises(CollapseError, match=r"conv_embedder_triplet.*step 4.*Remedy: .*supcon"):
        train(job)


def test_one_point_is_seen_whatever_the_loss(corpus, tmp_path):
    with pytest.raises(CollapseError, match="lie in one point"):
        train(
            make_job(corpus, tmp_path, alarm__least_distance=2.0, alarm__every_steps=1, alarm__first_step=0)
        )


def test_fewer_participants_than_asked_for_is_a_smaller_batch_and_a_warning(corpus, tmp_path):
    said = []
    _, report = train(make_job(corpus, tmp_path, n_participants=9), on_warning=said.append)[-1]
    assert said == ["embed.n_participants=9, and 4 take part in training: 4 per batch"]
    assert report.checkpoint.about["batch_size"] == 16


def test_one_participant_is_trained_on_with_a_warning(tmp_path):
    corpus = write_corpus(tmp_path / "windows", roles={"a": "train", "e": "validation"})
    said = []
    _, report = train(make_job(corpus, tmp_path), on_warning=said.append)[-1]
    assert "only one training participant has seizure windows" in said[1]
    assert math.isfinite(report.metrics["validation_loss"])
    assert math.isnan(report.metrics["validation_participant_probe_accuracy"])


def test_of_one_participant_the_stage_of_patients_is_left_out(tmp_path):
    corpus = write_corpus(tmp_path / "windows", roles={"a": "train", "e": "validation"})
    said = []
    reports = train(make_job(corpus, tmp_path, stages="patients_then_seizures"), on_warning=said.append)
    assert {stage.number for stage, _ in reports} == {2}
    assert any("the first stage is left out" in words for words in said)


def test_one_participant_cannot_be_told_from_others(tmp_path):
    corpus = write_corpus(tmp_path / "windows", roles={"a": "train", "e": "validation"})
    with pytest.raises(ParameterError, match=r"set embed.loss.positives=label"):
        train(make_job(corpus, tmp_path, loss__positives="participant"))


def test_without_validation_participants_it_trains_to_the_end_and_warns(tmp_path):
    corpus = write_corpus(tmp_path / "windows", roles={"a": "train", "b": "train"})
    said = []
    _, report = train(make_job(corpus, tmp_path), on_warning=said.append)[-1]
    assert "no validation participant has windows" in said[-1]
    assert report.checkpoint.best_weights is None
    assert tidy(report.checkpoint).best_weights is None
    assert math.isnan(report.metrics["validation_loss"])
    assert math.isnan(report.metrics["validation_label_knn_auroc"])


def test_a_validation_side_without_seizures_picks_no_best_epoch(tmp_path):
    corpus = write_corpus(tmp_path / "windows", with_seizure="abcd")
    said = []
    _, report = train(make_job(corpus, tmp_path), on_warning=said.append)[-1]
    assert said == ["validation participants have no seizure windows: label metrics are not defined"]
    assert math.isnan(report.metrics["validation_loss"])
    assert math.isfinite(report.metrics["validation_effective_rank"])


def test_no_seizure_in_training_says_what_to_do(tmp_path):
    corpus = write_corpus(tmp_path / "windows", with_seizure="ef")
    with pytest.raises(NoSeizureError, match=r"no window with a seizure.*embed.loss.objective=simclr"):
        train(make_job(corpus, tmp_path))


def test_without_labels_no_seizure_is_no_obstacle(tmp_path):
    corpus = write_corpus(tmp_path / "windows", with_seizure=())
    _, report = train(make_job(corpus, tmp_path, loss__objective="simclr"))[-1]
    assert math.isfinite(report.metrics["validation_loss"])


def test_an_encoder_that_has_seen_the_validation_people_is_told(corpus, tmp_path):
    said = []
    train(
        make_job(corpus, tmp_path, make_pretrained(participants="ae"), loop__epochs=1), on_warning=said.append
    )
    assert said == [
        "the encoder was pretrained on 1 persons that are not in training here (e): what is measured on them is "
        "too good"
    ]


def test_another_encoder_is_another_training(corpus, tmp_path):
    _, report = train(make_job(corpus, tmp_path, make_pretrained()))[0]
    CheckpointStore(tmp_path).save(report.checkpoint)
    with pytest.raises(CheckpointError, match=r"start: .* -> .*embed.tag.*embed.resume=never"):
        train(make_job(corpus, tmp_path, make_pretrained(seed=4)))


def poison(monkeypatch, corpus, row):
    """Let a window be no number, as no file of this project is."""
    gather = type(corpus.signals).gather

    def found(self, rows):
        samples, valid = gather(self, rows)
        samples[rows == row] = np.nan
        return samples, valid

    monkeypatch.setattr(type(corpus.signals), "gather", found)


def test_a_window_that_is_no_number_is_named(corpus, tmp_path, monkeypatch):
    poison(monkeypatch, corpus, 23)  # the third of b
    with pytest.raises(NonFiniteError, match="b_1 at 2 s: 1 of 84 windows have no finite embedding"):
        train(make_job(corpus, tmp_path, steps=9))


def test_so_it_is_within_a_training(corpus, tmp_path, monkeypatch):
    _, report = train(make_job(corpus, tmp_path, steps=9, loop__save_steps=1))[0]
    CheckpointStore(tmp_path).save(report.checkpoint)
    poison(monkeypatch, corpus, 23)
    monkeypatch.setattr(embed_task, "learn_scale", lambda *_: None)  # which would see it first
    with pytest.raises(NonFiniteError, match="b_1 at 2 s: 1 of 12 windows have no finite embedding"):
        train(make_job(corpus, tmp_path, steps=9))


def test_so_it_is_when_windows_are_embedded(corpus, tmp_path, monkeypatch):
    model = trained(corpus, tmp_path)
    poison(monkeypatch, corpus, 23)
    with pytest.raises(NonFiniteError, match="b_1 at 2 s: 1 of 147 windows"):
        embed_table(model, corpus.table, corpus.signals, make_options())


def trained(corpus, folder, **changes):
    _, report = train(make_job(corpus, folder, loop__epochs=1, **changes))[-1]
    kept = tidy(report.checkpoint)
    return PretrainedModel(kept.name, kept.about, kept.best_weights)


def test_every_window_of_every_role_is_embedded_in_the_order_of_the_table(corpus, tmp_path):
    table = embed_table(trained(corpus, tmp_path), corpus.table, corpus.signals, make_options(batch_size=10))
    assert [*table] == ["participant", "run", "onset", "duration", "role", "category", "label", "embedding"]
    assert table["onset"].tolist() == corpus.table["onset"].tolist()
    assert set(table["role"]) == {*ROLES.values()}
    assert table["label"].tolist() == (corpus.table["category"] != "no_seizure").astype(int).tolist()
    assert {(cell.shape, cell.dtype.name) for cell in table["embedding"]} == {((6,), "float32")}


def test_how_many_are_embedded_at_a_time_changes_nothing(corpus, tmp_path):
    model = trained(corpus, tmp_path)
    few, many = (
        np.stack(embed_table(model, corpus.table, corpus.signals, make_options(batch_size=size))["embedding"])
        for size in (1, 64)
    )
    np.testing.assert_allclose(few, many, atol=1e-5)


def test_windows_of_another_rate_are_refused(corpus, tmp_path):
    model = trained(corpus, tmp_path)
    other = replace(model, about={**model.about, "sfreq": 256.0})
    with pytest.raises(CheckpointError, match="another sampling rate"):
        embed_table(other, corpus.table, corpus.signals, make_options())


def test_somebody_who_was_trained_on_is_not_held_out(corpus, tmp_path):
    model = trained(corpus, tmp_path)
    turned = corpus.table.assign(role="test")
    with pytest.raises(StaleError, match="trained on somebody who is held out here"):
        embed_table(model, turned, corpus.signals, make_options())
