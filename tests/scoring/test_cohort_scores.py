import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.cohort_scores import score_cohort
from eeg_kedro.scoring.detections import list_detections
from eeg_kedro.scoring.measurements import SCORERS
from eeg_kedro.scoring.operating_points import tune
from eeg_kedro.scoring.pretraining_verdict import VERDICT_TYPES
from eeg_kedro.scoring.run_truth import list_truth
from eeg_kedro.scoring.score_options import ScoreOptions, TuneOptions
from eeg_kedro.scoring.score_summary import SUMMARY_TYPES
from eeg_kedro.scoring.score_tables import CALIBRATION_TYPES, RUN_TYPES, SCORE_TYPES
from tests.scoring import small_cohorts as small

OPTIONS = ScoreOptions(tuning=TuneOptions(thresholds=(0.5,), quantiles=(), fa_limits=(10.0,)), bootstrap=200)
MODELS = {
    "pretrained": small.perfect,
    "scratch": lambda who: small.perfect(who) if who in "abcd" else small.alarming(who),
    "always_on": lambda _: [(0, 1800)],
    "always_off": small.silent,
}


def scored(predictions, events=None, inventory=None, options=OPTIONS):
    truth = list_truth(
        predictions,
        small.events() if events is None else events,
        small.inventory() if inventory is None else inventory,
    )
    points = tune(predictions, truth, options)
    return score_cohort(predictions, list_detections(predictions, points), points, truth, options)


@pytest.fixture(scope="module")
def tables():
    return scored(small.predictions(MODELS, seeds=(0, 1)))


def value(table, column="mean", **keys):
    for name, key in keys.items():
        table = table[table[name] == key]
    assert len(table) == 1
    return table[column].iloc[0]


def event(model, metric, average="macro", target="event_f1"):
    return {"model": model, "metric": metric, "average": average, "target": target, "scorer": "szcore_event"}


def test_every_scorer_gives_every_figure_of_every_operating_point(tables):
    counted = tables.scores[tables.scores["target"] != ""]
    # seeds, targets, averages, metrics; always_on is never as quiet as fa_ asks
    quiet = [model for model in MODELS if model != "always_on"]
    n = (len(MODELS) + len(quiet)) * 2 * len(SCORERS) * 2 * 4
    assert len(counted) == n
    assert {*counted["scorer"]} == {*SCORERS}
    assert {*tables.scores["role"]} == {"test"}


def test_columns_have_the_types_that_are_documented(tables):
    for table, types in (
        (tables.scores, SCORE_TYPES),
        (tables.summary, SUMMARY_TYPES),
        (tables.verdict, VERDICT_TYPES),
        (tables.runs, RUN_TYPES),
        (tables.calibration, CALIBRATION_TYPES),
    ):
        assert dict(table.dtypes.astype(str)) == types


def test_what_is_found_and_what_is_false_is_counted_per_participant_and_together(tables):
    # two of four participants have four false alarms in half an hour each; gaps of 180 s are not merged
    assert value(tables.summary, **event("scratch", "sensitivity")) == 1
    assert value(tables.summary, **event("scratch", "f1")) == pytest.approx((1 + 1 + 2 / 6 + 2 / 6) / 4)
    assert value(tables.summary, **event("scratch", "f1", "micro")) == pytest.approx(8 / (8 + 8))
    assert value(tables.summary, **event("scratch", "fa_per_24h")) == pytest.approx(96)
    assert value(tables.summary, "n_seizures", **event("scratch", "f1")) == 4
    assert value(tables.summary, "hours", **event("scratch", "f1")) == 2


def test_always_on_has_288_splits_a_day_less_those_at_seizures(tables):
    assert value(tables.summary, **event("always_on", "sensitivity")) == 1
    # of 6 pieces of 300 s in half an hour, the two that the seizure and its minute after it touch are none
    assert value(tables.summary, **event("always_on", "fa_per_24h")) == pytest.approx(48 * 4)


def test_always_off_has_no_precision_and_an_f1_of_zero(tables):
    assert np.isnan(value(tables.summary, **event("always_off", "precision")))
    assert value(tables.summary, **event("always_off", "f1")) == 0
    assert value(tables.summary, **event("always_off", "fa_per_24h")) == 0


def test_the_best_model_has_the_largest_mean_or_the_fewest_alarms(tables):
    assert value(tables.summary, "best", **event("pretrained", "f1"))
    assert not value(tables.summary, "best", **event("scratch", "f1"))
    assert not value(tables.summary, "best", **event("scratch", "fa_per_24h"))
    assert value(tables.summary, "best", **event("pretrained", "fa_per_24h"))


