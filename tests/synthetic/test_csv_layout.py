import json

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.synthetic.recording import compose_recording

LAYOUT = "csv"
FACTORS = {"uV": 1.0, "mV": 1e-3}


@pytest.fixture
def folder(root):
    return root / "csv"


def read(folder, plan):
    stem = f"{plan.participant}_{plan.run}"
    return pd.read_csv(folder / f"{stem}.csv"), json.loads((folder / f"{stem}.json").read_text())


@pytest.mark.parametrize("number", [0, 2])
def test_table_and_sidecar_give_the_composed_microvolts(folder, plans, number):
    table, sidecar = read(folder, plans[number])
    stored = table.drop(columns="time").to_numpy().T / FACTORS[sidecar["unit"]]
    assert np.abs(stored - compose_recording(plans[number])).max() < 0.0051


def test_the_sidecar_states_rate_and_unit_and_both_vary(folder, plans):
    sidecars = [read(folder, plan)[1] for plan in plans]
    assert all({*sidecar} == {"sfreq", "unit"} for sidecar in sidecars)
    assert {(sidecar["sfreq"], sidecar["unit"]) for sidecar in sidecars} == {(128, "uV"), (200, "mV")}


def test_time_counts_samples(folder, plans):
    table, sidecar = read(folder, plans[0])
    assert np.allclose(table["time"], np.arange(len(table)) / sidecar["sfreq"])
    assert table.columns.tolist() == ["time", *plans[0].ch_names]


def test_events_are_the_true_seizures(folder, plans):
    for plan in plans:
        events = pd.read_csv(folder / f"{plan.participant}_{plan.run}_events.tsv", sep="\t")
        onsets = events.loc[events["eventType"] != "bckg", "onset"]
        assert onsets.tolist() == pytest.approx([s.onset for s in plan.seizures])
