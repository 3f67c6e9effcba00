import pandas as pd
import pytest

from eeg_kedro.corpora.failures import count_failures, mark_failures


@pytest.fixture
def report():
    return pd.DataFrame(
        {
            "path": ["a_1.edf", "a_1.csv", "b_1.edf", "c_1.edf"],
            "kind": ["recording", "annotation", "recording", "recording"],
            "status": ["taken", "taken", "taken", "refused"],
            "reason": ["", "", "", "header cut short"],
            "remedy": "",
            "participant": ["a", "a", "b", "c"],
            "run": "1",
            "failed": [False, False, False, True],
        }
    )


@pytest.fixture
def quality():
    return pd.DataFrame(
        {
            "participant": ["a", "b"],
            "run": "1",
            "state": ["failed", "done"],
            "error": ["flat", ""],
            "remedy": ["drop it", ""],
        }
    )


def test_a_recording_that_failed_in_cleaning_is_refused_in_the_report(report, quality):
    row = mark_failures(report, quality).iloc[0]
    assert (row.status, row.reason, row.remedy, row.failed) == ("refused", "flat", "drop it", True)


def test_other_rows_stay_as_they_are(report, quality):
    pd.testing.assert_frame_equal(mark_failures(report, quality).iloc[1:], report.iloc[1:])


@pytest.mark.parametrize("marked", [False, True])
def test_a_failure_is_counted_once_whether_marked_or_not(report, quality, marked):
    told = mark_failures(report, quality) if marked else report
    failed, total = count_failures(int_ingest_report=told, prm_recording_quality=quality)
    assert (len(failed), total) == (2, 3)


def test_a_segment_that_failed_is_told_beside_the_others_and_counted_once(report, quality):
    report.loc[0, "reason"] = "1 gap"
    parts = quality.assign(participant="a", run=["1-seg1", "1-seg2"])
    told = mark_failures(mark_failures(report, parts), parts)
    assert told.loc[0, ["status", "reason", "failed"]].tolist() == [
        "taken",
        "1 gap; 1-seg1 failed in cleaning: flat",
        False,
    ]
    assert ("a_1-seg1", "flat") in count_failures(told, parts)[0]
    assert len(count_failures(told, parts)[0]) == 2  # and the file whose header is cut short


def test_features_that_failed_are_named_with_their_dataset():
    status = {"a_1": {"state": "failed", "error": "no room"}, "b_1": {"state": "done"}}
    assert count_failures(derived={"feat_spectrograms": status}) == (
        [("a_1 (feat_spectrograms)", "no room")],
        2,
    )
