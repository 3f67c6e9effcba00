import json

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.datasets import TableDataset


@pytest.fixture
def table():
    lists = [["FZ", "CZ"], []]
    return pd.DataFrame({"participant": ["a", "b"], "sfreq": [256.0, np.nan], "n": [1, 2], "ch_names": lists})


def test_a_table_comes_back(tmp_path, table):
    dataset = TableDataset(filepath=str(tmp_path / "deep/t.parquet"))
    dataset.save(table)
    loaded = dataset.load()
    pd.testing.assert_frame_equal(loaded.drop(columns="ch_names"), table.drop(columns="ch_names"))
    assert [list(names) for names in loaded["ch_names"]] == [["FZ", "CZ"], []]


def test_the_same_rows_are_the_same_bytes(tmp_path, table):
    for name in ("a", "b"):
        TableDataset(filepath=str(tmp_path / name)).save(table.copy())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failed_save_leaves_the_old_table(tmp_path, table):
    dataset = TableDataset(filepath=str(tmp_path / "t.parquet"))
    dataset.save(table)
    with pytest.raises(Exception, match="Failed while saving"):
        dataset.save(pd.DataFrame({"mixed": [1, "a"]}))
    assert len(dataset.load()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_an_absent_table_is_none_where_it_may_be_absent(tmp_path):
    path = str(tmp_path / "t.parquet")
    assert TableDataset(filepath=path, allow_absent=True).load() is None
    assert not TableDataset(filepath=path, allow_absent=True).exists()
    with pytest.raises(Exception, match=r"there is no such table yet. Remedy: run"):
        TableDataset(filepath=path).load()


def test_a_table_that_may_be_absent_is_loaded_when_it_is_there(tmp_path, table):
    dataset = TableDataset(filepath=str(tmp_path / "t.parquet"), allow_absent=True)
    dataset.save(table)
    assert len(dataset.load()) == 2


def test_the_preview_is_readable_json(tmp_path, table):
    dataset = TableDataset(filepath=str(tmp_path / "t.parquet"))
    dataset.save(table)
    preview = dataset.preview(nrows=5)
    assert preview["columns"] == ["participant", "sfreq", "n", "ch_names"]
    assert preview["data"] == [["a", 256.0, 1, "FZ, CZ"], ["b", None, 2, ""]]
    json.dumps(preview, allow_nan=False)


def test_the_preview_shows_no_more_rows_than_asked(tmp_path):
    dataset = TableDataset(filepath=str(tmp_path / "t.parquet"))
    dataset.save(pd.DataFrame({"n": range(100)}))
    assert dataset.preview(nrows=3)["data"] == [[0], [1], [2]]


def test_the_preview_of_an_empty_table_has_columns_only(tmp_path, table):
    dataset = TableDataset(filepath=str(tmp_path / "t.parquet"))
    dataset.save(table.iloc[:0])
    assert dataset.preview()["data"] == []


def test_kedro_viz_recognizes_the_preview():
    import inspect

    assert str(inspect.signature(TableDataset.preview).return_annotation) == "TablePreview"
