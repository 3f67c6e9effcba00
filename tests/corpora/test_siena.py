import datetime

import pytest

from eeg_kedro.corpora import siena
from eeg_kedro.corpora.folder_listing import FolderListing, list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from tests.corpora.siena_files import (
    RECORDINGS,
    clean_list,
    expected_seizures,
    published_list,
    seconds_between,
)

LIST = "PN20/Seizures-list-PN20.txt"
EDF = "PN20/PN20-1.edf"


def _rows(survey):
    return [tuple(row) for row in survey.events[["participant", "run", "onset", "duration"]].values.tolist()]


def _write(corpus, seizures, start="23.59.30", end="", file="PN20-1"):
    """Write the list of a participant with one recording."""
    corpus.text(LIST, clean_list("PN20", [(file, start, end, seizures)]))


def _real(corpus, name, seconds, **header):
    """Write one recording of a real participant, and the published list beside it."""
    participant = name[:4]
    corpus.text(f"{participant}/Seizures-list-{participant}.txt", published_list(participant))
    corpus.edf(f"{participant}/{name}.edf", seconds=seconds, sfreq=4, **header)
    survey = corpus.survey("siena")
    mine = survey.events[survey.events["has_signal"]]
    return mine[["onset", "duration"]].values.tolist(), corpus.row(survey, f"{participant}/{name}.edf")


def test_the_list_of_pn16_gives_its_two_seizures(shared_data):
    survey = survey_corpus(list_folder(shared_data / "siena"), "auto", IngestOptions())
    assert survey.layout == "siena"
    assert _rows(survey) == [
        ("PN16", "1", seconds_between("20.45.21", "22.45.05"), seconds_between("22.45.05", "22.47.08")),
        ("PN16", "2", seconds_between("00.53.55", "03.16.49"), seconds_between("03.16.49", "03.18.36")),
    ]
    assert survey.events["onset_sample"].tolist() == [7184 * 512, 8574 * 512]
    assert survey.inventory.empty
    assert not survey.events["has_signal"].any()
    assert not survey.report["failed"].any()


def test_all_47_seizures_of_the_published_lists_are_found_with_their_typos(corpus):
    for participant in RECORDINGS:
        corpus.text(f"{participant}/Seizures-list-{participant}.txt", published_list(participant))
    survey = corpus.survey()
    assert _rows(survey) == expected_seizures()
    assert (len(survey.events), survey.events["participant"].nunique()) == (47, 14)
    assert set(survey.report["status"]) == {"taken", "repaired"}


@pytest.mark.parametrize(
    ("participant", "told"),
    [
        ("PN00", "19.29.29 is a known typo for 18.29.29"),
        ("PN01", "calls PN01-1.edf PN01.edf"),
        ("PN06", "calls PN06-2.edf PNO6-2.edf"),
        ("PN10", "'1 6.49.25' is read as 16.49.25"),
        ("PN10", "11.41.04 opure 11.40.43 is a known typo for 11.41.04"),
        ("PN10", "of 15.43.53 and 15.43.59 the electric one is used, 15.43.59"),
        ("PN11", "calls PN11-1.edf PN11-.edf"),
        ("PN14", "16.17.45 is a known typo for 19.17.45"),
    ],
)
def test_each_known_typo_is_told(corpus, participant, told):
    path = f"{participant}/Seizures-list-{participant}.txt"
    corpus.text(path, published_list(participant))
    row = corpus.row(corpus.survey(), path)
    assert row["status"] == "repaired"
    assert told in row["reason"]


