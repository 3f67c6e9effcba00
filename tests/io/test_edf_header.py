import json
import tracemalloc
from contextlib import suppress

import edfio
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import EegError, HeaderError
from eeg_kedro.io.edf_fields import EdfFields
from eeg_kedro.io.edf_header import AnnotationOnlyError, EdfHeader, EdfSignal, read_edf_header
from eeg_kedro.io.edf_samples import read_edf
from eeg_kedro.io.physical_unit import microvolt_factor

RECORD = 2 * 256 * 2  # bytes per record of the fixture file
HEADER = 3 * 256


def repairs(file):
    return " | ".join(read_edf_header(file).repairs)


def rate_of(n_samples, duration):
    signal = EdfSignal("Fz", "uV", -1, 1, -1, 1, n_samples)
    return EdfHeader(1, duration, 512, (signal,), 2, "EDF").sfreq(0)


def test_a_sound_header_needs_no_repair(edf_file):
    header = read_edf_header(edf_file())
    assert (header.kind, header.repairs) == ("EDF", ())
    assert [signal.label for signal in header.signals] == ["EEG FP1-REF", "EEG FP2-REF"]
    assert (header.sfreq(0), header.n_times(0)) == (256.0, 2560)


def test_scale_is_that_of_edfio(edf_file):
    file = edf_file()
    signal, oracle = read_edf_header(file).signals[1], edfio.read_edf(file.path).signals[1]
    physical = signal.gain * oracle.digital + signal.offset
    assert physical == pytest.approx(oracle.data, abs=1e-9)


def test_real_headers_agree_with_the_facts(shared_data, real_file):
    facts = json.loads((shared_data / "edf/facts.json").read_text())["files"]
    for name, fact in facts.items():
        fact = fact["header_and_numpy"]
        if fact["annotation_signals"] == fact["signals"]:
            continue
        header = read_edf_header(real_file(f"edf/{name}"))
        ordinary = [i for i, signal in enumerate(header.signals) if not signal.is_annotation]
        assert (len(header.signals), header.n_records) == (fact["signals"], fact["complete_records"])
        assert sorted({header.sfreq(i) for i in ordinary}) == fact["rates_hz"]
        assert header.n_times(ordinary[0]) / header.sfreq(ordinary[0]) == fact["duration_s"]


def test_a_hypnogram_has_no_signal(real_file):
    with pytest.raises(AnnotationOnlyError, match="annotations only"):
        read_edf_header(real_file("edf/sleepedf_SC4001EC-Hypnogram.edf"))


def test_patient_and_date_are_in_no_value(edf_file):
    file = edf_file()
    raw = bytearray(file.path.read_bytes())
    raw[8:168] = b"MCH-0234567 F 02-MAY-1951 Haagse_Harry".ljust(160)
    raw[168:176] = b"31:12:85"
    file.path.write_bytes(raw)
    shown = repr(read_edf_header(file))
    assert not any(secret in shown for secret in ("Harry", "1951", "0234567", "31:12", "31.12"))


@pytest.mark.parametrize("start", [b"01:01:8500.00.00", b"1.1.85  00.00.00", b"01.01.yy00.00.00", b""])
def test_a_start_that_is_written_otherwise_is_reported(edf_file, start):
    assert "start date or time is not written dd.mm.yy" in repairs(edf_file(start=start))


@pytest.mark.parametrize(
    "start",
    [b"00.00.0000.00.00", b"31.02.9900.00.00", b"29.02.9900.00.00", b"01.13.0400.00.00", b"01.01.0424.00.00"],
)
def test_a_start_that_never_was_is_reported(edf_file, start):
    assert "start date or time is none that exists" in repairs(edf_file(start=start))


@pytest.mark.parametrize("start", [b"29.02.0423.59.59", b"31.12.8500.00.00"])
def test_a_day_of_a_leap_year_and_one_of_the_last_century_exist(edf_file, start):
    assert repairs(edf_file(start=start)) == ""


@pytest.mark.parametrize("claim", [b"-1", b"", b"?"])
def test_a_record_count_that_was_never_filled_in_is_counted(edf_file, claim):
    file = edf_file(n_records=claim)
    assert read_edf_header(file).n_records == 10
    assert "10 complete records were counted" in repairs(file)


