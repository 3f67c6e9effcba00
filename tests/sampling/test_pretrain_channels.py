import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.pretrain_channels import find_neighbourhoods, find_scales
from eeg_kedro.signal.electrodes import STANDARD_19
from tests.sampling.planned_runs import CHANNELS, SIGNALS, make_options, make_plan, places, write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    reader = write_corpus(folder)
    return reader, {key: folder / f"{'_'.join(key)}.parquet" for key in reader.runs}


def region_of(*names):
    return find_neighbourhoods(places(names)).tolist()


def test_the_standard_19_fall_into_eight_regions_of_two_or_three_neighbours():
    regions = region_of(*STANDARD_19)
    assert np.bincount(regions).tolist() == [3, 3, 2, 2, 2, 2, 3, 2]
    assert len({*region_of("FP1", "F3", "F7")}) == len({*region_of("FZ", "CZ", "PZ")}) == 1


def test_dense_caps_and_new_names_follow_their_nearest_standard_electrode():
    assert region_of("T7", "P7", "AF3", "CPZ", "POZ", "OZ") == region_of("T3", "T5", "FP1", "PZ", "PZ", "O2")
    assert region_of("CP4") == region_of("P4") != region_of("CP3")


def test_one_constant_is_the_scale_of_all(corpus):
    plan = make_plan(corpus[0], scale={"kind": "microvolts", "microvolts": 30.0}).query("side != 'none'")
    assert {*plan["center"]} == {0.0}
    assert {*plan["spread"]} == {30.0}


def test_the_robust_scale_is_the_median_over_training_recordings_alone(corpus):
    plan = make_plan(*corpus[:1], files=corpus[1], scale={"kind": "robust"}).query("side != 'none'")
    training = [key for key in CHANNELS if key[0] in "ab"]
    quartiles = [np.quantile(SIGNALS[k][CHANNELS[k].index("C3")], [0.25, 0.5, 0.75]) for k in training]
    row = plan[plan["channel"] == "C3"].iloc[-1]
    assert row["participant"] == "c"  # scaled with what training gave
    assert row["center"] == pytest.approx(np.median([q[1] for q in quartiles]), abs=1e-5)
    assert row["spread"] == pytest.approx(np.median([q[2] - q[0] for q in quartiles]), rel=1e-5)


def test_channels_no_training_recording_has_get_the_typical_scale(corpus):
    training = pd.DataFrame([("a", "2", "O1"), ("a", "2", "C3")], columns=["participant", "run", "channel"])
    scale = make_options(scale={"kind": "robust"}).scale
    found = find_scales(["C3", "O1", "PZ"], scale, training, corpus[1])
    assert found.loc["PZ"].tolist() == found.loc[["C3", "O1"]].median().tolist()


def test_a_flat_channel_stays_in_microvolts(monkeypatch, corpus):
    footer = {"ch_names": ["C3"], "scale": {"median": [1.5], "iqr": [0.0]}}
    monkeypatch.setattr("eeg_kedro.sampling.pretrain_channels.read_window_metadata", lambda path: footer)
    training = pd.DataFrame([("a", "1", "C3")], columns=["participant", "run", "channel"])
    found = find_scales(["C3"], make_options(scale={"kind": "robust"}).scale, training, corpus[1])
    assert found.loc["C3"].tolist() == [1.5, 1.0]


def test_a_robust_scale_without_footers_is_refused(corpus):
    with pytest.raises(ParameterError, match=r"robust.*microvolts"):
        make_plan(corpus[0], scale={"kind": "robust"})
