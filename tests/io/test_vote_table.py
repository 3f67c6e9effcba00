from itertools import count

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.corpora.recording import VOTE_NAMES
from eeg_kedro.errors import AnnotationError, EegError
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.vote_rows import CLASSES, VOTE_COLUMNS
from eeg_kedro.io.vote_table import read_vote_table, table_kind

HEADER = f"eeg_id,eeg_sub_id,eeg_label_offset_seconds,patient_id,expert_consensus,{','.join(VOTE_COLUMNS)}"
ROW = "7,0,0.0,3,LPD,0,5,0,0,0,1"


@pytest.fixture
def read(text_file):
    return lambda content: read_vote_table(text_file(content, "train.csv"))


def test_a_row_is_read_in_full(read):
    table = read(f"{HEADER}\n{ROW}\n")
    (row,) = table.rows["7"]
    assert (row.line, row.patient_id, row.sub_id, row.offset) == (2, "3", 0, 0.0)
    assert (row.consensus, row.votes, row.labels, row.leaders) == (
        "lpd",
        (0, 5, 0, 0, 0, 1),
        ("lpd",),
        ("lpd",),
    )


def test_the_classes_are_those_of_the_table_of_votes():
    assert CLASSES == VOTE_NAMES


@pytest.mark.parametrize(
    "written",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace(",", ";").replace("0.0", "0,0"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("_vote", "_VOTE").replace(",", " , "),
        lambda text: "\n".join(f"{i}," + line for i, line in enumerate(text.splitlines())).replace(
            "0,", ",", 1
        ),
    ],
    ids=["BOM", "CRLF", "blank lines", "semicolons", "tabs", "case and spaces", "index column"],
)
def test_ways_to_write_a_table_are_one(read, written):
    table = read(written(f"{HEADER}\n{ROW}\n"))
    assert table.error is None
    assert [row[1:] for row in table.rows["7"]] == [("7", "3", 0, 0.0, "", None, "lpd", (0, 5, 0, 0, 0, 1))]


@pytest.mark.parametrize(
    "consensus", ["", "TIE:", "TIE:GPD", "GPD|LRDA", "TIE:GPD|GPD", "TIE:GPD|x", "sz", "Jane Doe"]
)
def test_what_is_neither_a_class_nor_a_tie_is_no_consensus(read, consensus):
    flaw = read(f"{HEADER}\n{ROW.replace('LPD', consensus)}\n").flaws["7"]
    assert "unknown expert_consensus in line 2" in flaw.what
    assert "Doe" not in str(flaw)


def test_a_tie_names_its_classes(read):
    (row,) = read(f"{HEADER}\n{ROW.replace('LPD', 'Tie:GPD|LRDA|Other')}\n").rows["7"]
    assert (row.consensus, row.labels) == ("tie:gpd|lrda|other", ("gpd", "lrda", "other"))


def test_lines_are_counted_as_an_editor_does(read):
    table = read(f"{HEADER}\n\n{ROW}\n{ROW.replace('7', '8').replace('5', 'x')}\n")
    assert table.rows["7"][0].line == 3
    assert "lpd_vote in line 4" in table.flaws["8"].what


def test_a_table_without_patients_or_offsets_leaves_them_open(read):
    table = read(f"eeg_id,{','.join(VOTE_COLUMNS)}\n7,1,2,0,0,0,0\n8,2,2,0,0,0,0\n")
    (seven,), (eight,) = table.rows["7"], table.rows["8"]
    assert (seven.patient_id, seven.sub_id, seven.offset, seven.consensus) == ("", None, None, "")
    assert (seven.labels, eight.labels) == (("lpd",), ("seizure", "lpd"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (f"{HEADER}\n{ROW}\n", "votes"),
        (f"{HEADER}\n", "votes"),
        (f"eeg_id,{','.join(VOTE_COLUMNS)}\n1{',0.1667' * 6}\n", "predictions"),
        ("spectrogram_id,eeg_id,patient_id\n1,2,3\n", "recordings"),
        ("eeg_id,label\n1,2\n", ""),
        ("onset,duration,eventType\n1,2,sz\n", ""),
        ("", ""),
        (b"\x00\xff\xfe\x00", ""),
    ],
)
def test_kinds_of_tables_are_told_apart_by_their_first_lines(text_file, content, kind):
    assert table_kind(text_file(content, "a.csv")) == kind


