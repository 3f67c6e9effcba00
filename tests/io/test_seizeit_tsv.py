import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError, EegError, UnknownLabelError
from eeg_kedro.io.seizeit_tsv import read_seizeit1_tsv, read_seizeit2_tsv
from eeg_kedro.io.source_file import SourceFile

# as the corpus has it: comments, blank lines, no header row
HEAD = (
    "# Source: SeizeIt1\n# Annotators: Neurologist\n# Subject: P_ID00\n# Gender: Female\n# Age: 99\n \n\n\n"
)
COLUMNS = (
    "onset\tduration\teventType\tlateralization\tlocalization\tvigilance\tconfidence\tchannels\tdateTime\t"
)
TAIL = "\tn/a\tn/a\tn/a\tn/a\tn/a\t2000-01-01 00:00:00\t600.00\r\n"


def _file(folder, text, name="P_ID00_r1_a1.tsv"):
    (folder / name).write_bytes(text.encode())
    return SourceFile(str(folder), name)


def _second(folder, *rows):
    text = COLUMNS + "recordingDuration\r\n" + "".join("\t".join(row) + TAIL for row in rows)
    return _file(folder, text, "sub-001_events.tsv")


def test_a_seizure_without_an_end_lasts_30_s_with_half_the_confidence_and_is_told(tmp_path):
    rows = "8971\tNone\tFIA\tHem:L, Orig:Temp, bhe: 0\n120\t150.5\tFA\tHem:R\n"
    found = read_seizeit1_tsv(_file(tmp_path, HEAD + rows))
    first, second = found.annotations
    assert (first.onset, first.duration, first.label, first.confidence) == (8971, 30, "sz_foc_ia", 0.5)
    assert (second.onset, second.duration, second.label) == (120, 30.5, "sz_foc_a")
    assert math.isnan(second.confidence)
    assert found.repairs == ("P_ID00_r1_a1.tsv: sz_foc_ia at 8971 s has no end: 30 s assumed",)


@pytest.mark.parametrize("blank", ["None", "none", "", " ", "n/a", "NaN"])
def test_every_way_to_write_no_end_is_one(tmp_path, blank):
    (found,) = read_seizeit1_tsv(_file(tmp_path, f"{HEAD}10\t{blank}\tF-BTC\t\n")).annotations
    assert (found.offset, found.label) == (40, "sz_foc_f2b")


def test_a_file_of_comments_says_that_there_is_no_seizure(tmp_path):
    assert read_seizeit1_tsv(_file(tmp_path, HEAD)).annotations == ()


def test_the_comment_and_the_head_go_nowhere(tmp_path):
    file = _file(tmp_path, HEAD + "10\t20\tFIA\tMrs Doe fell\n30\t40\tFA\n")
    found = read_seizeit1_tsv(file)
    assert len(found.annotations) == 2
    assert not any(word in repr(found) for word in ("Doe", "99", "Female", "P_ID00"))


def test_a_header_row_and_a_word_of_the_users_own_are_accepted(tmp_path):
    file = _file(tmp_path, "start\tstop\ttype\tcomment\n10\t20\tFIA\tx\n30\t40\tSub\n")
    found = read_seizeit1_tsv(file, {"fia": "other", "sub": "seizure"})
    assert [row.label for row in found.annotations] == ["FIA", "Sub"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("10\t10\tFIA\tx", "start 10 s, end 10 s"),
        ("10\t5\tFIA\tx", "start 10 s, end 5 s"),
        ("Doe\t20\tFIA\tx", "text of 3 letters"),
        ("10\tDoe\tFIA\tx", "text of 3 letters"),
        ("-1\t20\tFIA\tx", "-1"),
        ("inf\t20\tFIA\tx", "inf"),
        ("1e12\t20\tFIA\tx", "1e12"),
        ("10 20 FIA x", "1 cells"),
        ("10\t20", "2 cells"),
    ],
)
def test_a_row_that_is_no_seizure_is_named_by_its_line(tmp_path, row, said):
    with pytest.raises(AnnotationError, match="line 9") as caught:
        read_seizeit1_tsv(_file(tmp_path, f"{HEAD}{row}\n"))
    assert said in str(caught.value)
    assert "Doe" not in str(caught.value)


@given(st.lists(st.tuples(st.integers(0, 9000), st.one_of(st.none(), st.integers(1, 600))), max_size=8))
def test_every_row_becomes_a_seizure_and_every_missing_end_a_sentence(tmp_path_factory, seizures):
    rows = (f"{start}\t{'None' if size is None else start + size}\tFIA\tc" for start, size in seizures)
    found = read_seizeit1_tsv(_file(tmp_path_factory.mktemp("rows"), HEAD + "\n".join(rows)))
    assert [(row.onset, row.duration) for row in found.annotations] == [(s, d or 30) for s, d in seizures]
    assert len(found.repairs) == sum(size is None for _, size in seizures)


@given(st.binary(max_size=200))
def test_any_bytes_give_annotations_or_a_typed_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "x_a1.tsv").write_bytes(data)
    for read in (read_seizeit1_tsv, read_seizeit2_tsv):
        with contextlib.suppress(EegError):
            assert all(row.duration > 0 for row in read(SourceFile(str(folder), "x_a1.tsv")).annotations)


def test_checks_that_last_no_time_are_left_out_and_each_is_told(tmp_path):
    rows = [("51968", "-40258", "impd"), ("16606", "0", "impd"), ("0", "0", "bckg"), ("5", "10", "sz_foc_ia")]
    found = read_seizeit2_tsv(_second(tmp_path, *rows))
    assert [(row.onset, row.duration) for row in found.annotations] == [(5, 10)]
    assert found.duration == 600
    assert len(found.repairs) == 3
    assert "impd at 51968 s lasts -40258 s and is left out" in found.repairs[0]


def test_of_very_many_rows_that_are_left_out_the_rest_is_counted(tmp_path):
    found = read_seizeit2_tsv(_second(tmp_path, *[("1", "0", "impd")] * 1000))
    assert len(found.repairs) == 21
    assert "980 further rows" in found.repairs[-1]


@pytest.mark.parametrize("duration", ["0", "-3"])
def test_a_seizure_is_never_left_out(tmp_path, duration):
    with pytest.raises(AnnotationError, match="does not end after it began") as caught:
        read_seizeit2_tsv(_second(tmp_path, ("5", duration, "sz_foc_ia_m_tonic")))
    assert caught.value.value == f"start 5 s, end {5 + int(duration)} s"


def test_an_unknown_label_that_lasts_no_time_is_an_error_all_the_same(tmp_path):
    file = _second(tmp_path, ("5", "0", "wave"))
    with pytest.raises(UnknownLabelError) as caught:
        read_seizeit2_tsv(file)
    assert caught.value.file == "sub-001_events.tsv"
    assert read_seizeit2_tsv(file, {"wave": "other"}).annotations == ()
