import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.io import edf_onsets
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.edf_onsets import read_record_onsets
from tests.discontinuous import write_edf_d

REGULAR = list(range(10))


@pytest.fixture
def records(tmp_path):
    """Write records of 1 s at 128 Hz that begin when they are told to, and read the header."""
    return lambda onsets: read_edf_header(
        write_edf_d(tmp_path / "d.edf", onsets, np.zeros((1, 128 * len(onsets))))
    )


def test_edf_plus_d_without_a_gap_is_taken_with_a_note(records):
    header = records(REGULAR)
    assert (header.kind, header.stretches) == ("EDF+D", ())
    assert "has no gap" in header.repairs[-1]


@pytest.mark.parametrize("page", [1, 600, 4096])
def test_onsets_are_those_of_the_records_however_many_are_read_at_once(tmp_path, monkeypatch, page):
    monkeypatch.setattr(edf_onsets, "_PAGE", page)
    file = write_edf_d(tmp_path / "d.edf", REGULAR, np.zeros((1, 1280)))
    assert read_record_onsets(file, read_edf_header(file)).tolist() == REGULAR


def test_gaps_part_the_records_into_stretches(records):
    header = records([7, 8, 9, 12.5, 13.5, 99.25])
    assert header.stretches == ((0, 3, 0.0), (3, 2, 5.5), (5, 1, 92.25))
    assert header.repairs == ()


def test_gaps_of_24_bit_files_are_found_too(tmp_path):
    file = write_edf_d(tmp_path / "d.bdf", [0, 1, 5, 6], np.zeros((1, 512)))
    header = read_edf_header(file)
    assert (header.kind, header.stretches) == ("BDF+D", ((0, 2, 0.0), (2, 2, 5.0)))


@pytest.mark.parametrize("jitter", [0, 0.0078, -0.0078])  # 1 / 128 Hz = 0.0078125 s
def test_jitter_below_a_sample_is_no_gap(records, jitter):
    assert records([0, 1 + jitter, 2, 3]).stretches == ()


def test_a_gap_of_two_samples_is_one(records):
    assert records([0, 1, "+2.015625", "+3.015625"]).stretches == ((0, 2, 0.0), (2, 2, 2.015625))


def test_a_clock_that_drifts_makes_no_gaps_and_is_told(records):
    header = records([f"+{1.001 * record:.3f}" for record in range(20)])
    assert header.stretches == ()
    assert "run away from the number of samples, by 0.019 s" in header.repairs[-1]


def test_an_overlap_is_refused_with_its_time_and_length(records):
    with pytest.raises(SignalError, match=r"EDF\+D whose data records overlap by 2.5 s at 6 s") as caught:
        records([0, 1, 2, 3, 4, 5, 3.5, 7, 8, 9])
    assert "parts before and after" in caught.value.remedy


@pytest.mark.parametrize("stamp", ["?3", "", "3", "+-3", "+1e5", "+3000000000", "+" + "9" * 44])
def test_a_record_without_an_onset_is_refused(records, stamp):
    with pytest.raises(SignalError, match="data record 4 of 10 has no readable onset"):
        records([0, 1, 2, stamp, *range(4, 10)])


def test_edf_plus_d_without_annotations_is_refused(edf_file):
    with pytest.raises(SignalError, match="without an annotation signal"):
        read_edf_header(edf_file(reserved=b"EDF+D"))


@pytest.fixture
def continuous(tmp_path):
    """Write the same, but call the file continuous, or say nothing (``b"EDF+ "``, ``b""``)."""

    def write(onsets, reserved=b"EDF+C", name="c.edf"):
        file = write_edf_d(tmp_path / name, onsets, np.zeros((1, 128 * len(onsets))))
        raw = bytearray(file.path.read_bytes())
        raw[192:197] = reserved.ljust(5)
        file.path.write_bytes(raw)
        return read_edf_header(file)

    return write


