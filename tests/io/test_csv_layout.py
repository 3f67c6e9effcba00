import numpy as np
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io.csv_layout import read_csv_layout
from eeg_kedro.io.csv_signals import open_csv, read_csv_header


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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Fz,Cz\nuV,uV\n1,2\n", "line 2: a row of units"),
        ("# made by\ntime,Fz\ns,mV\n0,1\n", "line 3: a row of units"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n", "git-lfs pointer"),
        ("".join(f"{i},2.5\n" for i in range(20)), "first column counts rows"),
        ("".join(f"{i / 256:.3f};2.5\n" for i in range(20)).replace(".", ","), "first column counts rows"),
        ("2020-06-14 10:19:29.289,1,2\n2020-06-14 10:19:29.292,1,2\n", "line 1, column 1"),
    ],
)
def test_what_would_be_read_as_a_sample_or_a_channel_is_refused(text_file, content, message):
    with pytest.raises(SignalError, match=message) as caught:
        read_csv_layout(text_file(content))
    assert caught.value.remedy


def test_numbers_in_quotes_are_numbers_and_thousands_are_not(text_file):
    quoted = text_file('"Fz","Cz"\n"1.5","2"\n')
    assert np.concatenate(list(open_csv(quoted, (0, 1), 256.0, (1.0, 1.0)).blocks(9)), 1).tolist() == [
        [1.5],
        [2],
    ]
    for text in ('"Fz","Cz"\n"1,234.5","2"\n', "Fz;Cz\n1.234,5;2\n", "Fz,Cz\n1,234.5,2\n"):
        with pytest.raises(SignalError, match=r"line [12]"):
            read_csv_header(text_file(text, "b.csv"), {"sfreq": 256, "unit": "uV"})
