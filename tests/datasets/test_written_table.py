from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import WrittenTableDataset


@dataclass
class Job:
    rows: int = 3
    error: Exception | None = None

    def write(self, path: Path):
        pd.DataFrame({"x": range(self.rows)}).to_parquet(path)
        if self.error:
            raise self.error


@pytest.fixture
def dataset(tmp_path):
    return WrittenTableDataset(filepath=str(tmp_path / "p_r.parquet"))


def test_the_value_writes_itself_and_a_table_is_loaded(dataset):
    dataset.save(Job())
    assert dataset.load()["x"].tolist() == [0, 1, 2]


def test_a_failed_write_leaves_the_old_table_and_no_part(dataset, tmp_path):
    dataset.save(Job())
    with pytest.raises(DatasetError):
        dataset.save(Job(1, ValueError("bad sample")))
    assert [path.name for path in tmp_path.iterdir()] == ["p_r.parquet"]
    assert len(dataset.load()) == 3


def test_an_absent_table_says_which_pipeline_makes_it(dataset):
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="run the pipeline `extract`"):
        dataset.load()
