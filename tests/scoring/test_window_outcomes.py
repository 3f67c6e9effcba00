import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.scoring.window_outcomes import judge_windows, primary_rows, primary_threshold


def windows(*rows):
    columns = ["participant", "run", "onset", "duration", "label"]
    return pd.DataFrame([("a", "1", onset, 10.0, label) for onset, label in rows], columns=columns)


def predictions(curve, model="pretrained", seed=0, run="1"):
    row = {"model": model, "seed": seed, "participant": "a", "run": run, "probability": np.array(curve)}
    return pd.DataFrame([row])


def points(threshold=0.5, model="pretrained", seed=0, target="event_f1"):
    return pd.DataFrame([{"model": model, "seed": seed, "target": target, "threshold": threshold}])


PEAK = [0.1] * 15 + [0.9] + [0.1] * 24


def test_the_four_outcomes():
    table = windows((10.0, 1), (20.0, 1), (10.0, 0), (20.0, 0))
    said = judge_windows(table, predictions(PEAK), points())
    assert list(said) == ["hit", "missed", "false alarm", "correct rejection"]


def test_reaching_the_threshold_counts_as_in_detection():
    said = judge_windows(windows((0.0, 1)), predictions([0.5] * 10), points(0.5))
    assert list(said) == ["hit"]


def test_a_window_that_begins_within_a_second_holds_that_second():
    assert list(judge_windows(windows((15.9, 1)), predictions(PEAK), points())) == ["hit"]
    assert list(judge_windows(windows((5.0, 1)), predictions(PEAK), points())) == ["missed"]


def test_who_was_not_predicted_has_no_outcome():
    table = windows((0.0, 1)).assign(run="2")
    assert list(judge_windows(table, predictions(PEAK), points())) == [""]
    assert list(judge_windows(windows((500.0, 1)), predictions(PEAK), points())) == [""]


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        (None, points()),
        (predictions(PEAK), None),
        (predictions(PEAK, model="eegnet"), points()),
        (predictions(PEAK), points(target="fa_1")),
        (predictions(PEAK), points(np.nan)),
        (predictions(PEAK).iloc[:0], points().iloc[:0]),
    ],
)
def test_without_model_or_threshold_nothing_is_judged(said, chosen):
    assert list(judge_windows(windows((0.0, 1)), said, chosen)) == [""]


def test_the_lowest_seed_is_the_one_that_counts():
    both = pd.concat([predictions([0.9] * 40, seed=2), predictions(PEAK, seed=1)])
    chosen = pd.concat([points(0.05, seed=2), points(0.5, seed=1)])
    assert list(judge_windows(windows((0.0, 1)), both, chosen)) == ["missed"]
    assert primary_threshold(chosen) == 0.5
    assert primary_rows(both, "eegnet").empty


@given(st.integers(0, 60), st.integers(1, 30), st.lists(st.booleans(), min_size=90, max_size=90))
def test_whole_seconds_are_looked_up_exactly(onset, length, high):
    table = windows((float(onset), 0)).assign(duration=float(length))
    said = judge_windows(table, predictions(np.where(high, 0.8, 0.2)), points())
    expected = "false alarm" if any(high[onset : onset + length]) else "correct rejection"
    assert list(said) == [expected]
