import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from eeg_kedro.datasets import TableDataset
from eeg_kedro.errors import ParameterError
from eeg_kedro.rank_hooks import TRACKING_PLUGINS, FollowerHooks, rank_among

PROJECT = Path(__file__).resolve().parents[1]
SMALL = "fabricate.participants=1,fabricate.runs=1,fabricate.minutes=1,fabricate.layouts=[csv]"


def double(table):
    return table


def total(table):
    return table


PIPELINE = Pipeline(
    [Node(double, "raw_a", "int_b", name="double"), Node(total, "int_b", "prm_c", name="total")]
)


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({}, 0),
        ({"RANK": "0", "WORLD_SIZE": "2"}, 0),
        ({"RANK": "1", "WORLD_SIZE": "2"}, 1),
        ({"RANK": "3", "WORLD_SIZE": "1"}, 0),
        ({"RANK": "3"}, 0),
        ({"RANK": "x", "WORLD_SIZE": "2"}, 0),
    ],
)
def test_a_rank_counts_only_where_there_are_several_processes(environment, rank):
    assert rank_among(environment) == rank


def test_what_a_follower_makes_stays_in_memory_and_what_it_reads_does_not(tmp_path):
    files = {name: TableDataset(filepath=str(tmp_path / name)) for name in ("raw_a", "int_b", "prm_c")}
    catalog = DataCatalog(files)
    FollowerHooks().before_pipeline_run({}, PIPELINE, catalog)
    assert {name for name in files if isinstance(catalog[name], MemoryDataset)} == {"int_b", "prm_c"}


def test_a_follower_hands_on_what_it_made_without_a_copy():
    catalog = DataCatalog({"raw_a": MemoryDataset([1])})
    FollowerHooks().before_pipeline_run({}, PIPELINE, catalog)
    model = object()
    catalog.save("int_b", model)
    assert catalog.load("int_b") is model


def test_a_follower_refuses_to_skip_nodes_on_its_own():
    with pytest.raises(ParameterError, match="cannot agree"):
        FollowerHooks().before_pipeline_run({"only_missing_outputs": True}, PIPELINE, DataCatalog())


def test_the_plugins_to_silence_are_called_as_they_are_installed():
    hooked = {
        dist.name for dist in distributions() if any(e.group == "kedro.hooks" for e in dist.entry_points)
    }
    assert hooked - {"kedro-telemetry"} <= {*TRACKING_PLUGINS}


@pytest.mark.slow
def test_a_follower_runs_quietly_and_leaves_nothing_on_disk(tmp_path):
    as_torchrun_sets_it = {"RANK": "1", "WORLD_SIZE": "2", "EEG_KEDRO_DATA": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--env=test", "--pipelines=fabricate", f"--params={SMALL}"],
        cwd=PROJECT,
        env={**os.environ, **as_torchrun_sets_it},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "planned" not in told.stdout + told.stderr
    assert [*tmp_path.iterdir()] == []
