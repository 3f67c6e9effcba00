"""``kedro sweep``: a session per value, all runs below one parent, and a comparison at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kedro.framework.context import KedroContext
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.runner import SequentialRunner

from eeg_kedro.errors import ParameterError
from eeg_kedro.io.file_lock import alone
from eeg_kedro.sweep.attempts import Say, run_values
from eeg_kedro.sweep.request import SweepRequest, check_parameter, merge, names_read, parse_values
from eeg_kedro.sweep.tracked_runs import TrackedRuns

if TYPE_CHECKING:
    import pandas as pd

# what a comparison of pretrainings is about; where no run logs them, all that is logged
HEADLINES = ("validation_loss", "gain_over_best_trivial")
# as the hooks log them: how long a node took, not how well
TIMES = "seconds."


def sweep(
    project: Path,
    *,
    pipeline: str,
    parameter: str,
    values: str,
    given: Mapping[str, Any],
    env: str | None,
    metrics: Sequence[str],
    say: Say,
) -> dict[str, str]:
    """Run a pipeline once for each value of one parameter, and compare what came out.

    Parameters
    ----------
    project : Path
        Where the project is.
    pipeline, parameter : str
        What is run, and the dotted name of what differs.
    values : str
        With commas between.
    given : mapping
        Other runtime parameters, the same for every value.
    env : str, optional
        Configuration environment.
    metrics : sequence of str
        What the figure compares; none: `HEADLINES`.
    say : callable
        Shows a line of progress.

    Returns
    -------
    dict
        Why each failed value did, by the value as shown.

    Raises
    ------
    ParameterError
        If the request makes no sense, or several processes were started for it.
    BusyError
        If the same sweep is running already.
    """
    _refuse_several_processes()
    parsed = parse_values(values)
    context = _load_context(project, env, given)
    request = _read_request(context, pipeline, parameter, parsed, given, env)

    def run_once(runtime_params: dict[str, Any]) -> None:
        with KedroSession.create(project_path=project, env=env, runtime_params=runtime_params) as session:
            cast(KedroSession, session).run(pipeline_names=[pipeline], runner=SequentialRunner())

    with _one_at_a_time(context, request):
        tracking = cast(Any, context).mlflow  # put there by kedro-mlflow
        experiment = tracking.tracking.experiment._experiment.experiment_id
        runs = TrackedRuns(tracking.server._mlflow_client, experiment, request)
        runs.open()
        status = "KILLED"
        try:
            failed = run_values(request, runs, run_once, say)
            _report(context, request, runs, metrics, say)
            status = "FAILED" if failed else "FINISHED"
        finally:
            runs.close(runs.parent_id, status)
    return failed


def _refuse_several_processes() -> None:
    if os.environ.get("WORLD_SIZE", "1") not in ("", "1"):
        raise ParameterError(
            "a sweep is one process that starts one run after another",
            value=f"WORLD_SIZE={os.environ['WORLD_SIZE']}",
            remedy="call kedro sweep without torchrun; --params=pretrain.nproc=2 gives each value two processes",
        )


def _load_context(project: Path, env: str | None, given: Mapping[str, Any]) -> KedroContext:
    with KedroSession.create(project_path=project, env=env, runtime_params=dict(given)) as session:
        return cast(KedroSession, session).load_context()


def _read_request(
    context: KedroContext,
    pipeline: str,
    parameter: str,
    values: Sequence[Any],
    given: Mapping[str, Any],
    env: str | None,
) -> SweepRequest:
    if pipeline not in [*pipelines.keys()]:
        raise ParameterError("no such pipeline", value=pipeline, allowed=", ".join(sorted(pipelines.keys())))
    # as written: the context would hand out typed options, where a misspelt name is not seen
    parameters = merge(context.config_loader["parameters"], given)
    inputs = pipelines[pipeline].inputs()
    check_parameter(parameter, parameters, inputs, pipeline)
    configured = {name: parameters[name] for name in sorted(names_read(inputs) & {*parameters})}
    options = parameters.get(pipeline)
    tag = options.get("tag") if isinstance(options, Mapping) else None
    return SweepRequest(pipeline, parameter, tuple(values), given, env, tag, configured)


@contextmanager
def _one_at_a_time(context: KedroContext, request: SweepRequest) -> Iterator[None]:
    folder = Path(context.config_loader["globals"]["data_root"]) / "mlflow"
    path = folder / f".sweep-{request.leaf}-{request.fingerprint}.lock"
    with path.open("ab") as file, alone(file, path):
        yield


def _report(
    context: KedroContext, request: SweepRequest, runs: TrackedRuns, metrics: Sequence[str], say: Say
) -> None:
    """Save the comparison of all finished values, earlier calls' too, and attach it to the parent run."""
    import mlflow

    from eeg_kedro.figures.sweep import draw_sweep

    table = runs.compare()
    if table.empty:
        say("nothing to compare: no finished value logged a metric")
        return
    shown = choose_metrics(table, metrics)
    catalog = context.catalog
    with mlflow.start_run(run_id=runs.parent_id):
        catalog.save("report_sweep", table)
        catalog.save("report_sweep_figure", draw_sweep(shown, request.parameter))
    say(shown.pivot(index="value", columns="metric", values="result").to_string(float_format="%.4g"))


def choose_metrics(table: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Keep the rows of the metrics asked for, by full name or last part; else of `HEADLINES`; else all but times.

    Parameters
    ----------
    table : DataFrame
        ``value``, ``metric``, ``result``.
    asked : sequence of str
        Names of metrics; those nobody logged are passed over.
    """
    last = table["metric"].str.rpartition(".")[2]
    for names in (asked, HEADLINES):
        rows = table[table["metric"].isin(names) | last.isin(names)]
        if len(rows):
            return rows.reset_index(drop=True)
    rows = table[~table["metric"].str.startswith(TIMES)]
    return rows.reset_index(drop=True) if len(rows) else table
