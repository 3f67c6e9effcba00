import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.corpora.names import clean_name, named_candidate, person_of
from eeg_kedro.corpora.options import PARTICIPANT_PATTERN, IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.errors import LayoutError
from eeg_kedro.io.source_file import SourceFile


def _name(relative, pattern=PARTICIPANT_PATTERN):
    candidate = named_candidate(Candidate(SourceFile("corpus", relative)), pattern)
    return candidate.participant, candidate.run


@pytest.mark.parametrize(
    ("relative", "names"),
    [
        ("SZ_sample1.edf", ("SZ", "sample1")),
        ("x/siena_header_PN00-5_2s.edf", ("siena-header-PN00-5", "2s")),
        ("rest.edf", ("rest", "1")),
        ("a b_ü1.edf", ("a-b", "1")),
    ],
)
def test_everything_before_the_last_underscore_is_the_participant(relative, names):
    assert _name(relative) == names


def test_a_pattern_with_a_slash_sees_the_folders():
    assert _name("ward/p7/night.edf", r"(?P<participant>[^/]+)/(?P<run>[^/]+)$") == ("p7", "night")


def test_a_name_that_does_not_fit_becomes_a_problem_not_a_crash():
    candidate = named_candidate(
        Candidate(SourceFile("corpus", "x.edf")), r"^(?P<participant>p\d+)_(?P<run>.+)$"
    )
    assert isinstance(candidate.problem, LayoutError)


def test_plus_keeps_two_chbmit_files_apart():
    assert clean_name("16+", "f") == "16plus"


def test_chbmit_21_and_01_are_one_person():
    assert (person_of("chb21"), person_of("chb01"), person_of("chb02")) == ("chb01", "chb01", "chb02")


@given(st.text())
def test_cleaned_names_are_safe_or_refused(text):
    try:
        assert re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", clean_name(text, "f"))
    except LayoutError:
        assert not re.search(r"[A-Za-z0-9+]", text)


@pytest.mark.parametrize("pattern", ["(", "no group"])
def test_a_pattern_that_names_no_participant_is_refused_at_once(pattern):
    with pytest.raises(ValidationError):
        IngestOptions(participant_pattern=pattern)
