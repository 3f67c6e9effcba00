import numpy as np
import pytest

from eeg_kedro.corpora.component_table import CLASSES
from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.errors import ParameterError
from eeg_kedro.io.window_parquet import WindowFile, WindowOptions
from eeg_kedro.pipelines.clean.nodes import plan_cleaning
from eeg_kedro.pipelines.window.nodes import collect_quality, cut_recordings, draw_cleaning
from eeg_kedro.signal.cleaning import CleanOptions


@pytest.fixture
def windows(fabricated, survey, tmp_path):
    inventory = survey("bids").inventory
    plan = plan_cleaning(inventory, list_folder(fabricated / "bids"), CleanOptions())
    for key, job in cut_recordings(plan, WindowOptions()).items():
        job().write(tmp_path / f"{key}.parquet")
    return {key: lambda key=key: WindowFile(tmp_path / f"{key}.parquet") for key in plan}


def test_planning_reads_nothing(survey, tmp_path):
    plan = plan_cleaning(survey("bids").inventory, list_folder(tmp_path), CleanOptions())
    assert len(plan) == 3


def test_planning_without_an_inventory_says_what_to_run(tmp_path):
    with pytest.raises(ParameterError, match="--pipelines=ingest"):
        plan_cleaning(None, list_folder(tmp_path), CleanOptions())


def test_quality_tells_the_length_at_the_cleaned_rate(windows, survey):
    made = collect_quality(windows, survey("bids").inventory)
    quality = made["prm_recording_quality"]
    assert quality["n_times"].tolist() == [120 * 256] * 3
    assert made["report_window_metrics"]["hours"]["value"] == pytest.approx(0.1)


def test_every_channel_and_second_of_a_recording_is_in_the_tables(windows, survey):
    made = collect_quality(windows, survey("bids").inventory)
    assert made["prm_second_quality"].groupby("participant", observed=True).size().tolist() == [120] * 3
    assert made["prm_second_quality"]["score"].between(0, 1).all()
    n_channels = made["prm_recording_quality"]["n_channels"].sum()
    assert (~made["prm_channel_quality"]["masked"]).sum() == n_channels
    assert {*made["prm_ica_components"]["label"]} <= {*CLASSES}


def test_a_recording_without_windows_is_reported_as_failed(windows, survey):
    first, *others = windows
    quality = collect_quality({key: windows[key] for key in others}, survey("bids").inventory)[
        "prm_recording_quality"
    ]
    assert (
        dict(zip(quality["participant"] + "_" + quality["run"], quality["state"], strict=True))[first]
        == "failed"
    )


def test_the_page_shows_the_same_channels_raw_and_cleaned(windows, survey, fabricated):
    found = survey("bids")
    figure = draw_cleaning(list_folder(fabricated / "bids"), found.inventory, found.events, windows)
    names = [trace.name for trace in figure.data]
    assert names[: len(names) // 2] == names[len(names) // 2 :]
    assert all(np.isfinite(trace.y).all() for trace in figure.data)
