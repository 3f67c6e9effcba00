import pandas as pd
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus

SUMMARY = """File Name: {name}
Number of Seizures in File: 1
Seizure Start Time: 2 seconds
Seizure End Time: 5 seconds
"""


def test_runs_of_parts_and_plus_files_keep_their_own_names(corpus):
    for name in ("chb17/chb17a_03.edf", "chb02/chb02_16.edf", "chb02/chb02_16+.edf", "chb21/chb21_01.edf"):
        corpus.edf(name)
    inventory = corpus.survey("chbmit").inventory
    assert list(zip(inventory["participant"], inventory["run"], strict=True)) == [
        ("chb02", "16"),
        ("chb02", "16plus"),
        ("chb17", "a-03"),
        ("chb21", "01"),
    ]
    assert inventory["person"].tolist() == ["chb02", "chb02", "chb17", "chb01"]


@pytest.mark.parametrize("place", ["chb01/chb01-summary.txt", "chb01-summary.txt"])
def test_the_summary_of_the_case_gives_the_seizures(corpus, place):
    corpus.edf("chb01/chb01_03.edf")
    corpus.edf("chb01/chb01_04.edf")
    corpus.text(place, SUMMARY.format(name="chb01_03.edf"))
    survey = corpus.survey()
    assert survey.inventory["annotated"].tolist() == [True, False]
    assert survey.events[["onset", "duration", "label"]].values.tolist() == [[2.0, 3.0, "seizure"]]
    assert corpus.row(survey, place)["status"] == "taken"


def test_without_annotations_nobody_looked(shared_data):
    survey = survey_corpus(list_folder(shared_data / "chbmit_hollow"), "chbmit", IngestOptions())
    assert survey.inventory["annotated"].tolist() == [False, False]
    assert (
        survey.report.loc[survey.report["kind"] == "recording", "remedy"]
        .str.contains("annotations_root")
        .all()
    )


@pytest.mark.parametrize("place", ["chbmit", "chbmit/bids"])
def test_hollow_recordings_find_their_seizures_in_another_folder(shared_data, place):
    options = IngestOptions(annotations_root=str(shared_data / place))
    survey = survey_corpus(list_folder(shared_data / "chbmit_hollow"), "auto", options)
    assert survey.events[["participant", "run", "onset", "duration"]].values.tolist() == [
        ["chb01", "03", 2996.0, 40.0],
        ["chb03", "01", 362.0, 52.0],
    ]
    assert survey.events["onset_sample"].tolist() == [2996 * 256, 362 * 256]
    assert survey.inventory["duration"].tolist() == [3600.0, 3600.0]
    assert not survey.report["failed"].any()


def test_summaries_and_bids_events_agree(shared_data):
    options = IngestOptions(annotations_root=str(shared_data / "chbmit"))
    report = survey_corpus(list_folder(shared_data / "chbmit_hollow"), "chbmit", options).report
    compared = report[report["path"].str.endswith("_events.tsv")]
    assert compared["reason"].tolist() == ["only compared: agrees on the seizures"] * 2


def test_the_whole_table_of_seizures_is_found_through_the_summaries(shared_data, corpus):
    for row in pd.read_csv(shared_data / "chbmit" / "seizures.csv").itertuples():
        name = f"{row.patient}/{row.patient}_{row.run:02d}.edf"
        corpus.edf(name, names=("FP1-F7",), sfreq=8, seconds=3700)
    inventory = corpus.survey(annotations_root=str(shared_data / "chbmit")).inventory
    assert inventory["n_seizures"].sum() == 19
    assert inventory.groupby("participant")["n_seizures"].sum().to_dict() == {
        "chb01": 7,
        "chb03": 7,
        "chb05": 5,
    }


def test_a_folder_of_annotations_alone_gives_every_seizure(shared_data):
    survey = survey_corpus(list_folder(shared_data / "chbmit"), "auto", IngestOptions())
    table = pd.read_csv(shared_data / "chbmit" / "seizures.csv")
    mine = survey.events[["participant", "onset", "duration"]].assign(run=survey.events["run"].astype(int))
    assert survey.layout == "chbmit"
    assert mine[["participant", "run", "onset", "duration"]].values.tolist() == table.values.tolist()
    assert survey.events["onset_sample"].tolist() == (table["onset_s"] * 256).astype(int).tolist()
    assert mine.groupby("participant").size().to_dict() == {"chb01": 7, "chb03": 7, "chb05": 5}
    assert not survey.events["has_signal"].any()


def test_summaries_and_bids_events_of_absent_recordings_are_compared(shared_data):
    report = survey_corpus(list_folder(shared_data / "chbmit"), "chbmit", IngestOptions()).report
    compared = report[report["path"].str.endswith("_events.tsv")]
    assert compared["reason"].tolist() == ["only compared: agrees on the seizures"] * 19
    assert len(report) == len(list_folder(shared_data / "chbmit").files)
    assert not report["failed"].any()


