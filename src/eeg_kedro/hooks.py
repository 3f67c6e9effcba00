"""Hooks: what MLflow is told about a run, and the verdict on failed recordings after it."""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from pydantic import BaseModel

from eeg_kedro.corpora.failures import count_failures, mark_failures
from eeg_kedro.errors import DiskFullError, ParameterError, TooManyFailedError
from eeg_kedro.user_errors import show_user_errors_plainly

logger = logging.getLogger(__name__)

CORPUS_DATASETS = ("raw_corpus", "raw_fabricated")
EXECUTOR_KEYS = ("executor.kind", "executor.max_workers", "executor.address")
RUNTIME_ONLY = (
    "executor",
    "mlflow_run_id",
    "mlflow_run_name",
    "pretrained_name",
    "label_file",
    "label_column",
)
DERIVED = ("feat_window_features", "feat_spectrograms")  # pages are for looking at: they only warn
JUDGED = ("int_ingest_report", "prm_recording_quality", "report_categories")


class ParameterHooks:
    """Refuse misspelt runtime parameters; show typed parameters to MLflow as one value per leaf."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Check runtime parameters that only the catalog reads, and make room for the tracking store."""
        show_user_errors_plainly()
        refuse_unknown_parameters(
            context._runtime_params or {}, context.project_path / "conf" / "base" / "parameters"
        )
        make_tracking_store(Path(context.config_loader["globals"]["data_root"]) / "mlflow" / "mlflow.db")

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Keep folders out of the copy of the run's arguments that MLflow tags the run with."""
        run_params["runtime_params"] = _without_roots(run_params.get("runtime_params") or {})
        run_params["project_path"] = Path(run_params.get("project_path") or "").name

    @hook_impl(tryfirst=True)
    def before_node_run(self, inputs: dict[str, Any]) -> None:
        """Replace typed parameters by plain dicts in the copy of the inputs that hooks see."""
        for name, value in inputs.items():
            if name.startswith("params:") and isinstance(value, BaseModel):
                inputs[name] = _without_roots(value.model_dump(mode="json"))


