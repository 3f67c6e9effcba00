"""Tables of participants with a label: every spelling that people have, and each way to get it wrong."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.label_table import read_label_table
from eeg_kedro.io.source_file import SourceFile


def read(folder, text, column="label", encoding="utf-8"):
    (folder / "labels.csv").write_bytes(text.encode(encoding))
    found = read_label_table(SourceFile(str(folder), "labels.csv"), column)
    return dict(zip(found["participant"], found["label"], strict=True))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_line_ends_and_encodings_are_all_read(tmp_path, separator, end, encoding):
    rows = [("participant", "label"), ("sub-01", "1"), ("sub-02", "0")]
    text = end.join(separator.join(row) for row in rows)
    assert read(tmp_path, text, encoding=encoding) == {"sub-01": "1", "sub-02": "0"}


def test_a_column_of_a_bids_table_is_read_and_the_others_are_not(tmp_path):
    text = "participant_id\tage\tRemission\nsub-01\t34\tyes\nsub-02\t41\tno\n"
    assert read(tmp_path, text, "remission") == {"sub-01": "yes", "sub-02": "no"}


def test_names_that_look_like_numbers_stay_names(tmp_path):
    assert read(tmp_path, "participant,label\n01,1\n002,0\n") == {"01": "1", "002": "0"}


def test_comments_blank_lines_quotes_and_blanks_are_no_trouble(tmp_path):
    text = '# of 2026\nparticipant, label\n\n"a, b", yes \n,,\n c ,no\n'
    assert read(tmp_path, text) == {"a, b": "yes", "c": "no"}


@pytest.mark.parametrize("absent", ["", "n/a", "NA", "nan", "?"])
def test_a_label_that_is_not_given_is_left_out(tmp_path, absent):
    assert read(tmp_path, f"participant,label\na,{absent}\nb,1\n") == {"b": "1"}


def test_a_table_without_rows_is_empty(tmp_path):
    assert read(tmp_path, "participant,label\n") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("participant,label\na,1\na,1\n", "more than once"),
        ("participant,label\na,1\na,0\n", "several labels.*a: 0, 1"),
        ("participant,label\na\n", "line 2"),
        ("participant,label\nb,1\n ,1\n", "line 3"),
        ("who,label\na,1\n", "no column participant"),
        ("participant,outcome\na,1\n", "no column label"),
        ("# nothing\n", "without a header"),
        ("", "empty"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, text, message):
    with pytest.raises(AnnotationError, match=message):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(AnnotationError, match="cannot be opened"):
        read_label_table(SourceFile(str(tmp_path), "labels.csv"))


names = st.text("abcXYZ0123456789-_", min_size=1, max_size=8)


@given(st.dictionaries(names, st.sampled_from(["yes", "no"]), min_size=1, max_size=8))
def test_what_was_written_is_read(tmp_path_factory, labels):
    text = "\n".join(["participant,label", *(f"{name},{label}" for name, label in labels.items())])
    assert read(tmp_path_factory.mktemp("labels"), text) == labels


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_a_table_or_a_clear_message(tmp_path_factory, text):
    with suppress(AnnotationError):
        read(tmp_path_factory.mktemp("any"), text)


def test_of_a_header_without_the_column_only_known_names_are_told(tmp_path):
    with pytest.raises(AnnotationError) as caught:
        read(tmp_path, "Patient,Haagse Harry,born 02.05.1951,sex\n")
    assert caught.value.value == "patient, sex and 2 other cells"


def test_a_cell_larger_than_any_is_told(tmp_path):
    with pytest.raises(AnnotationError, match="line 2"):
        read(tmp_path, "participant,label\n" + "a" * 140_000 + ",1\n")
