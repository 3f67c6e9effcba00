import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.corpora.annotation_conflict import DISAGREES, compare_seizures
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.errors import AnnotationConflictError
from eeg_kedro.labels.annotations import Annotation
from tests.corpora.stated_facts import facts_of

HEAD = "onset\tduration\teventType\n"
CSV = "channel,start_time,stop_time,label\n"
FIRST = IngestOptions(annotation_conflict="first")


def _said(*rows):
    return [Annotation(onset, stop - onset, "sz") for onset, stop in rows]


def _compare(ours, theirs, facts=None, options=None):
    used, other = ("a.csv", _said(*ours)), ("a.tsv", _said(*theirs))
    return compare_seizures(used, other, facts or facts_of(seconds=600), options or IngestOptions())


def _two_files(corpus, tsv, csv):
    corpus.edf("a_1.edf")
    corpus.edf("b_1.edf")
    corpus.text("a_1.csv", CSV + "".join(f"TERM,{a},{b},seiz\n" for a, b in csv))
    corpus.text("a_1_events.tsv", HEAD + "".join(f"{a}\t{b - a}\tsz\n" for a, b in tsv))


def test_boundaries_that_differ_by_fractions_of_a_second_agree():
    assert "agrees" in _compare([(1, 5), (20, 30)], [(1.2, 5.3), (20, 30.9)])


def test_another_number_of_seizures_is_an_error_with_both_values():
    with pytest.raises(AnnotationConflictError) as caught:
        _compare([(1, 5), (20, 30)], [(1, 5)])
    assert caught.value.value == "a.csv: 2 seizures, seizure 2 at 20 to 30 s; a.tsv: 1 seizure, no seizure 2"
    assert (caught.value.file, caught.value.other_file) == ("a.csv", "a.tsv")
    assert "ingest.annotation_conflict=first" in caught.value.remedy


def test_the_first_seizure_that_differs_is_named_with_its_times_in_both():
    with pytest.raises(AnnotationConflictError) as caught:
        _compare([(1, 5), (20, 30), (40.5, 50)], [(1, 5.1), (20, 36.25), (40.5, 90)])
    assert "a.csv: 3 seizures, seizure 2 at 20 to 30 s" in caught.value.value
    assert "a.tsv: 3 seizures, seizure 2 at 20 to 36.25 s" in caught.value.value


def test_a_little_more_than_the_tolerance_is_a_conflict():
    assert "agrees" in _compare([(1, 5)], [(0.5, 5.5)])
    with pytest.raises(AnnotationConflictError, match=r"seizure 1 at 0\.5 to 5\.51 s"):
        _compare([(1, 5)], [(0.5, 5.51)])


def test_seizures_less_than_a_sample_apart_are_one_as_in_the_tables():
    assert "agrees" in _compare([(1, 3), (3.003, 5)], [(1, 5)])
    with pytest.raises(AnnotationConflictError, match="2 seizures"):
        _compare([(1, 3), (3.005, 5)], [(1, 5)])


def test_the_first_file_is_used_where_the_user_says_so():
    said = _compare([(1, 5)], [(1, 8)], options=FIRST)
    assert said == (
        "disagrees on the seizures: 1 seizures here, 1 in the file that is used; "
        "seizure 1 at 1 to 8 s here, seizure 1 at 1 to 5 s there"
    )


def test_no_seizure_in_both_is_agreement_and_without_a_rate_times_are_compared():
    assert "agrees" in _compare([], [])
    absent = facts_of(sfreq=0.0)
    assert "agrees" in _compare([(1, 5)], [(1.3, 5)], absent)
    with pytest.raises(AnnotationConflictError, match="1 to 5 s"):
        _compare([(1, 5)], [(3, 5)], absent)


def test_every_segment_of_a_file_sees_the_same_conflict():
    for facts in facts_of(segments=[(0.0, 10.0), (100.0, 10.0)]):
        with pytest.raises(AnnotationConflictError, match="seizure 1 at 2 to 5 s"):
            _compare([(2, 5), (102, 105)], [(2, 8), (102, 105)], facts)


def test_a_conflict_survives_a_journey_between_processes():
    error = AnnotationConflictError("they disagree", file="a", other_file="b", value="1; 2")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.other_file) == (str(error), "b")


def test_a_conflict_refuses_the_recording_and_both_files_say_why(corpus):
    _two_files(corpus, tsv=[(1, 7)], csv=[(1, 4)])
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["b"]
    assert corpus.row(survey, "a_1.edf")["failed"]
    for path in ("a_1.edf", "a_1.csv", "a_1_events.tsv"):
        row = corpus.row(survey, path)
        assert row["status"] == "refused"
        assert "a_1.csv: 1 seizure, seizure 1 at 1 to 4 s" in row["reason"]
        assert "a_1_events.tsv: 1 seizure, seizure 1 at 1 to 7 s" in row["reason"]
        assert "annotation_conflict=first" in row["remedy"]


def test_a_conflict_that_the_user_accepts_is_told_with_the_recording(corpus):
    _two_files(corpus, tsv=[(1, 7)], csv=[(1, 4)])
    survey = corpus.survey(annotation_conflict="first")
    assert survey.inventory["seizure_seconds"].tolist() == [3.0, 0.0]
    assert "a_1_events.tsv disagrees on the seizures" in corpus.row(survey, "a_1.edf")["reason"]


def test_a_second_file_that_cannot_be_read_is_told_and_no_conflict(corpus):
    _two_files(corpus, tsv=[(1, 4)], csv=[(1, 4)])
    corpus.text("a_1_events.tsv", HEAD + "1\t3\twave\n")
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["a", "b"]
    assert "'wave'" in corpus.row(survey, "a_1_events.tsv")["reason"]


MANY = [(50.0 * k + 3, 50.0 * k + 8) for k in range(11)]


def test_what_the_others_agree_on_does_not_pay_for_one_that_is_elsewhere():
    moved = sorted([*MANY[:2], *MANY[3:], (590.0, 595.0)])
    with pytest.raises(AnnotationConflictError) as caught:
        _compare(MANY, moved)
    assert "a.csv: 11 seizures, seizure 3 at 103 to 108 s" in caught.value.value
    shifted = [*MANY[:4], (203.0, 215.0), *MANY[5:]]
    with pytest.raises(AnnotationConflictError, match="seizure 5 at 203 to 215 s"):
        _compare(MANY, shifted)


@given(st.lists(st.tuples(st.integers(-90, 90), st.integers(-90, 90)), min_size=2, max_size=11))
def test_seizures_agree_if_each_of_them_does(moves):
    theirs = [(a + begin / 100, b + end / 100) for (a, b), (begin, end) in zip(MANY, moves, strict=False)]
    said = _compare(MANY[: len(moves)], theirs, options=FIRST)
    apart = max(abs(begin) + abs(end) for begin, end in moves)
    assert said.startswith(DISAGREES) == (apart > 100)
