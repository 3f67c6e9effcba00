import pandas as pd
import pytest

from eeg_kedro.figures.pretrain_history import MOST_MARKERS, draw_history


@pytest.fixture
def make_history():
    """Make a history of so many epochs; the second is the best."""

    def make(n_epochs=3, **columns):
        epochs = range(1, n_epochs + 1)
        table = pd.DataFrame(
            {"epoch": [epoch - 1 for epoch in epochs], "train_loss": [1 / epoch for epoch in epochs]}
        )
        fixed = {"validation_loss": table["train_loss"] + 0.1, "lr": 1e-3, "tokens_per_second": 5e4}
        return table.assign(**fixed, is_best=table["epoch"] <= 1, **columns)

    return make


def named(figure, name):
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def test_both_losses_are_drawn_over_epochs(make_history):
    figure = draw_history(make_history())
    assert list(named(figure, "training").y) == pytest.approx([1, 1 / 2, 1 / 3])
    assert list(named(figure, "unseen participants").x) == [1, 2, 3]


def test_rate_and_throughput_have_axes_of_their_own_with_units(make_history):
    figure = draw_history(make_history())
    titles = {axis.title.text for axis in figure.select_yaxes()}
    assert {"learning rate", "throughput (tokens/s)"} < titles
    assert named(figure, "learning rate").yaxis != named(figure, "tokens/s").yaxis


def test_the_last_best_epoch_is_marked(make_history):
    best = named(draw_history(make_history()), "best")
    assert (list(best.x), list(best.y)) == ([2], [0.6])


def test_trivial_predictors_are_levels_to_beat(make_history):
    figure = draw_history(make_history(validation_zero_loss=0.9, copy_nearest_loss=[None, 0.7, 0.7]))
    assert list(named(figure, "zero").y) == [0.9, 0.9]
    assert list(named(figure, "copy nearest").y) == [0.7, 0.7]
    assert "trivial predictors" in figure.layout.title.text


def test_predictors_nobody_measured_are_not_drawn(make_history):
    names = {trace.name for trace in draw_history(make_history()).data}
    assert names == {"training", "unseen participants", "best", "learning rate", "tokens/s"}


def test_long_courses_are_lines_without_markers(make_history):
    assert named(draw_history(make_history(MOST_MARKERS + 1)), "training").mode == "lines"


def test_no_epoch_draws_a_sentence(make_history):
    assert "No epoch" in draw_history(make_history(0)).layout.annotations[0].text


def test_a_history_without_the_best_is_drawn_all_the_same(make_history):
    figure = draw_history(make_history(1).drop(columns="is_best"))
    assert ">1 epoch" in figure.layout.title.text
