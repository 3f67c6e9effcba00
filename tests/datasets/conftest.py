import sys
from pathlib import Path

import pytest

from eeg_kedro.datasets import ParallelPartitionedDataset

# worker processes import `tiny_tables` by this name; they inherit sys.path
sys.path.insert(0, str(Path(__file__).parent))

from tiny_tables import TinyOptions, TinySource, tasks


@pytest.fixture
def corpus(tmp_path):
    """Five tiny source files, each holding a number."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for i in range(5):
        (folder / f"p{i}_r0.txt").write_text(str(i))
    return folder


@pytest.fixture
def sources(corpus):
    return {path.stem: TinySource(str(corpus), path.name) for path in sorted(corpus.iterdir())}


@pytest.fixture
def plan(sources):
    return tasks(sources.values(), TinyOptions())


@pytest.fixture
def windows(tmp_path):
    """Make the dataset; `kind` and the rest as in the catalog."""

    def make(kind="serial", max_workers=2, name="windows", **options):
        executor = {"kind": kind, "max_workers": max_workers, "address": options.pop("address", None)}
        config = {"path": str(tmp_path / name), "dataset": "eeg_kedro.datasets.TableDataset"}
        return ParallelPartitionedDataset(**{**config, **options}, executor=executor)

    return make


@pytest.fixture
def contents():
    """Read the bytes of the partitions below a folder."""
    return lambda folder: {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
