import numpy as np
import pytest

from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.segments import Segment, choose_segments
from eeg_kedro.errors import ChangedFileError, SignalError
from eeg_kedro.io.edf_samples import read_edf
from eeg_kedro.io.samples import open_samples
from eeg_kedro.io.source_file import SourceFile
from tests.discontinuous import write_edf_d

NAMES = ("EEG FP1-REF", "EEG F3-REF", "EEG C3-REF", "EEG O2-REF")
ONSETS = [5, 6, 7, 8, 20.5, 21.5, 22.5, 40, 41]  # parts of 4, 3 and 2 s; gaps of 11.5 and 16.5 s
HEAD = "onset\tduration\teventType\n"


@pytest.fixture
def gapped(corpus):
    """Write a file with gaps whose channels count their own samples, each from another multiple of 1 µV."""

    def write(relative="a_1.edf", onsets=ONSETS):
        samples = np.add.outer(np.arange(4.0), np.arange(128 * len(onsets)) % 450)
        return write_edf_d(corpus.root / relative, onsets, samples, names=NAMES)

    return write


def rows(survey, *columns):
    return survey.inventory[[*columns]].values.tolist()


def test_parts_between_gaps_are_recordings_of_their_own(corpus, gapped):
    gapped()
    found = rows(corpus.survey(), "run", "segment", "first_sample", "n_times", "time_offset", "duration")
    assert found == [
        ["1-seg1", 1, 0, 512, 0.0, 4.0],
        ["1-seg2", 2, 512, 384, 15.5, 3.0],
        ["1-seg3", 3, 896, 256, 35.0, 2.0],
    ]


def test_a_file_with_gaps_has_one_row_that_names_gaps_and_segments(corpus, gapped):
    gapped()
    row = corpus.row(corpus.survey(), "a_1.edf")
    assert [row[name] for name in ("status", "participant", "run", "failed")] == ["repaired", "a", "1", False]
    assert "2 gaps (11.5 s at 4 s, 16.5 s at 18.5 s): kept as 3 segments" in row["reason"]
    assert "seg1: 4 s at 0 s, seg2: 3 s at 15.5 s, seg3: 2 s at 35 s" in row["reason"]
    assert row["reason"].count("no annotation") == 1


def test_short_parts_are_left_out_and_named_and_the_others_keep_their_numbers(corpus, gapped):
    gapped(onsets=[0, 10, 11, 12, 20])
    survey = corpus.survey(shortest_segment=1.5)
    assert rows(survey, "run", "first_sample", "time_offset") == [["1-seg2", 128, 10.0]]
    reason = corpus.row(survey, "a_1.edf")["reason"]
    assert "kept as 1 segment (seg2: 3 s at 10 s)" in reason
    assert (
        "2 shorter than ingest.shortest_segment (1.5 s) left out, 2 s in all: seg1: 1 s at 0 s, seg3:"
        in reason
    )


def test_a_file_of_short_parts_only_is_refused_with_a_remedy(corpus, gapped):
    gapped(onsets=[0, 10, 20])
    row = corpus.row(corpus.survey(shortest_segment=2), "a_1.edf")
    assert (row["status"], row["failed"]) == ("refused", True)
    assert "all of the 3 parts between its gaps are too short (found '1 s at most')" in row["reason"]
    assert "ingest.shortest_segment" in row["remedy"]


def test_of_very_many_gaps_some_are_named_and_all_are_counted():
    parts = [Segment(200 * k, 100 + 100 * (k % 2), 3.0 * k) for k in range(300)]
    kept, (gaps, short) = choose_segments(parts, 100.0, 1.5, "a.edf")
    assert [part.number for part in kept] == [*range(2, 301, 2)]
    assert gaps.startswith("299 gaps (2 s at 1 s, 1 s at 5 s,")
    assert "and 199 more): kept as 150 segments" in gaps
    assert "150 shorter" in short
    assert "150 s in all" in short


def test_a_label_error_refuses_the_file_once(corpus, gapped):
    gapped()
    corpus.text("a_1.tsv", HEAD + "1\t1\tbanana\n")
    survey = corpus.survey()
    assert survey.inventory.empty
    assert survey.report["failed"].sum() == 1
    row = corpus.row(survey, "a_1.edf")
    assert (row["status"], row["run"], row["reason"].count("banana")) == ("refused", "1", 1)
    assert corpus.row(survey, "a_1.tsv")["status"] == "refused"