def test_clock_times_have_dots_or_colons_or_both(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    for onset, offset in (("00.00.01", "00.00.11"), ("00:00:01", "00:00:11"), ("00:00.01", "0.0.11")):
        _write(corpus, [(onset, offset)])
        assert _rows(corpus.survey()) == [("PN20", "1", 31.0, 10.0)]


def test_midnight_may_lie_before_or_within_a_seizure(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50"), ("23.59.55", "00.00.05"), ("00.00.10", "00.00.20")])
    survey = corpus.survey()
    assert survey.events[["onset", "duration"]].values.tolist() == [[10, 10], [25, 10], [40, 10]]
    assert survey.inventory[["n_seizures", "seizure_seconds"]].values.tolist() == [[3, 30.0]]


def test_pn01_names_its_only_file_without_a_number_and_its_registration_once(corpus):
    seizures, row = _real(corpus, "PN01-1", 48_600)
    assert seizures == [[10218, 54], [46353, 74]]
    assert "calls PN01-1.edf PN01.edf" in row["reason"]


def test_the_letter_o_in_names_of_pn06_is_a_zero(corpus):
    seizures, row = _real(corpus, "PN06-1", 6000)
    assert seizures == [[5583, 64]]
    assert (row["status"], row["participant"], row["run"]) == ("repaired", "PN06", "1")


def test_pn11_is_named_with_a_hyphen_and_no_number(corpus):
    assert _real(corpus, "PN11-1", 8000)[0] == [[7554, 55]]


def test_pn00_3_ends_an_hour_too_late_in_the_list(corpus):
    seizures, row = _real(corpus, "PN00-3", 2509)
    assert seizures == [[765, 60]]
    assert "known typo" in row["reason"]


def test_pn10_7_8_9_begins_with_a_blank_in_its_start(corpus):
    seizures, row = _real(corpus, "PN10-7.8.9", 14_955)
    assert seizures == [[2748, 48], [5459, 18], [12923, 15]]
    assert (row["run"], row["status"]) == ("7-8-9", "repaired")


def test_pn12_gives_the_registration_of_a_file_once(corpus):
    assert _real(corpus, "PN12-1.2", 10_000)[0] == [[1312, 63], [9570, 68]]


def test_a_block_that_is_there_twice_is_one_seizure(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50"), ("23.59.40", "23.59.50")])
    survey = corpus.survey()
    assert len(survey.events) == 1
    assert "seizure 2 repeats another one" in corpus.row(survey, EDF)["reason"]


def test_pn14_3_begins_when_its_file_says_for_file_and_list_end_together(corpus):
    seizures, row = _real(corpus, "PN14-3", 41_995, starttime=datetime.time(19, 17, 45))
    assert seizures == [[6740, 41]]
    assert "registration start 16.17.45 cannot be: the file begins at 19.17.45" in row["reason"]


def test_pn14_3_begins_when_its_list_says_if_file_and_list_agree(corpus):
    seizures, row = _real(corpus, "PN14-3", 52_795, starttime=datetime.time(16, 17, 45))
    assert seizures == [[17540, 41]]
    assert row["status"] == "taken"


def test_starts_a_few_seconds_apart_are_told_and_the_list_counts(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8, starttime=datetime.time(23, 59, 20))
    _write(corpus, [("23.59.40", "23.59.50")], end="00.00.30")
    survey = corpus.survey()
    assert survey.events["onset"].tolist() == [10]
    assert "give starts 10 s apart; the list's is used" in corpus.row(survey, EDF)["reason"]


def test_a_list_without_a_registration_start_has_that_of_the_file(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8, starttime=datetime.time(23, 59, 30))
    text = clean_list("PN20", [("PN20-1", "DROP", "", [("00.00.00", "00.00.10")])])
    corpus.text(LIST, text.replace("Registration start time: DROP\n", ""))
    survey = corpus.survey()
    assert survey.events["onset"].tolist() == [30]
    assert "the one of the file's header is used" in corpus.row(survey, EDF)["reason"]


def test_a_recording_the_list_does_not_name_is_not_annotated(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    corpus.edf("PN20/PN20-2.edf", seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    survey = corpus.survey()
    assert survey.inventory["annotated"].tolist() == [True, False]
    assert "names other recordings" in corpus.row(survey, "PN20/PN20-2.edf")["reason"]
    assert corpus.survey(unannotated="background").inventory["annotated"].tolist() == [True, True]


def test_seizures_of_a_recording_that_is_not_there_are_kept(corpus):
    corpus.edf("PN00/PN00-1.edf", seconds=2605, sfreq=4)
    corpus.text("PN00/Seizures-list-PN00.txt", published_list("PN00"))
    survey = corpus.survey()
    assert survey.events[["run", "has_signal"]].values.tolist() == [
        ["1", True], *([number, False] for number in "2345")
    ]  # fmt: skip
    assert survey.inventory["run"].tolist() == ["1"]
    assert survey.report["path"].tolist() == ["PN00/PN00-1.edf", "PN00/Seizures-list-PN00.txt"]


def test_a_list_elsewhere_serves_the_recordings_that_are_here(corpus, tmp_path):
    corpus.edf("PN00/PN00-1.edf", seconds=2605, sfreq=4)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "Seizures-list-PN00.txt").write_text(published_list("PN00"))
    survey = corpus.survey(annotations_root=str(tmp_path / "lists"))
    assert _rows(survey) == [("PN00", "1", 1143.0, 70.0)]


def test_another_rate_than_the_list_states_is_told(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    assert "states 512 Hz, the recording has 8 Hz" in corpus.row(corpus.survey(), EDF)["reason"]


def test_new_annotations_beside_a_recording_are_held_against_the_list(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    corpus.text("PN20/PN20-1_events.tsv", "onset\tduration\teventType\n10\t10\tsz\n")
    row = corpus.row(corpus.survey(), "PN20/PN20-1_events.tsv")
    assert "agrees on the seizures" in row["reason"]


def test_subject_info_is_a_sidecar(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    corpus.text("subject_info.csv", "patient_id, age_years, gender\nPN20,55,Male\n")
    row = corpus.row(corpus.survey(), "subject_info.csv")
    assert (row["kind"], row["failed"]) == ("sidecar", False)


@pytest.mark.parametrize(
    ("name", "is_siena"),
    [
        ("PN00/PN00-1.edf", True),
        ("Seizures-list-PN06.txt", True),
        ("PN00-1.edf", False),
        ("PN00/other.edf", False),
        ("chb01/chb01_03.edf", False),
    ],
)
def test_siena_is_known_by_its_lists_or_by_names_that_repeat_the_folder(tmp_path, name, is_siena):
    assert bool(siena.recognize(FolderListing(tmp_path, (name,)))) == is_siena
