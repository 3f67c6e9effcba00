import pandas as pd
import pytest

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.summary_text import read_summary_text

NUMBERED = """File Name: chb24_01.edf
Number of Seizures in File: 2
Seizure 1 Start Time: 480 seconds
Seizure 1 End Time: 505 seconds
Seizure 2 Start Time:2451 seconds
Seizure 2 End Time: 2476 seconds

File Name: chb24_02.edf
Number of Seizures in File: 1
"""


@pytest.fixture
def summary(tmp_path):
    (tmp_path / "chb24-summary.txt").write_text(NUMBERED)
    return SourceFile(str(tmp_path), "chb24-summary.txt")


def test_numbered_seizures_are_read(summary):
    found = read_summary_text(summary, "CHB24_01.edf")
    assert [(a.onset, a.offset) for a in found] == [(480, 505), (2451, 2476)]


def test_a_flawed_section_refuses_only_its_own_recording(summary):
    with pytest.raises(AnnotationError, match="1 seizures stated, 0 starts"):
        read_summary_text(summary, "chb24_02.edf")


def test_a_recording_that_is_not_named_is_unknown(summary):
    assert read_summary_text(summary, "chb24_03.edf") is None


@pytest.mark.parametrize(
    "lines", ["Seizure Start Time: 9\nSeizure End Time: 3", "Seizure Start Time: soon\nSeizure End Time: 3"]
)
def test_impossible_times_are_refused(tmp_path, lines):
    (tmp_path / "s.txt").write_text(f"File Name: a.edf\n{lines}\n")
    with pytest.raises(AnnotationError):
        read_summary_text(SourceFile(str(tmp_path), "s.txt"), "a.edf")


def test_a_text_that_names_no_recording_is_refused(tmp_path):
    (tmp_path / "s.txt").write_text("hello\n")
    with pytest.raises(AnnotationError, match="names no recording"):
        read_summary_text(SourceFile(str(tmp_path), "s.txt"), "a.edf")


def test_the_real_summaries_equal_the_independent_table(shared_data):
    recordings = pd.read_csv(shared_data / "chbmit" / "recordings.csv")
    seizures = pd.read_csv(shared_data / "chbmit" / "seizures.csv")
    for row in recordings.itertuples():
        file = SourceFile(str(shared_data / "chbmit"), f"{row.patient}-summary.txt")
        found = read_summary_text(file, f"{row.patient}_{row.run:02d}.edf")
        mine = seizures[(seizures["patient"] == row.patient) & (seizures["run"] == row.run)]
        assert [(a.onset, a.duration) for a in found] == list(
            zip(mine["onset_s"], mine["duration_s"], strict=True)
        )