def test_events_are_in_the_segments_they_lie_in(corpus, gapped):
    gapped()
    corpus.text("a_1.tsv", HEAD + "1\t2\tsz\n3.5\t13\tsz\n17\t0.5\tsz\n")
    survey = corpus.survey()
    found = survey.events[["run", "onset_sample", "n_samples"]].values.tolist()
    assert found == [["1-seg1", 128, 256], ["1-seg1", 448, 64], ["1-seg2", 0, 128], ["1-seg2", 192, 64]]
    assert rows(survey, "run", "n_seizures") == [["1-seg1", 2], ["1-seg2", 2], ["1-seg3", 0]]
    assert survey.inventory["annotated"].all()
    assert corpus.row(survey, "a_1.tsv")["run"] == "1"


def test_an_event_in_a_gap_is_told_once(corpus, gapped):
    gapped()
    corpus.text("a_1.tsv", HEAD + "6\t2\tsz\n")
    survey = corpus.survey()
    assert survey.events.empty
    assert corpus.row(survey, "a_1.edf")["reason"].count("sz 6 to 8 s") == 1
    assert corpus.row(survey, "a_1.tsv")["status"] == "repaired"


@pytest.mark.parametrize("other", ["y/a_1.edf", "y/A_1-seg2.edf"])
def test_a_run_that_exists_twice_is_refused_though_one_of_them_has_gaps(corpus, gapped, other):
    gapped("x/a_1.edf")
    corpus.edf(other)
    survey = corpus.survey()
    refused = survey.report.set_index("path").loc[["x/a_1.edf", other], "failed"]
    assert refused.all()
    assert other in corpus.row(survey, "x/a_1.edf")["reason"]
    assert survey.inventory.empty  # segments with names of their own too: the file is refused as one
    assert corpus.row(survey, "x/a_1.edf")["status"] == "refused"


def opened(corpus, segment):
    return plan_opening(str(corpus.root), corpus.survey().inventory.iloc[segment].to_dict())()


@pytest.mark.parametrize("n_block", [1, 100, 128, 9999])
def test_a_segment_reads_as_if_it_were_a_file(corpus, gapped, n_block):
    file = gapped()
    whole = open_samples(file, "edf", (0, 1, 2, 3), 128.0, segment=(512, 384))
    blocks = list(whole.blocks(n_block))
    expected = np.add.outer(np.arange(4.0), np.arange(512, 896) % 450)
    np.testing.assert_allclose(np.concatenate(blocks, axis=1), expected, atol=0.01)
    assert [block.shape[1] for block in blocks[:-1]] == [n_block] * (len(blocks) - 1)
    (span,) = whole.spans([(300, 9999)])
    np.testing.assert_allclose(span, expected[:, 300:], atol=0.01)
    np.testing.assert_allclose(whole.extent().limits[0], [expected[0].min(), expected[0].max()], atol=0.01)


def test_a_table_can_be_read_in_parts_too(corpus):
    corpus.text("t.csv", "Fz,Cz\n" + "\n".join(f"{k},{-k}" for k in range(50)))
    file = SourceFile(str(corpus.root), "t.csv")
    part = open_samples(file, "csv", (0, 1), 10.0, (1.0, 1.0), segment=(10, 25))
    assert np.concatenate(list(part.blocks(7)), axis=1)[0].tolist() == [*range(10, 35)]
    assert part.extent().limits.tolist() == [[10, 34], [-34, -10]]


def test_fingerprints_tell_segments_of_one_file_apart(corpus, gapped):
    gapped()
    prints = [opened(corpus, segment).fingerprint() for segment in range(3)]
    assert len({*prints}) == 3
    assert opened(corpus, 0).fingerprint() == prints[0]


def test_a_file_with_gaps_is_never_read_as_one(gapped):
    file = gapped()
    for read in (lambda: read_edf(file, [0]), lambda: open_samples(file, "edf", (0,), 128.0)):
        with pytest.raises(SignalError, match="the file has gaps"):
            read()


def test_other_gaps_than_surveyed_are_noticed(corpus, gapped):
    gapped()
    row = corpus.survey().inventory.iloc[1].to_dict()
    gapped(onsets=[0, 1, 2, 3, 4, 50, 51, 80, 81])
    with pytest.raises(ChangedFileError, match="gaps are not those in the inventory"):
        plan_opening(str(corpus.root), row)()


def test_overlaps_and_lost_onsets_refuse_the_file_alone(corpus, gapped):
    gapped("a_1.edf", onsets=[0, 1, 1.5, 2.5])
    gapped("b_1.edf", onsets=[0, 1, "?", 3])
    corpus.edf("c_1.edf")
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["c"]
    assert "overlap by 0.5 s at 2 s" in corpus.row(survey, "a_1.edf")["reason"]
    assert "data record 3 of 4 has no readable onset" in corpus.row(survey, "b_1.edf")["reason"]