def test_a_file_that_is_gone_is_of_no_kind_and_an_error_of_its_table(tmp_path):
    file = SourceFile(str(tmp_path), "gone.csv")
    assert table_kind(file) == ""
    assert isinstance(read_vote_table(file).error, EegError)


def test_a_table_is_read_again_when_its_file_was_written_again(text_file):
    assert list(read_vote_table(text_file(f"{HEADER}\n{ROW}\n", "train.csv")).rows) == ["7"]
    assert list(read_vote_table(text_file(f"{HEADER}\n{ROW}\n8{ROW[1:]}\n", "train.csv")).rows) == ["7", "8"]


def test_columns_of_one_name_are_an_error_of_the_table(read):
    assert "have one name" in read(f"{HEADER},lpd_vote\n{ROW},3\n").error.what


def test_a_row_with_more_cells_than_the_header_is_refused(read):
    assert "more cells" in read(f"{HEADER}\n{ROW},3\n").flaws["7"].what
    assert "7" in read(f"{HEADER}\n{ROW},,\n").rows


NUMBERS = count()  # a file written twice within a tick of the clock looks untouched
ODD = ["", "LPD", "TIE:GPD|LRDA", "1.0", "nan", "1e99", "x", '"']
cells = st.one_of(st.integers(-2, 30).map(str), st.sampled_from(ODD), st.text(max_size=6))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=9, max_size=12), max_size=5),
    st.sampled_from([HEADER, HEADER[:60], "eeg_id"]),
)
def test_whatever_a_table_says_it_is_read_or_its_errors_are_typed(tmp_path_factory, rows, header):
    root = tmp_path_factory.getbasetemp()
    text = "\n".join([header, *(",".join(row) for row in rows)])
    file = SourceFile(str(root), f"train{next(NUMBERS)}.csv")
    file.path.write_bytes(text.encode("utf-8", "surrogatepass"))
    table = read_vote_table(file)
    assert table_kind(file) in ("votes", "predictions", "recordings", "")
    assert all(isinstance(flaw, AnnotationError) for flaw in (*table.flaws.values(), *table.lost))
    assert not set(table.flaws) & set(table.rows)
    assert all(sum(row.votes) > 0 for found in table.rows.values() for row in found if row.votes)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), *[st.integers(0, 20)] * 6), min_size=1, max_size=40))
def test_votes_equal_those_that_pandas_reads(tmp_path_factory, rows):
    root = tmp_path_factory.getbasetemp()
    path = root / f"oracle{next(NUMBERS)}.csv"
    numbered = pd.DataFrame(rows, columns=["eeg_id", *VOTE_COLUMNS]).assign(eeg_sub_id=np.arange(len(rows)))
    numbered.to_csv(path)
    table = read_vote_table(SourceFile(str(root), path.name))
    read = pd.read_csv(path, index_col=0)
    empty = set(read.loc[read[list(VOTE_COLUMNS)].sum(axis=1) == 0, "eeg_id"])
    assert set(table.flaws) == {str(eeg_id) for eeg_id in empty}
    found = {(row.eeg_id, row.sub_id): row.votes for group in table.rows.values() for row in group}
    kept = read[~read["eeg_id"].isin(empty)]
    assert found == {(str(r[0]), r[-1]): tuple(r[1:7]) for r in kept.itertuples(index=False, name=None)}


@pytest.mark.parametrize(
    "quote", ['7,0,0.0,3,"LPD,0,5,0,0,0,1\n', '7,0,0.0,3,"LPD,0,5,0,0,0,1\n8,0,0.0,4,"GPD,0,0,5,0,0,1\n']
)
def test_a_quote_that_swallows_rows_refuses_the_table(read, quote):
    table = read(f"{HEADER}\n{quote}9,0,0.0,5,GPD,0,0,5,0,0,1\n")
    assert isinstance(table.error, AnnotationError)
    assert not table.rows
