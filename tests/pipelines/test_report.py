import pytest

from eeg_kedro.pipelines.report import create_pipeline
from eeg_kedro.pipelines.report.nodes import FIGURES
from eeg_kedro.pipelines.report.options import ReportOptions
from eeg_kedro.scoring import embedding_map
from eeg_kedro.scoring.planar_maps import map_by_pca
from tests.figures.learn_tables import make_tables

DRAWN = [name for name in FIGURES if "history" not in name and "operating" not in name]


@pytest.fixture(autouse=True)
def without_umap(monkeypatch):
    """Take PCA for UMAP, which takes ten seconds to compile."""
    monkeypatch.setattr(embedding_map, "map_by_umap", lambda points, options: map_by_pca(points))


def run(tables):
    """Run the nodes one after another on these tables; inputs that are not among them are None."""
    pipeline = create_pipeline()
    data = dict.fromkeys(pipeline.inputs()) | tables | {"params:report": ReportOptions()}
    for node in pipeline.nodes:
        data |= node.run({name: data[name] for name in node.inputs})
    return data


def test_the_pipeline_makes_a_map_its_figures_and_one_page():
    made = run(make_tables(6, windows_each=20))
    assert set(made["report_embedding_map"]["method"]) == {"pca", "umap"}
    assert all(made[name].data for name in DRAWN)
    assert made["report_learn"].count('class="figure"') == 6
    assert "Scores on test participants" in made["report_learn"]


def test_without_any_input_there_is_still_a_page_that_says_so():
    made = run({})
    assert made["report_embedding_map"].empty
    assert not any(made[name].data for name in DRAWN)
    assert "Nothing was scored" in made["report_learn"]


def test_options_are_checked_before_anything_runs():
    with pytest.raises(ValueError, match="most_points"):
        ReportOptions.model_validate({"maps": {"most_points": 3}})
    with pytest.raises(ValueError, match="Extra inputs"):
        ReportOptions.model_validate({"most_run": 3})
