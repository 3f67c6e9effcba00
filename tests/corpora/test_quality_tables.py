import json

import numpy as np
import pandas as pd

from eeg_kedro.corpora.channel_quality import CHANNEL_COLUMNS, describe_channels
from eeg_kedro.corpora.component_table import COMPONENT_COLUMNS, list_components
from eeg_kedro.corpora.second_quality import list_seconds
from tests.corpora.footers import BARE, FULL

OTHER = FULL | {"participant": "A", "run": "2"}


def test_every_channel_has_a_row_with_verdict_and_score():
    table = describe_channels({"a_1": FULL})
    assert table["channel"].tolist() == ["C3", "C4", "P3"]
    assert table[["bad", "interpolated", "masked"]].to_numpy().tolist() == [
        [False, False, False],
        [True, True, False],
        [True, False, True],
    ]
    assert json.loads(table["measures"].iat[0]) == {"correlation": 0.9}
    assert table["kinds"].tolist() == [[], ["noise"], ["flat"]]


def test_a_masked_channel_has_no_score():
    scores = describe_channels({"a_1": FULL})["score"]
    assert scores.tolist()[:2] == [0.9, 0.0]
    assert np.isnan(scores.iat[2])


def test_without_verdicts_the_channels_that_are_there_and_those_masked_are_listed():
    table = describe_channels({"a_1": BARE})
    assert table[["channel", "masked"]].to_numpy().tolist() == [["C3", False], ["C4", False], ["P3", True]]
    assert (table["reason"].tolist(), table["rms_uv"].tolist()[:2]) == (["", "", "flat"], [10.0, 20.0])


def test_every_component_has_a_row_and_unknown_numbers_are_missing():
    table = list_components({"a_1": FULL})
    assert table[["label", "removed"]].to_numpy().tolist() == [["eye", True], ["brain", False]]
    assert table["p_eye"].iat[0] == 0.98
    assert table[["p_heart", "ecg_correlation"]].isna().all(axis=None)


def test_recordings_are_sorted_whatever_the_order_of_files():
    for tabulate in (describe_channels, list_components, list_seconds):
        pd.testing.assert_frame_equal(
            tabulate({"a_1": FULL, "A_2": OTHER}), tabulate({"A_2": OTHER, "a_1": FULL})
        )


def test_every_second_has_a_row():
    table = list_seconds({"a_1": FULL, "A_2": OTHER})
    assert table["participant"].astype(str).tolist() == ["A", "A", "a", "a"]
    assert table["second"].tolist() == [0, 1, 0, 1]
    assert table["score"].tolist() == [0.5, 1.0, 0.5, 1.0]
    assert table["snr_db"].dtype == np.float32


def test_no_recording_gives_empty_tables_with_all_columns():
    assert list(describe_channels({}).columns) == [*CHANNEL_COLUMNS]
    assert list(list_components({"a_1": BARE}).columns) == [*COMPONENT_COLUMNS]
    assert list(list_seconds({"a_1": BARE}).columns) == [
        "participant",
        "run",
        "second",
        "score",
        "artefact_share",
        "snr_db",
    ]


def test_tables_survive_parquet(tmp_path):
    for tabulate in (describe_channels, list_components, list_seconds):
        table = tabulate({"a_1": FULL})
        table.to_parquet(tmp_path / "x.parquet")
        assert len(pd.read_parquet(tmp_path / "x.parquet")) == len(table) > 0
