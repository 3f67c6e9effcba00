from pathlib import Path

import pandas as pd
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project

from eeg_kedro.cli import cli

PROJECT = Path(__file__).resolve().parents[1]


def summarize(root, monkeypatch):
    monkeypatch.setenv("EEG_KEDRO_DATA", str(root))
    result = CliRunner().invoke(
        cli, ["summary", "--env=test"], obj=bootstrap_project(PROJECT), catch_exceptions=False
    )
    return result.output


def test_the_summary_of_nothing_says_what_to_run(tmp_path, monkeypatch):
    assert "run `kedro run --pipelines=process_primary`" in summarize(tmp_path, monkeypatch)


def test_the_summary_counts_files_recordings_and_windows(tmp_path, monkeypatch):
    tables = {
        "02_intermediate/ingest_report": {"status": ["taken", "taken", "refused"]},
        "03_primary/recording_quality": {
            "participant": ["a", "a"],
            "state": ["done", "failed"],
            "duration": [3600.0, 0.0],
        },
        "03_primary/window_manifest": {"category": ["no_seizure", None]},
    }
    for name, columns in tables.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(columns).to_parquet(tmp_path / f"{name}.parquet")
    said = summarize(tmp_path, monkeypatch)
    assert "3 found: 2 taken, 1 refused" in said
    assert "1 of 2 cleaned, 1 participants, 1.00 h" in said
    assert "1 no_seizure, 1 not annotated" in said
    assert "make viz" in said
