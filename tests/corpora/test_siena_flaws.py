import datetime

import pytest

from tests.corpora.siena_files import clean_list, published_list

LIST = "PN20/Seizures-list-PN20.txt"
EDF = "PN20/PN20-1.edf"


def _write(corpus, seizures, start="23.59.30", end="", file="PN20-1"):
    """Write the list of a participant with one recording."""
    corpus.text(LIST, clean_list("PN20", [(file, start, end, seizures)]))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("end time: 23.59.50", "end time: 00.20.50", "does not lie in the recording"),
        ("end time: 23.59.50", "end time: 02.59.50", "would last 10810 s"),
        ("end time: 23.59.50", "end time: 23.59.35", "ends before it starts"),
        ("end time: 23.59.50", "end time: 23.59.40", "ends before it starts"),
        ("start time: 23.59.40", "start time: 23.59.20", "ends before it starts"),
        ("start time: 23.59.40", "start time: 23.61.40", "is no clock time"),
        ("start time: 23.59.40", "start time: 23.59", "is no clock time"),
        ("end time: 23.59.50", "end time: 23.59.50 or 23.59.55", "is given as 2 times"),
        ("Seizure end time: 23.59.50\n", "", "has no seizure end"),
        ("Seizure end time", "Seizure finish", "whose meaning is not known"),
        ("23.59.50", "23.59.50\n\nSeizure n 2", "seizure 2 has no seizure start and no seizure end"),
    ],
)
def test_what_no_rule_can_mend_refuses_the_recording_with_both_times(corpus, right, wrong, said):
    corpus.edf(EDF, seconds=60, sfreq=8)
    text = clean_list("PN20", [("PN20-1", "23.59.30", "", [("23.59.40", "23.59.50")])])
    assert right in text
    corpus.text(LIST, text.replace(right, wrong))
    row = corpus.row(corpus.survey(), EDF)
    assert (row["status"], row["failed"]) == ("refused", True)
    assert said in row["reason"]
    assert "remedy" not in row["reason"]
    assert row["remedy"]


def test_one_flawed_seizure_refuses_only_its_recording(corpus):
    for number in (1, 2):
        corpus.edf(f"PN20/PN20-{number}.edf", seconds=60, sfreq=8)
    one, two = [("23.59.40", "23.59.50")], [("12.00.00", "12.00.30")]
    corpus.text(LIST, clean_list("PN20", [("PN20-1", "23.59.30", "", one), ("PN20-2", "23.59.30", "", two)]))
    survey = corpus.survey()
    assert survey.inventory["run"].tolist() == ["1"]
    assert (
        "seizure 12.00.00 to 12.00.30, recording from 23.59.30 for 60 s"
        in (corpus.row(survey, "PN20/PN20-2.edf")["reason"])
    )


def test_a_flaw_in_a_recording_that_is_not_there_is_told_by_the_list(corpus):
    good, bad = [("23.59.40", "23.59.50")], [("23.59.40", "23.59.35")]
    corpus.text(LIST, clean_list("PN20", [("PN20-1", "23.59.30", "", good), ("PN20-2", "23.59.30", "", bad)]))
    survey = corpus.survey()
    row = corpus.row(survey, LIST)
    assert (len(survey.events), row["status"]) == (1, "repaired")
    assert "PN20-2: seizure 2 ends before it starts" in row["reason"]


