import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.detections import DETECTION_TYPES, list_detections, pick_model, write_runs
from eeg_kedro.scoring.operating_points import PROCESSING
from tests.scoring import small_cohorts as small


def points(models, targets=("event_f1",), threshold=0.5):
    rows = [
        {"model": model, "seed": seed, "target": target}
        | dict(zip(PROCESSING, (threshold, threshold, 0.0, 0.0, 0.0, 0.0), strict=True))
        for model, seed in models
        for target in targets
    ]
    return pd.DataFrame(rows)


def test_every_point_is_applied_to_every_run_of_its_model():
    predictions = small.predictions({"scratch": small.perfect}, seeds=(0, 1))
    table = list_detections(predictions, points([("scratch", 0), ("scratch", 1)], ("event_f1", "fa_1")))
    assert dict(table.dtypes.astype(str)) == DETECTION_TYPES
    assert len(table) == 6 * 2 * 2
    assert table[["onset", "duration", "confidence"]].drop_duplicates().to_numpy().tolist() == [
        [300.0, 60.0, 0.9]
    ]


def test_a_silent_model_has_a_table_without_rows():
    table = list_detections(small.predictions({"scratch": small.silent}), points([("scratch", 0)]))
    assert dict(table.dtypes.astype(str)) == DETECTION_TYPES
    assert table.empty


def test_confidence_is_the_largest_probability_up_to_a_cut_end():
    predictions = small.predictions({"scratch": small.silent}, {"c": "test"}, 9.5)
    predictions["probability"] = [np.r_[np.zeros(7), 0.6, 0.7, 0.8]]
    row = list_detections(predictions, points([("scratch", 0)])).iloc[0]
    assert (row["onset"], row["duration"], row["confidence"]) == (7.0, 2.5, 0.8)


def test_a_model_without_operating_point_is_refused():
    with pytest.raises(ScoringError, match="eegnet, seed 0"):
        list_detections(small.predictions({"eegnet": small.silent}), points([("scratch", 0)]))


def test_the_primary_model_at_its_seed_is_written():
    predictions = small.predictions({"eegnet": small.silent, "pretrained": small.silent}, seeds=(0, 1, 2))
    assert pick_model(predictions, "pretrained", 2) == ("pretrained", 2)
    assert pick_model(predictions, "pretrained", None) == ("pretrained", 0)
    assert pick_model(predictions, "pretrained", 9) == ("pretrained", 0)


def test_without_the_primary_model_the_first_network_is_written():
    predictions = small.predictions({"always_on": small.silent, "scratch": small.silent})
    assert pick_model(predictions, "pretrained", 0) == ("scratch", 0)
    assert pick_model(predictions[predictions["model"] == "always_on"], "pretrained", 0) == ("always_on", 0)
    assert pick_model(predictions[:0], "pretrained", 0) is None


def test_every_predicted_run_gets_both_files_also_without_detection():
    predictions = small.predictions({"scratch": lambda who: [small.SEIZURE] if who == "c" else []})
    detections = list_detections(predictions, points([("scratch", 0)]))
    hed, csv_bi = write_runs(predictions, detections, ("scratch", 0))
    assert [*hed] == [*csv_bi] == [f"{who}_1" for who in "abcdef"]
    assert "300.00\t60.00\tsz\t0.90" in hed["c_1"]
    assert hed["d_1"].splitlines()[1].startswith("0.00\t1800.00\tbckg")
    assert "TERM,300.0000,360.0000,seiz,0.9000" in csv_bi["c_1"]


def test_a_run_that_was_not_predicted_has_no_detection_and_no_file():
    predictions = small.predictions({"scratch": small.perfect}, {"c": "test", "d": "test"})
    predictions["probability"] = [predictions["probability"][0], np.zeros(0)]
    detections = list_detections(predictions, points([("scratch", 0)]))
    assert {*detections["participant"]} == {"c"}
    assert [*write_runs(predictions, detections, ("scratch", 0))[0]] == ["c_1"]


def test_without_a_model_nothing_is_written():
    nothing = small.predictions({})
    assert write_runs(nothing, list_detections(nothing, points([])), None) == ({}, {})
