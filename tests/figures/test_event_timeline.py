import numpy as np
import pytest

from eeg_kedro.figures.event_timeline import MOST_BINS, choose_runs, draw_timelines
from tests.figures.learn_tables import make_tables

NAMES = ("output_detections", "int_events", "output_predictions", "report_run_scores")


@pytest.fixture(scope="module")
def tables():
    return make_tables(20)


def draw(tables, most=12, **changes):
    given = {name: tables[name] for name in NAMES} | changes
    return draw_timelines(*given.values(), most)


def named(figure, name):
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def first_events(tables):
    """Return what is annotated in the recording that is drawn first."""
    first = choose_runs(tables["output_predictions"], tables["report_run_scores"], 1)[["participant", "run"]]
    return tables["int_events"].merge(first, on=["participant", "run"])


def test_recordings_with_most_errors_come_first(tables):
    runs = choose_runs(tables["output_predictions"], tables["report_run_scores"], 100)
    errors = (runs["n_missed"] + runs["n_false"])[runs["is_scored"]]
    assert errors.is_monotonic_decreasing
    assert errors.iloc[0] > errors.iloc[-1]
    assert not runs["is_scored"].iloc[-1]  # what nobody annotated comes last


def test_how_many_are_left_out_is_stated(tables):
    figure = draw(tables, most=3)
    assert "3 of 8 recordings of test participants, those with most errors first" in figure.layout.title.text
    assert len(figure.layout.yaxis.ticktext) == 3


def test_annotations_of_several_channels_are_one_bar(tables):
    figure = draw(tables, most=1)
    own = first_events(tables)
    assert len(own) == 4
    assert len(named(figure, "annotated").x) == 2


def test_bars_lie_where_the_events_do_in_the_unit_of_the_axis(tables):
    own = first_events(tables)
    bars = named(draw(tables, most=1), "annotated")
    assert min(bars.base) == pytest.approx(own["onset"].min() / 60)
    assert draw(tables).layout.xaxis.title.text.endswith("(min)")


def test_hours_are_the_unit_of_a_day(tables):
    predictions = tables["output_predictions"].assign(duration=86400.0)
    assert draw(tables, output_predictions=predictions).layout.xaxis.title.text.endswith("(h)")


def test_a_short_peak_of_a_long_recording_stays_visible(tables):
    curve = np.zeros(86400, np.float32)
    curve[43210] = 0.99
    predictions = tables["output_predictions"].query("role == 'test'").copy()
    predictions["probability"] = [curve] * len(predictions)
    line = named(draw(tables, most=1, output_predictions=predictions.assign(duration=86400.0)), "probability")
    assert "0.990" in line.text
    assert len(line.x) <= MOST_BINS + 2


def test_a_recording_nobody_annotated_is_told_from_one_without_seizures(tables):
    labels = draw(tables, most=100).layout.yaxis.ticktext
    assert sum("not scored: not annotated" in label for label in labels) == 1


@pytest.mark.parametrize("missing", [name for name in NAMES if name != "output_predictions"])
def test_everything_but_predictions_may_be_missing(tables, missing):
    assert draw(tables, **{missing: None}).data


def test_without_predictions_of_the_model_there_is_a_sentence(tables):
    others = tables["output_predictions"].query("model == 'eegnet'")
    for predictions in (None, others, others.iloc[:0]):
        assert not draw(tables, output_predictions=predictions).data


def test_without_test_participants_those_of_validation_are_drawn(tables):
    predictions = tables["output_predictions"].query("role == 'validation'")
    assert "validation participants" in draw(tables, output_predictions=predictions).layout.title.text


def test_nothing_detected_is_drawn_as_nothing(tables):
    figure = draw(tables, output_detections=tables["output_detections"].iloc[:0])
    assert not len(named(figure, "detected").x)
    assert len(named(figure, "annotated").x)
