import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.summary_text import read_summary_content, read_summary_text

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


# chb24 has no channel list and no file times, case 4 has hours beyond 24, chb12 changes its montage midway
ODD = """Data Sampling Rate: 256 Hz
*************************
Channels changed:
Channel 1: F7

File Name: chb12_27.edf
File Start Time: 24:07:03
File End Time: 25:07:03
Number of Seizures in File: 2
Seizure 1 Start Time : 916 seconds
Seizure 1 End Time:   951 seconds
Seizure 2 Start Time: 1097seconds
Seizure 2 End Time: 1124
File Name: chb02_16+.edf
Number of Seizures in File: 0
"""


def _summary(tmp_path, text):
    (tmp_path / "s.txt").write_text(text)
    return SourceFile(str(tmp_path), "s.txt")


def test_hours_beyond_24_and_missing_blanks_do_not_matter(tmp_path):
    found = read_summary_text(_summary(tmp_path, ODD), "chb12_27.edf")
    assert [(a.onset, a.offset) for a in found] == [(916, 951), (1097, 1124)]


def test_a_summary_says_which_recordings_it_is_about(tmp_path):
    found = read_summary_content(_summary(tmp_path, ODD))
    assert found == (("chb12_27.edf", "chb02_16+.edf"), 256.0)


def test_a_section_that_is_there_twice_counts_once_unless_it_differs(tmp_path):
    assert len(read_summary_text(_summary(tmp_path, ODD + ODD), "chb12_27.edf")) == 2
    with pytest.raises(AnnotationError, match="named twice"):
        read_summary_text(_summary(tmp_path, ODD + ODD.replace("951", "952")), "chb12_27.edf")


def test_a_seizure_in_words_nobody_knows_is_not_passed_over(tmp_path):
    with pytest.raises(AnnotationError, match="no start and no end"):
        read_summary_text(_summary(tmp_path, "File Name: a.edf\nSeizure Onset: 5 seconds\n"), "a.edf")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(st.sampled_from(ODD.splitlines()), st.text(max_size=30)), max_size=25))
def test_any_text_is_read_or_refused(tmp_path, lines):
    (tmp_path / "s.txt").write_bytes("\n".join(lines).encode("utf-8", "replace"))
    file = SourceFile(str(tmp_path), "s.txt")
    try:
        found = read_summary_text(file, "chb12_27.edf")
    except AnnotationError:
        return
    assert read_summary_content(file).names
    assert all(seizure.duration >= 0 for seizure in found or ())


def test_a_summary_of_thousands_of_recordings_is_none(tmp_path):
    with pytest.raises(AnnotationError, match="more sections"):
        read_summary_content(_summary(tmp_path, "File Name: a.edf\n" * 1001))


@pytest.mark.parametrize(
    "line",
    [
        "1st Seizure Start Time: 20",
        " Clinical seizure start: 30",
        "- Seizure 1 Start Time: 130 seconds",
        "Siezure 1 Start Time: 130 seconds",
        "Two seizures, at 20 and 80 s",
        "End Time: 40 seconds",
    ],
)
def test_a_line_on_a_seizure_that_begins_otherwise_is_not_passed_over(tmp_path, line):
    other = "File Name: b.edf\nNumber of Seizures: 0\n"
    file = _summary(tmp_path, f"File Name: a.edf\nFile Start Time: 1:2:3\n{line}\n{other}")
    with pytest.raises(AnnotationError, match="no start and no end"):
        read_summary_text(file, "a.edf")
    assert read_summary_text(file, "b.edf") == ()


def test_a_line_that_denies_a_seizure_in_words_is_no_seizure(tmp_path):
    file = _summary(tmp_path, "File Name: a.edf\nFile End Time: 4:5:6\nno clinical seizure\n")
    assert read_summary_text(file, "a.edf") == ()