def test_seeds_are_averaged_and_their_spread_is_told():
    first = small.predictions({"scratch": small.perfect})
    second = small.predictions({"scratch": small.alarming}).assign(seed=1)
    table = scored(pd.concat([first, second], ignore_index=True)).summary
    mean, spread = (value(table, column, **event("scratch", "f1", "micro")) for column in ("mean", "sd"))
    assert mean == pytest.approx((1 + 1 / 3) / 2)
    assert spread == pytest.approx((1 - 1 / 3) / np.sqrt(2))


def test_an_interval_holds_the_value_and_one_participant_has_none(tables):
    row = tables.scores[(tables.scores["model"] == "scratch") & (tables.scores["metric"] == "f1")].iloc[0]
    assert row["low"] < row["value"] < row["high"]
    alone = scored(small.predictions({"scratch": small.alarming}, {"a": "validation", "c": "test"}))
    assert alone.scores[["low", "high"]].isna().all(axis=None)
    assert alone.scores["value"].notna().any()


def test_a_participant_without_seizure_counts_for_false_alarms_only():
    table = scored(small.predictions({"scratch": small.alarming}), events=small.events("abc")).summary
    assert value(table, "n_participants", **event("scratch", "sensitivity")) == 1
    assert value(table, "n_participants", **event("scratch", "fa_per_24h")) == 4
    assert value(table, **event("scratch", "sensitivity")) == 1
    assert value(table, **event("scratch", "f1")) == pytest.approx((1 / 3 + 0 + 0 + 0) / 4)


def test_no_seizure_in_test_leaves_false_alarms_and_no_verdict():
    tables = scored(small.predictions(MODELS), events=small.events("ab"))
    assert np.isnan(value(tables.summary, **event("scratch", "sensitivity")))
    assert value(tables.summary, **event("scratch", "fa_per_24h")) == pytest.approx(48 * (1 + 1 + 5 + 5) / 4)
    assert tables.verdict["helped"].isna().all()
    free = tables.summary[tables.summary["scorer"] == "threshold_free"].set_index(["metric", "model"])
    assert free.loc["auroc", "mean"].isna().all()
    assert free.loc["brier", "mean"].notna().all()


def test_runs_nobody_annotated_are_listed_and_never_scored():
    known = small.inventory().assign(annotated=[True] * 5 + [False])
    tables = scored(small.predictions({"scratch": small.alarming}), inventory=known)
    runs = tables.runs.set_index("participant")
    assert runs.loc["f", "note"] == "nobody annotated it"
    assert runs["annotated"].to_dict() == {"c": True, "d": True, "e": True, "f": False}
    assert runs.loc["f", ["n_seizures", "n_detected", "n_false"]].isna().all()
    assert runs.loc["c", ["n_seizures", "n_detected", "n_false"]].tolist() == [1, 1, 4]
    assert {*tables.scores["hours"]} == {1.5}


def test_without_test_participants_validation_is_scored_and_said_so():
    tables = scored(small.predictions(MODELS, dict.fromkeys("abc", "validation")))
    assert {*tables.scores["role"]} == {"validation"}
    assert tables.verdict["words"].str.startswith("On validation, where thresholds were tuned").all()


def test_with_nobody_to_score_tables_have_their_columns_and_no_row():
    tables = scored(small.predictions(MODELS), inventory=small.inventory(annotated=False))
    assert [*tables.summary.columns] == [*SUMMARY_TYPES]
    assert [len(t) for t in (tables.scores, tables.summary, tables.verdict, tables.calibration)] == [0] * 4
    assert tables.metrics == {}


def test_a_model_that_was_spared_a_recording_is_refused():
    predictions = small.predictions(MODELS)
    fewer = predictions[(predictions["model"] != "scratch") | (predictions["participant"] != "d")]
    with pytest.raises(ScoringError, match="d_1: scratch, seed 0, has no prediction for 1 of 4"):
        scored(fewer)


def test_metrics_for_mlflow_have_flat_names_and_no_nan(tables):
    metrics = tables.metrics
    assert metrics["pretrained.szcore_event.f1.macro"] == {"step": 0, "value": 1.0}
    assert metrics["scratch.szcore_event.sensitivity_at_fa_10.macro"]["value"] == 1
    assert metrics["pretrained.threshold_free.auprc.micro"]["value"] == pytest.approx(1)
    assert "always_off.szcore_event.precision.macro" not in metrics
    assert all(np.isfinite(point["value"]) for point in metrics.values())


def test_calibration_covers_every_second_of_annotated_runs(tables):
    seconds = tables.calibration.groupby(["model", "seed"])["n"].sum()
    assert {*seconds} == {4 * 1800}
    top = tables.calibration.query("model == 'pretrained' and seed == 0 and n > 0").iloc[-1]
    assert (top["predicted"], top["observed"]) == (pytest.approx(0.9), 1.0)