def test_bids_events_alone_are_numbered_as_the_files_would_be(shared_data):
    survey = survey_corpus(list_folder(shared_data / "chbmit" / "bids"), "auto", IngestOptions())
    assert survey.layout == "chbmit"
    assert len(survey.events) == 19
    assert survey.events["run"].iloc[0] == "03"


def test_a_summary_tells_of_recordings_that_are_not_here_in_one_row(corpus):
    corpus.edf("chb01/chb01_03.edf")
    text = "".join(SUMMARY.format(name=f"chb01_{number:02d}.edf") + "\n" for number in range(1, 40))
    corpus.text("chb01/chb01-summary.txt", text)
    survey = corpus.survey()
    assert survey.events["has_signal"].value_counts().to_dict() == {False: 38, True: 1}
    assert survey.inventory["run"].tolist() == ["03"]
    assert survey.report["path"].tolist() == ["chb01/chb01-summary.txt", "chb01/chb01_03.edf"]


def test_another_folder_of_annotations_adds_no_recording(corpus, shared_data):
    corpus.edf("chb01/chb01_03.edf", seconds=3600, sfreq=8)
    survey = corpus.survey(annotations_root=str(shared_data / "chbmit"))
    assert survey.events[["run", "has_signal"]].values.tolist() == [["03", True]]


def test_a_flaw_in_the_section_of_an_absent_recording_is_told_by_the_summary(corpus):
    good = SUMMARY.format(name="chb01_01.edf")
    bad = SUMMARY.format(name="chb01_02.edf").replace("5 seconds", "1 seconds")
    corpus.text("chb01-summary.txt", good + bad + SUMMARY.format(name="other.edf"))
    survey = corpus.survey()
    row = corpus.row(survey, "chb01-summary.txt")
    assert survey.events["run"].tolist() == ["01"]
    assert (row["status"], row["failed"]) == ("repaired", False)
    assert "ends before it starts" in row["reason"]
    assert "no recording of CHB-MIT" in row["reason"]


def test_bids_events_that_disagree_are_an_error_with_both_values(corpus):
    corpus.edf("chb01/chb01_03.edf")
    corpus.text("chb01/chb01-summary.txt", SUMMARY.format(name="chb01_03.edf"))
    corpus.text("bids/sub-chb01_task-rest_run-3_events.tsv", "onset\tduration\ttrial_type\n7\t2\tseizure\n")
    reason = corpus.row(corpus.survey(), "chb01/chb01_03.edf")["reason"]
    assert "seizure 1 at 2 to 5 s" in reason
    assert "seizure 1 at 7 to 9 s" in reason


def test_bids_events_of_a_number_that_two_parts_share_are_nobodys(corpus):
    for part in "ab":
        corpus.edf(f"chb17/chb17{part}_03.edf")
    corpus.text("bids/sub-chb17_task-rest_run-3_events.tsv", "onset\tduration\ttrial_type\n7\t2\tseizure\n")
    survey = corpus.survey()
    assert survey.events.empty
    assert corpus.row(survey, "bids/sub-chb17_task-rest_run-3_events.tsv")["status"] == "refused"


def test_the_bids_copy_of_the_corpus_is_bids(corpus):
    corpus.edf("sub-chb01/eeg/sub-chb01_task-rest_run-3_eeg.edf")
    corpus.text("sub-chb01/eeg/sub-chb01_task-rest_run-3_events.tsv", "onset\tduration\ttrial_type\n")
    assert corpus.survey().layout == "bids"


def test_binary_seizure_files_are_named_and_not_read(corpus):
    corpus.edf("chb01/chb01_03.edf")
    corpus.text("chb01/chb01_03.edf.seizures", "x")
    row = corpus.row(corpus.survey(), "chb01/chb01_03.edf.seizures")
    assert (row["kind"], row["status"], row["failed"]) == ("sidecar", "refused", False)
    assert "summary" in row["reason"]


def test_a_unipolar_montage_in_the_middle_of_a_case_and_dummy_channels_are_read(corpus):
    corpus.edf("chb12/chb12_26.edf", names=("FP1-F7", "-", "T8-P8", "T8-P8"))
    corpus.edf("chb12/chb12_27.edf", names=("FP1", "F7-CS2", "F3-CS2", "ECG"))
    inventory = corpus.survey().inventory.set_index("run")
    assert inventory["montage"].to_dict() == {"26": "bipolar", "27": "referential"}
    assert inventory.loc["26", "ch_names"][0] == "FP1-F7"
    assert any(text.startswith("-:") for text in inventory.loc["26", "other_channels"])


def test_a_section_whose_name_has_thousands_of_digits_is_told(corpus):
    corpus.text("chb01-summary.txt", SUMMARY.format(name="chb01_" + "1" * 5000 + ".edf"))
    row = corpus.row(corpus.survey(), "chb01-summary.txt")
    assert (row["status"], row["failed"], len(row["reason"]) < 500) == ("refused", False, True)
