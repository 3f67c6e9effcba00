import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ChangedFileError, SignalError
from eeg_kedro.io import csv_signals
from eeg_kedro.io.csv_signals import open_csv, read_csv_header

SIDECAR = {"sfreq": 256, "unit": "uV"}


def read(file, picks=(0, 1), factors=(1.0, 1.0)):
    return np.concatenate(list(open_csv(file, picks, 256.0, factors).blocks(7)), axis=1)


def test_header_tells_names_rows_and_rate(text_file):
    header = read_csv_header(text_file("time;Fp1;Fp2\n0;1,5;2\n1;3;4\n"), SIDECAR)
    assert (header.ch_names, header.n_times, header.sfreq, header.unit) == (("Fp1", "Fp2"), 2, 256.0, "uV")
    assert (header.separator, header.decimal, header.skip_rows) == (";", ",", 1)


def test_a_table_without_header_takes_names_from_its_sidecar(text_file):
    header = read_csv_header(text_file("1,2\n3,4\n"), {**SIDECAR, "ch_names": ["Fz", "Cz"]})
    assert (header.ch_names, header.n_times) == (("Fz", "Cz"), 2)


def test_comments_blank_lines_and_missing_last_newline_do_not_count(text_file):
    file = text_file("#a\nFz,Cz\n1,2\n# b\n\n3,4\n%c\n5,6")
    assert read_csv_header(file, SIDECAR).n_times == 3
    assert read(file).tolist() == [[1, 3, 5], [2, 4, 6]]


def test_values_are_scaled_to_microvolts_and_picked_in_order(text_file):
    file = text_file("t,Fz,Cz\n0,1,2\n1,3,4\n")
    assert read(file, (1, 0), (1000.0, 1.0)).tolist() == [[2000, 4000], [1, 3]]


def test_an_empty_cell_is_a_non_finite_sample(text_file):
    samples = open_csv(text_file("Fz,Cz\n1,2\n,4\ninf,5\n"), (0, 1), 256.0, (1.0, 1.0))
    limits, n_nonfinite = samples.extent()
    assert n_nonfinite.tolist() == [2, 0]
    assert limits.tolist() == [[1, 1], [2, 5]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Fz,Cz\n1,2\n3\n4,5\n", "line 3: Expected 2 columns, got 1"),
        ("Fz,Cz\n1,2\n3,4,5\n", "line 3: Expected 2 columns, got 3"),
        ("Fz,Cz\n1,2\n# c\n3,abc\n", "line 4, column 2: invalid value 'abc'"),
        ("# a\n\nFz,Cz\n1,2\n\n\n3,abc\n", "line 7, column 2: invalid value 'abc'"),
        ("Fz,Cz\n", "no rows of numbers"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(text_file, text, message):
    with pytest.raises(SignalError, match=message) as caught:
        read_csv_header(text_file(text), SIDECAR)
    assert caught.value.remedy


def test_a_bad_row_deep_in_the_file_is_refused_with_its_line(text_file, monkeypatch):
    monkeypatch.setattr(csv_signals, "CHUNK", 4096)
    file = text_file("Fz,Cz\n" + "1.25,2.5\n" * 5000 + "x,1\n")
    with pytest.raises(SignalError, match="line 5002, column 1"):
        read_csv_header(file, SIDECAR)


@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        ({"unit": "uV"}, "rate of the table is not stated"),
        ({"sfreq": "256", "unit": "uV"}, "rate of the table is not stated"),
        ({"sfreq": 0, "unit": "uV"}, "rate of the table is not stated"),
        ({"sfreq": float("nan"), "unit": "uV"}, "rate of the table is not stated"),
        ({"sfreq": 256}, "unit of the table is not stated"),
        ({"sfreq": 256, "unit": "%"}, "unit of the table is not stated"),
        ({**SIDECAR, "ch_names": ["A", "B"]}, "not those of the header row"),
    ],
)
def test_a_sidecar_that_says_too_little_is_refused(text_file, sidecar, message):
    with pytest.raises(SignalError, match=message):
        read_csv_header(text_file("Fz,Cz\n1,2\n"), sidecar)


def test_a_table_without_any_names_is_refused(text_file):
    with pytest.raises(SignalError, match="ch_names"):
        read_csv_header(text_file("1,2\n3,4\n"), SIDECAR)


def test_a_channel_that_is_not_there_is_refused(text_file):
    with pytest.raises(SignalError, match="does not have"):
        open_csv(text_file("Fz,Cz\n1,2\n"), (2,), 256.0, (1.0,))


def test_a_table_that_changes_while_it_is_read_is_noticed(text_file):
    file = text_file("Fz,Cz\n" + "1,2\n" * 20)
    samples = open_csv(file, (0,), 256.0, (1.0,))
    os.utime(file.path, ns=(1, 1))
    with pytest.raises(ChangedFileError):
        list(samples.blocks(3))


def test_real_muse_samples_are_read(real_file):
    file = real_file("muse/eeg101_clean.csv")
    header = read_csv_header(file, {**SIDECAR, "ch_names": ["TP9", "AF7", "AF8", "TP10"]})
    expected = np.loadtxt(file.path, delimiter=",", dtype=np.float32).T
    assert header.n_times == expected.shape[1] == 4471
    assert np.array_equal(read(file, (0, 3)), expected[[0, 3]])


VALUES = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=40),
    separator=st.sampled_from(",;\t"),
    comma=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
    n_block=st.integers(1, 50),
)
def test_written_tables_are_read_back(text_file, rows, separator, comma, newline, n_block):
    sign = "," if comma and separator != "," else "."
    lines = [separator.join(repr(float(v)).replace(".", sign) for v in row) for row in rows]
    file = text_file(newline.join(["Fz" + separator + "Cz", *lines]))
    samples = open_csv(file, (0, 1), 256.0, (1.0, 1.0))
    assert samples.n_times == len(rows)
    found = np.concatenate(list(samples.blocks(n_block)), axis=1)
    assert np.array_equal(found, np.array(rows, np.float32).T)
