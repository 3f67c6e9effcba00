import datetime
import itertools
import random

import edfio
import pandas as pd
import pytest

from eeg_kedro.corpora.folder_listing import FolderListing, list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import EVENT_COLUMNS, INVENTORY_COLUMNS, REPORT_COLUMNS, VOTE_COLUMNS
from eeg_kedro.corpora.survey import survey_corpus

HEAD = "onset\tduration\teventType\n"


def _seizure(corpus, onset, duration):
    corpus.edf("a_1.edf", seconds=10)
    corpus.text("a_1_events.tsv", f"{HEAD}{onset}\t{duration}\tsz\n")
    return corpus.survey()


def test_an_event_beyond_the_end_is_cut_and_both_times_are_told(corpus):
    survey = _seizure(corpus, 8, 5)
    assert survey.events[["onset", "duration", "n_samples"]].values.tolist() == [[8.0, 2.0, 512]]
    row = corpus.row(survey, "a_1.edf")
    assert row["status"] == "repaired"
    assert "sz 8 to 13 s" in row["reason"]
    assert "(10 s)" in row["reason"]


def test_an_event_after_the_end_is_left_out_and_told(corpus):
    survey = _seizure(corpus, 10, 5)
    assert survey.events.empty
    assert survey.inventory["annotated"].tolist() == [True]
    assert "begins after the end" in corpus.row(survey, "a_1.edf")["reason"]


@pytest.mark.parametrize(("onset", "duration"), [(1, 0), (1, -2), ("nan", 1), (1e300, 3), ("n/a", 1)])
def test_impossible_times_refuse_the_recording_and_the_rest_goes_on(corpus, onset, duration):
    corpus.edf("b_1.edf")
    survey = _seizure(corpus, onset, duration)
    assert survey.inventory["participant"].tolist() == ["b"]
    assert corpus.row(survey, "a_1.edf")["failed"]
    assert corpus.row(survey, "a_1_events.tsv")["status"] == "refused"
    assert not corpus.row(survey, "a_1_events.tsv")["failed"]


def test_an_event_that_begins_before_the_recording_is_cut_at_its_start_and_told(corpus):
    survey = _seizure(corpus, -1.5, 3)
    assert survey.events[["onset", "duration", "onset_sample", "n_samples"]].values.tolist() == [
        [0.0, 1.5, 0, 384]
    ]
    reason = corpus.row(survey, "a_1.edf")["reason"]
    assert "sz -1.5 to 1.5 s begins before the recording and is cut at its start" in reason


def test_an_event_that_ends_before_the_recording_begins_is_left_out_and_told(corpus):
    survey = _seizure(corpus, -5, 5)
    assert survey.events.empty
    assert "ends before the recording begins and is left out" in corpus.row(survey, "a_1.edf")["reason"]


def test_overlapping_seizures_are_kept_and_counted_once(corpus):
    corpus.edf("a_1.edf")
    corpus.text("a_1_events.tsv", HEAD + "1\t3\tsz\n2\t3\tsz\n2\t3\tsz\n7\t1\tsz\n")
    survey = corpus.survey()
    assert len(survey.events) == 4
    assert survey.inventory[["n_seizures", "seizure_seconds"]].values.tolist() == [[2, 5.0]]


def test_a_background_row_says_that_somebody_looked(corpus):
    corpus.edf("a_1.edf")
    corpus.text("a_1_events.tsv", HEAD + "0\t10\tbckg\n")
    assert corpus.survey().inventory[["annotated", "n_seizures"]].values.tolist() == [[True, 0]]


def test_two_files_with_one_name_are_both_refused_naming_each_other(corpus):
    corpus.edf("x/a_1.edf")
    corpus.edf("y/A_1.edf")
    corpus.edf("z_1.edf")
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["z"]
    assert "y/A_1.edf" in corpus.row(survey, "x/a_1.edf")["reason"]
    assert "x/a_1.edf" in corpus.row(survey, "y/A_1.edf")["reason"]


