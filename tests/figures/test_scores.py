import math

import numpy as np
import pytest

from eeg_kedro.figures.detectors import order_models, pick_scores, say_model, say_score
from eeg_kedro.figures.scores import draw_scores
from tests.figures.learn_tables import make_tables


@pytest.fixture(scope="module")
def tables():
    return make_tables(10)


def draw(tables, **changes):
    given = {name: tables[name] for name in ("report_score_summary", "report_scores")} | changes
    return draw_scores(*given.values())


def test_each_model_has_its_mean_and_interval_in_four_panels(tables):
    figure = draw(tables)
    rows = pick_scores(tables["report_score_summary"], "szcore_event", "f1").set_index("model")
    means = [trace for trace in figure.data if trace.name == "EEGNet"]
    assert len(means) == 4
    assert means[0].x[0] == pytest.approx(rows.loc["eegnet", "mean"])
    assert means[0].x[0] + means[0].error_x.array[0] == pytest.approx(rows.loc["eegnet", "high"])
    assert means[0].x[0] - means[0].error_x.arrayminus[0] == pytest.approx(rows.loc["eegnet", "low"])


def test_seeds_are_dots(tables):
    dots = [trace for trace in draw(tables).data if trace.name == "seeds"]
    assert len(dots) == 4
    assert len(dots[0].x) == 3 * 3 + 4  # three networks with three seeds, four models without chance


def test_rates_are_on_an_axis_that_has_room_for_zero_and_for_hundreds(tables):
    figure = draw(tables)
    always_off = [trace for trace in figure.data if trace.name == "always off"][-1]
    assert always_off.x[0] == 0
    axis = figure.layout.xaxis4
    assert axis.ticktext[axis.tickvals.index(math.log10(101))] == "100"
    assert "24 h" in axis.title.text


def test_a_score_without_interval_is_a_point(tables):
    summary = tables["report_score_summary"].assign(low=np.nan, high=np.nan)
    assert all(trace.error_x.array is None for trace in draw(tables, report_score_summary=summary).data)


def test_an_undefined_score_is_told_in_its_panel(tables):
    summary = tables["report_score_summary"].copy()
    summary.loc[summary["metric"] == "auprc", "mean"] = np.nan
    texts = [note.text for note in draw(tables, report_score_summary=summary).layout.annotations]
    assert texts == ["not defined here: see the table"]


def test_how_many_are_behind_the_scores_is_stated(tables):
    said = draw(tables).layout.title.text.replace("</sup><br><sup>", " ")
    n_seizures = tables["report_score_summary"]["n_seizures"].iloc[0]
    assert f"2 participants, {n_seizures} seizures, 2.00\u00a0h" in said


def test_whose_scores_they_are_is_in_the_title(tables):
    summary = tables["report_score_summary"].assign(role="validation")
    assert "on validation participants" in draw(tables, report_score_summary=summary).layout.title.text


def test_without_scores_there_is_a_sentence(tables):
    nothing = tables["report_score_summary"].assign(mean=np.nan)
    for summary in (None, nothing, nothing.iloc[:0]):
        assert "no score" in draw_scores(summary).layout.annotations[0].text


def test_macro_is_taken_and_micro_only_without_it(tables):
    summary = tables["report_score_summary"]
    micro = summary.assign(average="micro", mean=0.123)
    assert 0.123 not in set(pick_scores(summary.merge(micro, how="outer"), "szcore_event", "f1")["mean"])
    assert set(pick_scores(micro, "szcore_event", "f1")["mean"]) == {0.123}


def test_models_have_one_order_and_unknown_ones_come_last():
    said = order_models(["zebra", "always_off", "pretrained", "apple"])
    assert said == ["pretrained", "always_off", "apple", "zebra"]
    assert say_model("my_net") == "my net"


def test_scores_are_named_for_people():
    assert say_score("szcore_event f1") == "event F1"
    assert say_score("nedc_ovlp fa_per_24h") == "NEDC OVLP false alarms per 24 h"
