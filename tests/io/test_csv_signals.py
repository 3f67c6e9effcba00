import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ChangedFileError, SignalError
from eeg_kedro.io import text_rows
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Fz\n1\n2\n\n4\n5\n", 4),
        ("1\r\n\r\n3\r\n", 2),
        ("\ufeffFz\n1\n \n3\n", 3),
    ],
)
def test_a_blank_line_in_a_table_of_one_column_is_refused_with_its_line(text_file, text, line):
    sidecar = SIDECAR if "Fz" in text else SIDECAR | {"ch_names": ["Fz"]}
    with pytest.raises(SignalError, match=f"line {line}: a blank line in a table of one column"):
        read_csv_header(text_file(text), sidecar)


def test_blank_lines_around_a_table_of_one_column_and_nan_in_it_are_read(text_file):
    file = text_file("\n\nFz\n1\n# c\nnan\n3\n\n\n")
    assert read_csv_header(file, SIDECAR).n_times == 3
    assert read(file, (0,), (1.0,)).tolist()[0][::2] == [1, 3]


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
        ("Fz,Cz\n1,2\n# c\n3,abc\n", "line 4, column 2: a cell is no number"),
        ("# a\n\nFz,Cz\n1,2\n\n\n3,abc\n", "line 7, column 2: a cell is no number"),
        ("Fz,Cz\n", "no rows of numbers"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(text_file, text, message):
    with pytest.raises(SignalError, match=message) as caught:
        read_csv_header(text_file(text), SIDECAR)
    assert caught.value.remedy


def test_a_bad_row_deep_in_the_file_is_refused_with_its_line(text_file, monkeypatch):
    monkeypatch.setattr(text_rows, "CHUNK", 4096)
    file = text_file("Fz,Cz\n" + "1.25,2.5\n" * 5000 + "x,1\n")
    with pytest.raises(SignalError, match="line 5002, column 1"):
        read_csv_header(file, SIDECAR)


@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        ({"unit": "uV"}, "rate of the table is not stated"),
        ({"sfreq": "256 Hz", "unit": "uV"}, "is text, must be a number"),
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
    with pytest.raises(SignalError) as caught:
        read_csv_header(text_file("1,2\n3,4\n"), SIDECAR)
    assert "add `ch_names`" in caught.value.remedy


def test_a_rate_in_quotes_is_a_rate(text_file):
    assert read_csv_header(text_file("Fz\n1\n"), {"sfreq": "256", "unit": "uV"}).sfreq == 256.0


@pytest.mark.parametrize("row", ["30.959,-27.825,7", "30.959", "30.959,-27.825x"])
def test_no_value_of_a_bad_row_reaches_the_report(text_file, row):
    with pytest.raises(SignalError, match="line 3") as caught:
        read_csv_header(text_file(f"Fz,Cz\n1,2\n{row}\n"), SIDECAR)
    assert "30.9" not in str(caught.value)
    assert "27.8" not in str(caught.value)


def clock_table(times, name="time", write=repr):
    return f"{name},Fz\n" + "".join(f"{write(float(time))},1.5\n" for time in times)


@pytest.mark.parametrize("write", [repr, "{:.3f}".format, "{:.6g}".format, "{:.8e}".format])
@pytest.mark.parametrize(("place", "chunk"), [(100, 1 << 20), (3000, 4096)])
def test_a_gap_in_the_time_column_is_refused_with_its_line(text_file, monkeypatch, write, place, chunk):
    monkeypatch.setattr(text_rows, "CHUNK", chunk)
    times = np.arange(4000) / 256 + 5 * (np.arange(4000) >= place)
    with pytest.raises(SignalError, match=rf"line {place + 2}: a gap of (5|4\.99\d*|5\.00\d*) s") as caught:
        read_csv_header(text_file(clock_table(times, write=write)), SIDECAR)
    assert "split" in caught.value.remedy


@pytest.mark.parametrize("sfreq", [250, 256, 500])
def test_one_lost_sample_is_a_gap_even_in_milliseconds(text_file, sfreq):
    times = np.delete(np.arange(1000) / sfreq, 400)
    with pytest.raises(SignalError, match="line 402: a gap"):
        read_csv_header(text_file(clock_table(times, write="{:.3f}".format)), {"sfreq": sfreq, "unit": "uV"})


def test_a_time_column_of_another_rate_is_refused_with_both(text_file):
    with pytest.raises(SignalError, match=r"line 2 .* 250 Hz, stated are 256 Hz") as caught:
        read_csv_header(text_file(clock_table(np.arange(1000) / 250)), SIDECAR)
    assert "sfreq" in caught.value.remedy


NOISE = np.random.default_rng(0)
JITTER = {
    "gap in a column that counts": ("sample", np.arange(1000) / 256 + 5 * (np.arange(1000) > 500)),
    "rows counted as time": ("t", np.arange(1000)),
    "milliseconds": ("time", np.arange(1000) * 1000 / 256),
    "one row per second": ("timestamp", np.arange(300)),
    "whole seconds": ("timestamp", np.arange(3000) // 256),
    "packets of 12": ("timestamp", 1.6e9 + np.arange(3000) // 12 * 12 / 256),
    "stamps of arrival": ("timestamp", np.sort(np.arange(3000) / 256 + NOISE.exponential(0.01, 3000))),
    "jitter around the rate": ("timestamp", np.arange(3000) / 256 + NOISE.normal(0, 0.0008, 3000)),
    "unix seconds": ("timestamp", 1.6e9 + np.arange(3000) / 256),
    "half a percent off": ("time", np.arange(3000) / 257.2),
}


@pytest.mark.parametrize("case", JITTER)
def test_a_time_column_that_proves_nothing_is_left_alone(text_file, case):
    name, times = JITTER[case]
    assert read_csv_header(text_file(clock_table(times, name)), SIDECAR).n_times == len(times)


@pytest.mark.parametrize("write", ["{:.2f}".format, "{:.3f}".format, "{:.6g}".format, "{:.4e}".format])
def test_rounding_of_a_long_time_column_is_no_gap(text_file, write):
    times = np.arange(40_000) / 256 + 9_950
    assert read_csv_header(text_file(clock_table(times, write=write)), SIDECAR).n_times == 40_000


def test_times_of_single_precision_are_no_gaps(text_file):
    times = (np.arange(40_000) / 256 + 65_500).astype(np.float32)
    assert read_csv_header(text_file(clock_table(times, write=str)), SIDECAR).n_times == 40_000


def test_dates_and_missing_times_are_not_judged(text_file):
    dates = "timestamp,Fz\n" + "2024-05-01 10:00:00.437,1\n" * 20 + "2024-05-01 10:10:00,1\n"
    assert read_csv_header(text_file(dates), SIDECAR).n_times == 21
    assert read_csv_header(text_file("time,Fz\n" + ",1\n" * 20), SIDECAR).n_times == 20


def test_a_decimal_comma_in_the_time_column_is_read(text_file):
    rows = "".join(f"{i / 256 + (i > 50)};1,5\n".replace(".", ",") for i in range(100))
    with pytest.raises(SignalError, match="line 53: a gap of 1 s"):
        read_csv_header(text_file("time;Fz\n" + rows), SIDECAR)


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


def test_a_blank_line_below_the_name_of_a_single_column_is_no_missing_sample(text_file):
    assert read_csv_header(text_file("#a\nFz\n\n# b\n1\n2\n"), SIDECAR).n_times == 2
