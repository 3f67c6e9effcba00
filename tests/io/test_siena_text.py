import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.siena_text import read_seizure_list
from eeg_kedro.io.source_file import SourceFile

ONE = """PN16

Data Sampling Rate: 512 Hz
Seizure n 1 (in sleep):
File name: PN16-1.edf
Registration start time: 20.45.21
Registration end time: 23.03.11
Seizure start time: 22.45.05
Seizure end time:22.47.08
"""
LINES = st.sampled_from(
    [*ONE.splitlines(), "Start time: 1:2:3", "End time", "File name:", "Seizure n", "1.2.3"]
)


def _read(tmp_path, text, encoding="utf-8"):
    (tmp_path / "l.txt").write_bytes(text.encode(encoding))
    return read_seizure_list(SourceFile(str(tmp_path), "l.txt"))


def test_a_block_gives_the_texts_of_its_lines(tmp_path):
    found = _read(tmp_path, ONE)
    (seizure,) = found.seizures
    assert (found.sfreq, found.names, seizure.number) == (512.0, ("PN16-1.edf",), "1")
    assert seizure.texts["seizure end"] == "22.47.08"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_line_ends_encodings_case_and_blanks_do_not_matter(tmp_path, encoding):
    shouted = ONE.upper().replace(" TIME", "  TIME").replace("\n", "  \r\n")
    assert _read(tmp_path, shouted, encoding).seizures[0].texts == _read(tmp_path, ONE).seizures[0].texts


def test_file_and_registration_may_come_before_several_seizures(tmp_path):
    head, times = ONE.split("Seizure n 1 (in sleep):\n")[1].split("Seizure start")
    text = head + "".join(f"Seizure n {n}\nStart" + times.replace("Seizure end", "End") for n in (1, 2))
    found = _read(tmp_path, text)
    assert [seizure.number for seizure in found.seizures] == ["1", "2"]
    assert all(len(seizure.texts) == 4 for seizure in found.seizures)


def test_a_second_seizure_has_the_registration_of_its_file(tmp_path):
    second = "Seizure n 2\nFile name: PN16-1.edf\nSeizure start time: 1.2.3\nSeizure end time: 1.2.4\n"
    third = second.replace("n 2", "n 3").replace("-1", "-2")
    found = _read(tmp_path, ONE + third + second)
    assert [s.texts.get("registration start") for s in found.seizures] == ["20.45.21", None, "20.45.21"]


@pytest.mark.parametrize("line", ["Seizure strat time: 22.45.05", "22.45.05", "Onset 22:45:05"])
def test_a_time_in_a_line_nobody_knows_is_kept_in_mind(tmp_path, line):
    assert _read(tmp_path, ONE + line).seizures[0].unread == (10,)


@pytest.mark.parametrize(
    "text", ["", "hello", "Seizure n 1\nSeizure start time: 1.2.3\n", "\0", "Seizure n 1"]
)
def test_a_text_without_a_seizure_of_a_recording_is_refused(tmp_path, text):
    with pytest.raises(AnnotationError):
        _read(tmp_path, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=30))
def test_any_text_is_read_or_refused_and_every_start_is_kept(tmp_path, lines):
    text = "\n".join(lines)
    try:
        found = _read(tmp_path, text)
    except (AnnotationError, UnicodeEncodeError):
        return
    assert sum("seizure start" in s.texts for s in found.seizures) == sum(
        line in ("Seizure start time: 22.45.05", "Start time: 1:2:3") for line in lines
    )


def test_a_long_line_of_blanks_takes_no_time(tmp_path):
    assert (
        _read(tmp_path, ONE + "Seizure" + " " * 60_000 + "x\n" + "Seizure start" + " " * 60_000).sfreq == 512
    )


def test_a_list_of_thousands_of_seizures_is_none(tmp_path):
    with pytest.raises(AnnotationError, match="more seizures"):
        _read(tmp_path, "File name: PN16-1.edf\n" + "Start time: 1.2.3\n" * 1002)


SECOND = "Seizure start time: 1.2.3\nSeizure end time: 1.2.4\n"


@pytest.mark.parametrize(
    "line",
    [
        "File_name: PN16-2.edf",
        "File  PN16-2.edf",
        "PN16-2.edf",
        "PN16-2",
        "Flie name PN16-2.edf",
        "File-name of the recording: PN16-2.edf.",
        "Seizure n 2\nFile PN16-2.edf",
        "PN16-2.edf\nSeizure n 2",
    ],
)
def test_a_mistyped_line_with_a_file_name_is_taken_for_one_and_told(tmp_path, line):
    found = _read(tmp_path, ONE + line + "\n" + SECOND)
    assert [s.texts["seizure start"] for s in found.seizures if "1.edf" in s.file] == ["22.45.05"]
    assert found.names[1].removesuffix(".edf") == "PN16-2"
    assert found.guessed == {found.names[1]: 10 + (line.startswith("Seizure"))}


@pytest.mark.parametrize(
    "line",
    [
        "Flie: abc.edf",
        "as in PN16-2.edf",
        "PN16-2.edf or PN16-3.edf",
        "Seizure n 2 (PN16-2.edf)",
        "File name",
        "File: 2",
        "the patient of PN16_2 slept",
        "PN16-2.edf 1.2.3 1.2.4",
        "x" * 200 + " file PN16-2.edf",
    ],
)
def test_a_line_with_a_file_that_may_mean_anything_gives_no_seizure_to_the_file_before(tmp_path, line):
    with pytest.raises(AnnotationError, match="a seizure of no recording"):
        _read(tmp_path, ONE + line + "\n" + SECOND)


@pytest.mark.parametrize(
    "line", ["PN16-1.edf", "recorded as PN16-1.EDF, asleep", "Seizure n 2 (PN16-1.edf)", "PN16"]
)
def test_a_line_that_names_the_same_file_again_changes_nothing(tmp_path, line):
    found = _read(tmp_path, ONE + line + "\n" + SECOND)
    assert (found.names, len(found.seizures), found.guessed) == (("PN16-1.edf",), 2, {})


def test_what_stands_above_the_first_block_is_a_heading(tmp_path):
    found = _read(tmp_path, "Files PN16-1.edf to PN16-2.edf, 1.2.2016\nPN16_seizures\n" + ONE)
    assert found.names == ("PN16-1.edf",)
    assert found.seizures[0].unread == ()


@pytest.mark.parametrize(
    "line", ["file" * 10_000, "name_of_the_" * 4000, "PN16-" + ".O" * 20_000, "o " * 20_000]
)
def test_a_long_line_that_almost_names_a_file_takes_no_time(tmp_path, line):
    assert len(_read(tmp_path, ONE + line + "x PN16-1.edf\n").seizures) == 1
