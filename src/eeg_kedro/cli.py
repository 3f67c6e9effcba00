"""Project commands, merged into ``kedro``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
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
    manifest = _table(catalog, "prm_window_manifest")
    if manifest is not None:
        yield f"windows      {len(manifest)}: {_counts(manifest)}"
    balanced = _table(catalog, "input_balanced_windows")
    if balanced is not None:
        for split, part in balanced.groupby("split", sort=False):
            yield f"balanced     {split}: {len(part)}: {_counts(part)}"


def _counts(table: pd.DataFrame) -> str:
    counts = table["category"].fillna("not annotated").value_counts()
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _table(catalog: CatalogProtocol[Any, Any], name: str) -> Any:
    return catalog.load(name) if catalog.exists(name) else None


def _places(root: Path) -> Iterator[str]:
    yield ""
    yield f"look at      {root}"
    yield "             02_intermediate/ingest_report.parquet    one row per file: taken, repaired, refused, and why"
    yield "             03_primary/windows/                      one parquet per participant and run"
    yield "             03_primary/window_manifest.parquet       every window: none, partial or full seizure"
    yield "             04_feature/                              features, spectrograms, 50 s segments"
    yield "             05_model_input/balanced_windows.parquet  what training draws from"
    yield "             05_model_input/balanced_signals.*        their samples: one array that training maps"
    yield "             08_reporting/sampling.parquet            per split: hours, seizures, drawn, short, prior"
    yield "             08_reporting/quality_overview.html       recordings by quality, a page for each"
    yield "make viz     the lineage with previews and figures    http://127.0.0.1:4141"
    yield "make ui      runs, parameters, metrics, artifacts     http://127.0.0.1:5000"
