import sys
from types import SimpleNamespace

import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import FolderListingDataset


@pytest.fixture
def listing(monkeypatch):
    def names(root):
        return sorted(path.name for path in root.iterdir())

    monkeypatch.setitem(sys.modules, "eeg_kedro.corpora.folder_listing", SimpleNamespace(list_folder=names))


def test_the_folder_is_listed(corpus, listing):
    dataset = FolderListingDataset(path=str(corpus))
    assert dataset.exists()
    assert len(dataset.load()) == 5


def test_an_absent_folder_is_an_error_with_remedy(tmp_path, listing):
    dataset = FolderListingDataset(path=str(tmp_path / "absent"))
    assert not dataset.exists()
    with pytest.raises(DatasetError, match=r"no such folder.*absent.*corpus\.root=PATH"):
        dataset.load()


def test_an_absent_folder_is_none_where_it_may_be_absent(tmp_path, listing):
    assert FolderListingDataset(path=str(tmp_path / "absent"), allow_absent=True).load() is None


def test_nothing_is_ever_saved_among_the_recordings(corpus, listing):
    with pytest.raises(DatasetError, match="nothing is ever saved"):
        FolderListingDataset(path=str(corpus)).save([])
