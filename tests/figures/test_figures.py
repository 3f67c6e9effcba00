import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.participants import MOST, draw_participants
from eeg_kedro.figures.traces import choose_page, draw_traces


@pytest.fixture
def inventory():
    return pd.DataFrame(
        {
            "participant": ["b", "a", "a"],
            "run": ["1", "1", "2"],
            "duration": [3600.0, 1800.0, 1800.0],
            "n_seizures": [0, 0, 2],
            "annotated": [False, True, True],
        }
    )


@pytest.fixture
def events():
    return pd.DataFrame(
        {"participant": ["a"], "run": ["2"], "onset": [300.0], "duration": [20.0], "kind": ["seizure"]}
    )


def test_participants_figure_adds_hours_and_seizures_up(inventory):
    hours, seizures = draw_participants(inventory).data
    assert dict(zip(hours.x, hours.y, strict=True)) == {"a": 1.0, "b (not annotated)": 1.0}
    assert list(seizures.y) == [2, 0]


def test_participants_figure_has_units_on_its_axes(inventory):
    layout = draw_participants(inventory).layout
    assert layout.yaxis.title.text == "EEG (h)"


def test_participants_figure_says_how_many_it_leaves_out():
    many = pd.DataFrame(
        {
            "participant": [f"p{i}" for i in range(MOST + 5)],
            "duration": 1.0,
            "n_seizures": 0,
            "annotated": True,
        }
    )
    figure = draw_participants(many)
    assert len(figure.data[0].x) == MOST
    assert f"{MOST} with most seizures" in figure.layout.title.text


def test_an_empty_inventory_draws_a_sentence(inventory):
    assert "ingest report" in draw_participants(inventory.iloc[:0]).layout.annotations[0].text


def test_the_page_shows_the_first_seizure_with_a_lead(inventory, events):
    page = choose_page(inventory, events)
    assert (page.recording["run"], page.onset, page.duration) == ("2", 295.0, 16.0)
    assert page.seizures == ((300.0, 320.0),)


def test_overlapping_seizures_are_shaded_once(inventory, events):
    two = pd.concat([events, events.assign(onset=310.0, duration=30.0)])
    assert choose_page(inventory, two).seizures == ((300.0, 340.0),)


def test_without_a_seizure_the_page_shows_a_start(inventory, events):
    page = choose_page(inventory, events.iloc[:0])
    assert (page.recording["participant"], page.onset, page.seizures) == ("a", 0.0, ())


def test_the_page_of_a_short_recording_stays_inside_it(inventory, events):
    page = choose_page(inventory.assign(duration=4.0), events.assign(onset=1.0, duration=2.0))
    assert (page.onset, page.duration) == (0.0, 4.0)


def test_traces_are_drawn_on_both_sides_with_the_seizure_shaded(inventory, events):
    page = choose_page(inventory, events)
    signal = (["C3", "C4"], 100.0, np.random.default_rng(0).normal(0, 20, (2, 1600)).astype("f4"))
    figure = draw_traces(page, signal, signal)
    assert len(figure.data) == 4
    assert [(s.x0, s.x1) for s in figure.layout.shapes] == [(300.0, 311.0)] * 2


def test_no_page_draws_a_sentence():
    assert "recording quality" in draw_traces(None, None, None).layout.annotations[0].text
