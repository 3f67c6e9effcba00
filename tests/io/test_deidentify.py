import hashlib
import warnings

import edfio
import mne
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import EegError
from eeg_kedro.io.deidentify import CleaningOptions, is_clean_copy, write_clean_copy
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.source_file import SourceFile
from tests.raw_edf import edf_bytes, signal, texts

NAMED = b"MCH-0234567 F 02-MAY-1951 Haagse_Harry"
ADMIN = b"Startdate 02-MAR-2002 PSG-1234/2002 NN Telemetry03"
REAL = (
    "edf/sleepedf_short_psg.edf",
    "edf/mne_test.edf",
    "edf/pyedflib_test_generator.edf",
    "edf/siena_header_PN00-5_2s.edf",
    "iiic_edf/SZ_sample1.edf",
)


def clean(folder, raw, name="a.edf", **options):
    (folder / name).write_bytes(raw)
    copy = write_clean_copy(SourceFile(str(folder), name), folder / "out" / name, CleaningOptions(**options))
    return (folder / "out" / name).read_bytes(), copy


def field(raw, n_signals, offset, width, index):
    start = 256 + n_signals * offset + index * width
    return raw[start : start + width].strip()


def test_patient_recording_and_start_become_those_of_nobody(tmp_path):
    raw = edf_bytes([signal(b"EEG Fp1"), texts()], NAMED, ADMIN, reserved=b"EDF+C Siemens Haagse")
    made, copy = clean(tmp_path, raw)
    assert made[8:88].strip() == b"X X X X"
    assert made[88:168].strip() == b"Startdate X X X X"
    assert made[168:184] == b"01.01.8500.00.00"
    assert made[192:236].strip() == b"EDF+C"
    assert dict(copy.changed) == {"patient": 1, "recording": 1, "start": 1, "other_fields": 2}


def test_plain_edf_keeps_no_structure_and_bdf_its_mark(tmp_path):
    made, _ = clean(tmp_path, edf_bytes([signal(b"Fp1")], NAMED, ADMIN))
    assert (made[8:88].strip(), made[88:168].strip()) == (b"X", b"X")
    bdf = edf_bytes([signal(b"Fp1")], NAMED, ADMIN, reserved=b"24BIT", version=b"\xffBIOSEMI", width=3)
    made, _ = clean(tmp_path, bdf, "a.bdf")
    assert (made[:8], made[192:236].strip(), made[8:88].strip()) == (b"\xffBIOSEMI", b"24BIT", b"X")


def test_sex_and_time_of_day_stay_only_if_asked_for(tmp_path):
    raw = edf_bytes([signal(b"Fp1")], NAMED, ADMIN, start=b"02.03.0210:11:12")
    made, _ = clean(tmp_path, raw, keep_sex=True, keep_start_time=True)
    assert made[8:88].strip() == b"X F X X"
    assert made[168:184] == b"01.01.8510.11.12"


def test_of_signal_fields_only_technical_text_stays(tmp_path):
    telling = signal(
        b"Haagse Harry",
        transducer=b"by Nurse Betty",
        dimension=b"Harry",
        prefilter=b"HP:0.5Hz Harry LP:70Hz",
        reserved=b"H",
    )
    made, copy = clean(tmp_path, edf_bytes([signal(b"EEG F3-REF", dimension="µV".encode()), telling]))
    assert [field(made, 2, 0, 16, i) for i in (0, 1)] == [b"EEG F3-REF", b"signal 2"]
    assert field(made, 2, 16, 80, 1) == b""
    assert [field(made, 2, 96, 8, i) for i in (0, 1)] == ["µV".encode(), b"?"]
    assert field(made, 2, 136, 80, 1) == b"HP:0.5Hz LP:70Hz"
    assert b"Harry" not in made
    assert copy.changed["labels"] == 1


def test_labels_stay_if_all_are_asked_for(tmp_path):
    made, _ = clean(tmp_path, edf_bytes([signal(b"squarewave")]), labels="all")
    assert field(made, 1, 0, 16, 0) == b"squarewave"


def test_declared_labels_stay_and_free_text_is_marked(tmp_path):
    record = b"+0\x14\x14\0+0.5\x152\x14seiz\x14\0+1\x14Harry had a turn\x14\0+2\x152\x14sz_foc@@EEG F3\x14\0"
    raw = edf_bytes([signal(b"Fp1"), texts()], reserved=b"EDF+C", annotations=[record, b"+1\x14\x14\0"])
    made, copy = clean(tmp_path, raw)
    assert b"Harry" not in made
    assert b"+0.5\x152\x14seiz\x14\0+1\x14removed\x14\0+2\x152\x14sz_foc@@EEG F3\x14\0" in made
    assert (copy.changed["annotations_kept"], copy.changed["annotations_removed"]) == (2, 1)


