"""The values of a sweep against a real tracking store; running the pipeline is played."""

import re

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.hooks import make_tracking_store
from eeg_kedro.sweep.attempts import run_values
from eeg_kedro.sweep.request import SweepRequest
from eeg_kedro.sweep.tracked_runs import TrackedRuns


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    database = tmp_path_factory.mktemp("store") / "mlflow.db"
    make_tracking_store(database)
    return MlflowClient(f"sqlite:///{database}")


@pytest.fixture
def experiment(client, request):
    return client.create_experiment(request.node.name)


def asked(*values, parameter="pretrain.mask_ratio"):
    return SweepRequest("pretrain", parameter, values, tag="")


class Sweep:
    """A sweep whose pipeline is a lookup: value -> validation losses, or the error it ends with."""

    def __init__(self, client, experiment, outcomes):
        self.client, self.experiment, self.outcomes, self.ran, self.said = (
            client,
            experiment,
            outcomes,
            [],
            [],
        )

    def run_once(self, runtime_params):
        value = runtime_params["pretrain"]["mask_ratio"]
        self.ran.append(value)
        outcome = self.outcomes[value]
        if isinstance(outcome, BaseException):
            raise outcome
        for step, loss in enumerate(outcome):
            self.client.log_metric(runtime_params["mlflow_run_id"], "validation_loss", loss, step=step)

    def run(self, *values):
        self.runs = TrackedRuns(self.client, self.experiment, asked(*values))
        self.runs.open()
        return run_values(asked(*values), self.runs, self.run_once, self.said.append)

    def statuses(self):
        children = f"tags.`mlflow.parentRunId` = '{self.runs.parent_id}'"
        found = self.client.search_runs([self.experiment], children, order_by=["attributes.start_time"])
        return [(run.data.tags["sweep.value"], run.info.status) for run in found]


@pytest.fixture
def sweep(client, experiment):
    return Sweep(client, experiment, {0.2: [3.0, 2.0], 0.4: [2.5, 1.5, 1.75], 0.6: [4.0]})


def test_every_value_is_a_finished_child_of_one_parent(sweep):
    assert sweep.run(0.2, 0.4) == {}
    assert sweep.statuses() == [("0.2", "FINISHED"), ("0.4", "FINISHED")]


def test_values_that_are_done_are_skipped_and_new_ones_join_the_same_parent(sweep):
    sweep.run(0.2, 0.4)
    parent = sweep.runs.parent_id
    sweep.run(0.2, 0.6, 0.4)
    assert sweep.ran == [0.2, 0.4, 0.6]
    assert sweep.runs.parent_id == parent
    assert "value 1 of 3: 0.2 was done before" in sweep.said


def test_another_request_has_a_parent_of_its_own(sweep, client, experiment):
    sweep.run(0.2)
    other = TrackedRuns(client, experiment, asked(0.2, parameter="pretrain.lowpass_hz"))
    assert other.parent_id != sweep.runs.parent_id
    assert other.finished() == {}


def test_a_failing_value_is_told_as_a_sentence_and_does_not_stop_the_others(sweep):
    sweep.outcomes[0.2] = NonFiniteError("the loss is not a number", remedy="lower pretrain.loop.lr")
    failed = sweep.run(0.2, 0.4)
    assert failed == {"0.2": "NonFiniteError: the loss is not a number. Remedy: lower pretrain.loop.lr"}
    assert sweep.statuses() == [("0.2", "FAILED"), ("0.4", "FINISHED")]


def test_a_bug_in_one_value_is_logged_with_its_trace(sweep, caplog):
    sweep.outcomes[0.2] = KeyError("oops")
    assert sweep.run(0.2, 0.4) == {"0.2": "KeyError: 'oops'"}
    assert caplog.records[0].exc_info[1] is sweep.outcomes[0.2]


def test_a_failed_value_is_run_again_as_a_new_child(sweep):
    sweep.outcomes[0.2] = ValueError("no")
    sweep.run(0.2)
    sweep.outcomes[0.2] = [1.0]
    assert sweep.run(0.2) == {}
    assert sweep.statuses() == [("0.2", "FAILED"), ("0.2", "FINISHED")]


def test_an_interrupt_stops_the_sweep_and_the_value_is_run_again(sweep):
    sweep.outcomes[0.4] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        sweep.run(0.2, 0.4, 0.6)
    assert sweep.statuses() == [("0.2", "FINISHED"), ("0.4", "KILLED")]
    sweep.outcomes[0.4] = [1.0]
    sweep.run(0.2, 0.4, 0.6)
    assert sweep.ran == [0.2, 0.4, 0.4, 0.6]


def test_an_interrupt_leaves_no_run_open_which_mlflow_would_call_finished_at_exit(sweep, client):
    def interrupted(runtime_params):
        mlflow.set_tracking_uri(client.tracking_uri)
        mlflow.start_run(runtime_params["mlflow_run_id"])
        raise KeyboardInterrupt

    sweep.run_once = interrupted
    with pytest.raises(KeyboardInterrupt):
        sweep.run(0.2)
    assert mlflow.active_run() is None
    assert sweep.statuses() == [("0.2", "KILLED")]


def test_a_child_of_a_killed_process_is_marked_and_its_value_run_again(sweep):
    sweep.run()
    sweep.runs.create_child(0.2)
    assert sweep.statuses() == [("0.2", "RUNNING")]
    sweep.run(0.2)
    assert sweep.statuses() == [("0.2", "KILLED"), ("0.2", "FINISHED")]


def test_the_comparison_takes_the_best_epoch_of_all_finished_values(sweep):
    sweep.run(0.4, 0.2)
    sweep.run(0.6)
    expected = pd.DataFrame(
        {"value": [0.2, 0.4, 0.6], "metric": "validation_loss", "result": [2.0, 1.5, 4.0]}
    )
    pd.testing.assert_frame_equal(sweep.runs.compare(), expected)


def test_a_value_that_failed_is_in_the_comparison_without_a_result(sweep):
    sweep.outcomes[0.2] = ValueError("no")
    sweep.run(0.2, 0.4)
    table = sweep.runs.compare()
    assert table["value"].tolist() == [0.2, 0.4]
    assert table["result"].isna().tolist() == [True, False]


def test_words_are_compared_as_words(client, experiment):
    runs = TrackedRuns(client, experiment, asked("raw", None))
    for value in ("raw", None):
        client.log_metric(child := runs.create_child(value), "loss", 1.0)
        runs.close(child, "FINISHED")
    assert runs.compare()["value"].tolist() == ["null", "raw"]


def test_a_sweep_without_a_finished_value_compares_nothing(sweep):
    sweep.run()
    assert sweep.runs.compare().empty


def test_progress_counts_values_and_tells_the_time_left(sweep):
    sweep.run(0.2)
    sweep.said.clear()
    sweep.run(0.2, 0.4, 0.6)
    assert sweep.said[1] == "value 2 of 3: 0.4"
    assert re.fullmatch(r"value 2 of 3: 0\.4 done in \d+ s; about \d+ s left", sweep.said[2])
    assert re.fullmatch(r"value 3 of 3: 0\.6 done in \d+ s; none left", sweep.said[4])
