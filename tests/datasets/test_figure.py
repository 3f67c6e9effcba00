import plotly.graph_objects as go
import pytest

from eeg_kedro.datasets import FigureDataset


def test_a_figure_comes_back_and_is_previewed(tmp_path):
    figure = go.Figure(go.Bar(x=["train"], y=[3]), {"title": {"text": "µV"}})
    dataset = FigureDataset(filepath=str(tmp_path / "deep/f.json"))
    dataset.save(figure)
    assert dataset.load() == figure
    assert dataset.preview()["layout"]["title"]["text"] == "µV"


def test_a_failed_save_leaves_the_old_figure(tmp_path):
    dataset = FigureDataset(filepath=str(tmp_path / "f.json"))
    dataset.save(go.Figure())
    before = (tmp_path / "f.json").read_bytes()
    with pytest.raises(Exception, match="Failed while saving"):
        dataset.save("not a figure")
    assert (tmp_path / "f.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]
