import numpy as np
import pytest

from eeg_kedro.figures.embedding_map import MOST_PEOPLE, draw_by_label, draw_by_participant, draw_each
from eeg_kedro.figures.style import CATEGORY_COLORS, INK
from tests.figures.learn_tables import make_map, make_tables

DRAWS = (draw_by_label, draw_by_participant, draw_each)


@pytest.fixture(scope="module")
def table():
    return make_map(make_tables(5), most_participants=3)


def named(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_every_window_is_drawn_once_per_method_by_label(table):
    figure = draw_by_label(table)
    plain = [
        trace for trace in figure.data if trace.name in ("no seizure", "partial seizure", "full seizure")
    ]
    assert sum(len(trace.x) for trace in plain) == (table["panel"] == "all").sum()
    assert named(figure, "full seizure")[0].marker.color == CATEGORY_COLORS["full_seizure"]


def test_errors_are_larger_outlined_and_counted(table):
    wrong = table.copy()
    rows = wrong.index[(wrong["panel"] == "all") & (wrong["method"] == "umap") & (wrong["label"] == 1)][:3]
    wrong.loc[rows, "outcome"] = "missed"
    (missed,) = named(draw_by_label(wrong), "missed")
    assert len(missed.x) == 3
    assert missed.marker.line.color == INK
    assert missed.marker.size > named(draw_by_label(wrong), "no seizure")[0].marker.size


def test_hovering_tells_who_when_what_and_how_it_was_judged(table):
    trace = draw_by_label(table).data[0]
    row = table[
        (table["panel"] == "all") & (table["method"] == "pca") & (table["category"] == "no_seizure")
    ].iloc[0]
    told = trace.customdata[0]
    assert [*told[:2]] == [row["participant"], row["run"]]
    assert told[2] == pytest.approx(row["onset"], abs=0.01)
    assert [*told[3:]] == ["no seizure", row["outcome"] or "not judged"]
    assert all(f"customdata[{place}]" in trace.hovertemplate for place in range(5))


@pytest.mark.parametrize("draw", DRAWS)
def test_maps_say_that_axes_have_no_unit(table, draw):
    assert "no unit" in draw(table).layout.title.text.replace("</sup><br><sup>", " ")


def test_axes_are_named_by_method(table):
    titles = {axis.title.text for axis in draw_by_label(table).select_xaxes()}
    assert titles == {"PCA 1 (no unit)", "UMAP 1 (no unit)"}


def test_the_sample_and_its_seed_are_stated():
    table = make_map(make_tables(5), most_points=40, seed=7)
    assert "40 of 300 windows, drawn with seed 7" in draw_by_label(table).layout.title.text


def test_forty_participants_differ_in_color_or_symbol():
    table = make_map(make_tables(40, windows_each=5), fewest_points=4)
    figure = draw_by_participant(table)
    looks = {(trace.marker.color, trace.marker.symbol) for trace in figure.data if trace.showlegend}
    assert len(looks) == 40 == MOST_PEOPLE


def test_more_participants_than_looks_are_gray_and_counted():
    table = make_map(make_tables(43, windows_each=5), fewest_points=4)
    figure = draw_by_participant(table)
    assert len(named(figure, "others")[0].x) == 15
    assert "3 participants with fewer windows" in figure.layout.title.text


def test_each_participant_has_a_panel_and_the_rest_is_told(table):
    figure = draw_each(table)
    titles = [note.text for note in figure.layout.annotations]
    assert len(titles) == 3
    assert all("60 windows" in title for title in titles)
    assert "3 of 5 participants" in figure.layout.title.text
    assert sum(trace.showlegend for trace in figure.data) == len({trace.name for trace in figure.data})


def test_one_participant_is_drawn():
    table = make_map(make_tables(1))
    assert all(draw(table).data for draw in DRAWS)


@pytest.mark.parametrize("draw", DRAWS)
def test_without_windows_there_is_a_sentence(table, draw):
    figure = draw(table.iloc[:0])
    assert not figure.data
    assert figure.layout.annotations[0].text


def test_windows_without_prediction_say_so(table):
    figure = draw_by_label(table.assign(outcome=""))
    assert "no window was judged" in figure.layout.title.text
    assert not named(figure, "missed")


def test_names_cannot_bring_markup(table):
    evil = table.assign(participant="<b>x</b>", panel=np.where(table["panel"] == "all", "all", "<b>x</b>"))
    for draw in DRAWS:
        assert "<b>" not in draw(evil).to_json()
