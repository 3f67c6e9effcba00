from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import ndimage

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.post_processing import PostProcessing, detect

MASKS = st.lists(st.booleans(), min_size=1, max_size=120)


def spans(events):
    return list(zip(events.starts.tolist(), events.stops.tolist(), strict=True))


def found(values, duration=None, **options):
    options = {"threshold": 0.5, "low_threshold": 0.5} | options
    return spans(detect(values, duration or len(values), PostProcessing(**options)))


def intervals(mask):
    edges = np.diff(np.r_[0, np.asarray(mask, int), 0])
    return [
        (float(a), float(b))
        for a, b in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    ]


def test_seconds_at_or_above_the_threshold_are_an_event():
    assert found([0.1, 0.5, 0.9, 0.4, 0.5]) == [(1, 3), (4, 5)]


def test_an_event_lasts_as_long_as_the_low_threshold_is_reached():
    values = [0.3, 0.3, 0.9, 0.3, 0.1, 0.3, 0.3]
    assert found(values, threshold=0.8, low_threshold=0.3) == [(0, 4)]


def test_an_event_ends_with_a_recording_that_is_not_whole_seconds_long():
    assert found([0.1, 0.9, 0.9], duration=2.25) == [(1, 2.25)]


def test_what_is_cut_short_by_the_end_counts_with_what_is_left_of_it():
    assert found([0.1, 0.9, 0.9], duration=2.25, minimum_seconds=1.3) == []
    assert found([0.1, 0.9, 0.9], duration=2.25, minimum_seconds=1.25) == [(1, 2.25)]


def test_gaps_are_closed_after_opening_and_merged_after_the_minimum():
    values = [1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    steps = {"opening_seconds": 2, "closing_seconds": 3, "minimum_seconds": 7, "merge_seconds": 3}
    assert found(values, **steps) == [(2, 10)]
    assert found(values, **steps | {"minimum_seconds": 6}) == [(2, 10), (14, 20)]
    assert found(values, **steps | {"minimum_seconds": 6, "merge_seconds": 4.5}) == [(2, 20)]


@given(MASKS, st.integers(1, 9))
def test_opening_is_that_of_mathematical_morphology(mask, k):
    opened = ndimage.binary_opening(mask, np.ones(k))
    assert found(np.array(mask, float), opening_seconds=k) == intervals(opened)


@given(MASKS, st.integers(1, 9))
def test_closing_is_that_of_mathematical_morphology(mask, k):
    closed = ndimage.binary_closing(np.pad(mask, k), np.ones(k))[k:-k]
    assert found(np.array(mask, float), closing_seconds=k) == intervals(closed)


@given(st.lists(st.sampled_from([0.1, 0.4, 0.7]), min_size=1, max_size=60))
def test_hysteresis_is_the_labels_that_hold_a_high_second(values):
    labels, n = ndimage.label(np.array(values) >= 0.4)
    high = [label for label in range(1, n + 1) if max(np.array(values)[labels == label]) >= 0.7]
    assert found(values, threshold=0.7, low_threshold=0.4) == intervals(np.isin(labels, high))


@given(MASKS, st.floats(0, 20), st.floats(0, 20), st.floats(0.01, 1))
def test_no_event_is_shorter_and_no_gap_narrower_than_asked(mask, shortest, gap, last):
    duration = len(mask) - 1 + last
    events = found(np.array(mask, float), duration, minimum_seconds=shortest, merge_seconds=gap)
    assert all(stop - start >= shortest for start, stop in events)
    assert all(b[0] - a[1] >= gap for a, b in pairwise(events))


def test_a_recording_of_less_than_a_second_can_hold_an_event():
    assert found([0.9], duration=0.4) == [(0, 0.4)]


def test_a_millionth_of_a_second_is_no_second():
    assert found([0.9, 0.9], duration=2.0000004) == [(0, 2)]


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1, np.inf])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ScoringError, match=r"p1_r1: 1 of 3 predictions .* the first at 1 s"):
        detect([0.1, wrong, 0.2], 3.0, PostProcessing(), "p1_r1")


@pytest.mark.parametrize(("seconds", "duration"), [(3, 3.1), (3, 2.0), (3, 0.0), (0, 0.0), (1, np.nan)])
def test_there_must_be_a_probability_for_every_second(seconds, duration):
    with pytest.raises(ScoringError, match="one probability per second"):
        detect(np.zeros(seconds), duration, PostProcessing())


def test_a_low_threshold_above_the_threshold_is_refused():
    with pytest.raises(ValidationError, match="must not be above threshold"):
        PostProcessing(threshold=0.3, low_threshold=0.4)
