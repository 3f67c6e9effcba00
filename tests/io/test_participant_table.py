import os
import sys
import tracemalloc

import pytest

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.demographics import tell_age_band, tell_sex
from eeg_kedro.io.participant_table import read_participant_table


def test_bids_participants_with_a_byte_order_mark(text_file):
    text = "\ufeffparticipant_id\tage\tsex\tname\nsub-chb01\t80\tF\tHaagse\nsub-02\tn/a\tn/a\tHarry\n"
    rows = read_participant_table(text_file(text, "participants.tsv"))
    assert [(code, *told) for code, told in rows] == [("chb01", "F", "80-84"), ("02", "", "")]


def test_siena_has_blanks_before_its_columns(text_file):
    text = "patient_id, age_years, gender, seizure\nPN00,55,Male,IAS\nPN05,51,Female,IAS\n"
    rows = read_participant_table(text_file(text, "subject_info.csv"))
    assert [(code, *told) for code, told in rows] == [("pn00", "M", "55-59"), ("pn05", "F", "50-54")]


def test_chbmit_subject_info_has_ages_with_a_point(text_file):
    rows = read_participant_table(
        text_file("Case\tGender\tAge (years)\n\nchb06\tF\t1.5\nchb24\t\t\n", "SUBJECT-INFO")
    )
    assert [(code, *told) for code, told in rows] == [("chb06", "F", "0-4"), ("chb24", "", "")]


def test_ages_that_are_not_in_years_say_nothing(text_file, tmp_path):
    (tmp_path / "participants.json").write_text('{"age": {"Units": "weeks"}}')
    ((_, told),) = read_participant_table(
        text_file("participant_id\tage\tsex\n01\t40\tf\n", "participants.tsv")
    )
    assert told == ("F", "")


@pytest.mark.parametrize(
    "beside", ["[" * 200_000, '{"age": ' * 2000, '{"age": ' + "9" * 5000 + "}", "{", "", "\0"]
)
def test_a_json_beside_that_cannot_be_read_is_a_typed_error(text_file, tmp_path, beside):
    (tmp_path / "participants.json").write_text(beside)
    table = text_file("participant_id\tage\n01\t40\n", "participants.tsv")
    with pytest.raises(AnnotationError, match=r"participants\.json"):
        read_participant_table(table)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are of POSIX")
def test_a_pipe_in_place_of_the_json_beside_is_refused_and_nobody_waits_for_it(text_file, tmp_path):
    os.mkfifo(tmp_path / "participants.json")
    with pytest.raises(AnnotationError, match=r"participants\.json"):
        read_participant_table(text_file("participant_id\tage\n01\t40\n", "participants.tsv"))


@pytest.mark.parametrize("beside", ["[]", "5", '{"age": 5}', '{"age": {}}', '{"sex": {"Units": "weeks"}}'])
def test_a_json_beside_that_says_nothing_of_ages_leaves_them_years(text_file, tmp_path, beside):
    (tmp_path / "participants.json").write_text(beside)
    ((_, told),) = read_participant_table(text_file("participant_id\tage\n01\t40\n", "participants.tsv"))
    assert told.age_band == "40-44"


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_a_hundred_thousand_characters_is_a_typed_error(text_file, quote):
    table = text_file(f"participant_id\tage\n{quote}{'a' * 140_000}\t3\n", "participants.tsv")
    with pytest.raises(AnnotationError, match="line 2 is too long"):
        read_participant_table(table)


def test_more_rows_than_anybody_has_participants_are_refused_within_ten_times_the_memory(text_file):
    table = text_file("id\n" + "a\n" * 3_000_000, "participants.tsv")
    tracemalloc.start()
    try:
        with pytest.raises(AnnotationError, match="100000 rows at most"):
            read_participant_table(table)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60e6


def test_a_quote_that_is_never_closed_ends_with_its_line(text_file):
    table = text_file('participant_id\tage\n"01\t40\n02\t50\n', "participants.tsv")
    assert [(code, told.age_band) for code, told in read_participant_table(table)][1:] == [("02", "50-54")]


def test_a_table_without_codes_is_an_error_that_quotes_nothing(text_file):
    with pytest.raises(AnnotationError, match="codes of participants") as caught:
        read_participant_table(text_file("Haagse\tHarry\n1\t2\n", "participants.tsv"))
    assert "Haagse" not in str(caught.value)


def test_bands_are_five_years_wide_and_the_last_is_open():
    ages = {
        "0": "0-4",
        "4.9": "0-4",
        "5": "5-9",
        "89": "85-89",
        "89+": "90+",
        "90": "90+",
        "120": "90+",
        "054": "50-54",
    }
    assert {age: tell_age_band(age) for age in ages} == ages
    assert [tell_age_band(age) for age in ("121", "-1", "old", "", "n/a", "1951-05-02", "٣")] == [""] * 7


def test_words_for_sex():
    assert [tell_sex(word) for word in ("F", "female", "w", "M", "Male", "männlich")] == ["F"] * 3 + ["M"] * 3
    assert [tell_sex(word) for word in ("", "n/a", "o", "other", "X", "Harry")] == [""] * 6


def test_the_real_tables_are_read(real_file):
    siena = dict(read_participant_table(real_file("siena/subject_info.csv")))
    assert siena["pn00"] == ("M", "55-59")
    assert len(siena) == 14
    chbmit = dict(read_participant_table(real_file("chbmit/bids/participants.tsv")))
    assert chbmit["chb01"] == ("F", "80-84")  # as stated there; the children of CHB-MIT are no such age
    assert chbmit["chb02"] == ("M", "80-84")
