from types import SimpleNamespace

import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from eeg_kedro.errors import ParameterError, TooManyFailedError
from eeg_kedro.hooks import ParameterHooks, VerdictHooks, make_tracking_store
from eeg_kedro.signal.cleaning import CleanOptions


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


def context_with(tmp_path, runtime):
    config = {"parameters": {"clean": {}, "corpus": {}}, "globals": {"data_root": str(tmp_path)}}
    return SimpleNamespace(_runtime_params=runtime, config_loader=config)


def test_a_failed_recording_ends_the_run_with_names_and_remedy():
    with pytest.raises(TooManyFailedError, match=r"1 of 2 files failed.*a\.edf.*ingest\.max_failed"):
        VerdictHooks().after_pipeline_run(INGEST, catalog_with([True, False], 0.0))


def test_failures_within_the_limit_pass():
    VerdictHooks().after_pipeline_run(INGEST, catalog_with([True, False], 0.5))


def test_a_refused_file_of_an_npz_cache_ends_the_run():
    report = pd.DataFrame(
        {"participant": ["", "a"], "refused_files": ["x_windows.npz: no labels (add them)", ""]}
    )
    nodes = Pipeline([Node(survey, inputs=None, outputs="report_categories", name="survey")])
    with pytest.raises(TooManyFailedError, match=r"x_windows\.npz"):
        VerdictHooks().after_pipeline_run(nodes, DataCatalog({"report_categories": MemoryDataset(report)}))


def test_no_failure_passes():
    VerdictHooks().after_pipeline_run(INGEST, catalog_with([False, False], 0.0))


def test_a_run_that_surveyed_nothing_is_not_judged():
    VerdictHooks().after_pipeline_run(Pipeline([]), catalog_with([True, True], 0.0))


@pytest.mark.parametrize("runtime", [{"cleen": {"sfreq": 200}}, {"executor": {"knd": "serial"}}])
def test_a_misspelt_runtime_parameter_is_refused(tmp_path, runtime):
    with pytest.raises(ParameterError, match="unknown parameter"):
        ParameterHooks().after_context_created(context_with(tmp_path, runtime))


def test_known_runtime_parameters_pass_and_the_store_has_a_folder(tmp_path):
    ParameterHooks().after_context_created(
        context_with(tmp_path, {"executor": {"kind": "serial"}, "corpus": {"root": "x"}})
    )
    assert (tmp_path / "mlflow/mlflow.db").is_file()


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
