from pathlib import Path

import pandas as pd
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from eeg_kedro.corpora.failures import count_failures
from eeg_kedro.errors import ParameterError, TooManyFailedError
from eeg_kedro.hooks import (
    ParameterHooks,
    RunHooks,
    VerdictHooks,
    make_tracking_store,
    refuse_unknown_parameters,
)
from eeg_kedro.signal.cleaning import CleanOptions

PROJECT = Path(__file__).resolve().parents[1]
PARAMETERS = PROJECT / "conf" / "base" / "parameters"


def survey():
    return 1


INGEST = Pipeline([Node(survey, inputs=None, outputs="int_ingest_report", name="survey")])


def catalog_with(failed, max_failed):
    report = pd.DataFrame(
        {"path": ["a.edf", "b.edf"], "kind": "recording", "failed": failed, "reason": "header cut short"}
    )
    return DataCatalog(
        {
            "int_ingest_report": MemoryDataset(report),
            "params:ingest": MemoryDataset({"max_failed": max_failed}),
        }
    )


def test_a_failed_recording_ends_the_run_with_names_and_remedy():
    with pytest.raises(TooManyFailedError, match=r"1 of 2 recordings failed.*a\.edf.*ingest\.max_failed"):
        VerdictHooks().after_pipeline_run(INGEST, catalog_with([True, False], 0.0))


def test_failures_within_the_limit_pass():
    VerdictHooks().after_pipeline_run(INGEST, catalog_with([True, False], 0.5))


def test_a_refused_file_of_an_npz_cache_ends_the_run():
    cells = {
        "n_recordings": [0, 9],
        "n_refused_files": [1, 0],
        "refused_files": ["x_windows.npz: no labels", ""],
    }
    nodes = Pipeline([Node(survey, inputs=None, outputs="report_categories", name="survey")])
    catalog = DataCatalog({"report_categories": MemoryDataset(pd.DataFrame(cells))})
    with pytest.raises(TooManyFailedError, match=r"1 of 10 recordings failed.*x_windows\.npz"):
        VerdictHooks().after_pipeline_run(nodes, catalog)


def test_failures_are_counted_against_all_recordings_of_their_stage():
    quality = pd.DataFrame(
        {"participant": "p", "run": ["1", "2", "3"], "state": ["done", "failed", "done"], "error": "gap"}
    )
    assert count_failures(prm_recording_quality=quality) == ([("p_2", "gap")], 3)


def test_no_failure_passes():
    VerdictHooks().after_pipeline_run(INGEST, catalog_with([False, False], 0.0))


def test_a_run_that_surveyed_nothing_is_not_judged():
    VerdictHooks().after_pipeline_run(Pipeline([]), catalog_with([True, True], 0.0))


@pytest.mark.parametrize("runtime", [{"cleen": {"sfreq": 200}}, {"executor": {"knd": "serial"}}])
def test_a_misspelt_runtime_parameter_is_refused(runtime):
    with pytest.raises(ParameterError, match="unknown parameter"):
        refuse_unknown_parameters(runtime, PARAMETERS)


def test_known_runtime_parameters_pass():
    refuse_unknown_parameters({"executor": {"kind": "serial"}, "clean": {"sfreq": 200}}, PARAMETERS)


def test_a_session_refuses_a_misspelt_parameter(tmp_path, monkeypatch):
    monkeypatch.setenv("EEG_KEDRO_DATA", str(tmp_path))
    bootstrap_project(PROJECT)
    with (
        KedroSession.create(
            project_path=PROJECT, env="test", runtime_params={"exector": {"kind": "dask"}}
        ) as session,
        pytest.raises(ParameterError, match="exector"),
    ):
        session.load_context()


def test_folders_are_kept_out_of_what_mlflow_is_told():
    run = {"project_path": "/a/b", "runtime_params": {"corpus": {"root": "/x/Jane_Doe", "layout": "flat"}}}
    ParameterHooks().before_pipeline_run(run)
    assert run == {"project_path": "b", "runtime_params": {"corpus": {"layout": "flat"}}}


def test_a_half_made_tracking_store_of_a_killed_run_is_thrown_away(tmp_path):
    (tmp_path / ".mlflow.db.123").write_bytes(b"half a database")
    make_tracking_store(tmp_path / "mlflow.db")
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_tracking_store_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"whatever")
    make_tracking_store(tmp_path / "mlflow.db")
    assert (tmp_path / "mlflow.db").read_bytes() == b"whatever"


def test_typed_parameters_reach_mlflow_as_plain_values():
    inputs = {"params:clean": CleanOptions(), "int_inventory": 1}
    ParameterHooks().before_node_run(inputs)
    assert inputs["params:clean"]["sfreq"] == 256.0


@pytest.mark.parametrize(("ends", "told"), [("by Ctrl-C", ["KILLED"]), ("by an error", []), ("well", [])])
def test_only_a_run_that_was_interrupted_is_closed_as_killed_at_exit(monkeypatch, ends, told):
    import mlflow

    closed = []
    monkeypatch.setattr(mlflow, "active_run", lambda: True)
    monkeypatch.setattr(mlflow, "set_tags", lambda tags: None)
    monkeypatch.setattr(mlflow, "log_metrics", lambda metrics: None)
    monkeypatch.setattr(mlflow, "end_run", closed.append)
    hooks = RunHooks()
    hooks.before_pipeline_run()
    if ends == "by an error":
        hooks.on_pipeline_error()
    if ends == "well":
        hooks.after_pipeline_run(Pipeline([]), DataCatalog({}))
    hooks._close_interrupted()
    assert closed == told
    hooks.on_pipeline_error()  # what atexit still holds has nothing to close