def test_blocks_of_one_file_that_give_two_starts_are_refused(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    one, two = [("23.59.40", "23.59.45")], [("23.59.50", "23.59.55")]
    corpus.text(LIST, clean_list("PN20", [("PN20-1", "23.59.30", "", one), ("PN20-1", "23.59.35", "", two)]))
    assert "23.59.30 and 23.59.35" in corpus.row(corpus.survey(), EDF)["reason"]


def test_two_files_that_a_name_without_a_number_could_mean_are_refused(corpus):
    for name in ("PN20-1", "PN20-2"):
        corpus.edf(f"PN20/{name}.edf", seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")], file="PN20")
    survey = corpus.survey()
    assert survey.inventory.empty
    assert "several could be meant" in corpus.row(survey, EDF)["reason"]


@pytest.mark.parametrize("text", ["hello\n", "Seizure n 1\nSeizure start time: 1.2.3\n", ""])
def test_a_list_that_is_none_is_refused_and_other_participants_go_on(corpus, text):
    corpus.edf("PN00/PN00-1.edf", seconds=2605, sfreq=4)
    corpus.text("PN00/Seizures-list-PN00.txt", published_list("PN00"))
    corpus.text(LIST, text)
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["PN00"]
    assert corpus.row(survey, LIST)["status"] == "refused"


def test_names_of_people_in_a_list_are_not_quoted(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("Quillfeather 23.59.40 Rosalinde 23", "23.59.50")])
    text = "".join(table.to_csv() for table in corpus.survey().tables)
    assert "Quillfeather" not in text
    _write(corpus, [("23.59.40", "23.59.50")], file="PN20 Quillfeather 1")
    survey = corpus.survey()
    assert "Quillfeather" not in "".join(table.to_csv() for table in survey.tables)
    assert "names a file that is no recording of this participant" in corpus.row(survey, EDF)["reason"]


def test_a_name_of_thousands_of_digits_is_refused(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")], file="PN20-" + "1" * 5000)
    row = corpus.row(corpus.survey(), EDF)
    assert (row["status"], len(row["reason"]) < 500) == ("refused", True)


def test_a_seizure_below_a_mistyped_file_name_is_not_that_of_the_file_before(corpus):
    for number in (1, 2):
        corpus.edf(f"PN20/PN20-{number}.edf", seconds=60, sfreq=8)
    seizures = [("PN20-1", "23.59.30", "", [("23.59.40", "23.59.50")])]
    second = clean_list("PN20", [("PN20-2", "23.59.30", "", [("23.59.45", "23.59.55")])]).split(
        "Seizure n 1"
    )[1]
    corpus.text(LIST, clean_list("PN20", seizures) + "Seizure n 2" + second.replace("File name", "File_name"))
    survey = corpus.survey()
    assert survey.events[["run", "onset"]].values.tolist() == [["1", 10], ["2", 15]]
    reason = corpus.row(survey, "PN20/PN20-2.edf")["reason"]
    assert "line 16 is no 'File name: ...' and is taken for the name of PN20-2.edf" in reason


OTHER_LIST = "Seizures-list-PN20.txt"


def _two_lists(corpus, other, second=OTHER_LIST):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    corpus.text(second, clean_list("PN20", [("PN20-1", "23.59.30", "", other)]))


@pytest.mark.parametrize("second", [OTHER_LIST, "x/Seizures-list-PN2O.txt", "PN20/Seizures-list-PN2O.txt"])
def test_two_lists_of_a_participant_that_contradict_each_other_are_an_error(corpus, second):
    _two_lists(corpus, [("00.00.00", "00.00.05")], second)
    survey = corpus.survey()
    reason = corpus.row(survey, EDF)["reason"]
    assert survey.inventory.empty
    assert "seizure 1 at 10 to 20 s" in reason
    assert "seizure 1 at 30 to 35 s" in reason
    assert corpus.row(survey, second)["status"] == "refused"


def test_of_two_lists_the_one_beside_the_recording_counts_if_the_first_shall(corpus):
    _two_lists(corpus, [("00.00.00", "00.00.05")])
    survey = corpus.survey(annotation_conflict="first")
    assert survey.events["onset"].tolist() == [10]
    assert survey.inventory["annotation_source"].tolist() == [LIST]
    assert "disagrees on the seizures" in corpus.row(survey, OTHER_LIST)["reason"]


def test_a_list_elsewhere_is_held_against_the_one_in_the_corpus(corpus, tmp_path):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    (tmp_path / "lists").mkdir()
    for seizure, n_taken in ((("23.59.40", "23.59.50"), 1), (("00.00.00", "00.00.05"), 0)):
        text = clean_list("PN20", [("PN20-1", "23.59.30", "", [seizure])])
        (tmp_path / "lists" / OTHER_LIST).write_text(text)
        assert len(corpus.survey(annotations_root=str(tmp_path / "lists")).inventory) == n_taken


def test_two_lists_that_agree_or_of_which_one_is_broken_refuse_nothing(corpus):
    _two_lists(corpus, [("23.59.40", "23.59.50")])
    survey = corpus.survey()
    assert (len(survey.events), corpus.row(survey, OTHER_LIST)["status"]) == (1, "taken")
    assert "agrees on the seizures" in corpus.row(survey, OTHER_LIST)["reason"]
    corpus.text(OTHER_LIST, "hello")
    survey = corpus.survey()
    assert (len(survey.events), corpus.row(survey, OTHER_LIST)["status"]) == (1, "refused")


def test_a_second_list_may_name_recordings_that_the_first_does_not(corpus):
    corpus.edf("PN20/PN20-2.edf", seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    other = [
        ("PN20-2", "23.59.30", "", [("00.00.00", "00.00.05")]),
        ("PN20-1", "23.59.30", "", [("1.2.3", "1.2.4")]),
    ]
    corpus.text(OTHER_LIST, clean_list("PN20", other))
    survey = corpus.survey()
    assert survey.inventory[["run", "annotation_source"]].values.tolist() == [["2", OTHER_LIST]]
    assert corpus.row(survey, LIST)["status"] == "refused"  # on PN20-1, of which there is no file


@pytest.mark.parametrize(
    ("header", "end", "seconds", "onsets"),
    [
        ("00.59.30", "", 7200, []),  # an hour apart, and no end to say who is right
        ("00.59.30", "02.58.00", 7200, []),  # 90 s from the end by the header, an hour and a half by the list
        ("00.00.32", "", 7200, []),
        ("00.00.30", "", 7200, [10]),
        ("00.59.30", "01.59.30", 7200, [10]),  # the list's end confirms the list
        ("22.59.30", "00.59.30", 7200, [3610]),  # and here the file
        ("00.01.00", "02.00.15", 7200, []),  # both lead to within a minute of the end: it confirms neither
    ],
)
def test_starts_more_than_a_minute_apart_need_an_end_that_confirms_one(corpus, header, end, seconds, onsets):
    start = datetime.time(*map(int, header.split(".")))
    corpus.edf(EDF, seconds=seconds, sfreq=8, starttime=start)
    _write(corpus, [("23.59.40", "23.59.50")], end=end)
    survey = corpus.survey()
    assert survey.events["onset"].tolist() == onsets
    if not onsets:
        assert f"'23.59.30 in the list, {header} in the file'" in corpus.row(survey, EDF)["reason"]


@pytest.mark.parametrize(("hours", "n_taken"), [(26, 0), (24, 1)])
def test_a_time_that_a_recording_of_more_than_a_day_has_twice_is_an_error(corpus, hours, n_taken):
    corpus.edf(EDF, seconds=hours * 3600, sfreq=4, names=("EEG FP1-REF",))
    _write(corpus, [("00.59.30", "01.00.00")])
    survey = corpus.survey()
    assert len(survey.inventory) == n_taken
    assert ("could be on two days" in corpus.row(survey, EDF)["reason"]) != bool(n_taken)


@pytest.mark.parametrize(
    "name", ["PN20-1 (2)", "PN20-1(1)", "PN20-1 2", "PN20-1_1", "PN20-1 copy", "PN20-1 - Copia (3)", "PN20 1"]
)
def test_a_copy_that_a_file_manager_numbered_is_no_run(corpus, name):
    corpus.edf(EDF, seconds=60, sfreq=8)
    corpus.edf(f"PN20/{name}.edf", seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")])
    survey = corpus.survey()
    assert survey.inventory["run"].tolist() == ["1"]
    row = corpus.row(survey, f"PN20/{name}.edf")
    assert (row["status"], row["failed"]) == ("refused", True)
    _write(corpus, [("23.59.40", "23.59.50")], file=name)
    assert "no recording of this participant" in corpus.row(corpus.survey(), EDF)["reason"]


@pytest.mark.parametrize("name", ["PN20-1.edf asleep", "PN20_01", "PN20 - 1.edf", "pn2o-1.EDF"])
def test_a_name_in_a_list_may_have_words_or_zeros_more(corpus, name):
    corpus.edf(EDF, seconds=60, sfreq=8)
    corpus.text(
        LIST,
        clean_list("PN20", [("PN20-1", "23.59.30", "", [("23.59.40", "23.59.50")])]).replace(
            "PN20-1.edf", name
        ),
    )
    assert corpus.survey().events["run"].tolist() == ["1"]
