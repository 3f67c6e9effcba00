from dataclasses import replace

import pytest

from eeg_kedro.corpora.event_table import read_events
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import absent_facts
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import Annotation, AnnotationFile
from tests.corpora.stated_facts import facts_of

CSV = "# bname = {}\n# duration = {} secs\nchannel,start_time,stop_time,label\nTERM,1.0,3.0,seiz\n"


@pytest.fixture
def candidate(tmp_path):
    def write(**files):
        for suffix, content in files.items():
            (tmp_path / f"a_1.{suffix}").write_text(content)
        found = tuple(SourceFile(str(tmp_path), f"a_1.{suffix}") for suffix in files)
        return Candidate(SourceFile(str(tmp_path), "a_1.edf"), annotations=found, absent=True)

    return write


def _read(candidate, facts=None, **hooks):
    return read_events(candidate, facts or facts_of(), IngestOptions(), **hooks)


def test_a_table_that_names_another_recording_is_told_without_that_name(candidate):
    labels = _read(candidate(csv=CSV.format("Jane_Doe_7", "10.00")))
    assert labels.remarks == ("a_1.csv states another recording's name (bname) than a_1.edf",)
    assert _read(candidate(csv=CSV.format("A_1", "10.00"))).remarks == ()


def test_another_stated_length_is_told_and_gaps_are_no_difference(candidate):
    source = candidate(csv=CSV.format("a_1", "110.0000"))
    assert _read(source).remarks == ("annotations are for 110 s, the recording has 10 s",)
    for facts in facts_of(segments=[(0.0, 10.0), (100.5, 10.0)]):
        assert _read(source, facts).remarks == ()


def test_a_recording_that_is_not_here_has_events_and_no_length_to_compare(candidate):
    source = candidate(csv=CSV.format("a_1", "110.00"))
    labels = _read(source, absent_facts(source))
    assert [(e["onset"], e["duration"], e["onset_sample"]) for e in labels.events] == [(1.0, 2.0, -1)]
    assert (labels.remarks, labels.source) == ((), source.annotations[0])


@pytest.mark.parametrize("suffix", ["tse", "tse_bi"])
def test_older_tables_of_tusz_are_read(candidate, suffix):
    text = "version = tse_v1.0.0\n\n0.0000 1.0000 bckg 1.0000\n1.0000 3.0000 fnsz 0.5000\n"
    labels = _read(candidate(**{suffix: text}))
    assert [(e["label"], e["n_samples"]) for e in labels.events] == [("bckg", 256), ("fnsz", 512)]


def test_a_layout_reads_its_own_format_and_what_it_mends_is_told(candidate):
    def read(file, candidate):
        return AnnotationFile((Annotation(1, 30, "sz"),), repairs=("an end was assumed",))

    labels = _read(candidate(xyz="?"), read=read)
    assert labels.repairs[0] == "an end was assumed"
    assert "is cut at the end" in labels.repairs[1]
    assert [e["n_samples"] for e in labels.events] == [9 * 256]


def test_the_first_file_that_speaks_of_the_recording_is_used(candidate):
    source = candidate(csv=CSV.format("a_1", "10"), tse="?")
    silent, speaking = source.annotations
    said = AnnotationFile((Annotation(1, 2, "sz"),))
    labels = _read(source, read=lambda file, _: said if file == speaking else None)
    assert (labels.source, labels.checks) == (speaking, ())
    labels = _read(source, read=lambda file, _: said if file == silent else None)
    assert labels.checks == ((speaking, "does not speak of this recording", None),)


def test_nobody_looked_is_not_no_seizure(candidate):
    labels = _read(replace(candidate(), annotations=()))
    assert (labels.source, labels.events) == (None, ())
    assert labels.remarks == ("no annotation: its windows have no category",)
