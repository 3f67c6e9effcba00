import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError, EegError, SignalError
from eeg_kedro.io.helsinki_csv import marks_of, read_expert_table
from eeg_kedro.io.source_file import SourceFile

NAME = "annotations_2017_A.csv"


def _file(folder, text):
    (folder / NAME).write_bytes(text if isinstance(text, bytes) else text.encode())
    return SourceFile(str(folder), NAME)


def _marks(folder, text):
    table = read_expert_table(_file(folder, text))
    return {number: marks.tolist() for number, marks in table.marks.items()}


EXPECTED = {1: [0, 1, 1], 2: [1, 0]}


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n0,1\n1,0\n1,\n",
        "1,2\r\n0,1\r\n1,0\r\n1,\r\n",
        '"1","2"\n"0","1"\n"1","0"\n"1",""\n',
        "\ufeff1;2\n0,0;1,0\n1,0;0,0\n1,0;\n",
        "1\t2\n0.0\t1.0\n1.0\t0.0\n1.0\tNaN\n",
        "eeg1,eeg2\n0,1\n1,0\n1,nan\n,\n,\n",
        "X1,X2,\n0,1,\n1,0,\n1,,\n",
        "0,1\n1,0\n1,\n",
        "0.0,1.0\n1.0,0.0\n1.0,NaN\n",
        " 1 , 2 \n 0 , 1 \n 1 , 0 \n 1 \n",
    ],
)
def test_every_dialect_says_the_same(tmp_path, text):
    assert _marks(tmp_path, text) == EXPECTED


def test_columns_belong_to_the_neonates_their_header_names(tmp_path):
    assert _marks(tmp_path, "7,1,79\n1,0,0\n0,0,1\n") == {7: [1, 0], 1: [0, 0], 79: [0, 1]}


def test_a_neonate_without_a_mark_is_not_annotated(tmp_path):
    assert _marks(tmp_path, "1,2\n0,\n1,\n") == {1: [0, 1]}


def test_blank_seconds_inside_are_kept_as_not_annotated(tmp_path):
    assert _marks(tmp_path, "1,2\n0,1\n,0\n1,0\n") == {1: [0, 2, 1], 2: [1, 0, 0]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (",1,2\n0,0,1\n1,1,0\n", "column of row numbers"),
        ("1,2\n0,0,1\n1,1,0\n", "line 2 has more cells"),
        ("1,1,2\n0,0,1\n", "no table of an expert"),
        ("0,1,2\n0,0,1\n", "no table of an expert"),
        ("onset,duration\n1,2\n", "no table of an expert"),
        ("1,2\n", "no second below it"),
        (",,\n0,1,0\n", "no table of an expert"),
        ("", "empty"),
        (b"\x00\x01", "not a table"),
    ],
)
def test_what_is_no_table_of_an_expert_is_refused(tmp_path, text, said):
    with pytest.raises(AnnotationError, match=said) as caught:
        read_expert_table(_file(tmp_path, text))
    assert (caught.value.file, bool(caught.value.remedy)) == (NAME, True)


@pytest.mark.parametrize(
    ("cell", "shown"), [("7", "7"), ("-1", "-1"), ("0.5", "0.5"), ("Smith", "text of 5")]
)
def test_a_wrong_cell_spoils_its_own_column_only_and_text_is_not_quoted(tmp_path, cell, shown):
    file = _file(tmp_path, f"3,5\n0,1\n{cell},0\n")
    table = read_expert_table(file)
    assert marks_of(table, 5, file, 2.0).tolist() == [1, 0]
    with pytest.raises(AnnotationError, match="line 3, column of neonate 3") as caught:
        marks_of(table, 3, file, 2.0)
    assert caught.value.value.startswith(shown)


@pytest.mark.parametrize(("duration", "marks"), [(3.0, [1, 0, 1]), (3.9, [1, 0, 1]), (2.5, [0, 1])])
def test_a_lone_1_on_top_of_a_single_column_is_header_or_second_by_the_length(tmp_path, duration, marks):
    file = _file(tmp_path, "1\n0\n1\n")
    assert marks_of(read_expert_table(file), 1, file, duration).tolist() == marks


@pytest.mark.parametrize("duration", [None, 1.0, 4.0])
def test_a_lone_1_that_fits_neither_way_is_an_error(tmp_path, duration):
    file = _file(tmp_path, "1\n0\n1\n")
    with pytest.raises(AnnotationError, match="header or its first second"):
        marks_of(read_expert_table(file), 1, file, duration)


def test_a_table_is_read_anew_when_it_has_changed(tmp_path):
    assert _marks(tmp_path, "1,2\n0,1\n") == {1: [0], 2: [1]}
    assert _marks(tmp_path, "1,2\n0,1\n1,1\n") == {1: [0, 1], 2: [1, 1]}
    (tmp_path / NAME).unlink()
    with pytest.raises(SignalError, match="gone"):
        read_expert_table(SourceFile(str(tmp_path), NAME))


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.lists(st.lists(st.sampled_from("01"), min_size=n, max_size=n), min_size=2, max_size=6)
    ),
    st.booleans(),
)
def test_any_table_comes_back_as_it_was_written(tmp_path_factory, columns, header):
    rows = [",".join(cells) for cells in zip(*columns, strict=True)]
    names = ",".join(str(k + 1) for k in range(len(columns)))
    text = "\n".join([names, *rows] if header else rows)
    found = _marks(tmp_path_factory.mktemp("table"), text)
    assert found == {k + 1: [int(cell) for cell in column] for k, column in enumerate(columns)}


@given(st.one_of(st.binary(max_size=200), st.text("01 ,;\t\n\r\".eX-'", max_size=200).map(str.encode)))
def test_any_bytes_give_a_table_or_a_typed_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    try:
        table = read_expert_table(_file(folder, data))
    except EegError:
        return
    assert all(marks.size and marks.dtype == np.uint8 and marks.max() <= 2 for marks in table.marks.values())


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("header", ["", "1,2,3,4\n"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("number", ["{}", "{}.0", '"{}"'])
def test_a_column_of_row_numbers_refuses_the_table_also_without_a_name(tmp_path, start, header, last, number):
    rows = [[number.format(start + k), *f"{int(2 <= k < 5)}0{k % 2}"] for k in range(9)]
    text = header + "".join(",".join(row[1:] + row[:1] if last else row) + "\n" for row in rows)
    with pytest.raises(AnnotationError, match="column of row numbers") as caught:
        read_expert_table(_file(tmp_path, text))
    assert caught.value.file == NAME


@pytest.mark.parametrize("text", ["1,2\n1,0\n7,0\n8,0\n", "0,1\n1,0\n0,1\n2,0\n", "0,1\n1,0\n"])
def test_a_wrong_cell_alone_is_no_row_number(tmp_path, text):
    assert read_expert_table(_file(tmp_path, text)).marks[2].size > 1
