import codecs

import pytest

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io import annotation_text
from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.source_file import SourceFile

TSV = "onset\tduration\teventType\n1.5\t2\tsz\n5\t1\tbckg\n"
CSV = "channel,start_time,stop_time,label\nTERM,1.5,3.5,seiz\nTERM,5,6,bckg\n"


@pytest.fixture
def source(tmp_path):
    def write(content, name="a.tsv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return SourceFile(str(tmp_path), name)

    return write


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_as_any_system_ends_them(source, ends, last):
    for name, text, read in (("a.tsv", TSV, read_annotation_tsv), ("a.csv", CSV, read_annotation_csv)):
        content = text.replace("\n", ends)
        found = read(source(content if last else content.rstrip(ends), name)).annotations
        assert [(a.onset, a.offset) for a in found] == [(1.5, 3.5), (5, 6)]


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_other_separators_of_unicode_are_text(source, mark):
    text = TSV.replace("Type", "Type\tnote").replace("\tsz", f"\tsz\tone{mark}two")
    first, _ = read_annotation_tsv(source(text)).annotations
    assert (first.onset, first.label) == (1.5, "sz")


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, b""])
def test_byte_order_marks_are_no_text(source, bom):
    assert read_text(source(bom + TSV.encode())) == TSV


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_by_its_mark_and_refused_when_damaged(source, encoding):
    bom = codecs.BOM_UTF16_LE if encoding.endswith("le") else codecs.BOM_UTF16_BE
    assert read_text(source(bom + TSV.encode(encoding))) == TSV
    with pytest.raises(AnnotationError, match="UTF-16"):
        read_text(source(bom + TSV.encode(encoding) + b"\0"))
    with pytest.raises(AnnotationError, match="binary"):
        read_text(source(TSV.encode(encoding)))


@pytest.mark.parametrize(
    "content", ["version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "../../.git/annex/objects/8F/x"]
)
def test_a_pointer_is_told_from_its_content(source, content):
    with pytest.raises(AnnotationError, match="pointer of git-lfs or git-annex"):
        read_text(source(content))


def test_nul_bytes_and_too_large_files_are_no_tables(source, monkeypatch):
    with pytest.raises(AnnotationError, match="binary"):
        read_text(source(TSV.replace("sz", "s\0z")))
    monkeypatch.setattr(annotation_text, "LARGEST", 20)
    with pytest.raises(AnnotationError, match="larger than any"):
        read_text(source(TSV))


def test_a_very_long_line_is_no_row_and_is_not_cut_into_cells(source):
    for name, mark, read in (("a.tsv", "\t", read_annotation_tsv), ("a.csv", ",", read_annotation_csv)):
        with pytest.raises(AnnotationError, match="line 2 is too long"):
            read(source(mark.join(["onset", "duration", "label\n"]) + f"1{mark}" * 200_000, name))


def test_lines_carry_their_numbers_and_blank_ones_count(source):
    assert list(split_lines("a\r\n\r\nb\rc", source("x"))) == [(1, "a"), (2, ""), (3, "b"), (4, "c")]
