import numpy as np
import pytest

from eeg_kedro.figures.head import STATES, channel_states, draw_channel_map, project, unproject
from eeg_kedro.signal.positions import electrode_positions


def test_the_vertex_is_the_center_and_the_nose_is_up():
    places = project(np.array([[0.0, 0, 1], [0, 1, 0], [1, 0, 0], [0, -1, 0]]))
    assert places == pytest.approx(np.array([[0, 0], [0, 1], [1, 0], [0, -1]]))


def test_paper_and_sphere_are_inverse():
    positions, _ = electrode_positions(["FP1", "T3", "CZ", "O2", "TP10"])
    assert unproject(project(positions)) == pytest.approx(positions, abs=1e-12)


def test_left_electrodes_are_on_the_left():
    positions, _ = electrode_positions(["T3", "FP1", "O1"])
    assert (project(positions)[:, 0] < 0).all()


def test_the_map_counts_good_interpolated_and_masked_channels(make_footer):
    names = {trace.name for trace in draw_channel_map(make_footer()).data}
    assert names == {"good (17)", "bad, interpolated (1)", "bad, masked (1)"}


def test_the_reason_is_on_hover(make_footer):
    trace = next(t for t in draw_channel_map(make_footer()).data if t.name.startswith("bad, masked"))
    assert list(trace.customdata[0]) == ["O2", "flat: 12.0, more than 5.0"]


def test_missing_electrodes_are_drawn_open(make_footer):
    figure = draw_channel_map(make_footer() | {"missing_channels": ["A1"]})
    trace = next(t for t in figure.data if t.name.startswith("missing"))
    assert (trace.text, trace.marker.symbol) == (("A1",), "circle-open")


def test_pairs_have_no_head(make_footer):
    figure = draw_channel_map(make_footer(("FP1-F7", "F7-T3")))
    assert not figure.data
    assert "no place on a head" in figure.layout.annotations[0].text


def test_every_state_has_a_look(make_footer):
    footer = make_footer() | {"interpolated_channels": []}
    states = {state for state, _ in channel_states(footer).values()}
    assert states == {"good", "bad, kept as recorded", "bad, masked"}
    assert states <= {*STATES}
