import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.quality_overview import choose_pages, draw_quality, rank_recordings, write_overview
from eeg_kedro.signal.artefacts import KINDS


@pytest.fixture
def quality():
    table = pd.DataFrame(
        {
            "participant": ["a", "b", "c"],
            "run": "1",
            "state": ["done", "failed", "done"],
            "error": ["", "gap <at> 12 s", ""],
            "remedy": ["", "split it", ""],
            "duration": [600.0, 0.0, 1200.0],
            "n_channels": [20, 0, 20],
            "score": [0.9, np.nan, 0.4],
            "artefact_share": [0.02, np.nan, 0.3],
            "snr_db": [12.0, np.nan, 4.0],
            "bad_channels": [[], [], ["T4: flat"]],
        }
    )
    return table.assign(**{f"{side}_{kind}": 0.03 for side in ("found", "residual") for kind in KINDS})


def test_failed_recordings_come_first_then_the_worst(quality):
    assert list(rank_recordings(quality)["key"]) == ["b_1", "c_1", "a_1"]


def test_a_table_of_a_run_without_quality_is_ranked_by_name(quality):
    assert list(rank_recordings(quality.drop(columns="score"))["key"]) == ["b_1", "a_1", "c_1"]


def test_pages_go_to_the_worst_half_and_evenly_to_the_rest():
    keys = [f"r{i:02d}" for i in range(40)]
    assert choose_pages(keys, 6) == ["r00", "r01", "r02", "r03", "r21", "r39"]
    assert choose_pages(keys, 50) == keys
    assert choose_pages(keys, 0) == []
    assert choose_pages(keys, 1) == ["r00"]


def test_the_overview_links_only_pages_that_are_there(quality):
    text = write_overview(quality, ["b_1", "c_1"], 2, "pages")
    assert '<a href="pages/c_1.html">c_1</a>' in text
    assert 'href="pages/a_1.html"' not in text
    assert "2 of 3 recordings have a page" in text
    assert "1 were not drawn" in text


def test_the_overview_escapes_what_came_from_files(quality):
    assert "gap &lt;at&gt; 12 s" in write_overview(quality, [], 2, "pages")


def test_pages_that_could_not_be_drawn_are_told(quality):
    assert "drawing failed" in write_overview(quality, ["a_1"], 100, "pages")


def test_the_figure_shows_scores_worst_first(quality):
    figure = draw_quality(quality)
    assert list(figure.data[0].y) == [0.4, 0.9]
    assert "1 failed" in figure.layout.title.text
    assert figure.layout.yaxis2.title.text == "channel-seconds (%)"


def test_nothing_cleaned_is_a_sentence(quality):
    assert not draw_quality(quality.iloc[1:2]).data
    assert not draw_quality(quality.iloc[:0]).data
    assert write_overview(quality.iloc[:0], [], 100, "pages")
