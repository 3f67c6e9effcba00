from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.corpora.event_placing import CHANNEL_UNKNOWN, make_events, united_seizures
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import absent_facts
from eeg_kedro.errors import AnnotationError, UnknownLabelError
from eeg_kedro.labels.annotations import Annotation
from tests.corpora.stated_facts import NOWHERE, facts_of

RATES = (200, 250, 256, 400, 500, 512, 1000)
TICKS = 10_000  # per second: 4 decimals


def _make(facts, *rows, label="sz"):
    return make_events([Annotation(onset, duration, label) for onset, duration in rows], facts, {}, "x.tsv")


def _spans(events):
    return [(event["onset"], event["duration"]) for event in events]


@given(
    sfreq=st.sampled_from(RATES),
    onset=st.integers(-50_000, 40_000_000),
    length=st.integers(1, 9_000_000),
    total=st.integers(1, 3600),
)
def test_any_event_has_exactly_the_samples_that_fractions_give(sfreq, onset, length, total):
    begin, end = (floor(Fraction(ticks, TICKS) * sfreq + Fraction(1, 2)) for ticks in (onset, onset + length))
    events, repairs = _make(facts_of(sfreq, total), (onset / TICKS, length / TICKS))
    first, last = max(begin, 0), min(end, total * sfreq)
    found = [(event["onset_sample"], event["onset_sample"] + event["n_samples"]) for event in events]
    assert found == ([(first, last)] if first < last else [])
    assert bool(repairs) == ((first, last) != (begin, end) or begin == end)


def test_an_event_over_both_ends_is_cut_at_both_and_told_once():
    events, (repair,) = _make(facts_of(), (-1, 20))
    assert _spans(events) == [(0.0, 10.0)]
    assert "begins before the recording" in repair
    assert "is cut at the end of the recording (10 s)" in repair


def test_a_seizure_shorter_than_a_sample_is_told():
    events, repairs = _make(facts_of(), (1.0, 0.0001))
    assert not events
    assert repairs == ("x.tsv: sz 1 to 1.0001 s is shorter than one sample and is left out",)


@pytest.mark.parametrize("duration", [0.0, -2.0])
def test_a_seizure_that_lasts_no_time_is_refused(duration):
    with pytest.raises(AnnotationError, match=r"lasts no time|ends before it begins"):
        _make(facts_of(), (1.0, duration))


def test_a_background_mark_of_no_duration_is_kept():
    events, repairs = _make(facts_of(), (1.0, 0.0), label="bckg")
    assert [event["n_samples"] for event in events] == [0]
    assert not repairs


def test_an_unknown_label_names_its_file():
    with pytest.raises(UnknownLabelError, match=r"x\.tsv"):
        _make(facts_of(), (1.0, 1.0), label="wave")


def test_very_many_cut_events_are_told_in_number():
    _, repairs = _make(facts_of(), *[(20.0 + i, 1.0) for i in range(100)])
    assert len(repairs) == 21
    assert repairs[-1] == "x.tsv: 80 further events are cut or left out likewise"


def test_times_in_a_segment_count_from_its_first_sample():
    first, second = facts_of(segments=[(0.0, 10.0), (100.5, 10.0)])
    assert not _make(first, (102.0, 2.0))[0]
    (event,), repairs = _make(second, (102.0, 2.0))
    assert (event["onset"], event["duration"], event["onset_sample"], event["n_samples"]) == (
        1.5,
        2,
        384,
        512,
    )
    assert not repairs


def test_what_lies_in_another_segment_is_no_repair_of_any():
    for facts in facts_of(segments=[(0.0, 10.0), (100.5, 10.0)]):
        assert _make(facts, (1.0, 2.0), (102.0, 2.0))[1] == ()


def test_an_event_over_a_gap_is_cut_in_both_segments_and_the_lost_part_told_once():
    first, second = facts_of(segments=[(0.0, 10.0), (100.5, 10.0)])
    (one,), told = _make(first, (8.0, 100.0))
    (other,), again = _make(second, (8.0, 100.0))
    assert _spans([one, other]) == [(8.0, 2.0), (0.0, 7.5)]
    assert told == (
        "x.tsv: sz 8 to 108 s is cut: 90.5 s of it lie in no part of the recording that is kept (in a gap, before "
        "its beginning or beyond its end)",
    )
    assert again == ()


