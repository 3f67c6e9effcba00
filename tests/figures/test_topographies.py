import numpy as np
import pytest

from eeg_kedro.figures.head import project
from eeg_kedro.figures.topographies import GRID, REACH, draw_components
from eeg_kedro.signal.positions import electrode_positions


def contours(figure):
    return [trace for trace in figure.data if trace.type == "contour"]


def test_a_map_peaks_where_its_component_is(make_footer):
    first = contours(draw_components(make_footer(), 24))[0]
    row, column = np.unravel_index(np.argmax(first.z), (GRID, GRID))
    frontal = project(electrode_positions(["FZ"])[0])[0]
    assert [first.x[column], first.y[row]] == pytest.approx(frontal, abs=3 * 2 * REACH / GRID)


def test_removed_components_come_first_and_say_so(make_footer):
    figure = draw_components(make_footer(), 3)
    titles = [note.text for note in figure.layout.annotations]
    assert [("removed" in title) for title in titles] == [True, True, False]
    assert "eye 0.90" in titles[0]


def test_the_title_says_how_many_are_not_drawn(make_footer):
    figure = draw_components(make_footer(), 3)
    assert len(contours(figure)) == 3
    assert "3 of 6 components, 2 removed" in figure.layout.title.text


def test_components_of_pairs_are_drawn_as_weights(make_footer):
    figure = draw_components(make_footer(("FP1-F7", "F7-T3", "T3-T5", "T5-O1")), 24)
    assert [trace.type for trace in figure.data] == ["heatmap"]
    assert list(figure.data[0].y) == ["FP1-F7", "F7-T3", "T3-T5", "T5-O1"]


def test_no_components_leave_their_note(make_footer):
    figure = draw_components(make_footer() | {"ica": {"note": "switched off"}}, 24)
    assert figure.layout.annotations[0].text == "switched off"
