from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.io.demographics import Demographics
from eeg_kedro.io.edf_patient import read_edf_demographics
from eeg_kedro.io.source_file import SourceFile
from tests.raw_edf import edf_bytes, signal


def told(folder, patient, recording=b"Startdate 02-MAR-2002 X X X", **fields):
    (folder / "a.edf").write_bytes(edf_bytes([signal(b"Fp1")], patient, recording, **fields))
    return tuple(read_edf_demographics(SourceFile(str(folder), "a.edf")))


def test_sex_and_age_on_the_day_of_the_recording(tmp_path):
    assert told(tmp_path, b"MCH-0234567 F 02-MAY-1951 Haagse_Harry") == ("F", "50-54")
    assert told(tmp_path, b"X M 02-MAR-1997 X") == ("M", "5-9")
    assert told(tmp_path, b"X M 03-MAR-1997 X") == ("M", "0-4")
    assert told(tmp_path, b"X X 01-JAN-1905 X") == ("", "90+")


def test_without_a_start_date_there_is_no_age(tmp_path):
    assert told(tmp_path, b"X F 02-MAY-1951 X", b"Startdate X X X X") == ("F", "")
    assert told(tmp_path, b"X F 02-MAY-1951 X", b"", start=b"01.01.8500.00.00") == ("F", "")
    assert told(tmp_path, b"X F 02-MAY-1951 X", b"", start=b"02.03.0210.11.12") == ("F", "50-54")


def test_tusz_states_the_age_itself(tmp_path):
    assert told(tmp_path, b"aaaaaaac M 01-JAN-1971 aaaaaaac Age:29") == ("M", "25-29")


def test_text_in_another_order_says_nothing(tmp_path):
    assert told(tmp_path, b"John M Smith") == ("", "")
    assert told(tmp_path, b"") == ("", "")
    assert told(tmp_path, b"X m X X") == ("", "")


def test_impossible_ages_say_nothing(tmp_path):
    assert told(tmp_path, b"X F 02-MAY-2009 X") == ("F", "")
    assert told(tmp_path, b"X F 31-FEB-1990 X") == ("", "")
    assert told(tmp_path, b"X F 01-JAN-0001 X") == ("F", "")


def test_a_file_that_is_gone_says_nothing(tmp_path):
    assert read_edf_demographics(SourceFile(str(tmp_path), "gone.edf")) == Demographics()


@given(st.binary(max_size=300))
def test_garbage_never_raises_and_gives_nothing_but_letters_and_bands(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("random")
    for data in (raw, b"0".ljust(8) + raw, b"0".ljust(8) + b"X F 01-JAN-1950 X".ljust(80) + raw):
        (folder / "a.edf").write_bytes(data)
        sex, band = read_edf_demographics(SourceFile(str(folder), "a.edf"))
        assert sex in ("", "F", "M")
        assert band in ("", "90+") or all(part.isdigit() for part in band.split("-"))
