"""The real IIIC folders, and the facts that were written down about HMS files, read in place."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from eeg_kedro.corpora import hms
from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.spectrogram_columns import hms_columns, read_spectrogram_facts
from eeg_kedro.schemas import intermediate

VOTES = [f"{name}_vote" for name in ("seizure", "lpd", "gpd", "lrda", "grda", "other")]
LAYOUTS = ("auto", "hms")


@pytest.fixture(scope="session")
def facts(shared_data):
    return json.loads((shared_data / "iiic/hms_format_facts.json").read_text())


@pytest.fixture(scope="session")
def surveys(shared_data):
    """Survey both folders once, with auto."""
    return {
        name: survey_corpus(list_folder(shared_data / name), "auto", IngestOptions())
        for name in ("iiic", "iiic_irr")
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "n_recordings", "n_files"), [("iiic", 12, 17), ("iiic_irr", 7, 11)])
def test_both_folders_are_hms_and_every_recording_is_taken(shared_data, layout, name, n_recordings, n_files):
    survey = survey_corpus(list_folder(shared_data / name), layout, IngestOptions())
    assert (survey.layout, len(survey.inventory), len(survey.report)) == ("hms", n_recordings, n_files)
    assert not survey.report["failed"].any()


@pytest.mark.parametrize("name", ["iiic", "iiic_irr"])
def test_the_tables_are_what_their_schemas_say(surveys, name):
    survey = surveys[name]
    assert intermediate.INVENTORY.validate(survey.inventory) is survey.inventory
    assert intermediate.EVENTS.validate(survey.events) is survey.events
    assert intermediate.VOTES.validate(survey.votes) is survey.votes


def test_no_other_folder_is_taken_for_hms(shared_data):
    others = [
        path for path in shared_data.iterdir() if path.is_dir() and path.name not in ("iiic", "iiic_irr")
    ]
    assert len(others) > 5
    assert [path.name for path in others if hms.recognize(list_folder(path))] == []


def test_the_table_has_the_columns_of_the_competition_in_order(shared_data, facts):
    columns = pd.read_csv(shared_data / "iiic/train.csv", nrows=0).columns.tolist()
    assert columns[: len(facts["train_csv_columns"])] == facts["train_csv_columns"]


def test_eegs_are_as_the_facts_say(shared_data, surveys, facts):
    inventory = surveys["iiic"].inventory
    assert set(inventory["sfreq"]) == {facts["eeg_rate_hz"]}
    assert set(inventory["n_times"]) <= set(facts["eeg_rows_seen"])
    electrodes = {name.upper() for name in facts["eeg_columns"]} - {"EKG"}
    assert all(set(names) == electrodes for names in inventory["ch_names"])
    assert set(inventory["aux_names"].str[0]) == {"EKG"}
    for source in inventory["source"]:
        schema = pq.read_schema(shared_data / "iiic" / source)
        assert (schema.names, {str(t) for t in schema.types}) == (facts["eeg_columns"], {"float"})


def test_the_labelled_part_is_the_middle_of_fifty_seconds(surveys, facts):
    assert facts["labelled_part"] == "central 10 s of a 50 s window"
    for table in (surveys["iiic"].events, surveys["iiic"].votes):
        assert (table["onset"] + table["duration"] / 2 == 25).all()
        assert (table["duration"] == 10).all()
    assert (surveys["iiic"].inventory["duration"] == 50).all()
    assert not surveys["iiic"].inventory["annotated"].any()


def test_spectrogram_columns_are_rounded_half_up_as_the_facts_say(shared_data, facts):
    assert [*hms_columns()] == facts["spectrogram_columns"]
    assert {"LL_3.13", "RP_15.63"} <= set(hms_columns())
    assert not {"LL_3.12", "RP_15.62"} & set(hms_columns())
    files = sorted((shared_data / "iiic_irr/spectrograms").glob("*.parquet"))
    assert len(files) == 3
    for file in files:
        found = read_spectrogram_facts(SourceFile(str(shared_data / "iiic_irr"), f"spectrograms/{file.name}"))
        table = pd.read_parquet(file)
        assert (found.n_frames, *table.shape) == (300, 300, 401)
        assert (found.renamed, found.extra) == ((), ())
        assert table["time"].tolist() == list(range(1, 600, 2))


def test_twelve_recordings_two_of_each_class_are_read_as_pandas_reads_them(shared_data, surveys):
    table = pd.read_csv(shared_data / "iiic/train.csv")
    assert table["source_sample"].str.split("_").str[0].value_counts().tolist() == [2] * 6
    for _, row in surveys["iiic"].inventory.iterrows():
        expected = pd.read_parquet(shared_data / "iiic" / row["source"]).rename(columns=str.upper)
        assert expected.shape == (10_000, 20)
        samples = np.concatenate(list(plan_opening(str(shared_data / "iiic"), row)().blocks(4096)), axis=1)
        assert np.array_equal(samples, expected[row["ch_names"]].to_numpy(np.float32).T)


@pytest.mark.parametrize(("name", "table"), [("iiic", "train.csv"), ("iiic_irr", "votes.csv")])
def test_votes_are_those_that_pandas_reads(shared_data, surveys, name, table):
    expected = pd.read_csv(shared_data / name / table, dtype={"eeg_id": str}).sort_values("eeg_id")
    votes = surveys[name].votes.sort_values("run")
    assert votes["run"].tolist() == expected["eeg_id"].tolist()
    assert (
        votes[[f"{column}s" for column in VOTES]].to_numpy().tolist() == expected[VOTES].to_numpy().tolist()
    )
    assert votes["consensus"].tolist() == expected["expert_consensus"].str.lower().tolist()
    assert votes["n_votes"].tolist() == expected[VOTES].sum(axis=1).tolist()


def test_one_sample_is_labelled_by_its_votes_and_not_by_its_name(surveys):
    votes = surveys["iiic"].votes.set_index("run").loc["104003"]  # GRDA_sample3
    assert (votes["consensus"], votes["other_votes"], votes["grda_votes"]) == ("other", 2, 1)
    assert surveys["iiic"].events.set_index("run").loc["104003", "label"] == "other"


def test_seven_recordings_of_ten_seconds_are_labelled_from_end_to_end(shared_data, surveys):
    survey = surveys["iiic_irr"]
    assert (survey.inventory["duration"] == 10).all()
    assert survey.inventory["annotated"].all()
    assert set(survey.votes["onset"]) == {0}
    assert sum(survey.votes["spectrogram_id"] != "") == 3
    assert survey.inventory["n_seizures"].sum() == 1


def test_the_exact_ties_are_told_and_have_both_labels(surveys):
    events = surveys["iiic_irr"].events.groupby("run")["label"].apply(list)
    ties = events[events.str.len() > 1]
    assert ties.to_dict() == {"200011": ["gpd", "lrda"], "200016": ["grda", "lrda"]}  # K and P
    report = surveys["iiic_irr"].report.set_index("path")
    assert "2 cuts are ties" in report.loc["votes.csv", "reason"]


def test_tables_of_votes_without_recordings_are_told(surveys):
    report = surveys["iiic"].report.set_index("path")["reason"]
    assert report["all_votes.parquet"].startswith("a table of 15207 rows and 8 columns, votes on cuts")
    assert report["votes_and_predictions.parquet"].startswith(
        "a table of 1000 rows and 12 columns, votes on cuts"
    )
