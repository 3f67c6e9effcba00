import json
import tracemalloc

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.source_file import SourceFile

TUSZ = """# version = csv_v1.0.0
# bname = aaaaaaac_s001_t000
# duration = 301.00 secs
# montage_file = nedc_eas_default_montage.txt
#
channel,start_time,stop_time,label,confidence
FP1-F7,36.8868,183.3055,fnsz,1.0000

F7-T3,36.8868,183.3055,fnsz,1.0000
"""
# characters of which rows are made, so that some of them are nearly right
ROWS = st.sampled_from(list('0123456789.,;-+einf#"\n\r\t \0szbckglabelonsetduration_'))
TSV_LIKE = "{}\nchannel,start_time,stop_time,label\nTERM,1,2,seiz\n"


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "a.csv").write_bytes(data)
        return read_annotation_csv(SourceFile(str(tmp_path), "a.csv"))

    return write_and_read


def test_every_channel_row_is_kept_with_its_times(read):
    found = read(TUSZ)
    assert [(a.channel, a.onset, a.offset) for a in found.annotations] == [
        ("FP1-F7", 36.8868, 183.3055),
        ("F7-T3", 36.8868, 183.3055),
    ]
    assert found.duration == 301


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings_and_line_ends_of_other_systems_are_read(read, encoding):
    assert read(TUSZ.replace("\n", "\r\n").encode(encoding)).annotations == read(TUSZ).annotations


def test_a_table_without_rows_says_nothing_happened(read):
    assert read("channel,start_time,stop_time,label\n").annotations == ()


@pytest.mark.parametrize("content", ["", "#\n", "a,b\n1,2\n", b"\x00\x01\x02"])
def test_what_is_no_annotation_table_is_refused(read, content):
    with pytest.raises(AnnotationError):
        read(content)


def test_an_empty_file_is_called_empty(read):
    with pytest.raises(AnnotationError, match=r"the file is empty \(found '0 bytes'\)"):
        read("")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_of_spreadsheets_are_read(read, separator):
    assert read(TUSZ.replace(",", separator)).annotations == read(TUSZ).annotations


def test_a_pointer_to_content_that_was_not_fetched_is_refused(read):
    with pytest.raises(AnnotationError, match="git-lfs"):
        read("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")


def test_a_missing_file_is_a_typed_error(tmp_path):
    with pytest.raises(AnnotationError, match="opened"):
        read_annotation_csv(SourceFile(str(tmp_path), "gone.csv"))


def test_the_real_tusz_format_is_read(shared_data):
    found = read_annotation_csv(SourceFile(str(shared_data), "scoring/csv_bi/ref/test_001.csv_bi"))
    assert [(a.onset, a.offset, a.label) for a in found.annotations] == [
        (42.2786, 81.776, "seiz"),
        (234.5, 267.89, "seiz"),
        (1234.0, 1289.45, "seiz"),
    ]
    assert found.duration == 1800


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("# duration = 300.00", 300),
        ("# duration = 1211.0000 secs", 1211),
        ("#duration=300 secs", 300),
        ("# DURATION = 12.5 s", 12.5),
        ("# duration = 1.2.3", None),
        ("# duration = unknown", None),
        ("# duration = " + "9" * 400, None),
    ],
)
def test_the_stated_duration_is_read_however_it_is_written(read, line, seconds):
    assert read(TSV_LIKE.format(line)).duration == seconds


def test_the_recording_it_names_is_read(read):
    assert read(TUSZ).recording == "aaaaaaac_s001_t000"
    assert read(TSV_LIKE.format("#")).recording == ""


def test_cells_in_quotes_are_read_and_open_quotes_swallow_no_row(read):
    quoted = TUSZ.replace("FP1-F7,36.8868,183.3055,fnsz", '"FP1-F7", "36.8868","183.3055","fnsz"')
    assert read(quoted).annotations == read(TUSZ).annotations
    with pytest.raises(AnnotationError, match="line 7 has quotes that are not closed"):
        read(TUSZ.replace("FP1-F7", '"FP1-F7'))
    with pytest.raises(AnnotationError, match="line 7 has quotes"):
        read(TUSZ.replace("FP1-F7", '"FP1"-F7'))


@pytest.mark.parametrize("time", ["1e308", "inf", "nan", "-inf", "1_000", "36,8868", "00:00:36", "1e10"])
def test_numbers_that_are_no_times_are_refused_with_their_line(read, time):
    with pytest.raises(AnnotationError, match="line 7"):
        read(TUSZ.replace("183.3055", f'"{time}"', 1))


@pytest.mark.parametrize("confidence", ["inf", "-0.1", "1.5", "nan%", "1_0"])
def test_a_confidence_is_a_share(read, confidence):
    with pytest.raises(AnnotationError, match="confidence in line 7"):
        read(TUSZ.replace("1.0000", confidence, 1))


def test_free_text_where_a_number_should_be_is_not_quoted(read):
    with pytest.raises(AnnotationError) as caught:
        read(TUSZ.replace("36.8868", "Jane Doe", 1))
    assert "Jane" not in str(caught.value)


def test_equal_and_overlapping_rows_are_all_kept(read):
    row = "FP1-F7,1.0,2.0,fnsz,1.0000\n"
    assert len(read(TUSZ + row * 3 + row.replace("2.0", "9.0")).annotations) == 6


def test_a_large_table_needs_less_memory_than_ten_times_its_size(read):
    text = TUSZ + "".join(f"FP1-F7,{i / 8:.4f},{i / 8 + 3:.4f},fnsz,1.0000\n" for i in range(50_000))
    tracemalloc.start()
    found = read(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.annotations) == 50_002
    assert peak < 10 * len(text)


def test_real_tables_hold_the_events_that_an_independent_count_finds(shared_data):
    paths = sorted((shared_data / "scoring" / "csv_bi").rglob("*.csv_bi"))
    for path in paths:
        table = pd.read_csv(path, comment="#")
        found = read_annotation_csv(SourceFile(str(shared_data), path.relative_to(shared_data).as_posix()))
        assert [a.label for a in found.annotations] == table["label"].tolist()
        assert [a.onset for a in found.annotations] == table["start_time"].tolist()
        assert [a.offset for a in found.annotations] == pytest.approx(table["stop_time"].tolist())
        assert found.recording == path.stem
    truth = json.loads((shared_data / "scoring" / "csv_bi_expected.json").read_text())["per_file"]
    counted = {path.stem: path.read_text().count(",seiz,") for path in paths if path.parent.name == "ref"}
    assert counted == {row["file"]: row["timescoring_event"]["ref_true"] for row in truth}


@given(content=st.one_of(st.binary(max_size=300), st.text(ROWS, max_size=300).map(str.encode)))
@example(b'channel,start_time,stop_time,label\n"' + b"x" * 140_000)  # longer than the csv module takes
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.csv").write_bytes(content)
    try:
        read_annotation_csv(SourceFile(str(folder), "any.csv"))
    except AnnotationError as error:
        assert error.file == "any.csv"  # noqa: PT017
