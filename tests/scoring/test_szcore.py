import json
import math
from dataclasses import astuple

import numpy as np
import pytest
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring, SampleScoring

from eeg_kedro.scoring import szcore, szcore_reference
from eeg_kedro.scoring.events import RunEvents, events_of
from eeg_kedro.scoring.szcore import EventParameters, score_events, score_samples
from tests.scoring.drawn_events import DURATIONS, draw_events, read_pairs, run_events

EXPECTED = {"sensitivity": "sensitivity", "precision": "precision", "f1": "f1", "fa_per_24h": "fp_per_day"}
PARAMETERS = {
    "tolerance_start": "toleranceStart",
    "tolerance_end": "toleranceEnd",
    "min_overlap": "minOverlap",
    "max_event_seconds": "maxEventDuration",
    "min_gap_seconds": "minDurationBetweenEvents",
}
NEITHER = math.nan
SCORERS = [szcore, szcore_reference]


def by_timescoring(reference, hypothesis, kind, sfreq, **rules):
    """Ask timescoring without a line of ours in between."""
    sides = [
        Annotation(
            [(float(a), float(b)) for a, b in zip(side.starts, side.stops, strict=True)],
            sfreq,
            round(side.duration * sfreq),
        )
        for side in (reference, hypothesis)
    ]
    scored = kind(*sides, EventScoring.Parameters(**rules)) if rules else kind(*sides)
    return scored.tp, scored.fp, scored.refTrue, scored.numSamples / scored.fs


def agree(counts, expected):
    assert (counts.tp, counts.fp, counts.n_reference) == (
        expected["tp"],
        expected["fp"],
        expected["ref_true"],
    )
    for ours, theirs in EXPECTED.items():
        wanted = NEITHER if expected[theirs] is None else expected[theirs]
        np.testing.assert_allclose(getattr(counts, ours), wanted, rtol=1e-12)


def draw_rules(rng):
    return EventParameters(
        tolerance_start=rng.choice([0, 1, 30.05]),
        tolerance_end=rng.choice([0, 10, 60]),
        min_overlap=rng.choice([0, 0.1, 0.5]),
        max_event_seconds=rng.choice([10, 33.3, 300]),
        min_gap_seconds=rng.choice([0, 1, 90]),
    )


def test_twelve_hundred_drawn_runs_count_as_timescoring_counts_them():
    rng = np.random.default_rng(6)
    seen = np.zeros(4)
    for _ in range(1200):
        duration = float(rng.choice(DURATIONS))
        both = draw_events(rng, duration), draw_events(rng, duration)
        counts = astuple(score_events(*both))
        assert counts == by_timescoring(*both, EventScoring, 10)
        assert astuple(score_samples(*both)) == by_timescoring(*both, SampleScoring, 1)
        seen += np.array(counts) > 0
    assert (seen > 300).all()  # hits, false alarms and seizures are all there to be counted


def test_five_hundred_drawn_runs_agree_by_other_rules_too():
    rng = np.random.default_rng(7)
    for _ in range(500):
        duration, rules = float(rng.choice(DURATIONS)), draw_rules(rng)
        both = draw_events(rng, duration), draw_events(rng, duration)
        theirs = {name: getattr(rules, ours) for ours, name in PARAMETERS.items()}
        with np.errstate(invalid="ignore"):  # 0 / 0 of a region that rounds to nothing
            assert astuple(score_events(*both, rules)) == by_timescoring(*both, EventScoring, 10, **theirs)


def test_what_calls_timescoring_gives_what_timescoring_gives():
    rng = np.random.default_rng(8)
    for _ in range(200):
        duration = float(rng.choice(DURATIONS))
        both = draw_events(rng, duration), draw_events(rng, duration)
        assert szcore_reference.score_events(*both) == score_events(*both)
        assert szcore_reference.score_samples(*both) == score_samples(*both)


@pytest.mark.parametrize("scorer", SCORERS)
def test_the_annotated_files_score_as_stated(shared_data, scorer):
    pairs, expected = read_pairs(shared_data)
    for (_, reference, hypothesis), entry in zip(pairs, expected["per_file"], strict=True):
        agree(scorer.score_events(reference, hypothesis), entry["timescoring_event"])
        agree(scorer.score_samples(reference, hypothesis), entry["timescoring_sample_1hz"])


def case_events(case, side):
    if f"{side}_mask" in case:
        mask = [mark == "1" for mark in case[f"{side}_mask"]]
        return events_of(mask, case["fs"], len(mask) / case["fs"])
    return run_events(case["n_samples"] / case["fs"], *case[side])


@pytest.mark.parametrize("scorer", SCORERS)
def test_the_cases_of_timescorings_own_tests_come_out(shared_data, scorer):
    cases = json.loads((shared_data / "scoring" / "timescoring_cases.json").read_text())
    for case in cases["event_scoring"]:
        theirs = {**cases["event_defaults"], **case.get("parameters", {})}
        rules = EventParameters(**{ours: theirs[name] for ours, name in PARAMETERS.items()})
        agree(
            scorer.score_events(case_events(case, "ref"), case_events(case, "hyp"), rules), case["expected"]
        )
    for case in cases["sample_scoring"]:
        agree(scorer.score_samples(case_events(case, "ref"), case_events(case, "hyp")), case["expected"])


def test_masks_become_the_events_stated(shared_data):
    cases = json.loads((shared_data / "scoring" / "timescoring_cases.json").read_text())
    for case in cases["mask_to_events"]:
        events = case_events({**case, "ref_mask": case["mask"]}, "ref")
        assert [[a, b] for a, b in zip(events.starts, events.stops, strict=True)] == case["events"]


def test_always_on_is_288_false_alarms_per_day():
    day = 86400.0
    assert score_events(RunEvents(day), run_events(day, (0, day))).fa_per_24h == 288


def test_a_seizure_of_420_s_is_two_and_an_alarm_50_s_after_the_end_finds_its_second_part():
    counts = score_events(run_events(3600, (1000, 1420)), run_events(3600, (1470, 1475)))
    assert (counts.tp, counts.fp, counts.n_reference) == (1, 0, 2)


def test_a_splinter_that_timescoring_leaves_of_900_s_is_left_by_ours_too():
    event = run_events(3600, (124.4, 1024.4))  # 124.4 + 300 + 300 + 300 is a hair below 1024.4
    counts = score_events(RunEvents(3600.0), event)
    assert counts.fp == 4
    assert astuple(counts) == by_timescoring(RunEvents(3600.0), event, EventScoring, 10)


def test_false_alarms_every_80_s_are_merged_into_12_an_hour():
    alarms = run_events(3600, *((80 * k, 80 * k + 2) for k in range(45)))
    assert score_events(RunEvents(3600.0), alarms).fp == 12


def test_a_gap_of_just_90_s_is_not_merged():
    assert score_events(run_events(3600, (10, 20), (110, 120)), RunEvents(3600.0)).n_reference == 2
    assert score_events(run_events(3600, (10, 20), (109.9, 120)), RunEvents(3600.0)).n_reference == 1


@pytest.mark.parametrize("scorer", SCORERS)
def test_a_run_with_nothing_in_it_has_no_sensitivity_no_f1_and_no_false_alarm(scorer):
    for counts in (scorer.score_events(*[RunEvents(1.0)] * 2), scorer.score_samples(*[RunEvents(0.2)] * 2)):
        assert math.isnan(counts.sensitivity)
        assert math.isnan(counts.f1)
        assert counts.fa_per_24h == 0
