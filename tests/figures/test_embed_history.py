import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.embed_history import MOST_MARKERS, draw_history


@pytest.fixture
def make_history():
    """Make a history of so many epochs per stage; the second of each is the best."""

    def make(*lengths, **columns):
        parts = [
            pd.DataFrame({"epoch": range(n)}).assign(
                train_loss=lambda table: 2.0 / (table["epoch"] + 1),
                validation_loss=lambda table: 2.5 / (table["epoch"] + 1),
                validation_label_knn_auroc=0.8,
                validation_label_probe_auroc=0.75,
                validation_participant_probe_accuracy=0.6,
                validation_participant_probe_chance=0.25,
                validation_effective_rank=9.0,
                is_best=lambda table: table["epoch"] == 1,
                stage=f"stage{number}" if len(lengths) > 1 else "single",
                model="tiny_embedder_supcon",
            )
            for number, n in enumerate(lengths, start=1)
        ]
        return pd.concat(parts, ignore_index=True).assign(**columns)

    return make


def named(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_losses_and_quality_are_drawn_over_epochs(make_history):
    figure = draw_history(make_history(3))
    (loss,) = named(figure, "unseen participants")
    assert ([*loss.x], [*loss.y]) == ([1, 2, 3], [2.5, 1.25, 2.5 / 3])
    titles = {axis.title.text for axis in figure.select_yaxes()}
    assert titles == {"loss", "AUROC on unseen participants", "share named right", "effective rank"}
    assert "tiny_embedder_supcon" in figure.layout.title.text


def test_stages_follow_one_another_and_nothing_joins_them(make_history):
    figure = draw_history(make_history(2, 3))
    lines = named(figure, "nearest neighbours")
    assert [[*line.x] for line in lines] == [[1, 2], [3, 4, 5]]
    assert [line.showlegend for line in lines] == [True, False]
    borders = {shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1}
    assert borders == {2.5}
    assert "patients first" in figure.layout.title.text


def test_guessing_and_collapse_are_levels(make_history):
    figure = draw_history(make_history(2))
    levels = {shape.y0 for shape in figure.layout.shapes}
    assert levels == {0.5, 2.0}
    assert [*named(figure, "guessing")[0].y] == [0.25, 0.25]


def test_the_best_epoch_of_each_stage_is_marked(make_history):
    assert [[*trace.x] for trace in named(draw_history(make_history(2, 3)), "best")] == [[2], [4]]


def test_what_nobody_measured_is_not_drawn(make_history):
    figure = draw_history(
        make_history(2, validation_loss=np.nan, validation_label_knn_auroc=np.nan, is_best=False)
    )
    names = {trace.name for trace in figure.data}
    assert not names & {"unseen participants", "nearest neighbours", "best"}
    assert "nobody to validate on" in figure.layout.title.text


def test_long_courses_are_lines_without_markers(make_history):
    assert named(draw_history(make_history(MOST_MARKERS + 1)), "training")[0].mode == "lines"


def test_no_epoch_draws_a_sentence(make_history):
    assert "No epoch" in draw_history(make_history(0)).layout.annotations[0].text


def test_a_bare_history_is_drawn_all_the_same(make_history):
    bare = make_history(1)[["epoch", "train_loss", "validation_loss"]]
    assert ">1 epoch" in draw_history(bare).layout.title.text
