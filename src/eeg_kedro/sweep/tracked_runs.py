"""A sweep in the tracking store: one parent run, one child per value, and what became of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.sweep.request import Scalar, SweepRequest, key_of, show

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

PARENT = "mlflow.parentRunId"
# the file kept of a training is that of its best epoch, so that is what is compared
LOWEST_COUNTS = "validation_loss"


class TrackedRuns:
    """The parent of a sweep, found again by the fingerprint of the request, and its children.

    Parameters
    ----------
    client : MlflowClient
        Tracking store.
    experiment_id : str
        Where the runs are.
    request : SweepRequest
        What is swept.
    """

    def __init__(self, client: MlflowClient, experiment_id: str, request: SweepRequest) -> None:
        self._client, self._experiment_id, self._request = client, experiment_id, request
        self.parent_id = self._find_parent() or self._create_parent()

    def _find_parent(self) -> str | None:
        found = self._search("sweep.fingerprint", self._request.fingerprint)
        return found[0].info.run_id if found else None

    def _create_parent(self) -> str:
        request = self._request
        tags = {
            "sweep.fingerprint": request.fingerprint,
            "sweep.pipeline": request.pipeline,
            "sweep.parameter": request.parameter,
        }
        name = f"sweep {request.parameter}"
        run: Run = self._client.create_run(self._experiment_id, run_name=name, tags=tags)
        return str(run.info.run_id)

    def _search(self, tag: str, value: str) -> list[Run]:
        asked = f"tags.`{tag}` = '{value}'"
        newest_first = ["attributes.start_time DESC"]
        return [*self._client.search_runs([self._experiment_id], asked, order_by=newest_first)]

    def open(self) -> None:
        """Mark the parent as running, and children that a killed sweep left open as killed.

        Nobody else runs them: whoever calls this holds the lock of the sweep.
        """
        self._client.update_run(self.parent_id, status="RUNNING")
        for child in self._search(PARENT, self.parent_id):
            if child.info.status in ("RUNNING", "SCHEDULED"):
                self.close(child.info.run_id, "KILLED")

    def finished(self) -> dict[str, Run]:
        """Give the newest finished child of each value, by the value's key."""
        return self._newest("FINISHED")

    def _newest(self, *statuses: str) -> dict[str, Run]:
        oldest_first = reversed(self._search(PARENT, self.parent_id))
        return {run.data.tags["sweep.key"]: run for run in oldest_first if run.info.status in statuses}

    def create_child(self, value: Scalar) -> str:
        """Start a run for a value: a new one each time, for the parameters of a tracked run cannot change."""
        request = self._request
        tags = {
            PARENT: self.parent_id,
            "sweep.parameter": request.parameter,
            "sweep.value": show(value),
            "sweep.key": key_of(value),
        }
        run: Run = self._client.create_run(self._experiment_id, run_name=request.name_of(value), tags=tags)
        return str(run.info.run_id)

    def close(self, run_id: str, status: str) -> None:
        """End a run as ``FINISHED``, ``FAILED`` or ``KILLED``."""
        self._client.set_terminated(run_id, status)

    def compare(self) -> pd.DataFrame:
        """Give what the values came to, those of earlier calls too.

        Returns
        -------
        DataFrame
            ``value`` (float64 if all are numbers, else str), ``metric``, ``result`` (float64; NaN for a value that
            never finished): one row per value and metric, by metric and value. Empty if nothing was logged.
        """
        finished = self.finished()
        rows = [
            (run.data.tags["sweep.value"], metric, self._result(run, metric))
            for run in finished.values()
            for metric in run.data.metrics
        ]
        unfinished = [run for key, run in self._newest("FAILED", "KILLED").items() if key not in finished]
        metrics = dict.fromkeys(metric for _, metric, _ in rows)
        rows += [(run.data.tags["sweep.value"], metric, math.nan) for run in unfinished for metric in metrics]
        table = pd.DataFrame(rows, columns=["value", "metric", "result"]).astype({"result": "float64"})
        table["value"] = _as_numbers(table["value"])
        return table.sort_values(["metric", "value"], ignore_index=True)

    def _result(self, run: Run, metric: str) -> float:
        if not metric.endswith(LOWEST_COUNTS):
            return float(run.data.metrics[metric])
        history: Any = self._client.get_metric_history(run.info.run_id, metric)
        return min(float(point.value) for point in history)


def _as_numbers(values: pd.Series) -> pd.Series:
    try:
        return values.astype("float64")
    except ValueError:
        return values.astype("str")