class RunHooks:
    """Tag the MLflow run, time its nodes, and judge the failures once everything else is saved."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._under_way = False

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Forget the run before (one process may hold several sessions) and note the commit."""
        self._started, self._seconds, self._under_way = {}, {}, True
        _set_tags({"git.commit": _git_commit()})
        # after MLflow's own, which was registered when it was imported: the last one goes first
        atexit.unregister(self._close_interrupted)
        atexit.register(self._close_interrupted)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Tag the run with a fingerprint of the folder it reads."""
        if dataset_name in CORPUS_DATASETS and data is not None:
            _set_tags({"corpus.fingerprint": _corpus_fingerprint(data.root, data.files)})

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Start the node's clock."""
        self._started[node.short_name] = time.perf_counter()

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Stop the node's clock; saving its outputs may still move it on."""
        self._stop(node)

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """Move the clock on: lazy partitions do their work while they are saved."""
        self._stop(node)

    def _stop(self, node: Node) -> None:
        self._seconds[node.short_name] = time.perf_counter() - self._started[node.short_name]

    @hook_impl(tryfirst=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Log the seconds per stage and complete the ingest report while the MLflow run is still open."""
        if "prm_recording_quality" in pipeline.all_outputs() and catalog.exists("int_ingest_report"):
            report, quality = catalog.load("int_ingest_report"), catalog.load("prm_recording_quality")
            if (quality["state"] == "failed").any():
                catalog.save("int_ingest_report", mark_failures(report, quality))
        _log_metrics({f"seconds.{name}": round(value, 3) for name, value in self._seconds.items()})
        self._under_way = False

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Leave the run to kedro-mlflow, which closes it as failed."""
        self._under_way = False

    def _close_interrupted(self) -> None:
        """Close a run that Ctrl-C ended: no hook hears of that, and MLflow would call it finished at exit."""
        if self._under_way:
            import mlflow

            if mlflow.active_run():
                mlflow.end_run("KILLED")


class VerdictHooks:
    """End a run with an error when more recordings failed than allowed; everything else is saved by then."""

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Compare the failed recordings of this run with ``ingest.max_failed``.

        Raises
        ------
        TooManyFailedError
            If the share of failed recordings is above the limit.
        """
        made = {name: catalog.load(name) for name in JUDGED if name in pipeline.all_outputs()}
        derived = [name for name in DERIVED if name in pipeline.all_outputs()]
        status = {name: getattr(catalog.load(name), "status", {}) for name in derived}
        failed, total = count_failures(**made, derived=status)
        for name, reason in failed:
            logger.error("failed: %s: %s", name, reason)
        limit = _max_failed(catalog)
        if len(failed) > limit * total:
            raise TooManyFailedError(
                f"{len(failed)} of {total} recordings failed; everything else was processed and saved",
                value=[name for name, _ in failed[:5]],
                allowed=f"a share of at most {limit:g} (ingest.max_failed)",
                remedy="read ingest_report, recording_quality and categories (parquet, below the data root), and "
                "_status beside features; mend or "
                "remove the files and run again (only they are redone), or raise ingest.max_failed",
            )


def make_tracking_store(path: Path) -> None:
    """Make the tracking database where there is none: aside, then in place.

    MLflow builds its tables in many steps; a run killed between two of them would leave a database that no
    later run can open.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(f".{path.name}.*"):
        if not _is_alive(leftover.suffix[1:]):
            leftover.unlink(missing_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from sqlalchemy.exc import OperationalError

    try:
        store = SqlAlchemyStore(f"sqlite:///{aside}", (path.parent / "artifacts").as_posix())
    except OperationalError as error:
        if "full" not in str(error.orig):
            raise
        free = shutil.disk_usage(path.parent).free
        remedy = "free some space or move the data root (EEG_KEDRO_DATA), then run again"
        what = "no room for the tracking database"
        raise DiskFullError(what, file=path.name, value=f"{free} bytes free", remedy=remedy) from None
    store.engine.dispose()
    aside.replace(path)


def _is_alive(process: str) -> bool:
    return Path(f"/proc/{process}").exists()


def _max_failed(catalog: CatalogProtocol[Any, Any]) -> float:
    options = catalog.load("params:ingest") if "params:ingest" in catalog else {}
    value = options.get("max_failed", 0.0) if isinstance(options, dict) else options.max_failed
    return float(value)


def refuse_unknown_parameters(given: Mapping[str, Any], folder: Path) -> None:
    """Refuse a misspelt ``--params`` key; deeper keys are refused by the typed options that receive them.

    Parameters
    ----------
    given : mapping
        Runtime parameters.
    folder : Path
        Where each pipeline has a parameter file of its name.

    Raises
    ------
    ParameterError
        If a key is not a parameter of this project.
    """
    known = sorted({file.stem for file in folder.glob("*.yml")} | {*RUNTIME_ONLY})
    executor = given.get("executor")
    keys = {*given} | {f"executor.{key}" for key in (executor if isinstance(executor, Mapping) else [])}
    for key in sorted(keys - {*known} - {*EXECUTOR_KEYS}):
        raise ParameterError(
            "unknown parameter",
            value=key,
            allowed=", ".join([*known, *EXECUTOR_KEYS]),
            remedy="check the spelling after --params",
        )


def _without_roots(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave folders out: a path can spell a name, and goes no further than this machine."""
    return {
        key: _without_roots(value) if isinstance(value, Mapping) else value
        for key, value in values.items()
        if not key.endswith(("root", "_file"))
    }


def _git_commit() -> str:
    here = Path(__file__).resolve().parent
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=40"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return answer.stdout.strip() or "unknown"


def _corpus_fingerprint(root: Path, files: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in files:
        path = Path(root) / name
        size = path.stat().st_size if path.exists() else -1
        digest.update(f"{name}\0{size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _set_tags(tags: dict[str, str]) -> None:
    import mlflow

    if mlflow.active_run():
        mlflow.set_tags(tags)


def _log_metrics(metrics: dict[str, float]) -> None:
    import mlflow

    if mlflow.active_run():
        mlflow.log_metrics(metrics)


PROJECT_HOOKS = (ParameterHooks(), RunHooks(), VerdictHooks())
