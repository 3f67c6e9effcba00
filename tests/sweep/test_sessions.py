"""The command itself, small: one pipeline that makes next to nothing, in real sessions."""

import fcntl
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from mlflow import MlflowClient

from eeg_kedro.cli import cli
from eeg_kedro.errors import BusyError, ParameterError
from eeg_kedro.sweep.sessions import choose_metrics

PROJECT = Path(__file__).resolve().parents[2]
ONE_RECORDING = "fabricate.participants=1,fabricate.runs=1,fabricate.minutes=1,fabricate.layouts=[csv]"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def sweep(root, monkeypatch):
    monkeypatch.setenv("EEG_KEDRO_DATA", str(root))
    project = bootstrap_project(PROJECT)

    def call(values, *more, param="fabricate.seizure_rate"):
        arguments = ["sweep", "--env=test", "--pipeline=fabricate", f"--param={param}", f"--values={values}"]
        return CliRunner().invoke(
            cli,
            [*arguments, f"--params={ONE_RECORDING}", *more],
            obj=project,
            catch_exceptions=False,
        )

    return call


def tracked(root):
    client = MlflowClient(f"sqlite:///{root}/mlflow/mlflow.db")
    experiment = client.get_experiment_by_name("eeg_kedro").experiment_id
    return client, client.search_runs([experiment], order_by=["attributes.start_time"])


def test_a_sweep_ends_with_the_failed_values_and_goes_on_where_it_stopped(sweep, root):
    first = sweep("99,0", "--metrics=seconds.fabricate_corpora")
    assert first.exit_code == 1
    assert "failed: fabricate.seizure_rate=99: ParameterError" in first.output
    second = sweep("0")
    assert second.exit_code == 0
    assert "value 1 of 1: 0 was done before" in second.output
    client, (parent, refused, done) = tracked(root)
    assert [run.info.status for run in (parent, refused, done)] == ["FINISHED", "FAILED", "FINISHED"]
    assert {run.data.tags["mlflow.parentRunId"] for run in (refused, done)} == {parent.info.run_id}
    assert done.data.params["fabricate.seizure_rate"] == "0.0"
    artifacts = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert artifacts == {"sweep.parquet", "sweep.json"}
    assert not any(str(root) in tag for run in (parent, done) for tag in run.data.tags.values())


def test_the_same_sweep_does_not_run_twice_at_once(sweep, root):
    sweep("0")
    (path,) = (root / "mlflow").glob(".sweep-seizure_rate-*.lock")
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BusyError):
            sweep("0")


def test_several_processes_are_refused(sweep, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ParameterError, match="without torchrun"):
        sweep("0")


@pytest.mark.parametrize(
    ("param", "more", "told"),
    [
        ("fabricate.seizure_rat", "--env=test", "no such parameter"),
        ("fabricate.seizure_rate", "--pipeline=fabricat", "no such pipeline"),
    ],
)
def test_a_misspelt_request_is_refused_before_anything_runs(sweep, param, more, told):
    with pytest.raises(ParameterError, match=told):
        sweep("0", more, param=param)


METRICS = ["pretrain.train_loss", "pretrain.validation_loss", "seconds.pretrain_encoder"]
TABLE = pd.DataFrame({"value": 0.2, "metric": METRICS, "result": 1.0})


@pytest.mark.parametrize(
    ("rows", "asked", "shown"),
    [
        (TABLE, [], ["pretrain.validation_loss"]),
        (TABLE, ["train_loss"], ["pretrain.train_loss"]),
        (TABLE, ["seconds.pretrain_encoder"], ["seconds.pretrain_encoder"]),
        (TABLE, ["nobody_logs_this"], ["pretrain.validation_loss"]),
        (TABLE.drop(index=1), [], ["pretrain.train_loss"]),
        (TABLE[2:], [], ["seconds.pretrain_encoder"]),
    ],
)
def test_the_figure_compares_what_was_asked_for_or_what_matters(rows, asked, shown):
    assert choose_metrics(rows.reset_index(drop=True), asked)["metric"].tolist() == shown
