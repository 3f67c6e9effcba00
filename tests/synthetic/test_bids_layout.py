import json

import edfio
import pandas as pd
import pytest

LAYOUT = "bids"


@pytest.fixture
def folder(root):
    return root / "bids"


def stem(plan):
    who = f"sub-{plan.participant}"
    return f"{who}/ses-01/eeg/{who}_ses-01_task-szMonitoring_run-{plan.run[-2:]}"


def test_every_recording_has_signal_sidecar_and_events(folder, plans):
    for plan in plans:
        assert all(
            (folder / f"{stem(plan)}_{part}").is_file() for part in ("eeg.edf", "eeg.json", "events.tsv")
        )


def test_signals_are_those_of_szcore(folder, plans, shared_data):
    real = edfio.read_edf(shared_data / "edf/szcore_unipolar.edf")
    ours = edfio.read_edf(folder / f"{stem(plans[0])}_eeg.edf")
    assert ours.labels == real.labels
    assert ours.signals[0].sampling_frequency == 256
    assert (ours.reserved, str(ours.patient.name)) == ("EDF+C", "X")


def test_event_columns_and_decimals_are_those_of_szcore(folder, plans, shared_data):
    real = (shared_data / "szcore/epilepsy2bids_sample_events.tsv").read_text().splitlines()
    ours = (folder / f"{stem(plans[0])}_events.tsv").read_text().splitlines()
    assert ours[0] == real[0]
    assert ours[1].split("\t")[-1] == "60.00"
    assert all(len(cell.split(".")[1]) == 2 for cell in ours[1].split("\t")[:2])


def test_events_are_the_true_seizures(folder, plans):
    for plan in plans:
        events = pd.read_csv(folder / f"{stem(plan)}_events.tsv", sep="\t")
        seizures = events[events["eventType"].str.startswith("sz")]
        assert seizures["onset"].tolist() == pytest.approx([s.onset for s in plan.seizures])
        assert seizures["duration"].tolist() == pytest.approx([s.duration for s in plan.seizures])


def test_a_recording_without_seizure_has_one_background_row_over_its_length(folder, plans):
    plan = next(plan for plan in plans if not plan.seizures)
    events = pd.read_csv(folder / f"{stem(plan)}_events.tsv", sep="\t")
    assert events[["onset", "duration", "eventType"]].to_numpy().tolist() == [[0.0, 60.0, "bckg"]]


def test_the_data_set_is_described(folder, plans):
    assert json.loads((folder / "dataset_description.json").read_text())["BIDSVersion"]
    people = pd.read_csv(folder / "participants.tsv", sep="\t")
    assert people["participant_id"].tolist() == sorted({f"sub-{plan.participant}" for plan in plans})
