import numpy as np
import pytest

from eeg_kedro.scoring.events import RunEvents
from eeg_kedro.scoring.nedc import score_ovlp
from tests.scoring.drawn_events import DURATIONS, draw_events, run_events


def test_any_overlap_is_a_hit_and_there_is_no_tolerance():
    counts = score_ovlp(run_events(100, (10, 20), (40, 50)), run_events(100, (19, 30), (50.5, 60)))
    assert (counts.tp, counts.fn, counts.fp) == (1, 1, 1)


def test_one_detection_over_three_seizures_finds_them_all():
    counts = score_ovlp(run_events(100, (10, 20), (30, 40), (50, 60)), run_events(100, (15, 55)))
    assert (counts.tp, counts.fp) == (3, 0)


@pytest.mark.parametrize(("start", "hit"), [(20.0, 0), (19.999, 0), (19.998, 1)])
def test_what_overlaps_by_no_more_than_the_guard_does_not_overlap(start, hit):
    counts = score_ovlp(run_events(100, (10, 20)), run_events(100, (start, 30)))
    assert (counts.tp, counts.fp) == (hit, 1 - hit)


def test_background_is_hit_where_both_are_quiet_at_once():
    assert score_ovlp(run_events(100, (10, 20)), run_events(100, (0, 25))).tn == 1
    assert score_ovlp(RunEvents(100.0), run_events(100, (0, 100))).tn == 0


def overlapped(events, by):
    return [
        any(b > start + 0.001 and a < stop - 0.001 for a, b in zip(by.starts, by.stops, strict=True))
        for start, stop in zip(events.starts, events.stops, strict=True)
    ]


def test_drawn_runs_count_as_every_pair_looked_at():
    rng = np.random.default_rng(0)
    for _ in range(300):
        duration = float(rng.choice(DURATIONS))
        # three decimals as NEDC rounds, moved off the edge of the guard
        there, found = (draw_rounded(rng, duration) for _ in range(2))
        counts = score_ovlp(there, found)
        assert counts.tp == sum(overlapped(there, found))
        assert counts.fp == len(found) - sum(overlapped(found, there))


def draw_rounded(rng, duration):
    drawn = draw_events(rng, duration)
    starts, stops = np.floor(drawn.starts * 4) / 4, np.ceil(drawn.stops * 4) / 4
    apart = np.r_[True, starts[1:] >= stops[:-1]][: starts.size]
    return RunEvents(
        duration + 1, starts[apart], np.minimum(stops[apart], np.r_[starts[apart][1:], duration + 1])
    )
