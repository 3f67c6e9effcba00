import numpy as np
import pandas as pd
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.errors import LayoutError, ParameterError
from eeg_kedro.pipelines.categorize import create_pipeline
from eeg_kedro.pipelines.categorize.nodes import categorize_windows
from eeg_kedro.sampling.categories import CategorizeOptions

OPTIONS = CategorizeOptions(window_seconds=8, stride_seconds=8)
NPZ = CategorizeOptions(source="npz_cache", npz_sfreq=16, stride_seconds=1)
EVENTS = pd.DataFrame(
    [("a", "1", 4.0, 10.0, "seiz", "seizure")],
    columns=["participant", "run", "onset", "duration", "label", "kind"],
)


def quality():
    rows = [("a", "1", 256.0, 6144, 24.0, True, "done"), ("a", "2", 0.0, 0, 0.0, True, "failed")]
    columns = ["participant", "run", "sfreq", "n_times", "duration", "annotated", "state"]
    return pd.DataFrame(rows, columns=columns).assign(n_channels=19)


def test_failed_recordings_have_no_window_and_are_named():
    made = categorize_windows(quality(), EVENTS, None, OPTIONS)
    assert made["prm_window_manifest"]["seizure_samples"].tolist() == [1024, 1536, 0]
    assert made["report_categories"]["failed_runs"].tolist() == ["2"]
    assert made["report_category_metrics"]["partial_seizure"] == {"step": 0, "value": 2.0}


def test_windows_have_the_quality_of_their_seconds():
    seconds = pd.DataFrame(
        {"participant": "a", "run": "1", "second": range(24), "score": [0.5] * 8 + [1.0] * 16}
    )
    seconds = seconds.assign(artefact_share=0.0, snr_db=9.0)
    made = categorize_windows(quality(), EVENTS, None, OPTIONS, seconds)
    assert made["prm_window_manifest"]["quality"].tolist() == [0.5, 1.0, 1.0]


@pytest.mark.parametrize(("table", "events"), [(None, EVENTS), (quality(), None)])
def test_a_missing_table_names_the_pipeline_to_run(table, events):
    with pytest.raises(ParameterError, match="process_primary"):
        categorize_windows(table, events, None, OPTIONS)


def test_a_cache_needs_neither_recordings_nor_events(tmp_path):
    np.savez(tmp_path / "a_1_windows.npz", windows=np.zeros((2, 3, 16)), labels=np.eye(2, 16))
    made = categorize_windows(None, None, list_folder(tmp_path), NPZ)
    assert made["prm_window_manifest"]["category"].tolist() == ["partial_seizure"] * 2


def test_a_missing_cache_folder_names_the_parameter():
    with pytest.raises(LayoutError, match=r"categorize\.npz_root"):
        categorize_windows(None, None, None, NPZ)


def test_every_node_is_tagged():
    assert all(node.tags == {"categorize"} for node in create_pipeline().nodes)
