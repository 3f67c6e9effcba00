import pytest
from hypothesis import given
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


@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.csv").write_bytes(content)
    try:
        read_annotation_csv(SourceFile(str(folder), "any.csv"))
    except AnnotationError as error:
        assert error.file == "any.csv"  # noqa: PT017
