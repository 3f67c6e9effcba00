import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.operating_points import QUIETEST, draw_operating_points
from eeg_kedro.scoring.score_summary import SUMMARY_TYPES


def rows(model, target, sensitivity, alarms, low=0.2, role="test"):
    shared = {"model": model, "target": target, "scorer": "szcore_event", "average": "micro", "role": role}
    size = {"n_seeds": 3, "n_participants": 4, "n_seizures": 9, "hours": 2.5, "best": False, "sd": 0.1}
    return [
        {
            **shared,
            **size,
            "metric": "sensitivity",
            "mean": sensitivity,
            "low": low,
            "high": sensitivity + 0.1,
        },
        {**shared, **size, "metric": "fa_per_24h", "mean": alarms, "low": alarms, "high": alarms},
    ]


def table(*parts):
    return pd.DataFrame([row for part in parts for row in part], columns=list(SUMMARY_TYPES))


def test_each_model_has_its_points_from_few_alarms_to_many():
    figure = draw_operating_points(
        table(
            rows("pretrained", "event_f1", 0.6, 12.0),
            rows("pretrained", "fa_1", 0.3, 0.0),
            rows("scratch", "event_f1", 0.5, 20.0),
        )
    )
    mine, other = figure.data
    assert (list(mine.x), list(mine.y)) == ([QUIETEST, 12.0], [0.3, 0.6])
    assert list(mine.marker.symbol) == ["circle", "star"]
    assert list(mine.error_y.arrayminus) == pytest.approx([0.1, 0.4])
    assert other.name == "same network from scratch"
    assert "4 participants, 9 seizures in 2.50 h" in figure.layout.title.text


def test_on_validation_the_title_says_so():
    figure = draw_operating_points(table(rows("scratch", "event_f1", 0.6, 12.0, role="validation")))
    assert "on validation, where thresholds were tuned" in figure.layout.title.text


def test_one_participant_has_no_bars():
    figure = draw_operating_points(table(rows("scratch", "event_f1", 0.6, 12.0, low=np.nan)))
    assert list(figure.data[0].error_y.arrayminus) == [0]


@pytest.mark.parametrize("summary", [table(), table(rows("scratch", "event_f1", np.nan, 3.0))])
def test_without_seizures_a_sentence_stands_there(summary):
    figure = draw_operating_points(summary)
    assert not figure.data
    assert "No seizure was scored" in figure.layout.annotations[0].text
