from pathlib import Path

import pandas as pd
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project

from eeg_kedro.cli import cli
from eeg_kedro.corpora.recording import REPORT_COLUMNS
from eeg_kedro.corpora.recording_quality import COLUMNS as RECORDING_COLUMNS
from eeg_kedro.sampling.categories import MANIFEST_TYPES

PROJECT = Path(__file__).resolve().parents[1]


def summarize(root, monkeypatch):
    monkeypatch.setenv("EEG_KEDRO_DATA", str(root))
    result = CliRunner().invoke(
        cli, ["summary", "--env=test"], obj=bootstrap_project(PROJECT), catch_exceptions=False
    )
    return result.output


def test_the_summary_of_nothing_says_what_to_run(tmp_path, monkeypatch):
    assert "run `kedro run --pipelines=process_primary`" in summarize(tmp_path, monkeypatch)


def _write(root, name, types, rows):
    """Write a table of all its columns; what a row does not say is empty or 0."""
    empty = {"str": "", "object": []}
    blank = {column: empty.get(kind, 0) for column, kind in types.items()}
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([blank | row for row in rows]).astype(types).to_parquet(root / f"{name}.parquet")


def test_the_summary_counts_files_recordings_and_windows(tmp_path, monkeypatch):
    _write(
        tmp_path,
        "02_intermediate/ingest_report",
        REPORT_COLUMNS,
        [
            {"path": name, "kind": "recording", "status": status}
            for name, status in (("a", "taken"), ("b", "taken"), ("c", "refused"))
        ],
    )
    _write(
        tmp_path,
        "03_primary/recording_quality",
        RECORDING_COLUMNS,
        [
            {"participant": "a", "run": "1", "state": "done", "duration": 3600.0, "score": 0.5},
            {"participant": "a", "run": "2", "state": "failed", "score": 0.5},
        ],
    )
    _write(
        tmp_path,
        "03_primary/window_manifest",
        MANIFEST_TYPES,
        [{"category": category, "n_samples": 1, "sfreq": 1.0} for category in ("no_seizure", None)],
    )
    said = summarize(tmp_path, monkeypatch)
    assert "3 found: 2 taken, 1 refused" in said
    assert "1 of 2 cleaned, 1 participants, 1.00 h" in said
    assert "1 no_seizure, 1 not annotated" in said
    assert "make viz" in said
