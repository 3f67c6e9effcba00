from datetime import datetime, timedelta

import numpy as np
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io import text_rows
from eeg_kedro.io.csv_signals import read_csv_header

SIDECAR = {"sfreq": 256, "unit": "uV"}
START = datetime(2020, 6, 14, 23, 59, 55)
EVEN = np.arange(4000) / 256
NOISE = np.random.default_rng(0)
LATE = np.sort(EVEN + NOISE.exponential(0.02, 4000))


def date(seconds):
    return (START + timedelta(seconds=float(seconds))).isoformat(sep=" ", timespec="milliseconds")


def clock(seconds):
    return date(seconds)[11:]


WRITTEN = {
    "dates": date,
    "dates of ISO": lambda s: date(s).replace(" ", "T") + "Z",
    "clock times": clock,
    "seconds since 1970": lambda s: f"{1.6e9 + s:.6f}",
    "milliseconds since 1970": lambda s: f"{1.6e12 + 1000 * s:.0f}",
    "microseconds since 1970": lambda s: f"{1.6e15 + 1e6 * s:.0f}",
    "milliseconds": lambda s: f"{1000 * s:.3f}",
    "seconds": lambda s: f"{s:.6f}",
}


def table(times, write, name="timestamp"):
    return f"{name},Fz\n" + "".join(f"{write(time)},1.5\n" for time in times)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("times", [EVEN, LATE], ids=["even", "late"])
def test_times_without_a_gap_are_taken_however_they_are_written(text_file, monkeypatch, written, times):
    monkeypatch.setattr(text_rows, "CHUNK", 20_000)
    assert read_csv_header(text_file(table(times, WRITTEN[written])), SIDECAR).n_times == 4000


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("times", [EVEN, LATE], ids=["even", "late"])
@pytest.mark.parametrize("chunk", [1 << 20, 20_000])
def test_a_gap_is_refused_with_its_line_however_it_is_written(text_file, monkeypatch, written, times, chunk):
    monkeypatch.setattr(text_rows, "CHUNK", chunk)
    late = times + 3 * (np.arange(4000) >= 2500)
    with pytest.raises(SignalError, match=r"line 2502: a gap of (2\.9|3)"):
        read_csv_header(text_file(table(late, WRITTEN[written])), SIDECAR)


@pytest.mark.parametrize("written", ["dates", "clock times", "milliseconds since 1970", "seconds since 1970"])
@pytest.mark.parametrize("times", [EVEN, LATE], ids=["even", "late"])
def test_another_rate_is_refused_with_both(text_file, written, times):
    with pytest.raises(SignalError, match=r"runs at (25[5-8]|256)\.?\d* Hz, stated are 250 Hz"):
        read_csv_header(text_file(table(times, WRITTEN[written])), SIDECAR | {"sfreq": 250})


def test_one_row_per_second_by_its_dates_is_not_256_hz(text_file):
    with pytest.raises(SignalError, match="runs at 1 Hz, stated are 256 Hz"):
        read_csv_header(text_file(table(np.arange(60), date)), SIDECAR)


@pytest.mark.parametrize("times", [EVEN, LATE], ids=["even", "late"])
@pytest.mark.parametrize("written", ["dates", "seconds"])
def test_a_clock_that_goes_back_is_refused_with_its_line(text_file, times, written):
    again = np.concatenate([times[:2000], times[:2000]])
    with pytest.raises(SignalError, match="line 2002: a step back of 7"):
        read_csv_header(text_file(table(again, WRITTEN[written])), SIDECAR)


def test_a_burst_that_catches_up_is_no_gap(text_file):
    delayed = np.maximum(LATE, np.where(np.arange(4000) >= 2000, LATE[2000] + 3, 0))
    assert read_csv_header(text_file(table(delayed, date)), SIDECAR).n_times == 4000


def test_the_remedy_says_what_the_column_was_taken_for(text_file):
    with pytest.raises(SignalError) as caught:
        read_csv_header(text_file(table(EVEN, WRITTEN["milliseconds since 1970"])), SIDECAR | {"sfreq": 100})
    assert "milliseconds" in caught.value.remedy
    assert "16000" not in str(caught.value)


@pytest.mark.parametrize("name", ["time_s", "Time (s)", "time[ms]", "timestamps", "DateTime"])
def test_a_time_column_is_known_by_more_names(text_file, name):
    assert read_csv_header(text_file(table(EVEN, WRITTEN["milliseconds"], name)), SIDECAR).ch_names == ("Fz",)


@pytest.mark.parametrize("cells", ["yesterday", "2020-02-31 10:00:00", "31.12.2020 10:00:00.5", "25:00:00"])
def test_times_that_cannot_be_read_are_not_judged(text_file, cells):
    assert (
        read_csv_header(
            text_file(f"time,Fz\n{f'{cells},1' + chr(10)}" * 1 + f"{cells},1\n" * 20), SIDECAR
        ).n_times
        == 21
    )


@pytest.mark.parametrize("sfreq", [250, 500, 1000, 2000])
def test_a_column_that_counts_rows_is_no_clock_of_milliseconds(text_file, sfreq):
    rows = text_file(table(range(500), str, "t"))
    assert read_csv_header(rows, SIDECAR | {"sfreq": sfreq}).n_times == 500
