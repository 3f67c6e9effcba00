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
