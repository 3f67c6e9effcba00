import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.calibration import draw_calibration, pool_seeds
from tests.figures.learn_tables import make_tables


def table(**columns):
    fixed = {"model": "pretrained", "role": "test", "bin_low": 0.2, "bin_high": 0.3}
    return pd.DataFrame(
        {"seed": [0, 1], "predicted": 0.25, "observed": [0.1, 0.4], "n": [300, 100]} | columns
    ).assign(**{name: value for name, value in fixed.items() if name not in columns})


def test_seeds_are_pooled_by_their_seconds():
    (row,) = pool_seeds(table()).to_dict("records")
    assert row["observed"] == pytest.approx((300 * 0.1 + 100 * 0.4) / 400)
    assert row["n"] == 400


def test_empty_bins_and_constants_are_no_points():
    assert len(pool_seeds(table(n=[0, 5], observed=[np.nan, 0.5]))) == 1
    assert pool_seeds(table(model="always_on")).empty


def test_test_participants_are_drawn_where_there_are_any():
    both = table(role=["validation", "test"])
    assert set(pool_seeds(both)["role"]) == {"test"}
    assert set(pool_seeds(both.iloc[:1])["role"]) == {"validation"}


def test_each_model_has_a_curve_and_its_counts():
    figure = draw_calibration(make_tables(5)["report_calibration"])
    curves = [trace for trace in figure.data if trace.showlegend and trace.name != "as said"]
    assert len(curves) == 5
    assert len({(trace.line.color, trace.marker.symbol) for trace in curves}) == 5
    assert len(figure.data) == 1 + 2 * 5


def test_axes_say_what_they_show():
    figure = draw_calibration(table())
    assert "probability" in figure.layout.xaxis2.title.text
    assert "share of seconds" in figure.layout.yaxis.title.text
    assert figure.layout.yaxis2.title.text == "seconds"


@pytest.mark.parametrize("nothing", [None, table().iloc[:0], table(n=0)])
def test_without_annotated_test_recordings_there_is_a_sentence(nothing):
    assert "no calibration curve" in draw_calibration(nothing).layout.annotations[0].text
