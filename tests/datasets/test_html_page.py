import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import HtmlPageDataset


def test_a_page_comes_back_as_it_was(tmp_path):
    dataset = HtmlPageDataset(filepath=str(tmp_path / "deep/page.html"))
    dataset.save("<p>µV</p>\n")
    assert dataset.exists()
    assert dataset.load() == "<p>µV</p>\n"


def test_a_failed_save_leaves_the_old_page(tmp_path):
    dataset = HtmlPageDataset(filepath=tmp_path / "page.html")
    dataset.save("old")
    with pytest.raises(DatasetError):
        dataset.save(3)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert dataset.load() == "old"


def test_an_absent_page_says_which_pipeline_makes_it(tmp_path):
    with pytest.raises(DatasetError, match="run the pipeline"):
        HtmlPageDataset(filepath=tmp_path / "page.html").load()
