import pandas as pd
import pytest

from eeg_kedro.corpora.recording_quality import COLUMNS, describe_recordings

FOOTER = {
    "sfreq": 256.0,
    "n_times": 5000,
    "n_tail": 904,
    "window_length": 2048,
    "n_bytes": 10,
    "ch_names": ["C3", "C4"],
    "reference": "average",
    "montage": "referential",
    "missing_channels": ["FZ"],
    "bad_channels": [{"name": "P3", "reason": "flat"}],
    "quality": {"rms_uv": [10.0, 20.0]},
    "edge_seconds": 3.3,
}


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
    table = describe_recordings(inventory, {"a_1": FOOTER}, {})
    assert list(table["participant"]) == ["a", "b"]
    assert list(table["state"]) == ["done", "failed"]


def test_a_footer_becomes_lengths_rows_and_masks(inventory):
    row = describe_recordings(inventory, {"a_1": FOOTER}, {}).iloc[0]
    assert (row.n_rows, row.duration, row.n_channels) == (2, 5000 / 256, 2)
    assert (row.bad_channels, row.missing_channels, row.median_rms_uv) == (["P3: flat"], ["FZ"], 15.0)


def test_a_failure_keeps_its_reason_and_remedy(inventory):
    status = {"b_1": {"state": "failed", "error": "gap at 12 s", "remedy": "split it"}}
    row = describe_recordings(inventory, {"a_1": FOOTER}, status).iloc[1]
    assert (row.error, row.remedy, row.n_times) == ("gap at 12 s", "split it", 0)


def test_an_empty_inventory_keeps_its_columns(inventory):
    assert list(describe_recordings(inventory.iloc[:0], {}, {}).columns) == [*COLUMNS]
