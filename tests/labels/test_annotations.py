import math

import pytest

from eeg_kedro.errors import AnnotationError
from eeg_kedro.labels.annotations import read_rows

HEADER = ["onset", "duration", "eventType", "confidence", "channels"]


def _read(*cells, header=HEADER):
    return read_rows(header, [(2, list(cells))], "x.tsv")


def test_a_row_becomes_an_annotation():
    (row,) = _read("1.5", "2", "sz", "0.25", "F3")
    assert (row.onset, row.offset, row.label, row.confidence, row.channel) == (1.5, 3.5, "sz", 0.25, "F3")


def test_not_given_is_nan_and_all_channels():
    (row,) = _read("1", "2", "sz", "n/a", "n/a")
    assert math.isnan(row.confidence)
    assert row.channel == ""


def test_a_stop_time_gives_the_duration():
    (row,) = _read("TERM", "1", "4", "seiz", header=["channel", "start_time", "stop_time", "label"])
    assert (row.onset, row.duration, row.channel) == (1, 3, "")


@pytest.mark.parametrize(
    ("onset", "duration"),
    [("n/a", "2"), ("1", "nan"), ("1", "inf"), ("", "1"), ("1e308", "1"), ("1", "2e9"), ("1_0", "1")],
)
def test_impossible_times_are_refused(onset, duration):
    with pytest.raises(AnnotationError, match="line 2"):
        _read(onset, duration, "sz")


def test_a_negative_duration_is_refused_with_its_value():
    with pytest.raises(AnnotationError, match="negative duration") as caught:
        _read("5", "-1", "sz")
    assert "onset 5 s, duration -1 s" in caught.value.value
    with pytest.raises(AnnotationError, match="negative duration"):
        _read("5", "4", "sz", header=["start", "stop", "label"])


def test_a_confidence_that_is_no_number_is_refused():
    with pytest.raises(AnnotationError, match="confidence"):
        _read("1", "2", "sz", "sure")


def test_rows_with_too_many_cells_are_refused_and_empty_ones_forgiven():
    assert len(_read("1", "2", "sz", "1", "F3", "", "")) == 1
    with pytest.raises(AnnotationError, match="more cells"):
        _read("1", "2", "sz", "1", "F3", "x")


def test_a_missing_column_is_named():
    with pytest.raises(AnnotationError, match="no column onset"):
        read_rows(["time", "label"], [], "x.tsv")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (["Patient", "Haagse, Harry", "born 02.05.1951"], "patient and 2 other cells"),
        (["Onset", "Haagse", "Stop"], "onset, stop and 1 other cell"),
        (["duration", "eventType"], "duration, eventtype"),
        ([], "no cell"),
    ],
)
def test_of_a_header_without_a_column_only_known_names_are_told(header, told):
    with pytest.raises(AnnotationError) as caught:
        read_rows(header, [], "x.tsv")
    assert caught.value.value == told
