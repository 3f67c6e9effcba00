import pytest

from tests.raw_edf import edf_bytes, signal

KEEP = {"keep_sex": True, "keep_age_band": True}
BORN_1951 = b"MCH-0234567 F 02-MAY-1951 Haagse_Harry"


def edf(corpus, name, patient=BORN_1951, year=b"2002"):
    raw = edf_bytes(
        [signal(name.encode()) for name in ("Fp1", "F3", "C3", "O1")],
        patient,
        b"Startdate 02-MAR-%s X X X" % year,
    )
    (corpus.root / name).write_bytes(raw)


def told(corpus, **options):
    rows = corpus.survey("flat", **options).inventory
    return [(row["run"], row["sex"], row["age_band"]) for row in rows.to_dict("records")]


def test_nothing_is_told_unless_asked_for(corpus):
    edf(corpus, "p1_1.edf")
    assert told(corpus) == [("1", "", "")]
    assert told(corpus, keep_sex=True) == [("1", "F", "")]
    assert told(corpus, keep_age_band=True) == [("1", "", "50-54")]


def test_a_participant_grows_older_between_recordings(corpus):
    edf(corpus, "p1_1.edf")
    edf(corpus, "p1_2.edf", year=b"2022")
    assert told(corpus, **KEEP) == [("1", "F", "50-54"), ("2", "F", "70-74")]


def test_two_sexes_of_one_participant_are_none_and_a_remark(corpus):
    edf(corpus, "p1_1.edf")
    edf(corpus, "p1_2.edf", BORN_1951.replace(b" F ", b" M "))
    survey = corpus.survey("flat", **KEEP)
    assert {*survey.inventory["sex"]} == {""}
    assert "disagree on the sex" in corpus.row(survey, "p1_1.edf")["reason"]


def test_a_table_that_contradicts_the_header_leaves_the_age_empty(corpus):
    edf(corpus, "p1_1.edf")
    corpus.text("participants.tsv", "participant_id\tage\tsex\nsub-p1\t80\tF\n")
    survey = corpus.survey("flat", **KEEP)
    assert [*survey.inventory["age_band"]] == [""]
    assert [*survey.inventory["sex"]] == ["F"]
    assert corpus.row(survey, "participants.tsv")["status"] == "taken"


def test_a_table_speaks_where_headers_are_silent(corpus):
    edf(corpus, "p1_1.edf", b"X X X X")
    corpus.text("subject_info.csv", "patient_id, age_years, gender\nP1,91,Female\n")
    assert told(corpus, **KEEP) == [("1", "F", "90+")]


def test_a_table_in_the_folder_with_annotations_is_found(corpus, tmp_path):
    edf(corpus, "p1_1.edf", b"X X X X")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/participants.tsv").write_text("participant_id\tage\tsex\np1\t7\tM\n")
    assert told(corpus, annotations_root=str(tmp_path / "other"), **KEEP) == [("1", "M", "5-9")]


def test_a_broken_table_is_told_and_stops_nothing(corpus):
    edf(corpus, "p1_1.edf")
    corpus.text("participants.tsv", "name\nHaagse\n")
    survey = corpus.survey("flat", **KEEP)
    assert [*survey.inventory["sex"]] == ["F"]
    row = corpus.row(survey, "participants.tsv")
    assert (row["status"], row["failed"]) == ("refused", False)


@pytest.mark.parametrize("code", ["", "---", "Harry\tx\ty\tz"])
def test_rows_without_a_usable_code_help_nobody(corpus, code):
    edf(corpus, "p1_1.edf", b"X X X X")
    corpus.text("participants.tsv", f"participant_id\tage\tsex\n{code}\t80\tF\n")
    assert told(corpus, **KEEP) == [("1", "", "")]
