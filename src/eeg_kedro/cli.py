"""Project commands, merged into ``kedro``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from kedro.framework.cli.utils import _split_params
from kedro.framework.project import settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import ProjectMetadata

if TYPE_CHECKING:
    import pandas as pd
    from kedro.io import CatalogProtocol


@click.group(name="eeg_kedro")
def cli() -> None:
    """Commands of eeg_kedro."""


@cli.command()
@click.option("--env", default=None, help="Configuration environment, as in kedro run.")
@click.pass_obj
def summary(metadata: ProjectMetadata, env: str | None) -> None:
    """Say what the last run made, and where to look at it."""
    with KedroSession.create(project_path=metadata.project_path, env=env) as session:
        catalog = cast(KedroSession, session).load_context().catalog
        lines = [*_lines(catalog)]
    root = Path(settings.CONFIG_LOADER_ARGS["custom_resolvers"]["data_root"]())
    for line in [*lines, *_places(root)]:
        click.echo(line)


@cli.command()
@click.option("--pipeline", required=True, help="What to run for each value, for instance pretrain.")
@click.option(
    "--param", required=True, help="Dotted name of the parameter, for instance pretrain.mask_ratio."
)
@click.option("--values", required=True, help="Its values with commas between, for instance 0.2,0.4,0.6.")
@click.option("--params", default="", callback=_split_params, help="Other parameters, as in kedro run.")
@click.option("--env", default=None, help="Configuration environment, as in kedro run.")
@click.option("--metrics", default="", help="What the figure compares, with commas between.")
@click.pass_obj
def sweep(
    metadata: ProjectMetadata,
    pipeline: str,
    param: str,
    values: str,
    params: dict[str, Any],
    env: str | None,
    metrics: str,
) -> None:
    """Run a pipeline once per value of a parameter, and compare: one MLflow run each, below one parent.

    The same call goes on with a sweep that was stopped: values that are done are skipped, others run again. To
    have a value run again although it is done, delete its run in the MLflow UI.
    """
    from eeg_kedro.sweep.sessions import sweep as run_sweep
    from eeg_kedro.user_errors import show_user_errors_plainly

    show_user_errors_plainly()
    failed = run_sweep(
        metadata.project_path,
        pipeline=pipeline,
        parameter=param,
        values=values,
        given=params,
        env=env,
        metrics=[name for name in metrics.split(",") if name],
        say=click.echo,
    )
    for value, why in failed.items():
        click.echo(f"failed: {param}={value}: {why}", err=True)
    if failed:
        raise SystemExit(1)


@cli.command()
@click.option("--source", required=True, help="Folder of recordings; read, never written.")
@click.option("--target", required=True, help="Folder for the copies; neither folder inside the other.")
@click.option(
    "--annotations",
    type=click.Choice(["labels", "none"]),
    default="labels",
    help="EDF+ texts: declared labels stay and others become `removed`, or all go.",
)
@click.option(
    "--labels",
    type=click.Choice(["known", "all"]),
    default="known",
    help="Names of signals: unknown ones become `signal 7`, or all stay.",
)
@click.option(
    "--keep-text", "keep_texts", multiple=True, help="An annotation text that may stay; repeatable."
)
@click.option("--keep-sex", is_flag=True, help="F or M stays in the patient field.")
@click.option("--keep-start-time", is_flag=True, help="The time of day stays; the date never does.")
@click.option("--keep-uncounted", is_flag=True, help="Copy data records beyond the header's number too.")
@click.option(
    "--with-annotations", is_flag=True, help="Copy TSV and CSV annotations: times, labels, channels."
)
@click.option("--rename", is_flag=True, help="Call the copies p0001_0001.edf, ...; needs --key.")
@click.option("--key", default=None, help="With --rename: file for the names behind the codes, kept apart.")
@click.option("--overwrite", is_flag=True, help="Replace files of the target.")
def deidentify(
    source: str,
    target: str,
    with_annotations: bool,
    rename: bool,
    key: str | None,
    overwrite: bool,
    **what: Any,
) -> None:
    """Copy EDF and BDF files with headers that tell nothing about a person; samples stay byte for byte.

    Names of files and folders stay as they are unless --rename is given. No other file is copied.
    """
    from eeg_kedro.corpora.clean_copies import (
        REPORT_NAME,
        count_rows,
        deidentify_folder,
        tell_row,
        write_report,
    )
    from eeg_kedro.corpora.code_key import CodeKey
    from eeg_kedro.io.deidentify import CleaningOptions
    from eeg_kedro.user_errors import show_user_errors_plainly

    show_user_errors_plainly()
    for name, folder in (("--source", source), ("--target", target)):
        if not folder.strip():  # an unset variable of the shell would mean the folder one is in
            raise click.UsageError(f"{name} is empty")
    if not Path(source).expanduser().is_dir():
        raise click.UsageError(f"--source {source} is not a folder")
    if rename != (key is not None):
        raise click.UsageError("--rename and --key belong together")
    if with_annotations and what["annotations"] == "none":
        raise click.UsageError("--with-annotations copies annotations, --annotations=none takes them out")
    rows = []
    for row in deidentify_folder(
        source,
        target,
        CleaningOptions(**what),
        key=CodeKey(Path(key).expanduser()) if key else None,
        with_annotations=with_annotations,
        overwrite=overwrite,
    ):
        rows.append(row)
        click.echo(tell_row(row))
    write_report(rows, target)
    click.echo(f"{count_rows(rows)}; each file in {REPORT_NAME}")
    if not any(row.status in ("copied", "already there") for row in rows):
        click.echo("no EDF or BDF file was copied", err=True)
    if any(row.failed for row in rows):
        raise SystemExit(1)


def _lines(catalog: CatalogProtocol[Any, Any]) -> Iterator[str]:
    report = _table(catalog, "int_ingest_report")
    quality = _table(catalog, "prm_recording_quality")
    if report is None or quality is None:
        yield "nothing made yet: run `kedro run --pipelines=process_primary` (or `make demo`) first"
        return
    statuses = ", ".join(f"{count} {status}" for status, count in report["status"].value_counts().items())
    done = quality[quality["state"] == "done"]
    yield f"files        {len(report)} found: {statuses}"
    yield (
        f"recordings   {len(done)} of {len(quality)} cleaned, {quality['participant'].nunique()} participants, "
        f"{done['duration'].sum() / 3600:.2f} h"
    )
    yield from _absent(catalog)
    manifest = _table(catalog, "prm_window_manifest")
    if manifest is not None:
        why = "none: the ingest report and report_categories say why"
        yield f"windows      {len(manifest)}: {_counts(manifest) or why}"
    balanced = _table(catalog, "input_balanced_windows")
    if balanced is not None:
        for split, part in balanced.groupby("split", sort=False):
            yield f"balanced     {split}: {len(part)}: {_counts(part)}"
    yield from _pretrained(catalog)
    yield from _scored(catalog)


def _absent(catalog: CatalogProtocol[Any, Any]) -> Iterator[str]:
    """Say what is annotated of recordings that are not in the corpus."""
    events = _table(catalog, "int_events")
    if events is None or events["has_signal"].all():
        return
    absent = events[~events["has_signal"]]
    runs, seizures = absent.groupby(["participant", "run"]).ngroups, (absent["kind"] == "seizure").sum()
    yield f"not here     {runs} recordings of which only annotations are: {seizures} seizures without a signal"


def _scored(catalog: CatalogProtocol[Any, Any]) -> Iterator[str]:
    """Say how good each detector is on unseen participants, and whether pretraining helped."""
    summary, verdict = (
        _table(catalog, f"report_{name}") for name in ("score_summary", "pretraining_verdict")
    )
    if summary is None or verdict is None:
        return
    yield from first_scores(summary)
    for words in verdict.loc[verdict["comparison"] == "pretrained vs scratch", "words"]:
        yield f"             {words}"


def first_scores(summary: pd.DataFrame) -> Iterator[str]:
    """Yield a line per model: macro event F1 with its interval, and false alarms per 24 h.

    Parameters
    ----------
    summary : DataFrame
        ``report_score_summary``.
    """
    events = summary[(summary["scorer"] == "szcore_event") & (summary["average"] == "macro")]
    for model, rows in events[events["target"] == "event_f1"].groupby("model", sort=False):
        told = {str(row["metric"]): row for row in rows.to_dict("records")}
        f1, alarms = told["f1"], told["fa_per_24h"]
        yield (
            f"scored       {model!s:<12} event F1 {f1['mean']:.3f} ({f1['low']:.3f} to {f1['high']:.3f}), "
            f"{alarms['mean']:.1f} false alarms per 24 h, {f1['n_participants']} {f1['role']} participants"
        )


def _pretrained(catalog: CatalogProtocol[Any, Any]) -> Iterator[str]:
    """Say what was pretrained, and whether it learned the signal: what is not allowed first."""
    gates, history = _table(catalog, "report_pretrain_gates"), _table(catalog, "report_pretrain_history")
    if gates is None or history is None or not catalog.exists("model_pretrained"):
        return
    yield f"pretrained   {catalog.load('model_pretrained').name}, epochs: {len(history)}"
    failed = gates[gates["passed"].eq(False).fillna(False).astype(bool)]
    verdict = gates[(gates["gate"] == "gain_over_best_trivial") & ~gates["gate"].isin(failed["gate"])]
    for words in verdict["words"]:
        yield f"             {words}"
    for row in failed.to_dict("records"):
        yield f"             gate not passed: {row['gate']} = {row['value']:.3g}: {row['words']}"


def _counts(table: pd.DataFrame) -> str:
    counts = table["category"].fillna("not annotated").value_counts()
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _table(catalog: CatalogProtocol[Any, Any], name: str) -> Any:
    return catalog.load(name) if catalog.exists(name) else None


PLACES = {
    "02_intermediate/ingest_report.parquet": "one row per file: taken, repaired, refused, and why",
    "03_primary/windows/": "one parquet per participant and run",
    "03_primary/window_manifest.parquet": "every window: none, partial or full seizure",
    "04_feature/": "features, spectrograms, 50 s segments",
    "05_model_input/balanced_windows.parquet": "what training draws from",
    "05_model_input/balanced_signals.safetensors": "their samples: one array that training maps",
    "06_models/pretrained.safetensors": "the encoder that was pretrained last",
    "06_models/finetuned.safetensors": "the detector",
    "07_model_output/hed_score/": "what it detected, a table per recording (csv_bi beside it)",
    "08_reporting/learn.html": "START HERE: what was done, how good it is, how far to trust it",
    "08_reporting/pretrain_gates.parquet": "whether it learned the signal, in words",
    "08_reporting/sampling.parquet": "per split: hours, seizures, drawn, short, prior",
    "08_reporting/quality_overview.html": "recordings by quality, a page for each",
}


def _places(root: Path) -> Iterator[str]:
    yield ""
    yield f"look at      {root}"
    for name, what in PLACES.items():
        place = root / name
        if place.is_file() or (place.is_dir() and any(file.name != ".gitkeep" for file in place.iterdir())):
            yield f"             {name:<43}  {what}"
    yield "make viz     the lineage with previews and figures        http://127.0.0.1:4141"
    yield "make ui      runs, parameters, metrics, artifacts         http://127.0.0.1:5000"
