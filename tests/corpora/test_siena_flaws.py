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
    assert len(survey.events) == 1


def test_a_name_of_thousands_of_digits_is_refused(corpus):
    corpus.edf(EDF, seconds=60, sfreq=8)
    _write(corpus, [("23.59.40", "23.59.50")], file="PN20-" + "1" * 5000)
    row = corpus.row(corpus.survey(), EDF)
    assert (row["status"], len(row["reason"]) < 500) == ("refused", True)
