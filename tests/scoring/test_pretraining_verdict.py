import numpy as np
import pandas as pd
import pytest

from eeg_kedro.scoring.measurements import Measurement
from eeg_kedro.scoring.pretraining_verdict import judge_pretraining
from eeg_kedro.scoring.run_truth import list_truth
from eeg_kedro.scoring.score_options import ScoreOptions
from tests.scoring import small_cohorts as small

OPTIONS = ScoreOptions()
EVENT_F1 = ("event_f1", "szcore_event", "macro", "f1")
SPREAD = [(0, 0.3), (1, 0.5), (2, 0.7)]


def cohort(n):
    roles = {f"p{i}": "test" for i in range(n)}
    predictions = small.predictions({"scratch": small.perfect}, roles)
    return list_truth(predictions, small.events(roles), small.inventory(roles))


def measured(model, values, redrawn, metric="f1"):
    where = ("event_f1", "szcore_event") if metric == "f1" else ("", "threshold_free")
    return [
        Measurement(model, seed, *where, "macro", metric, value, np.asarray(redrawn, float), 3)
        for seed, value in enumerate(values)
    ]


def verdict(mine, theirs, n=8, other="scratch", role="test", options=OPTIONS):
    found = [*measured("pretrained", *mine), *measured(other, *theirs)]
    table = judge_pretraining(found, cohort(n), role, options)
    assert len(table) == 1
    return table.iloc[0]


ABOVE = (np.linspace(0.5, 0.7, 200), np.linspace(0.3, 0.5, 200) - 0.05)


def test_an_interval_above_zero_says_that_pretraining_helped():
    row = verdict(([0.6, 0.62], ABOVE[0]), ([0.4, 0.36], ABOVE[1]))
    assert row["helped"] is True or row["helped"] == True  # noqa: E712 - a nullable boolean
    assert row["difference"] == pytest.approx(0.23)
    assert "0.230 above" in row["words"]
    assert row["words"].endswith("over 8 participants with seizures and over seeds: pretraining helped.")
    assert "2 seeds, spread 0.014" in row["words"]


def test_an_interval_below_zero_says_that_it_did_harm():
    row = verdict(([0.4, 0.4], ABOVE[1]), ([0.6, 0.6], ABOVE[0]))
    assert row["helped"] == False  # noqa: E712
    assert row["words"].endswith("pretraining did harm.")


def test_one_seed_cannot_tell_whatever_the_interval():
    row = verdict(([0.6], ABOVE[0]), ([0.4, 0.4], ABOVE[1]))
    assert pd.isna(row["helped"])
    assert "one seed does not show how much is chance in training" in row["words"]


def test_a_baseline_without_chance_needs_one_seed_only():
    row = verdict(([0.6, 0.62], ABOVE[0]), ([0.4], ABOVE[1]), other="band_power")
    assert row["helped"] == True  # noqa: E712


def test_an_interval_that_spans_zero_cannot_tell():
    row = verdict(([0.6], np.linspace(-0.1, 0.5, 100)), ([0.4], np.zeros(100)))
    assert pd.isna(row["helped"])
    assert "whether pretraining helped cannot be told" in row["words"]


def test_two_participants_cannot_tell_whatever_the_interval():
    row = verdict(([0.6], ABOVE[0]), ([0.4], ABOVE[1]), n=2)
    assert pd.isna(row["helped"])
    assert "with 2 participants with seizures" in row["words"]
    assert "(at least 3 are needed)" in row["words"]


def test_few_participants_make_a_rough_interval():
    row = verdict(([0.6, 0.6], ABOVE[0]), ([0.4, 0.4], ABOVE[1]), n=4)
    assert row["helped"] == True  # noqa: E712
    assert "so few participants make a rough interval" in row["words"]


def test_draws_are_paired():
    noise = np.random.default_rng(0).normal(0.5, 0.2, 500)
    row = verdict(([0.55], noise + 0.05), ([0.5], noise))
    assert row["low"] == pytest.approx(0.05)
    assert row["high"] == pytest.approx(0.05)


def test_other_models_are_said_to_be_better_or_worse():
    row = verdict(([0.4, 0.4], ABOVE[1]), ([0.6, 0.6], ABOVE[0]), other="eegnet")
    assert row["comparison"] == "pretrained vs eegnet"
    assert row["words"].endswith("the pretrained model is worse than EEGNet.")


def test_what_is_undefined_cannot_be_compared():
    row = verdict(([np.nan], np.full(9, np.nan)), ([0.6], ABOVE[0][:9]))
    assert pd.isna(row["helped"])
    assert "is not defined" in row["words"]


def test_on_validation_the_sentence_begins_with_it():
    row = verdict(([0.6], ABOVE[0]), ([0.4], ABOVE[1]), role="validation")
    assert row["words"].startswith("On validation, where thresholds were tuned, not on test: event F1")


def test_without_a_pretrained_model_there_is_nothing_to_say():
    found = [*measured("scratch", [0.5], ABOVE[0]), *measured("eegnet", [0.5], ABOVE[0])]
    assert judge_pretraining(found, cohort(3), "test", OPTIONS).empty


def test_a_difference_smaller_than_the_spread_of_the_seeds_cannot_tell():
    steady = np.full(500, 0.5)
    mine = [
        Measurement("pretrained", seed, *EVENT_F1, value, steady + value - 0.5, 3) for seed, value in SPREAD
    ]
    theirs = [
        Measurement("scratch", seed, *EVENT_F1, value - 0.02, steady + value - 0.52, 3)
        for seed, value in SPREAD
    ]
    row = judge_pretraining([*mine, *theirs], cohort(8), "test", OPTIONS).iloc[0]
    assert pd.isna(row["helped"])
    assert row["low"] < -0.1 < 0.1 < row["high"]
