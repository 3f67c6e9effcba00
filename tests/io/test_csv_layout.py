import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import read_csv_layout


@pytest.mark.parametrize(
    ("text", "separator", "decimal", "columns"),
    [
        ("Fp1,Fp2\n1.5,2\n", ",", ".", ("Fp1", "Fp2")),
        ("Fp1;Fp2\n1,5;2\n", ";", ",", ("Fp1", "Fp2")),
        ("Fp1\tFp2\n1.5\t2\n", "\t", ".", ("Fp1", "Fp2")),
        ('"Fp1","Fp2"\r\n1,2\r\n', ",", ".", ("Fp1", "Fp2")),
        ("\ufeffFp1,Fp2\n1,2\n", ",", ".", ("Fp1", "Fp2")),
        ("# made by\n% x = 1, 2\n\nFp1,Fp2\n1,2\n", ",", ".", ("Fp1", "Fp2")),
        ("1,2\n3,4\n", ",", ".", ()),
        ("Fz\n1\n2\n", ",", ".", ("Fz",)),
        ("1,C3\n3,4\n", ",", ".", ("1", "C3")),
        ("Fp1,Fp2\n,2\n", ",", ".", ("Fp1", "Fp2")),
    ],
)
def test_layout_is_seen_from_the_first_lines(text_file, text, separator, decimal, columns):
    layout = read_csv_layout(text_file(text))
    assert (layout.separator, layout.decimal, layout.columns) == (separator, decimal, columns)


def test_time_columns_and_nameless_columns_are_no_channels(text_file):
    layout = read_csv_layout(text_file("Time,Fz,Cz,\n0,1,2,\n"))
    assert layout.channels == (1, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("# only\n\n", "empty"),
        ("Fz,Cz\n1,2\n".encode("utf-16"), "UTF-16"),
        ("1,2,x,4\n1,2,3,4\n", "line 1, column 3: the first row is neither"),
        ("Fz,Cz\r1,2\r3,4\r", "cannot be cut into cells"),
    ],
)
def test_what_is_no_table_is_refused(text_file, content, message):
    with pytest.raises(SignalError, match=message):
        read_csv_layout(text_file(content))
