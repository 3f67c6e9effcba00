import numpy as np
import pandas as pd
import pytest

from eeg_kedro.corpora.recording_quality import COLUMNS, describe_recordings
from tests.corpora.footers import BARE, FULL


@pytest.fixture
def inventory():
    return pd.DataFrame(
        {
            "participant": ["b", "a"],
            "person": ["b", "a"],
            "session": "",
            "run": "1",
            "split": "",
            "annotated": True,
        }
    )


def test_one_row_per_recording_sorted(inventory):
    table = describe_recordings(inventory, {"a_1": BARE}, {})
    assert list(table["participant"]) == ["a", "b"]
    assert list(table["state"]) == ["done", "failed"]


def test_a_footer_becomes_lengths_rows_and_masks(inventory):
    row = describe_recordings(inventory, {"a_1": BARE}, {}).iloc[0]
    assert (row.n_rows, row.duration, row.n_channels) == (2, 5000 / 256, 2)
    assert (row.bad_channels, row.missing_channels, row.median_rms_uv) == (["P3: flat"], ["FZ"], 15.0)


def test_a_recording_names_its_raw_file_and_a_failed_one_none(inventory):
    table = describe_recordings(inventory, {"a_1": BARE}, {})
    assert table["source_fingerprint"].tolist() == ["5e0f", ""]


def test_a_failure_keeps_its_reason_and_remedy(inventory):
    status = {"b_1": {"state": "failed", "error": "gap at 12 s", "remedy": "split it"}}
    row = describe_recordings(inventory, {"a_1": BARE}, status).iloc[1]
    assert (row.error, row.remedy, row.n_times) == ("gap at 12 s", "split it", 0)


def test_an_empty_inventory_keeps_its_columns(inventory):
    assert list(describe_recordings(inventory.iloc[:0], {}, {}).columns) == [*COLUMNS]


def test_a_cleaned_recording_tells_its_quality_and_what_was_removed(inventory):
    row = describe_recordings(inventory, {"a_1": FULL}, {}).iloc[0]
    assert (row.score, row.found_eye, row.residual_eye, row.ica_variance_removed) == (0.8, 0.2, 0.1, 0.2)
    assert row.ica_removed == ["eye 0.98 (component 0)"]
    assert (row.interpolated_channels, row.masked_channels) == (["C4"], ["P3"])
    assert (row.n_pops, row.n_spikes, row.n_repaired, row.line_freq) == (3, 1, 4, 60.0)
    assert row.steps == ["ica: 1 removed", "drift (not done): x"]


def test_what_was_switched_off_is_missing_and_not_zero(inventory):
    row = describe_recordings(inventory, {"a_1": BARE}, {}).iloc[0]
    assert np.isnan([row.score, row.snr_db, row.found_eye, row.ica_variance_removed, row.line_freq]).all()
    assert (row.ica_note, row.ica_removed, row.steps, row.n_pops) == ("", [], [], 0)


def test_a_failed_recording_has_no_score(inventory):
    row = describe_recordings(inventory, {"a_1": FULL}, {}).iloc[1]
    assert np.isnan([row.score, row.residual_muscle]).all()
    assert (row.ica_flag, row.masked_channels) == ("", [])
