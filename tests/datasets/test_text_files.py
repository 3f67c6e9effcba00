import errno

import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import TextFilesDataset
from eeg_kedro.io import atomic_file


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "deep" / "annotations"


@pytest.fixture
def dataset(folder):
    return TextFilesDataset(path=folder, filename_suffix="_events.tsv")


def test_texts_come_back_to_the_byte_under_their_keys(dataset, folder):
    dataset.save({"p1_1": "µV\tx\r\n", "p2_1": ""})
    assert (folder / "p1_1_events.tsv").read_bytes() == "µV\tx\r\n".encode()
    assert {key: load() for key, load in dataset.load().items()} == {"p1_1": "µV\tx\r\n", "p2_1": ""}


def test_files_of_the_last_save_go_and_those_of_others_stay(dataset, folder):
    dataset.save({"a_1": "old", "b_1": "old"})
    (folder / "mine_events.tsv").write_text("somebody's")
    dataset.save({"b_1": "new"})
    assert sorted(path.name for path in folder.glob("*.tsv")) == ["b_1_events.tsv", "mine_events.tsv"]
    assert [*dataset.load()] == ["b_1"]


def test_what_a_stopped_save_wrote_goes_with_the_next(dataset, folder, monkeypatch):
    dataset.save({"a_1": "old"})
    replace = atomic_file.os.replace

    def full(part, path):
        if path.name == "c_1_events.tsv":
            raise OSError(errno.ENOSPC, "full")
        replace(part, path)

    monkeypatch.setattr(atomic_file.os, "replace", full)
    with pytest.raises(DatasetError, match="no room left"):
        dataset.save({"b_1": "new", "c_1": "new"})
    monkeypatch.undo()
    assert (folder / "a_1_events.tsv").read_text() == "old"
    dataset.save({"d_1": "new"})
    assert [path.name for path in folder.glob("*_1*")] == ["d_1_events.tsv"]


def test_no_text_is_something_to_keep(dataset):
    assert not dataset.exists()
    dataset.save({})
    assert dataset.exists()
    assert dataset.load() == {}


def test_an_absent_folder_says_which_pipeline_makes_it(dataset):
    with pytest.raises(DatasetError, match="score"):
        dataset.load()


@pytest.mark.parametrize("key", ["", "../p1", "a/b", ".hidden", "_files"])
def test_a_key_that_is_no_name_is_refused_before_anything_is_written(dataset, folder, key):
    with pytest.raises(DatasetError, match="a name that no file can have"):
        dataset.save({"p1_1": "x", key: "y"})
    assert not folder.exists()