@pytest.mark.parametrize("onset", [-5.0, 50.0, 200.0])
def test_an_event_in_no_segment_is_left_out_and_told_once(onset):
    told = [_make(facts, (onset, 3.0)) for facts in facts_of(segments=[(0.0, 10.0), (100.5, 10.0)])]
    assert [events for events, _ in told] == [(), ()]
    assert [len(repairs) for _, repairs in told] == [1, 0]
    assert "in no part of the recording" in told[0][1][0]


def test_a_mark_in_a_gap_is_told_and_one_in_a_segment_is_that_ones():
    first, second = facts_of(segments=[(0.0, 10.0), (100.5, 10.0)])
    assert len(_make(first, (50.0, 0.0), label="impd")[1]) == 1
    assert _make(first, (101.0, 0.0), label="impd") == ((), ())
    assert len(_make(second, (101.0, 0.0), label="impd")[0]) == 1


@given(
    cuts=st.lists(st.integers(1, 400), min_size=2, max_size=10, unique=True).map(sorted),
    onset=st.integers(-40, 450),
    length=st.integers(1, 400),
)
def test_segments_share_an_event_as_a_mask_of_samples_would(cuts, onset, length):
    parts = [(float(a), float(b - a)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    truth = np.zeros(1000, bool)
    truth[max(onset, 0) : max(onset + length, 0)] = True
    for facts, (start, seconds) in zip(facts_of(4.0, segments=parts), parts, strict=True):
        events, _ = _make(facts, (onset, length))
        mask = np.zeros(round(seconds * 4), bool)
        for event in events:
            mask[event["onset_sample"] : event["onset_sample"] + event["n_samples"]] = True
        assert (mask == np.repeat(truth[round(start) : round(start + seconds)], 4)).all()


def test_without_a_rate_events_keep_their_times_and_have_no_samples():
    facts = absent_facts(Candidate(NOWHERE, absent=True))
    events, repairs = _make(facts, (5e6, 30.25), (5e6 + 10, 40.0), (1.0, 2.0))
    assert _spans(events)[0] == (5e6, 30.25)
    assert {(event["onset_sample"], event["n_samples"]) for event in events} == {(-1, -1)}
    assert repairs == ()
    assert united_seizures(events) == (2, -1)


def test_with_a_nominal_rate_and_no_length_nothing_is_cut_at_the_end():
    facts = absent_facts(Candidate(NOWHERE, absent=True, nominal_sfreq=512.0))
    (event,), repairs = _make(facts, (5e6, 2.5))
    assert (event["onset_sample"], event["n_samples"]) == (5_000_000 * 512, 1280)
    assert repairs == ()


def test_with_a_nominal_length_an_event_beyond_it_is_cut():
    facts = absent_facts(Candidate(NOWHERE, absent=True, nominal_sfreq=256.0, nominal_duration=60.0))
    (event,), (repair,) = _make(facts, (50.0, 20.0))
    assert (event["duration"], event["n_samples"]) == (10.0, 2560)
    assert "(60 s)" in repair


def test_without_a_rate_a_start_before_the_recording_is_cut_all_the_same():
    facts = absent_facts(Candidate(NOWHERE, absent=True))
    events, repairs = _make(facts, (-2.0, 3.0), (-9.0, 3.0))
    assert _spans(events) == [(0.0, 1.0)]
    assert len(repairs) == 2


def test_a_channel_that_is_no_label_becomes_unknown_and_is_counted():
    rows = [Annotation(1, 2, "sz", channel) for channel in ("F3", "Harry Haagse", "F3, C3", "", "Harry")]
    events, repairs = make_events(rows, facts_of(), {}, "x.tsv")
    assert [event["channel"] for event in events] == ["F3", "unknown", "F3, C3", "", "unknown"]
    assert repairs == (f"x.tsv: {CHANNEL_UNKNOWN.format(2)}",)


def test_a_channel_the_recording_has_stays_whatever_it_is_called():
    facts = facts_of()
    facts = replace(facts, plan=replace(facts.plan, other=(("squarewave", "no EEG"),)))
    (event,), repairs = make_events([Annotation(1, 2, "sz", "squarewave")], facts, {}, "x.tsv")
    assert (event["channel"], repairs) == ("squarewave", ())