@pytest.mark.parametrize("reserved", [b"EDF+C", b"EDF+", b""])
def test_a_file_that_calls_itself_continuous_and_leaps_is_cut_and_told(continuous, reserved):
    header = continuous([0, 1, 7, 8], reserved)
    assert header.stretches == ((0, 2, 0.0), (2, 2, 7.0))
    assert "calls itself continuous, but" in header.repairs[-1]
    assert "1 gap" in header.repairs[-1]


def test_a_24_bit_file_that_calls_itself_continuous_and_leaps_is_cut_too(continuous):
    assert continuous([0, 1, 7, 8], b"BDF+C", "c.bdf").stretches == ((0, 2, 0.0), (2, 2, 7.0))


@pytest.mark.parametrize(
    "onsets", [REGULAR, ["+5.25", "+6.25"], [3], [0, 1, "+2.0078", 3], [0, 1, 2, "+3.0078"]]
)
def test_a_continuous_file_without_a_gap_says_nothing(continuous, onsets):
    header = continuous(onsets)
    assert (header.stretches, header.repairs) == ((), ())


def test_of_a_continuous_file_two_onsets_are_read(continuous, monkeypatch):
    read = []
    monkeypatch.setattr(edf_onsets, "_PAGE", 1)
    monkeypatch.setattr(
        edf_onsets, "_onset", lambda stamp: read.append(stamp) or float(stamp.split(b"\x14")[0])
    )
    continuous(REGULAR)
    assert [stamp[:2] for stamp in read] == [b"+0", b"+9"]


@pytest.mark.parametrize("onsets", [[0, 1, 2, "?"], ["", 1, 2, 9], [0, 1, 2, "+9e4"]])
def test_a_continuous_file_without_readable_onsets_is_taken_as_it_is(continuous, onsets):
    assert (continuous(onsets).stretches, continuous(onsets).repairs) == ((), ())


@pytest.mark.parametrize("onsets", [[0, 0, 0, 0], [0, 1, "", 9], [0, 5, 2, 9]])
def test_onsets_of_a_continuous_file_that_go_back_or_are_lost_are_not_believed_and_told(continuous, onsets):
    header = continuous(onsets)
    assert header.stretches == ()
    assert "not believed" in header.repairs[-1]


def test_a_continuous_file_whose_clock_drifts_is_told_and_not_cut(continuous):
    header = continuous([f"+{1.001 * record:.3f}" for record in range(20)])
    assert header.stretches == ()
    assert "run away from the number of samples" in header.repairs[-1]


def test_more_gaps_than_anybody_can_mean_are_refused(records, monkeypatch):
    monkeypatch.setattr(edf_onsets, "MOST_STRETCHES", 3)
    assert len(records([0, 5, 10]).stretches) == 3
    with pytest.raises(SignalError, match="3 gaps in 4 data records"):
        records([0, 5, 10, 15])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0.0, 0.0, 0.25, 3.0]), min_size=1, max_size=12), st.integers(0, 99))
def test_stretches_hold_every_record_once_and_know_when_it_was(records, gaps, first):
    onsets = first + np.arange(len(gaps)) + np.cumsum(gaps)
    header = records(list(onsets))
    found = [onset + k for at, n, onset in header.stretches or [(0, len(gaps), 0.0)] for k in range(n)]
    assert found == pytest.approx(list(onsets - onsets[0]))
    assert len(header.stretches) in (0, 1 + np.count_nonzero(gaps[1:]))


@pytest.mark.parametrize("step", [1.005, 1.5, 2])
def test_a_clock_of_another_rate_makes_no_gaps_in_a_continuous_file(continuous, step):
    header = continuous([f"+{step * record:.4f}" for record in range(60)])
    assert header.stretches == ()
    assert header.repairs


@pytest.mark.parametrize("place", [20, 59])
def test_a_jump_of_some_milliseconds_is_no_gap_in_a_continuous_file(continuous, place):
    assert continuous([f"+{record + 0.012 * (record >= place):.4f}" for record in range(60)]).stretches == ()