def test_a_record_count_that_is_too_small_is_counted(edf_file):
    assert read_edf_header(edf_file(n_records=b"7")).n_records == 10


def test_a_truncated_file_keeps_its_complete_records(edf_file):
    file = edf_file(cut=HEADER + 6 * RECORD + 100)
    assert read_edf_header(file).n_records == 6
    assert "6 data records are complete and kept, 4 s are lost" in repairs(file)


def test_an_unfinished_record_is_told_when_the_count_is_unknown(edf_file):
    file = edf_file(n_records=b"-1", cut=HEADER + 6 * RECORD + RECORD // 2)
    assert "0.5 s are lost" in repairs(file)


def test_trailing_bytes_are_ignored_and_reported(edf_file):
    file = edf_file(extra=b"junk")
    assert read_edf_header(file).n_records == 10
    assert "4 bytes after" in repairs(file)


def test_a_wrong_header_size_is_computed(edf_file):
    file = edf_file(header_bytes=b"512")
    assert read_edf_header(file).header_bytes == HEADER
    assert "header size" in repairs(file)


def test_bytes_between_header_and_samples_are_skipped_where_the_file_is_as_long_as_that_says(edf_file):
    file = edf_file()
    raw, upright = file.path.read_bytes(), read_edf(file, [0])
    padded = raw[:184] + b"1024    " + raw[192:HEADER] + b" " * 256 + raw[HEADER:]
    file.path.write_bytes(padded)
    assert "256 bytes between the header and the first data record are skipped" in repairs(file)
    assert np.array_equal(read_edf(file, [0]), upright)
    file.path.write_bytes(padded[:-1])  # now nothing says that the size field is right
    assert read_edf_header(file).header_bytes == HEADER


@pytest.mark.parametrize("kind", [b"EDF+C", b"BDF+C"])
def test_edf_plus_c_without_annotations_is_taken_with_a_note(edf_file, kind):
    header = read_edf_header(edf_file(reserved=kind))
    assert header.repairs == ("EDF+C without an annotation signal",)
    assert header.n_records == 10


def test_a_record_count_of_zero_is_counted(edf_file):
    assert read_edf_header(edf_file(n_records=b"0")).n_records == 10
    assert "the header claims 0 data records" in repairs(edf_file(n_records=b"0"))


def test_one_record_of_one_sample_is_a_recording(edf_file):
    file = edf_file(signal_fields=[(2 * 216, b"1       1       ")], n_records=b"1", cut=HEADER + 4)
    assert (read_edf_header(file).n_records, read_edf_header(file).n_times(0)) == (1, 1)


def test_decimal_commas_and_nul_bytes_are_read(edf_file):
    header = read_edf_header(edf_file(record_duration=b"1,00\0\0\0\0"))
    assert header.record_duration == 1
    assert "decimal comma" in " ".join(header.repairs)
    assert "NUL" in " ".join(header.repairs)


@pytest.mark.parametrize("micro", [b"\xb5V", "µV".encode(), "μV".encode()])
def test_a_micro_sign_is_read_in_latin_1_and_utf_8(edf_file, micro):
    header = read_edf_header(edf_file(signal_fields=[(2 * 96, micro.ljust(8))]))
    assert microvolt_factor(header.signals[0].dimension) == 1
    assert "not ASCII" in " ".join(header.repairs)


def test_a_signal_without_a_range_is_marked_not_refused(edf_file):
    header = read_edf_header(edf_file(signal_fields=[(2 * 104, b"        ")]))
    assert [signal.is_constant_scale for signal in header.signals] == [True, False]
    assert "no readable physical or digital range" in " ".join(header.repairs)


@pytest.mark.parametrize(
    ("flaw", "message"),
    [
        ({"version": b"1"}, "not an EDF or BDF"),
        ({"cut": 0}, "empty"),
        ({"cut": 200}, "cut short"),
        ({"cut": 600}, "cut short"),
        ({"cut": HEADER + 100}, "no complete data record"),
        ({"cut": HEADER}, "no complete data record"),
        ({"n_signals": b"0"}, "names no signals"),
        ({"n_signals": b"x"}, "names no signals"),
        ({"n_signals": b"9e20"}, "names no signals"),
        ({"n_signals": b"9999"}, "cut short"),
        ({"n_signals": b"-2"}, "names no signals"),
        ({"n_signals": b"2.5"}, "names no signals"),
        ({"signal_fields": [(2 * 216, b"9999999999999999")]}, "no complete data record"),
        ({"record_duration": b"-1"}, "duration of a data record"),
        ({"record_duration": b"1e-9"}, "duration of a data record"),
        ({"record_duration": b"99999999"}, "duration of a data record"),
        ({"record_duration": b"1 s"}, "duration of a data record"),
        ({"record_duration": b"0"}, "duration of a data record"),
        ({"record_duration": b"nan"}, "duration of a data record"),
        ({"record_duration": b"1e-320"}, "duration of a data record"),
        ({"signal_fields": [(2 * 216, b"0       0       ")]}, "every record is empty"),
        ({"signal_fields": [(2 * 216, b"-256    ")]}, "samples per record"),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_a_remedy(edf_file, flaw, message):
    with pytest.raises(HeaderError, match=message) as caught:
        read_edf_header(edf_file(**flaw))
    assert caught.value.file == "a.edf"
    assert caught.value.remedy


def test_a_git_lfs_pointer_is_told_from_a_recording(text_file):
    pointer = text_file("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "a.edf")
    with pytest.raises(HeaderError, match="git-lfs") as caught:
        read_edf_header(pointer)
    assert "git lfs pull" in caught.value.remedy


@pytest.mark.parametrize(
    ("n_samples", "duration", "rate"),
    [(256, 1.0, 256), (1228, 9.59375, 128), (7680, 30.0, 256), (20, 0.1, 200), (128, 10.0, 12.8),
     (100, 0.333333, 300), (171, 0.667969, 256), (85, 0.334, 85 / 0.334)],
)  # fmt: skip
def test_rates_are_exact(n_samples, duration, rate):
    assert rate_of(n_samples, duration) == pytest.approx(rate, rel=1e-15)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 767), st.binary(min_size=1, max_size=12), st.integers(0, HEADER + 2 * RECORD))
def test_damaged_headers_give_a_header_or_a_typed_error(edf_file, offset, damage, cut):
    file = edf_file()
    raw = bytearray(file.path.read_bytes())
    raw[offset : offset + len(damage)] = damage
    file.path.write_bytes(raw[: HEADER + 2 * RECORD - cut // 8])
    with suppress(EegError):
        header = read_edf_header(file)
        assert header.n_records > 0
        assert all(0 <= header.sfreq(i) < np.inf for i in range(len(header.signals)))


HOSTILE = [
    {"n_signals": b"9999"},
    {"n_signals": b"9e9"},
    {"n_records": b"99999999"},
    {"n_records": b"9e14"},
    {"record_duration": b"1e-6"},
    {"record_duration": b"9999999"},
    {"signal_fields": [(2 * 216, b"9999999999999999")]},
    {"signal_fields": [(2 * 216, b"9e99    9e14    ")]},
    {"signal_fields": [(2 * 104, b"-9e14   -inf    "), (2 * 120, b"-9e99   nan     ")]},
    {"reserved": b"EDF+D", "signal_fields": [(16, b"EDF Annotations")], "n_records": b"99999999"},
]


@pytest.mark.parametrize("flaw", HOSTILE, ids=str)
def test_numbers_of_a_hostile_header_are_never_taken_for_sizes(edf_file, flaw):
    file = edf_file(**flaw)
    tracemalloc.start()
    with suppress(EegError):
        header = read_edf_header(file)
        assert 0 < header.n_records <= file.stamp()[0] // header.record_bytes
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000  # bytes; the file has 11 kB


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("-1", "-1"), ("0.5", "0.5"), ("1,25", "1,25"), ("-1e3", "-1e3"), ("", ""), ("Harry", "no number"),
        ("02.05.51", "no number"), ("2-5-1951", "no number"), ("51 02 05", "no number"), ("19510502", "no number"),
        ("020551", "no number"), ("195105.2", "no number"), ("1951.02", "a number of 6 digits"),
    ],
)  # fmt: skip
def test_of_a_damaged_number_only_a_short_plain_one_is_shown(cell, shown):
    fields = EdfFields(b" " * 244 + cell.encode().ljust(8) + b"1   ")
    assert fields.number_as_written("record_duration") == shown