def test_every_file_has_one_row(corpus):
    corpus.edf("a_1.edf")
    for name in (
        "notes.txt",
        ".DS_Store",
        "a_2.edf",
        "a_3.edf.gz",
        "a_1.edf.seizures",
        "03_primary/x.parquet",
    ):
        corpus.text(name, "x")
    (corpus.root / "a_4.edf").symlink_to("nowhere")
    report = corpus.survey().report
    assert report["path"].tolist() == sorted(list_folder(corpus.root).files)
    assert report.loc[report["failed"], "path"].tolist() == ["a_2.edf", "a_3.edf.gz", "a_4.edf"]
    assert report.loc[report["failed"], "remedy"].str.len().min() > 0
    assert set(report["status"]) == {"taken", "refused"}


def test_an_edf_the_layout_does_not_know_is_a_failure_not_a_silence(corpus):
    corpus.edf("chb01/chb01_03.edf")
    corpus.edf("chb01/extra.edf")
    row = corpus.row(corpus.survey(), "chb01/extra.edf")
    assert (row["status"], row["failed"]) == ("refused", True)
    assert "corpus.layout=flat" in row["remedy"]


def test_the_tables_do_not_depend_on_the_order_of_files(corpus):
    for participant, run in itertools.product("cab", (2, 1)):
        corpus.edf(f"{participant}_{run}.edf", seconds=2)
        corpus.text(f"{participant}_{run}.tsv", HEAD + "1\t1\tsz\n0\t1\tbckg\n")
    listing = list_folder(corpus.root)
    files = list(listing.files)
    random.Random(1).shuffle(files)
    once = survey_corpus(listing, "flat", IngestOptions())
    again = survey_corpus(FolderListing(listing.root, tuple(files)), "flat", IngestOptions())
    for one, other in zip(once.tables, again.tables, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_tables_have_their_columns_and_types_even_when_empty(corpus):
    corpus.text("a_1.edf", "not an EDF")
    for table, columns in zip(
        corpus.survey().tables,
        (INVENTORY_COLUMNS, EVENT_COLUMNS, REPORT_COLUMNS, VOTE_COLUMNS),
        strict=True,
    ):
        assert table.dtypes.astype(str).to_dict() == columns


SECRETS = [
    "Doe",
    "Jane",
    "MRN",
    "1961",
    "Rm12",
    "ADM55",
    "TechSm",
    "Nihon",
    "2019",
    "13.37",
    "14:03",
    "-MAR-",
    "-JUL-",
]


def _identified(corpus):
    patient = edfio.Patient(
        name="Doe_Jane", code="MRN77", sex="F", birthdate=datetime.date(1961, 7, 23), additional=("Rm12",)
    )
    recording = edfio.Recording(
        startdate=datetime.date(2019, 3, 14),
        hospital_administration_code="ADM5521",
        investigator_technician_code="TechSmith",
        equipment_code="Nihon42",
    )
    start = datetime.time(13, 37, 11)
    return corpus.edf("a_1.edf", patient=patient, recording=recording, starttime=start).read_bytes()


def test_patient_and_recording_fields_never_reach_a_table(corpus):
    whole = _identified(corpus)
    assert b"Doe_Jane" in whole[:256]
    (corpus.root / "b_1.edf").write_bytes(whole[:200])  # cut in the header, behind the patient field
    (corpus.root / "c_1.edf").write_bytes(whole[:168] + b"14:03:85" + whole[176:])
    (corpus.root / "d_1.edf").write_bytes(b"1" + whole[1:])  # no EDF by its version field
    (corpus.root / "e_1.edf").write_bytes(whole[:252] + b"9999" + whole[256:])  # more signals than bytes
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["a", "c"]
    text = "\n".join(table.to_csv() for table in survey.tables).lower()
    assert not [secret for secret in SECRETS if secret.lower() in text]
