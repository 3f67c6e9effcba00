import pandas as pd
import pytest

from eeg_kedro.figures.style import BLUE, SEIZURE
from eeg_kedro.figures.sweep import MOST_METRICS, draw_sweep


def table(values, **metrics):
    return pd.DataFrame(
        {"value": value, "metric": name, "result": result}
        for name, results in metrics.items()
        for value, result in zip(values, results, strict=True)
    )


def test_each_metric_has_its_panel_over_the_values():
    figure = draw_sweep(table([0.4, 0.2], validation_loss=[2.0, 1.0], gain=[0.1, 0.3]), "pretrain.mask_ratio")
    loss, gain = figure.data
    assert (list(loss.x), list(loss.y)) == ([0.2, 0.4], [1.0, 2.0])
    assert list(gain.y) == [0.3, 0.1]
    assert figure.layout.yaxis2.title.text == "gain"
    assert figure.layout.xaxis.title.text == "pretrain.mask_ratio"


def test_of_losses_the_lowest_is_marked_and_of_others_none():
    figure = draw_sweep(table([1, 2, 3], validation_loss=[3.0, 1.0, 2.0], gain=[1.0, 2.0, 3.0]), "a.b")
    assert list(figure.data[0].marker.color) == [BLUE, SEIZURE, BLUE]
    assert set(figure.data[1].marker.color) == {BLUE}


def test_words_stand_in_the_order_given():
    figure = draw_sweep(table(["causal", "alternate"], validation_loss=[2.0, 1.0]), "a.direction")
    assert list(figure.layout.xaxis.ticktext) == ["causal", "alternate"]
    assert list(figure.data[0].y) == [2.0, 1.0]


def test_numbers_and_words_together_are_words():
    figure = draw_sweep(table([5, None, "auto"], gain=[1.0, 2.0, 3.0]), "a.b")
    assert list(figure.layout.xaxis.ticktext) == ["5", "None", "auto"]


def test_a_value_that_failed_is_named_and_keeps_its_place():
    figure = draw_sweep(table([0.2, 0.4], gain=[1.0, None]), "a.b")
    assert "without a result: 0.4" in figure.layout.title.text
    assert list(figure.layout.xaxis.tickvals) == [0.2, 0.4]


def test_a_single_value_is_drawn():
    figure = draw_sweep(table([0.2], gain=[1.0]), "a.b")
    low, high = figure.layout.xaxis.range
    assert low < 0.2 < high


@pytest.mark.parametrize("results", [[], [None]])
def test_without_a_result_it_says_so(results):
    empty = table([0.2] * len(results), gain=results)
    assert "No value" in draw_sweep(empty, "a.b").layout.annotations[0].text


def test_more_metrics_than_can_be_read_are_counted():
    many = {f"m{i}": [1.0] for i in range(MOST_METRICS + 3)}
    figure = draw_sweep(table([1], **many), "a.b")
    assert len(figure.data) == MOST_METRICS
    assert "3 more metrics" in figure.layout.title.text
