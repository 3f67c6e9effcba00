import pandas as pd
import pytest

from eeg_kedro.pipelines.balance import create_pipeline
from eeg_kedro.pipelines.balance.nodes import draw_split_categories, draw_windows, split_persons
from eeg_kedro.sampling.balance import BalanceOptions
from eeg_kedro.sampling.categories import CATEGORIES

OPTIONS = BalanceOptions()


@pytest.fixture(scope="module")
def manifest():
    rows = [(p, "1", 15.0 * i, 60.0, CATEGORIES[i % 3]) for p in "abcd" for i in range(30)]
    return pd.DataFrame(rows, columns=["participant", "run", "onset", "duration", "category"])


def test_split_draw_and_figure_fit_together(manifest):
    split = split_persons(None, manifest, OPTIONS)
    made = draw_windows(manifest, split, OPTIONS)
    assert made["report_balance"]["n_partial"].tolist() == [20, 10, 10]
    assert made["report_balance_metrics"]["train.full_drawn"] == {"step": 0, "value": 6.0}
    figure = draw_split_categories(manifest, made["input_balanced_windows"], split)
    assert len(figure.data) > 0


def test_shortfalls_are_logged(manifest, caplog):
    split = split_persons(None, manifest, OPTIONS)
    with caplog.at_level("WARNING"):
        draw_windows(manifest, split, OPTIONS)
    assert "fewer windows without seizure than wanted" in caplog.text


def test_what_a_least_quality_costs_is_logged_and_a_metric(manifest, caplog):
    graded = manifest.assign(quality=[0.1 if i % 10 == 1 else 0.9 for i in range(len(manifest))])
    split = split_persons(None, graded, OPTIONS)
    with caplog.at_level("WARNING"):
        made = draw_windows(graded, split, BalanceOptions(min_quality=0.5))
    assert "6 windows below balance.min_quality=0.5 are not drawn, 4 of them with seizure" in caplog.text
    assert made["report_balance_metrics"]["train.excluded_windows"] == {"step": 0, "value": 6.0}
    assert "train.seizures_lost" not in made["report_balance_metrics"]


def test_every_node_is_tagged():
    assert all(node.tags == {"balance"} for node in create_pipeline().nodes)
