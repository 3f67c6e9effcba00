import numpy as np
import pytest

from eeg_kedro.scoring.events import RunEvents
from eeg_kedro.scoring.nedc import score_ovlp, score_taes
from tests.scoring.drawn_events import DURATIONS, draw_events, run_events


def score(reference, hypothesis, duration=1000):
    counts = score_taes(run_events(duration, *reference), run_events(duration, *hypothesis))
    return pytest.approx((counts.tp, counts.fn, counts.fp))


def test_a_hit_is_the_share_of_the_seizure_that_was_found():
    assert score([(100, 200)], [(150, 200)]) == (0.5, 0.5, 0)


def test_what_is_detected_outside_is_a_false_alarm_as_a_share_of_the_seizure():
    assert score([(100, 200)], [(90, 220)]) == (1, 0, 0.3)


def test_a_false_alarm_of_a_pair_is_at_most_one():
    assert score([(100, 110)], [(100, 400)]) == (1, 0, 1)


def test_a_detection_that_meets_nothing_is_one_false_alarm():
    assert score([(100, 200)], [(300, 301)]) == (0, 1, 1)
    assert score([(100, 200)], [(50, 100)]) == (0, 1, 1)  # touching is not meeting


def test_detections_within_one_seizure_add_up():
    assert score([(100, 200)], [(90, 120), (130, 150), (180, 230)]) == (0.6, 0.4, 0.4)


def test_a_detection_over_three_seizures_finds_the_first_and_misses_two():
    assert score([(100, 200), (300, 400), (500, 600)], [(150, 600)]) == (0.5, 2.5, 1)


def test_a_second_detection_in_a_seizure_that_is_missed_so_is_a_false_alarm():
    assert score([(100, 200), (300, 400)], [(150, 320), (350, 380)]) == (0.5, 1.5, 2)


def test_after_a_detection_over_two_seizures_the_third_counts_again():
    assert score([(100, 200), (300, 400), (500, 600)], [(100, 310), (500, 600)]) == (2, 1, 1)


def test_background_is_scored_by_the_same_rules():
    assert score_taes(run_events(100, (40, 60)), run_events(100, (40, 80))).tn == pytest.approx(1.5)


def test_drawn_runs_never_get_more_than_whole_events_would():
    rng = np.random.default_rng(0)
    for _ in range(300):
        duration = float(rng.choice(DURATIONS))
        there, found = draw_events(rng, duration), draw_events(rng, duration)
        taes = score_taes(there, found)
        any_overlap = sum(
            ((found.stops > a) & (found.starts < b)).any()
            for a, b in zip(there.starts, there.stops, strict=True)
        )
        assert -1e-9 <= taes.tp <= any_overlap + 1e-9
        assert 0 <= taes.fp <= len(found) + 1e-9


def test_the_truth_itself_is_perfect_by_every_method():
    there = run_events(1000, (0, 10), (50, 60.5), (990, 1000))
    for counts in (score_taes(there, there), score_ovlp(there, there)):
        assert (counts.tp, counts.fn, counts.fp, counts.tn) == (3, 0, 0, 2)


def test_no_seizure_and_no_detection_is_undefined_not_a_crash():
    counts = score_taes(RunEvents(1.0), RunEvents(1.0))
    assert np.isnan(counts.sensitivity)
    assert (counts.fp, counts.tn) == (0, 1)
