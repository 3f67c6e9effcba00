import pandas as pd
import pytest

from eeg_kedro.datasets import CheckpointDataset, ModelDataset, ModelFolderDataset, WindowParquetDataset
from eeg_kedro.errors import CheckpointError, WindowError
from eeg_kedro.pipelines.finetune import create_pipeline
from eeg_kedro.pipelines.finetune.nodes import (
    choose_detector,
    draw_finetune_history,
    predict_detectors,
    train_detectors,
)
from eeg_kedro.pipelines.finetune.participant_nodes import judge_participants
from tests.training.finetune_corpus import TOKEN, make_finetune_job, make_finetune_options
from tests.training.pretrain_corpus import make_options as pretrain_options

NAME = "mamba2_eeg_d16_l2_m50_mae"
PRETRAIN = pretrain_options(token_length=TOKEN)
OPTIONS = make_finetune_options(
    models=["pretrained", "eegnet", "line_length", "always_on", "always_off"], loop__epochs=1
)


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return make_finetune_job(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def windows(job):
    return {"_".join(key): WindowParquetDataset(filepath=str(path)).load for key, path in job.files.items()}


@pytest.fixture(scope="module")
def trained(job, windows, tmp_path_factory):
    """Run the node as Kedro does: every output is saved as it comes."""
    folder = tmp_path_factory.mktemp("models")
    dataset = CheckpointDataset(filepath=folder / "last")
    outputs = [*train(job, windows, dataset)]
    primary = ModelDataset(filepath=folder / "m.safetensors")
    primary.save(choose_detector(dataset.load(), OPTIONS, PRETRAIN))
    return dataset.load(), primary.load(), outputs


def train(job, windows, dataset, options=OPTIONS):
    folder = ModelFolderDataset(path="nowhere").load()
    tables = (job.balanced, job.signals, windows, job.manifest, job.split, job.events, None)
    models = (job.pretrained, folder, dataset.load())
    for outputs in train_detectors(*tables, *models, options, PRETRAIN, job.balance):
        dataset.save(outputs["model_finetuned_last"])
        yield outputs


def predict(job, windows, trained, split=None):
    inventory = pd.DataFrame({"participant": ["c", "d"], "run": ["1", "8"], "duration": [28.66, 9.0]})
    given = (job.balanced, job.signals, windows, job.split if split is None else split, inventory)
    return predict_detectors(*trained[:2], *given, OPTIONS, PRETRAIN)


def test_every_network_is_trained_saved_and_told(trained):
    store, primary, outputs = trained
    assert store.names() == ["eegnet_s0", f"{NAME}_finetuned_s0"]
    assert (primary.name, primary.about["kind"]) == (f"{NAME}_finetuned", "dense")
    history = outputs[-1]["report_finetune_history"]
    assert [*zip(history["model"], history["seed"], history["epoch"], strict=True)] == [
        ("pretrained", 0, 0), ("eegnet", 0, 0),
    ]  # fmt: skip
    assert draw_finetune_history(history).data


def test_curves_of_each_network_have_names_of_their_own(trained):
    told = [set(outputs["report_finetune_metrics"]) for outputs in trained[2]]
    assert "pretrained_s0.validation_auprc" in told[0]
    assert "eegnet_s0.validation_loss" in told[1]


def test_every_model_judges_every_run_nobody_trained_on(job, windows, trained):
    table = predict(job, windows, trained)
    assert table.groupby("model", sort=False).size().to_dict() == dict.fromkeys(OPTIONS.models, 4)
    assert {*zip(table["participant"], table["run"], table["role"], strict=True)} == {
        ("c", "1", "validation"), ("c", "2", "validation"), ("d", "1", "test"), ("d", "8", "test"),
    }  # fmt: skip
    sizes = table[table["model"] == "pretrained"]["probability"].map(len)
    assert sizes.tolist() == [29, 1, 4, 0]
    assert table.loc[table["run"] == "8", "note"].str.contains("no windows of this run").all()


def test_constants_are_constant_and_all_others_are_at_the_true_prior(job, windows, trained):
    table = predict(job, windows, trained).query("run == '1' and participant == 'c'").set_index("model")
    assert {*table.loc["always_on", "probability"]} == {1.0}
    assert {*table.loc["always_off", "probability"]} == {0.0}
    assert table["prior_true"].nunique() == 1
    assert table.loc["line_length", "prior_trained"] > table.loc["line_length", "prior_true"]


def test_nobody_to_predict_is_an_empty_table(job, windows, trained):
    everybody = job.split.assign(role="train")
    table = predict(job, windows, trained, everybody)
    assert (len(table), "note" in table) == (0, True)


def test_a_model_of_another_configuration_is_not_found(job, windows, tmp_path):
    options = OPTIONS.model_copy(update={"pretrained": "other"})
    dataset = CheckpointDataset(filepath=tmp_path)
    with pytest.raises(CheckpointError, match=f"allowed: {NAME}"):
        next(train(job, windows, dataset, options))


def test_no_windows_are_an_error_that_says_what_to_run(job, tmp_path):
    with pytest.raises(WindowError, match="process_primary"):
        next(train(job, {}, CheckpointDataset(filepath=tmp_path)))


def participants(job, store, labels):
    folder = ModelFolderDataset(path="nowhere").load()
    loop = {"epochs": 1, "batch_size": 2, "threads": 1}
    options = make_finetune_options(participant={"seeds": [0], "device": "cpu", "loop": loop})
    given = (labels, job.balanced, job.signals, job.split, job.pretrained, folder)
    return *given, store.load(), options, PRETRAIN


def test_a_label_per_participant_trains_a_head_and_judges_who_is_left(job, tmp_path):
    labels = pd.DataFrame({"participant": ["a", "b", "c"], "label": ["1", "0", "1"]})
    store = CheckpointDataset(filepath=tmp_path)
    table, history = judge_participants(*participants(job, store, labels)).values()
    assert history["name"].tolist() == store.load().names() == [f"{NAME}_participant_s0"]
    assert table["participant"].tolist() == ["a", "b", "c"]
    assert table["probability"].between(0, 1).all()


def test_without_labels_nothing_is_trained_and_the_table_is_empty(job, tmp_path):
    given = participants(job, CheckpointDataset(filepath=tmp_path), None)
    assert all(table.empty and len(table.columns) for table in judge_participants(*given).values())


def test_nodes_are_few_and_every_input_is_named():
    pipeline = create_pipeline()
    assert len(pipeline.nodes) <= 8
    assert pipeline.outputs() >= {"output_predictions", "report_finetune_history_figure"}
