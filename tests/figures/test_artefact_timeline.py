import numpy as np
import pytest

from eeg_kedro.figures.artefact_timeline import MOST_BINS, draw_timeline
from eeg_kedro.signal.artefacts import BIT


def heats(figure, kind):
    return [trace for trace in figure.data if trace.type == "heatmap" and trace.name == kind]


@pytest.fixture
def cells():
    cells = np.zeros((2, 100), np.uint8)
    cells[1, 10:13] = BIT["muscle"]
    cells[0, 50] = BIT["eye"] | BIT["muscle"]
    return {"before": cells, "after": np.zeros_like(cells)}


def test_a_cell_is_colored_by_its_kind(cells):
    (before,) = heats(draw_timeline(cells, None, ["C3", "C4"], []), "muscle")
    assert [place for place, value in enumerate(before.z[1]) if value] == [10, 11, 12]


def test_a_day_is_drawn_in_bins_with_the_most_frequent_kind():
    cells = np.zeros((1, 86_400), np.uint8)
    cells[0, :100], cells[0, 100:110] = BIT["eye"], BIT["muscle"]
    figure = draw_timeline({"before": cells, "after": cells}, None, ["C3"], [])
    before, _ = heats(figure, "eye")
    assert len(before.z[0]) == MOST_BINS
    assert before.z[0][0] == pytest.approx(100 / 144, abs=0.01)
    assert figure.layout.xaxis3.title.text == "time (h)"


def test_clean_channels_are_drawn_empty(cells):
    figure = draw_timeline({"before": cells["after"], "after": cells["after"]}, None, ["C3", "C4"], [])
    assert "no artefact was found" in figure.layout.title.text
    assert [list(trace.y) for trace in figure.data] == [["C3", "C4"]] * 2


def test_without_cells_a_sentence_is_drawn():
    assert "switched off" in draw_timeline({}, None, ["C3"], []).layout.annotations[0].text
