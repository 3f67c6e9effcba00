import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import LabelTableDataset


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "participants.tsv"
    path.write_text("participant\tremission\n01\tyes\n02\tno\n")
    return path


def test_without_a_file_there_are_no_labels():
    dataset = LabelTableDataset()
    assert dataset.load() is None
    assert not dataset.exists()


def test_names_stay_names(table):
    found = LabelTableDataset(filepath=table, column="remission").load()
    assert found["participant"].tolist() == ["01", "02"]
    assert found["label"].tolist() == ["yes", "no"]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"absent\.tsv"):
        LabelTableDataset(filepath=tmp_path / "absent.tsv").load()


def test_labels_are_never_written(table):
    with pytest.raises(DatasetError, match="read in place"):
        LabelTableDataset(filepath=table).save("anything")
