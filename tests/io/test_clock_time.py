import datetime

import edfio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.io.clock_time import read_clocks, read_start_clock
from eeg_kedro.io.source_file import SourceFile


@given(st.times(), st.sampled_from(".:"), st.sampled_from(".:"), st.booleans())
def test_every_time_of_the_day_is_read_as_the_calendar_has_it(time, one, two, padded):
    form = "{:02d}{}{:02d}{}{:02d}" if padded else "{}{}{}{}{}"
    (clock,) = read_clocks(form.format(time.hour, one, time.minute, two, time.second))
    assert clock.seconds == datetime.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second
    ) / datetime.timedelta(seconds=1)
    assert str(clock) == time.strftime("%H.%M.%S")
    assert not clock.mended


@pytest.mark.parametrize(
    "text", ["1 6.49.25", "16. 49.25", "16.49 .25", "I6.49.25", "16.49.25 x 3", "16.49.25.1.2"]
)
def test_a_blank_inside_a_time_is_closed_and_anything_else_is_no_time(text):
    clocks = read_clocks(text)
    assert all(str(clock) == "16.49.25" and clock.mended for clock in clocks)
    assert bool(clocks) == (set(text) <= set("0123456789. ") and text.count(".") == 2)


@pytest.mark.parametrize("text", ["", "24.00.00", "12.60.00", "12.00.60", "12.00", "noon", "2020.01.02", "5"])
def test_what_is_no_time_of_the_day_is_not_read(text):
    assert read_clocks(text) == ()


def test_fractions_and_trailing_marks_are_read():
    assert read_clocks("22.45.05.25")[0].seconds == 22 * 3600 + 45 * 60 + 5.25
    assert read_clocks("22:45:05,5")[0].seconds % 60 == 5.5
    assert read_clocks(" 22.45.05. ")[0].seconds % 60 == 5


def test_brackets_say_which_onset_a_time_is():
    clocks = read_clocks("15.43.53 (CLINICAL ONSET); 15.43.59 (ELECTRIC ONSET)")
    assert [(str(clock), clock.sign) for clock in clocks] == [
        ("15.43.53", "clinical"),
        ("15.43.59", "electric"),
    ]


@given(st.text(alphabet="0123456789.:,O() abc", max_size=60))
def test_any_text_gives_times_of_the_day_or_nothing(text):
    assert all(0 <= clock.seconds < 86_400 for clock in read_clocks(text))


@pytest.mark.parametrize(
    ("start", "seconds"), [(datetime.time(19, 17, 45), 69465), (datetime.time(0, 0, 0), None)]
)
def test_the_start_of_a_file_is_a_time_of_the_day_and_midnight_is_none(tmp_path, start, seconds):
    signal = edfio.EdfSignal(np.zeros(8), 8, label="EEG Fp1", physical_range=(-1, 1))
    edfio.Edf([signal], starttime=start).write(tmp_path / "a.edf")
    assert read_start_clock(SourceFile(str(tmp_path), "a.edf")) == seconds
    (tmp_path / "b.edf").write_bytes(b"0       short")
    assert read_start_clock(SourceFile(str(tmp_path), "b.edf")) is None
