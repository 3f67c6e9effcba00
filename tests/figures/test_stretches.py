import numpy as np
import pytest

from eeg_kedro.figures.stretches import choose_stretches, draw_stretch, pick_channels


@pytest.fixture
def scores():
    values = np.ones(100, np.float32)
    values[60:70], values[20:40] = 0.1, 0.8
    return values


def test_the_worst_and_the_best_stretch_are_shown(scores):
    worst, best = choose_stretches(100.0, scores, [], 10.0)
    assert (worst.title, worst.onset, worst.stop) == ("Worst stretch", 60.0, 70.0)
    assert (best.title, best.onset) == ("Best stretch", 0.0)


def test_a_seizure_takes_the_place_of_the_best(scores):
    titles = {part.title: part.onset for part in choose_stretches(100.0, scores, [(30.4, 50.0)], 10.0)}
    assert titles == {"Worst stretch": 60.0, "First seizure": 25.0}


def test_without_scores_a_stretch_from_the_middle_is_shown():
    assert [part.onset for part in choose_stretches(100.0, None, [], 10.0)] == [45.0]


def test_a_short_recording_is_shown_whole(scores):
    (part,) = choose_stretches(7.5, scores[:8], [(1.0, 2.0)], 10.0)
    assert (part.onset, part.stop) == (0.0, 7.5)


@pytest.mark.parametrize("duration", [16.2, 17.0, 31.9, 99.999])
def test_stretches_stay_inside_the_recording(scores, duration):
    for part in choose_stretches(duration, scores[: int(duration) + 1], [(duration - 1, duration)], 16.0):
        assert 0 <= part.onset < part.stop <= duration


def test_bad_channels_are_picked_before_others():
    names = [f"E{i}" for i in range(100)]
    picked = pick_channels(names, ["E50", "E51"], 10)
    assert {"E0", "E50", "E51", "E99"} <= {*picked}
    assert (len(picked), picked) == (10, sorted(picked, key=lambda name: int(name[1:])))


def test_both_sides_are_drawn_on_one_scale_with_the_seizure_shaded(make_view):
    view = make_view()
    figure = draw_stretch(view.stretches[0], ["T4"], view.subject.seizures, 24)
    assert {trace.name for trace in figure.data} == {"before: filtered and referenced", "after"}
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(30.0, 36.0)]
    assert "T4 ✕" in figure.layout.yaxis.ticktext[list(view.subject.ch_names).index("T4")]