def test_every_annotation_goes_if_asked_for_and_the_clock_stays(tmp_path):
    record = b"+0.25\x14\x14Haagse\x14\0+1\x14seiz\x14\0".ljust(128, b"\0")
    raw = edf_bytes([signal(b"Fp1"), texts()], reserved=b"EDF+D", annotations=[record])
    made, _ = clean(tmp_path, raw, annotations="none")
    start = 256 * 3 + 512
    assert made[start : start + 128] == b"+0.25\x14\x14".ljust(128, b"\0")


def test_a_text_of_the_users_own_may_stay(tmp_path):
    raw = edf_bytes([signal(b"Fp1"), texts()], annotations=[b"+0\x14\x14\0+1\x14Eyes closed\x14\0"])
    made, copy = clean(tmp_path, raw, keep_texts=("eyes closed",))
    assert b"Eyes closed" in made
    assert copy.changed["annotations_removed"] == 0


def test_records_without_room_get_a_short_mark(tmp_path):
    record = b"+0\x14\x14\0+1\x14Li\x14\0+2\x14An\x14\0"
    raw = edf_bytes([signal(b"Fp1"), texts(len(record) // 2)], annotations=[record])
    made, _ = clean(tmp_path, raw)
    assert b"+0\x14\x14\0+1\x14x\x14\0+2\x14x\x14\0" in made


def test_annotations_are_found_whatever_their_label_is(tmp_path):
    record = b"+0\x14\x14\0+1\x14Haagse Harry\x14\0"
    raw = edf_bytes([signal(b"EDF Annotations"), signal(b"Fp1")], annotations=[record] * 4)
    made, _ = clean(tmp_path, raw.replace(b"EDF Annotations ", b"Notes           "))
    assert b"Haagse" not in made


def test_ordinary_samples_are_the_same_bytes(tmp_path):
    signals = [signal(b"Fp1", 100), texts(), signal(b"F3", 7), signal(b"HR", 1, dimension=b"bpm")]
    raw = edf_bytes(signals, NAMED, ADMIN, annotations=[b"+0\x14\x14\0+1\x14Harry\x14\0"] * 4)
    made, _ = clean(tmp_path, raw)
    size, head = 2 * (100 + 64 + 8), 256 * 5

    def ordinary(data):
        records = [data[head + i * size : head + (i + 1) * size] for i in range(4)]
        return hashlib.sha256(b"".join(part[:200] + part[328:] for part in records)).hexdigest()

    assert ordinary(made) == ordinary(raw)
    assert len(made) == len(raw)


def test_what_lies_behind_the_stated_records_is_left_out_and_told(tmp_path):
    raw = edf_bytes([signal(b"Fp1")], n_records=5, claimed=3) + b"Haagse Harry"
    made, copy = clean(tmp_path, raw)
    assert (copy.n_records, copy.n_records_left_out, copy.n_bytes_left_out) == (3, 2, 12)
    assert len(made) == 512 + 3 * 512
    made, copy = clean(tmp_path, raw, keep_uncounted=True)
    assert (copy.n_records, made[236:244].strip(), b"Haagse" in made) == (5, b"5", False)


def test_what_lies_between_header_and_records_is_left_out(tmp_path):
    raw = edf_bytes([signal(b"Fp1")])
    longer = raw[:184] + b"524     " + raw[192:512] + b"Haagse Harry" + raw[512:]
    made, copy = clean(tmp_path, longer)
    assert (made[512:], copy.n_bytes_left_out) == (raw[512:], 12)


def test_a_record_count_that_was_never_filled_in_is_counted(tmp_path):
    made, copy = clean(tmp_path, edf_bytes([signal(b"Fp1")], claimed=-1))
    assert (copy.n_records, made[236:244].strip()) == (4, b"4")


def test_the_source_is_not_touched_and_no_part_file_stays(tmp_path):
    raw = edf_bytes([signal(b"Fp1")], NAMED)
    clean(tmp_path, raw)
    assert (tmp_path / "a.edf").read_bytes() == raw
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.edf"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Haagse Harry",
        edf_bytes([signal(b"Fp1")])[:300],
        edf_bytes([signal(b"Fp1")])[4:],
        edf_bytes([signal(b"Fp1")], NAMED)[:40] + edf_bytes([signal(b"Fp1")], NAMED)[45:],
        edf_bytes([signal(b"Fp1")])[:600],
        edf_bytes([signal(b"Fp1")]).replace(b"256     ", b"Harry   "),
        edf_bytes([signal(b"Fp1")], duration=b"Harry"),
        b"version https://git-lfs.github.com/spec/v1\n".ljust(300),
    ],
)
def test_a_file_whose_parts_cannot_be_found_is_refused_and_not_quoted(tmp_path, raw):
    with pytest.raises(EegError) as caught:
        clean(tmp_path, raw)
    assert "Harry" not in str(caught.value)
    assert "Haagse" not in str(caught.value)
    assert not (tmp_path / "out/a.edf").exists()


SECRET = st.text(
    st.sampled_from("qxjöüQJ"), min_size=5, max_size=7
)  # letters of no unit, filter or channel, and too many for a code


@given(secret=SECRET, place=st.sampled_from([8, 88, 168, 192, 256, 272, 352, 392, 480]), at=st.integers(0, 8))
def test_random_text_in_any_text_field_never_survives(tmp_path_factory, secret, place, at):
    tmp_path = tmp_path_factory.mktemp("random")
    raw = bytearray(edf_bytes([signal(b"Fp1")], NAMED, ADMIN))
    told = secret.encode("latin-1")[: 8 if place in (168, 352) else 7]
    at = 0 if place in (168, 352) else at
    raw[place + at : place + at + len(told)] = told
    made, _ = clean(tmp_path, bytes(raw))
    assert told not in made[:512]
    read_edf_header(SourceFile(str(tmp_path / "out"), "a.edf"))


@given(raw=st.binary(max_size=1500))
def test_random_files_are_copied_or_refused_with_a_typed_error(tmp_path_factory, raw):
    tmp_path = tmp_path_factory.mktemp("random")
    whole = edf_bytes([signal(b"Fp1"), texts()], annotations=[b"+0\x14\x14\0"])
    with np.errstate(all="raise"):
        for data in (raw, b"0".ljust(8) + raw, whole[: len(raw)] + raw, raw[:184] + whole[184:]):
            try:
                clean(tmp_path, data)
            except EegError:
                continue


@pytest.mark.parametrize("relative", REAL)
def test_edfio_and_mne_read_the_same_signals_from_the_copy(shared_data, tmp_path, relative):
    source, target = SourceFile(str(shared_data), relative), tmp_path / "copy.edf"
    write_clean_copy(source, target, CleaningOptions(labels="all"))
    one, other = edfio.read_edf(source.path), edfio.read_edf(target)
    assert one.labels == other.labels
    for ours, theirs in zip(one.signals, other.signals, strict=True):
        np.testing.assert_array_equal(ours.digital, theirs.digital)
        np.testing.assert_array_equal(ours.data, theirs.data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raws = [mne.io.read_raw_edf(path, preload=True, verbose="error") for path in (source.path, target)]
    np.testing.assert_array_equal(raws[0].get_data(), raws[1].get_data())
    assert target.read_bytes()[168:184] == b"01.01.8500.00.00"


def test_a_copy_is_told_from_another_file_of_its_name(tmp_path):
    raw = edf_bytes([signal(b"Fp1")], NAMED)
    clean(tmp_path, raw)
    source, target = SourceFile(str(tmp_path), "a.edf"), tmp_path / "out/a.edf"
    assert is_clean_copy(source, target, CleaningOptions())
    assert not is_clean_copy(source, target, CleaningOptions(keep_sex=True))
    target.write_bytes(raw)
    assert not is_clean_copy(source, target, CleaningOptions())


def test_a_copy_of_a_copy_is_the_same(shared_data, tmp_path):
    for relative in REAL:
        write_clean_copy(SourceFile(str(shared_data), relative), tmp_path / "one.edf", CleaningOptions())
        again = write_clean_copy(
            SourceFile(str(tmp_path), "one.edf"), tmp_path / "two.edf", CleaningOptions()
        )
        assert (tmp_path / "one.edf").read_bytes() == (tmp_path / "two.edf").read_bytes()
        assert {*again.changed} <= {"annotations_kept"}


@pytest.mark.parametrize(
    "laxer", [{"keep_texts": ("Harry",)}, {"labels": "all"}, {"keep_sex": True}, {"keep_start_time": True}]
)
def test_a_copy_made_with_laxer_options_is_not_trusted(tmp_path, laxer):
    record = b"+0\x14\x14\0+1\x152\x14seiz\x14Harry\x14\0"
    raw = edf_bytes([signal(b"Haagse"), texts()], NAMED, reserved=b"EDF+C", annotations=[record] * 4)
    clean(tmp_path, raw, **laxer)
    source, target = SourceFile(str(tmp_path), "a.edf"), tmp_path / "out/a.edf"
    assert is_clean_copy(source, target, CleaningOptions(**laxer))
    assert not is_clean_copy(source, target, CleaningOptions())
    assert not is_clean_copy(source, target, CleaningOptions(**laxer, annotations="none"))


@given(place=st.integers(512, 512 + 4 * 512 - 1))
def test_a_copy_with_one_other_byte_is_not_trusted(tmp_path_factory, place):
    folder = tmp_path_factory.mktemp("other")
    made, _ = clean(folder, edf_bytes([signal(b"Fp1")], NAMED))
    (folder / "out/a.edf").write_bytes(made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :])
    assert not is_clean_copy(SourceFile(str(folder), "a.edf"), folder / "out/a.edf", CleaningOptions())


def test_a_record_count_that_was_never_filled_in_leaves_the_end_unchecked(tmp_path):
    _, copy = clean(tmp_path, edf_bytes([signal(b"Fp1")], claimed=-1))
    assert copy.end_unchecked
    _, copy = clean(tmp_path, edf_bytes([signal(b"Fp1")]))
    assert not copy.end_unchecked
