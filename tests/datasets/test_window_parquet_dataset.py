import errno
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import WindowParquetDataset
from eeg_kedro.errors import DiskFullError


@dataclass
class Job:
    content: bytes = b"windows"
    error: Exception | None = None

    def write(self, path: Path):
        path.write_bytes(self.content)
        if self.error:
            raise self.error


@dataclass
class Handle:
    path: Path


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "eeg_kedro.io.window_parquet", SimpleNamespace(WindowFile=Handle))
    return WindowParquetDataset(filepath=str(tmp_path / "p_r.parquet"))


def test_the_value_writes_itself_and_a_handle_is_loaded(dataset, tmp_path):
    dataset.save(Job())
    assert dataset.load() == Handle(tmp_path / "p_r.parquet")
    assert dataset.load().path.read_bytes() == b"windows"


def test_a_failed_write_leaves_the_old_file(dataset, tmp_path):
    dataset.save(Job())
    with pytest.raises(DatasetError):
        dataset.save(Job(b"half", ValueError("bad sample")))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("p_r.parquet", b"windows")]


def test_a_full_disk_is_a_typed_error(dataset):
    with pytest.raises(DatasetError) as raised:
        dataset.save(Job(error=OSError(errno.ENOSPC, "full")))
    assert isinstance(raised.value.__cause__, DiskFullError)


def test_an_absent_file_says_which_pipeline_makes_it(dataset):
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="run the pipeline `window`"):
        dataset.load()
