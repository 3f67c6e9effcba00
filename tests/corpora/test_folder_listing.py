import os

import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.errors import LayoutError


def test_every_file_is_listed_once_in_sorted_order(tmp_path):
    for name in ("b/2.edf", "a.edf", "b/1.edf", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list_folder(tmp_path).files == (".hidden", "a.edf", "b/1.edf", "b/2.edf")


def test_links_that_lead_back_up_end(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x.edf").touch()
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a")
    found = list_folder(tmp_path)
    assert found.files == ("a/x.edf",)
    assert found.skipped[0][0] == "a/b/up/"


def test_linked_folders_are_followed_and_dead_links_are_listed(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "x.edf").touch()
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "chb01").symlink_to(tmp_path / "store")
    (tmp_path / "corpus" / "gone.edf").symlink_to(tmp_path / "nowhere")
    assert list_folder(tmp_path / "corpus").files == ("chb01/x.edf", "gone.edf")


def test_pipes_hidden_folders_and_names_that_are_no_text_are_skipped_by_name(tmp_path):
    os.mkfifo(tmp_path / "pipe.edf")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.edf").touch()
    (tmp_path / os.fsdecode(b"\xff.edf")).touch()
    found = list_folder(tmp_path)
    assert found.files == ()
    assert [name for name, _ in found.skipped] == [".git/", "pipe.edf", "\ufffd.edf"]


def test_own_outputs_and_hidden_files_are_listed_but_not_visible(tmp_path):
    for name in ("03_primary/windows/a_1.parquet", ".x.edf", "a.edf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = list_folder(tmp_path)
    assert len(found.files) == 3
    assert found.visible() == ("a.edf",)


def test_a_missing_folder_is_named_with_a_remedy(tmp_path):
    with pytest.raises(LayoutError, match=r"corpus\.root") as caught:
        list_folder(tmp_path / "nowhere")
    assert caught.value.file == "nowhere"
