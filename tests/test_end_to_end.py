"""The two commands of the README, small: fabricate a corpus, process it, sample from it, track it."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from eeg_kedro.io.window_parquet import read_signal
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows

PROJECT = Path(__file__).resolve().parents[1]
SMALL = {
    "fabricate": {"participants": 4, "runs": 2, "minutes": 2.5, "layouts": ["tusz"]},
    "categorize": {"window_seconds": 10.0, "stride_seconds": 5.0},
}


def run(pipelines, data_root, monkeypatch, env="test", **params):
    monkeypatch.setenv("EEG_KEDRO_DATA", str(data_root))
    bootstrap_project(PROJECT)
    with KedroSession.create(project_path=PROJECT, env=env, runtime_params=params) as session:
        return session.run(pipeline_names=pipelines)


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.parquet")}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as monkeypatch:
        run(["demo"], root, monkeypatch, **SMALL)
    return root


def test_every_fixed_name_is_there(made):
    names = [
        "02_intermediate/inventory.parquet",
        "02_intermediate/events.parquet",
        "02_intermediate/ingest_report.parquet",
        "03_primary/window_manifest.parquet",
        "03_primary/recording_quality.parquet",
        "03_primary/channel_quality.parquet",
        "03_primary/ica_components.parquet",
        "03_primary/second_quality.parquet",
        "04_feature/segments.parquet",
        "05_model_input/participant_split.parquet",
        "05_model_input/participant_folds.parquet",
        "05_model_input/balanced_windows.parquet",
        "05_model_input/balanced_signals.safetensors",
        "05_model_input/pretrain_plan.parquet",
        "06_models/pretrained.safetensors",
        "06_models/pretrained/mamba2_eeg_d16_l2_m40_mae.safetensors",
        "06_models/embedder.safetensors",
        "06_models/embedders/mamba2_eeg_d16_l2_m40_mae_embedder_supcon.safetensors",
        "06_models/finetuned.safetensors",
        "07_model_output/embeddings.parquet",
        "07_model_output/predictions.parquet",
        "07_model_output/overlap_card.parquet",
        "07_model_output/operating_points.parquet",
        "07_model_output/detections.parquet",
        "08_reporting/learn.html",
        "08_reporting/scores.parquet",
        "08_reporting/score_summary.parquet",
        "08_reporting/pretraining_verdict.parquet",
        "08_reporting/run_scores.parquet",
        "08_reporting/calibration.parquet",
        "08_reporting/embed_quality.parquet",
        "08_reporting/embedding_map.parquet",
        "08_reporting/map_by_label.json",
        "08_reporting/map_by_participant.json",
        "08_reporting/map_of_each_participant.json",
        "08_reporting/event_timeline.json",
        "08_reporting/scores.json",
        "08_reporting/calibration.json",
        "08_reporting/pretrain_history.parquet",
        "08_reporting/pretrain_gates.parquet",
        "08_reporting/pretrain_examples.parquet",
        "08_reporting/pretrain_history.json",
        "08_reporting/pretrain_reconstruction.json",
        "08_reporting/sampling.parquet",
        "08_reporting/folds.parquet",
        "08_reporting/hours_and_seizures.json",
        "08_reporting/raw_and_cleaned_traces.json",
        "08_reporting/sampling.json",
        "08_reporting/quality_overview.html",
        "08_reporting/quality_of_the_corpus.json",
    ]
    assert [name for name in names if not (made / name).is_file()] == []


def test_every_recording_has_one_window_file_named_after_it(made):
    inventory = pd.read_parquet(made / "02_intermediate/inventory.parquet")
    files = {path.stem for path in (made / "03_primary/windows").glob("*.parquet")}
    assert files == {f"{row.participant}_{row.run}" for row in inventory.itertuples()}


def test_rows_are_float32_lists_of_the_window_length(made):
    schema = pq.read_schema(next((made / "03_primary/windows").glob("*.parquet")))
    column = schema.field("C3").type
    assert (column.list_size, str(column.value_type), column.value_field.nullable) == (2048, "float", False)


def test_every_file_of_the_corpus_has_a_row_in_the_report(made):
    corpus = made / "01_raw/fabricated/tusz"
    report = pd.read_parquet(made / "02_intermediate/ingest_report.parquet")
    assert set(report["path"]) == {p.relative_to(corpus).as_posix() for p in corpus.rglob("*") if p.is_file()}


def test_the_balanced_set_has_the_papers_ratios_or_says_what_was_short(made):
    windows = pd.read_parquet(made / "03_primary/window_manifest.parquet")
    split = pd.read_parquet(made / "05_model_input/participant_split.parquet").set_index("participant")[
        "split"
    ]
    train = windows[windows["participant"].map(split) == "train"]["category"].value_counts()
    balanced = pd.read_parquet(made / "05_model_input/balanced_windows.parquet")
    drawn = balanced[balanced["split"] == "train"]["category"].value_counts()
    n_partial = train["partial_seizure"]
    assert drawn["partial_seizure"] == n_partial > 0
    assert drawn["no_seizure"] == min(int(2.5 * n_partial), train["no_seizure"])
    assert drawn.get("full_seizure", 0) == min(int(0.3 * n_partial), train.get("full_seizure", 0))


def test_what_training_maps_are_the_samples_of_the_balanced_windows(made):
    balanced = pd.read_parquet(made / "05_model_input/balanced_windows.parquet")
    signals = MaterialisedWindows(made / "05_model_input/balanced_signals.safetensors")
    signals.check(balanced)
    last = balanced.iloc[-1]
    path = made / f"03_primary/windows/{last['participant']}_{last['run']}.parquet"
    start = int(last["window_start_sample"])
    wanted, _ = read_signal(path, start, start + int(last["n_samples"]), list(signals.ch_names))
    found, _ = signals.gather(np.array([len(balanced) - 1]))
    np.testing.assert_array_equal(found[0], wanted.astype(found.dtype))


def test_nobody_is_on_two_sides(made):
    split = pd.read_parquet(made / "05_model_input/participant_split.parquet")
    assert split.groupby("person")["split"].nunique().max() == 1


def test_mlflow_knows_parameters_metrics_tags_and_artifacts(made):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{made}/mlflow/mlflow.db")
    experiment = client.get_experiment_by_name("eeg_kedro")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.data.params["clean.sfreq"] == "256.0"
    assert found.data.metrics["windows.hours"] > 0.1
    assert found.data.metrics["sampling.train.partial_drawn"] > 0
    assert "seconds.cut_recordings" in found.data.metrics
    assert {"git.commit", "corpus.fingerprint"} <= {*found.data.tags}
    assert {"window_manifest.parquet", "ingest_report.parquet"} <= {
        item.path for item in client.list_artifacts(found.info.run_id)
    }


def test_no_patient_field_reaches_an_artifact(made):
    headers = [
        path.read_bytes()[8:168].decode("latin-1") for path in (made / "01_raw/fabricated").rglob("*.edf")
    ]
    telling = {
        word
        for header in headers
        for word in header.replace("_", " ").split()
        if len(word) > 5 and word.isalpha()
    }
    assert telling, "the fabricated headers must hold something that could leak"
    written = [path for path in made.rglob("*") if path.is_file() and "01_raw" not in path.parts]
    assert [
        (path.name, word) for path in written for word in telling if word.encode() in path.read_bytes()
    ] == []


def test_the_same_run_again_with_another_executor_gives_the_same_bytes(made, tmp_path, monkeypatch):
    corpus = {"root": str(made / "01_raw/fabricated/tusz"), "layout": "tusz"}
    options = {
        "categorize": SMALL["categorize"],
        "corpus": corpus,
        "executor": {"kind": "threads", "max_workers": 2},
    }
    run(["process_primary"], tmp_path, monkeypatch, **options)
    assert digests(tmp_path / "03_primary") == digests(made / "03_primary")


def test_the_environment_cluster_gives_the_same_bytes_on_a_dask_scheduler(made, tmp_path, monkeypatch):
    from distributed import LocalCluster

    corpus = {"root": str(made / "01_raw/fabricated/tusz"), "layout": "tusz"}
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        monkeypatch.setenv("EEG_KEDRO_SCHEDULER", cluster.scheduler_address)
        run(
            ["process_primary"],
            tmp_path,
            monkeypatch,
            env="cluster",
            corpus=corpus,
            categorize=SMALL["categorize"],
        )
    assert digests(tmp_path / "03_primary") == digests(made / "03_primary")


def test_a_changed_stride_redoes_no_window(made, tmp_path, monkeypatch):
    shutil.copytree(made / "03_primary", tmp_path / "03_primary")
    corpus = {"root": str(made / "01_raw/fabricated/tusz"), "layout": "tusz"}
    run(
        ["process_primary"],
        tmp_path,
        monkeypatch,
        corpus=corpus,
        categorize={"window_seconds": 10.0, "stride_seconds": 10.0},
    )
    summary = json.loads((tmp_path / "03_primary/windows/_status/_summary.json").read_text())
    assert (summary["skipped"], summary["done"]) == (summary["expected"], 0)


def test_no_folder_of_the_user_reaches_mlflow(made, tmp_path, monkeypatch):
    corpus = tmp_path / "Jane_Doe"
    shutil.copytree(made / "01_raw/fabricated/tusz", corpus)
    run(["ingest"], tmp_path / "out", monkeypatch, corpus={"root": str(corpus), "layout": "tusz"})
    told = [path for path in (tmp_path / "out/mlflow").rglob("*") if path.is_file()]
    assert told
    assert [path.name for path in told if b"Jane_Doe" in path.read_bytes()] == []


def test_the_page_on_training_data_runs_as_it_stands(made):
    page = (PROJECT / "docs/training_data.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 4
    names = {"root": made}
    for block in blocks:
        exec(block, names)
    assert names["samples"].shape[0] == 8


def test_the_page_on_pretraining_runs_as_it_stands(made):
    (block,) = re.findall(
        r"```python\n(.*?)```", (PROJECT / "docs/pipelines/pretrain.md").read_text(), re.DOTALL
    )
    names = {"root": made}
    exec(block, names)
    assert names["encoded"].shape == (1, 60, 16)


def weights(root):
    return {path.name: path.read_bytes() for path in (root / "06_models/pretrained").iterdir()}


def copy_windows(made, root):
    for layer in ("02_intermediate", "03_primary", "05_model_input"):
        shutil.copytree(made / layer, root / layer)


def test_pretraining_alone_gives_what_it_gave_within_the_demo(made, tmp_path, monkeypatch):
    copy_windows(made, tmp_path)
    run(["pretrain"], tmp_path, monkeypatch)
    assert weights(tmp_path) == weights(made)
    then = (tmp_path / "06_models/pretrained.safetensors").stat().st_mtime_ns
    run(["pretrain"], tmp_path, monkeypatch)  # nothing is left to train
    assert weights(tmp_path) == weights(made)
    assert (tmp_path / "06_models/pretrained.safetensors").stat().st_mtime_ns > then


def test_two_processes_are_one_run_of_kedro_and_of_mlflow(made, tmp_path, monkeypatch):
    from mlflow import MlflowClient

    copy_windows(made, tmp_path)
    run(["pretrain"], tmp_path, monkeypatch, pretrain={"nproc": 2})
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow/mlflow.db")
    (found,) = client.search_runs([client.get_experiment_by_name("eeg_kedro").experiment_id])
    curve = client.get_metric_history(found.info.run_id, "pretrain.validation_loss")
    assert [point.step for point in curve] == [0, 1]
    assert found.data.params["pretrain.encoder.d_model"] == "16"
    assert "pretrained.safetensors" in {item.path for item in client.list_artifacts(found.info.run_id)}


def test_nobody_who_is_scored_was_trained_on(made):
    predictions = pd.read_parquet(made / "07_model_output/predictions.parquet")
    split = pd.read_parquet(made / "05_model_input/participant_split.parquet").set_index("participant")
    assert {*predictions["role"]} <= {"validation", "test"}
    assert (predictions["participant"].map(split["role"]) == predictions["role"]).all()
    card = pd.read_parquet(made / "07_model_output/overlap_card.parquet")
    assert not (card["scored"] & (card["used_for"] == "train")).any()


def test_every_predicted_recording_has_its_event_files(made):
    from eeg_kedro.io.annotation_csv import read_annotation_csv
    from eeg_kedro.io.annotation_tsv import read_annotation_tsv
    from eeg_kedro.io.source_file import SourceFile

    predictions = pd.read_parquet(made / "07_model_output/predictions.parquet")
    duration = predictions.drop_duplicates(["participant", "run"]).set_index(["participant", "run"])[
        "duration"
    ]
    root = made / "07_model_output"
    for (participant, run_name), seconds in duration.items():
        name = f"{participant}_{run_name}"
        hed = read_annotation_tsv(SourceFile(str(root / "hed_score"), f"{name}_events.tsv"))
        bi = read_annotation_csv(SourceFile(str(root / "csv_bi"), f"{name}.csv_bi"))
        assert hed.duration == pytest.approx(seconds, abs=0.005)
        assert bi.duration == pytest.approx(seconds, abs=0.005)


def test_the_report_needs_nothing_but_itself(made):
    page = (made / "08_reporting/learn.html").read_text(encoding="utf-8")
    assert "Not a medical device" in page
    assert not re.findall(r"""(?:src|href)=["']https?://""", page)


def test_learning_again_trains_nothing_and_says_the_same(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "again", ignore=shutil.ignore_patterns("mlflow"))
    then = pd.read_parquet(made / "07_model_output/predictions.parquet")
    run(["learn"], tmp_path / "again", monkeypatch)
    again = pd.read_parquet(tmp_path / "again/07_model_output/predictions.parquet")
    pd.testing.assert_frame_equal(then, again)
