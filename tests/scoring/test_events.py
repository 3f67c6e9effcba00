import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.events import RunEvents, demand_same_run, events_of, mask_of, read_events
from tests.scoring.drawn_events import run_events


def table(*rows):
    return pd.DataFrame(rows, columns=["onset", "duration"], dtype="float64")


def pairs(events):
    return list(zip(events.starts.tolist(), events.stops.tolist(), strict=True))


def test_one_seizure_on_three_channels_is_one_event():
    events = read_events(table((10, 20), (12, 5), (28, 10), (50, 1)), 100, "a_01")
    assert pairs(events) == [(10, 38), (50, 51)]
    assert events.n_united == 2


def test_events_that_touch_are_one():
    assert pairs(read_events(table((30, 10), (10, 20)), 100, "a_01")) == [(10, 40)]


def test_background_rows_are_no_seizures():
    rows = table((0, 100), (20, 5)).assign(kind=["background", "seizure"])
    assert pairs(read_events(rows, 100, "a_01")) == [(20, 25)]


def test_what_overruns_is_cut_at_the_end():
    events = read_events(table((90, 30)), 100, "a_01")
    assert pairs(events) == [(90, 100)]
    assert events.n_clipped == 1


@pytest.mark.parametrize(
    "row", [(5, -1), (5, 0), (-1, 5), (100, 5), (150, 5), (np.nan, 5), (5, np.nan), (np.inf, 5), (5, np.inf)]
)
def test_an_impossible_event_is_refused_with_run_and_remedy(row):
    with pytest.raises(ScoringError, match=r"sub01_03: 1 of 2 events .*Remedy: correct or remove") as caught:
        read_events(table((1, 2), row), 100, "sub01_03")
    assert f"duration {row[1]:g} s" in str(caught.value)


@pytest.mark.parametrize("duration", [0, -1, np.nan, np.inf])
def test_a_recording_of_unknown_length_is_refused(duration):
    with pytest.raises(ScoringError, match="a_01: a recording of unknown length"):
        read_events(table(), duration, "a_01")
    with pytest.raises(ScoringError, match="unknown length"):
        events_of([True], 1.0, duration)


def test_a_missing_onset_of_pandas_is_refused_too():
    rows = pd.DataFrame({"onset": pd.array([1.0, None], "Float64"), "duration": [1.0, 1.0]})
    with pytest.raises(ScoringError, match="onset nan"):
        read_events(rows, 100, "a_01")


@pytest.mark.parametrize(
    "bad", [[(5, 4)], [(5, 5)], [(1, 3), (2, 4)], [(3, 4), (1, 2)], [(-1, 2)], [(5, 11)]]
)
def test_intervals_that_are_no_run_events_are_refused(bad):
    with pytest.raises(ScoringError, match="ascending, disjoint"):
        run_events(10, *bad)


def test_events_of_another_recording_are_not_compared():
    with pytest.raises(ScoringError, match="different lengths"):
        demand_same_run(RunEvents(10.0), RunEvents(10.5))


def test_a_mask_rounds_to_the_nearest_sample_and_halves_to_the_even_one():
    assert np.flatnonzero(mask_of(run_events(10, (0.4, 1.6), (2.5, 3.5), (6.1, 6.4)))).tolist() == [
        0,
        1,
        2,
        3,
    ]
    assert mask_of(RunEvents(0.3)).tolist() == [False]  # never a recording of no samples


@given(
    st.integers(1, 40).flatmap(lambda n: st.lists(st.booleans(), min_size=n, max_size=n)),
    st.sampled_from([1.0, 4.0, 10.0, 256.0]),
)
def test_a_mask_comes_back_from_its_events(mask, sfreq):
    events = events_of(mask, sfreq, len(mask) / sfreq)
    assert mask_of(events, sfreq).tolist() == mask
    assert (events.starts[1:] > events.stops[:-1]).all()


def test_the_last_second_of_a_mask_ends_with_the_recording():
    assert pairs(events_of([False, True, True], 1.0, 2.25)) == [(1, 2.25)]


def test_a_mask_of_another_recording_is_refused():
    for n_seconds in (8, 12):
        with pytest.raises(ScoringError, match="not as long as the recording"):
            events_of(np.zeros(n_seconds, bool), 1.0, 10.0)
