import numpy as np
import pandas as pd
import pytest

from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from eeg_kedro.sampling.draws.recorded_people import unite_seizures
from eeg_kedro.sampling.draws.sampling_report import SAMPLING_TYPES, report_metrics
from tests.sampling.small_manifests import row, sides, windows

TABLE = pd.concat([windows("a", 90, 8, 2), windows("b", 40, 3), windows("c", 30, 2)], ignore_index=True)
SPLIT = sides(a="train", b="train", c="test").assign(
    person=["1", "1", "2"], n_runs=[2, 1, 1], hours=[1.5, 0.5, 1.0], n_seizures=[4, 1, 2]
)
EVENTS = pd.DataFrame(
    [
        ("a", "1", 0.0, 60.0, "seizure"),
        ("a", "1", 30.0, 60.0, "seizure"),  # overlaps: another channel
        ("a", "2", 80.0, 36.0, "seizure"),  # another run
        ("a", "2", 0.0, 900.0, "background"),
        ("c", "1", 0.0, 0.36, "seizure"),
    ],
    columns=["participant", "run", "onset", "duration", "kind"],
)


def told(table=TABLE, split=SPLIT, events=None, side="train", **options):
    return row(draw_balanced(table, split, BalanceOptions(**options), events).report, side)


def test_every_column_is_there_in_its_type():
    report = draw_balanced(TABLE, SPLIT, BalanceOptions(), EVENTS).report
    assert {name: str(kind) for name, kind in report.dtypes.items()} == SAMPLING_TYPES


def test_people_runs_hours_and_seizures_add_up():
    names = ["n_participants", "n_persons", "n_runs", "hours", "n_seizures"]
    assert told()[names].tolist() == [2, 1, 3, 2.0, 5]


def test_what_nobody_counted_is_missing_and_not_zero():
    report = told(split=sides(a="train", b="train", c="test"))
    assert report[["n_runs", "hours", "n_seizures", "seizure_hours"]].isna().all()


def test_overlapping_seizures_last_once():
    assert told(events=EVENTS)["seizure_hours"] == pytest.approx((90 + 36) / 3600)
    assert told(events=EVENTS, side="test")["seizure_hours"] == pytest.approx(1e-4)


def test_seizures_of_two_runs_are_not_united():
    two = EVENTS[:1].assign(run="2")
    hours = unite_seizures(pd.concat([EVENTS[:1], two]))
    assert hours["hours"].tolist() == pytest.approx([2 / 60])


def test_what_lies_before_the_recording_does_not_count():
    early = EVENTS[2:3].assign(onset=[-30.0])
    assert unite_seizures(pd.concat([EVENTS[:1], early]))["hours"].tolist() == pytest.approx([66 / 3600])


def test_seizures_of_recordings_without_a_signal_are_no_hours():
    events = EVENTS.assign(has_signal=[True, True, False, True, True])
    assert told(events=events)["seizure_hours"] == pytest.approx(90 / 3600)
    assert unite_seizures(events.assign(has_signal=False)).empty


def test_events_of_another_corpus_are_not_taken_for_ours():
    split = SPLIT.assign(n_seizures=pd.array([pd.NA] * 3, dtype="Int64"))
    assert np.isnan(told(split=split, events=EVENTS)["seizure_hours"])


def test_no_seizure_at_all_is_no_hours():
    assert told(events=EVENTS[3:4])["seizure_hours"] == 0


def test_the_prior_of_samples_is_that_of_a_model_per_sample():
    report = told()
    assert report["prior_samples"] == pytest.approx((11 * 5000 + 2 * 15360) / (143 * 15360))
    assert report["drawn_prior_samples"] == pytest.approx((11 * 5000 + 2 * 15360) / (40 * 15360))


def test_windows_nobody_annotated_do_not_dilute_the_prior():
    table = pd.concat([TABLE, windows("a", unknown=500, run="2")])
    for name in ("prior", "prior_samples"):
        assert told(table)[name] == pytest.approx(told()[name])


def test_a_manifest_without_seizure_samples_has_no_prior_of_samples():
    assert np.isnan(told(TABLE.drop(columns="seizure_samples"))["prior_samples"])


def test_the_papers_ratios_make_a_third_of_windows_seizures():
    report = told(windows("a", 900, 100, 90), sides(a="train"))
    assert report["drawn_prior"] == pytest.approx(1.3 / 3.8)  # 34.2 %, not a quarter


def test_shares_are_of_what_is_there():
    assert told()[["partial_drawn_share", "none_drawn_share"]].tolist() == pytest.approx([1.0, 27 / 130])


def test_the_participant_with_most_seizure_windows_is_named():
    report = told()
    assert report["largest_participant"] == "a"
    assert report["largest_participant_share"] == pytest.approx(10 / 13)


def test_a_split_without_seizures_names_nobody_and_says_what_to_do():
    report = told(pd.concat([TABLE[TABLE["participant"] != "c"], windows("c", 9)]), side="test")
    assert report["largest_participant"] == ""
    assert np.isnan(report["largest_participant_share"])
    assert "categorize.window_seconds" in report["advice"]


def test_metrics_are_the_numbers_that_are_known():
    metrics = report_metrics(draw_balanced(TABLE, SPLIT, BalanceOptions(seed=5)).report)
    assert (metrics["train.seed"], metrics["test.hours"]) == (5.0, 1.0)
    assert "train.seizure_hours" not in metrics
    assert not {"train.advice", "train.split", "train.largest_participant"} & {*metrics}
