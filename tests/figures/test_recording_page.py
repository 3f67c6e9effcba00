import json
import re

import pytest

from eeg_kedro.figures.page_markup import write_page
from eeg_kedro.figures.recording_page import DRAWS, draw_failure
from eeg_kedro.figures.recording_view import Subject

PAIRS = ("FP1-F7", "F7-T3", "T3-T5", "T5-O1")
MANY = (*tuple(f"E{i}" for i in range(120)), "FP1", "FP2", "CZ", "T4", "O2")


def page(view):
    return write_page(view.subject.key, [draw(view) for draw in DRAWS])


def figures(text):
    return [json.loads(found) for found in re.findall(r'-data">(.*?)</script>', text)]


@pytest.fixture
def text(make_view):
    return page(make_view())


def test_a_page_has_its_figures_and_one_plotly(text):
    assert (len(figures(text)), text.count('id="plotly"')) == (5, 1)
    assert "p01_s001-t000" in text
    assert "Not a medical device" in text


def test_a_page_loads_nothing_from_elsewhere(text):
    assert not re.search(r'(src|href)\s*=\s*"(https?:)?//', text)


def test_the_same_view_gives_the_same_page(make_view, text):
    assert page(make_view()) == text


@pytest.mark.parametrize(
    ("names", "heads"), [(PAIRS, 0), (("C3", "C4"), 1), (MANY, 1), (("X1", "X2", "X3"), 0)]
)
def test_pages_are_drawn_whatever_the_channels(make_view, names, heads):
    text = page(make_view(names))
    assert len(figures(text)) == 4 + heads
    assert ("they are pairs" in text) == (not heads)


def test_steps_that_were_off_leave_a_sentence(make_view):
    view = make_view(ica={"note": "skipped: 3 channels"}, quality={}, steps=[], channels=[], pops={})
    text = page(view)
    assert "skipped: 3 channels" in text
    assert "not judged" in text


def test_names_are_escaped(make_view):
    view = make_view(reference_note='reference "<script>alert(1)</script>" was kept')
    assert "<script>alert" not in page(view)


def test_a_name_cannot_end_the_script_of_a_figure(make_view):
    text = page(make_view(("</script><b>", "C3", "C4")))
    assert "</script><b>" not in text
    assert len(figures(text)) == 5


def test_without_components_or_quality_only_what_is_there_is_drawn(make_view):
    view = make_view(ica={"note": "skipped: 2 channels"})
    assert len(figures(page(view))) == 4


def test_a_failed_recording_says_why_and_what_to_do():
    text = draw_failure(Subject("p", "1"), "gap at 12 s", "split it")
    assert "gap at 12 s" in text
    assert "split it" in text
    assert 'id="plotly"' not in text
