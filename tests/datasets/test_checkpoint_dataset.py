import errno
from pathlib import Path

import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import CheckpointDataset
from eeg_kedro.errors import DiskFullError
from eeg_kedro.training.task import TrainingReport
from tests.training.tiny_checkpoints import tiny_checkpoint


@pytest.fixture
def dataset(tmp_path):
    return CheckpointDataset(filepath=str(tmp_path / "06_models" / "last"))


def test_it_can_be_loaded_before_anything_was_trained(dataset):
    assert not dataset.exists()
    assert dataset.load().last("tiny") is None
    assert dataset.preview()["data"] == []


def test_reports_and_checkpoints_are_saved(dataset):
    dataset.save(TrainingReport(tiny_checkpoint(3), None, False, False, ""))
    assert dataset.exists()
    assert dataset.load().last("tiny").step == 3
    dataset.save(tiny_checkpoint(4))
    assert dataset.load().last("tiny").step == 4


def test_the_preview_tells_how_far_each_model_has_come(dataset):
    for name in ("b", "a"):
        dataset.save(tiny_checkpoint(3, name))
    table = dataset.preview()
    assert table["columns"] == ["model", "steps", "epochs", "best validation loss", "finished"]
    assert table["data"] == [["a", 3, 1, "0.5", False], ["b", 3, 1, "0.5", False]]


def test_a_full_disk_is_a_typed_error(dataset, monkeypatch):
    dataset.save(tiny_checkpoint(3))

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(DatasetError) as raised:
        dataset.save(tiny_checkpoint(4))
    assert isinstance(raised.value.__cause__, DiskFullError)
    assert dataset.load().last("tiny").step == 3
