import re

import edfio
import numpy as np
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.edf_onsets import read_record_onsets
from eeg_kedro.io.source_file import SourceFile


@pytest.fixture
def discontinuous(tmp_path):
    """Write 10 records of 1 s as EDF+D and set the onsets of some of them."""

    def write(onsets=None):
        signal = edfio.EdfSignal(
            np.zeros(1280), 128, label="Fz", physical_range=(-9, 9), physical_dimension="uV"
        )
        path = tmp_path / "d.edf"
        edfio.Edf([signal], annotations=[edfio.EdfAnnotation(2, 1, "x" * 30)]).write(path)
        raw = path.read_bytes().replace(b"EDF+C", b"EDF+D", 1)
        for record, onset in (onsets or {}).items():
            stamp = re.compile(rb"\+%d\x14\x14\0" % record)
            raw, n_found = stamp.subn(onset.encode() + b"\x14\x14\0", raw, count=1)
            assert n_found
        raw = raw if not onsets else raw[: 768 + 10 * ((len(path.read_bytes()) - 768) // 10)]
        path.write_bytes(raw)
        return SourceFile(str(tmp_path), "d.edf")

    return write


def test_edf_plus_d_without_a_gap_is_taken_with_a_note(discontinuous):
    header = read_edf_header(discontinuous())
    assert header.kind == "EDF+D"
    assert "no gap" in header.repairs[-1]


def test_onsets_are_those_of_the_records(discontinuous):
    file = discontinuous()
    assert read_record_onsets(file, read_edf_header(file)).tolist() == list(range(10))


def test_a_gap_is_refused_with_its_time_and_length(discontinuous):
    moved = {record: f"+{record + 2}" for record in (7, 6, 5, 4)}
    with pytest.raises(SignalError, match=r"EDF\+D with a gap of 2 s at 4 s") as caught:
        read_edf_header(discontinuous(moved))
    assert "parts before and after" in caught.value.remedy


def test_an_overlap_is_refused(discontinuous):
    with pytest.raises(SignalError, match="overlap by 2 s at 6 s"):
        read_edf_header(discontinuous({6: "+4"}))


def test_a_record_without_an_onset_is_refused(discontinuous):
    with pytest.raises(SignalError, match="data record 4 of 10 has no readable onset"):
        read_edf_header(discontinuous({3: "?3"}))


def test_edf_plus_d_without_annotations_is_refused(edf_file):
    with pytest.raises(SignalError, match="without an annotation signal"):
        read_edf_header(edf_file(reserved=b"EDF+D"))
