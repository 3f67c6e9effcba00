import os

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.datasets import ParallelPartitionedDataset, WindowParquetDataset, WrittenTableDataset
from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.io.window_parquet import WindowJob, WindowOptions
from eeg_kedro.pipelines.extract import create_pipeline
from eeg_kedro.pipelines.extract.nodes import compute_features, compute_spectrograms, lay_segments
from eeg_kedro.pipelines.extract.options import ExtractOptions
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.electrodes import STANDARD_19

OPTIONS = ExtractOptions()
OFF = ExtractOptions.model_validate(
    {name: {"enabled": False} for name in ("features", "spectrograms", "segments")}
)
EVENTS = pd.DataFrame(
    [("p", "1", 20.0, 5.0, "seiz", "seizure")],
    columns=["participant", "run", "onset", "duration", "label", "kind"],
)


def make_windows(folder, run, seed):
    x = 20 * np.random.default_rng(seed).standard_normal((19, 64 * 60)).astype(np.float32)
    signal = CleanedSignal("p", run, STANDARD_19, 64.0, x.shape[1], iter([x]), {"montage": "referential"})
    dataset = WindowParquetDataset(filepath=str(folder / f"p_{run}.parquet"))
    dataset.save(WindowJob(signal, WindowOptions(window_length=512)))
    return dataset.load


def quality():
    rows = [("p", "1", 64.0, 3840, True, "done"), ("p", "2", 64.0, 3840, True, "done")]
    columns = ["participant", "run", "sfreq", "n_times", "annotated", "state"]
    return pd.DataFrame(rows, columns=columns).assign(n_channels=19)


@pytest.fixture
def windows(tmp_path):
    return {f"p_{run}": make_windows(tmp_path, run, int(run)) for run in "12"}


@pytest.fixture
def manifest():
    return build_manifest(quality(), EVENTS, CategorizeOptions(window_seconds=20, stride_seconds=10))


def partitions(folder, kind="serial"):
    return ParallelPartitionedDataset(
        path=str(folder), dataset={"type": WrittenTableDataset}, executor={"kind": kind, "max_workers": 2}
    )


@pytest.fixture
def features(windows, manifest, tmp_path):
    dataset = partitions(tmp_path / "features")
    return lambda options=OPTIONS: (dataset.save(compute_features(windows, manifest, options)), dataset)[1]


def test_each_recording_gets_a_table_of_its_windows(features, manifest):
    tables = {key: load() for key, load in features().load().items()}
    assert [*tables] == ["p_1", "p_2"]
    assert len(tables["p_1"]) == 19 * (manifest["run"] == "1").sum()
    assert set(tables["p_2"]["window_index"]) == set(manifest.loc[manifest["run"] == "2", "window_index"])


def test_only_a_window_file_that_was_made_again_makes_its_features_stale(features, tmp_path):
    assert features().summary()["skipped"] == 0
    assert features().summary()["skipped"] == 2
    make_windows(tmp_path, "2", 7)
    later = (tmp_path / "p_2.parquet").stat().st_mtime_ns + 10**9
    os.utime(tmp_path / "p_2.parquet", ns=(later, later))
    assert features().summary()["skipped"] == 1


def test_other_options_make_features_stale(features):
    features()
    assert (
        features(ExtractOptions.model_validate({"features": {"edge_share": 0.9}})).summary()["skipped"] == 0
    )


def test_spectrograms_do_not_depend_on_the_executor(windows, tmp_path):
    for kind in ("serial", "threads"):
        partitions(tmp_path / kind, kind).save(compute_spectrograms(windows, OPTIONS))
    serial, threads = ((tmp_path / kind / "p_1.parquet").read_bytes() for kind in ("serial", "threads"))
    assert serial == threads


def test_segments_are_laid_over_the_recordings_that_are_done():
    made = lay_segments(quality().assign(state=["done", "failed"]), EVENTS, None, {}, {}, OPTIONS)
    assert made["run"].unique().tolist() == ["1"]
    assert made["labels"].tolist() == ["seiz", ""]
    assert made["spectrogram_stop"].tolist() == [24, 29]


def test_a_failed_recording_is_named(windows, manifest, tmp_path, caplog):
    dataset = partitions(tmp_path / "features")
    dataset.save(compute_features(windows, manifest.assign(sfreq=128.0), OPTIONS))
    lay_segments(quality(), EVENTS, None, dataset.load(), {}, OPTIONS)
    assert "features failed: p_1: p_1: the manifest is not of these windows" in caplog.text


def test_what_is_switched_off_is_not_made(windows, manifest):
    assert compute_features(windows, manifest, OFF) == {}
    assert compute_spectrograms(windows, OFF) == {}
    assert len(lay_segments(quality(), EVENTS, None, {}, {}, OFF)) == 0


def test_windows_that_are_not_in_the_manifest_are_left_out(windows, manifest):
    assert [*compute_features(windows, manifest[manifest["run"] == "2"], OPTIONS)] == ["p_2"]


@pytest.mark.parametrize(("table", "events"), [(None, EVENTS), (quality(), None)])
def test_a_missing_table_names_the_pipeline_to_run(table, events):
    with pytest.raises(ParameterError, match="process_primary"):
        lay_segments(table, events, None, {}, {}, OPTIONS)


def test_a_folder_without_windows_is_no_reason_to_do_nothing(manifest):
    for compute in (
        lambda: compute_features({}, manifest, OPTIONS),
        lambda: compute_spectrograms({}, OPTIONS),
    ):
        with pytest.raises(WindowError, match="process_primary"):
            compute()


def test_every_node_is_tagged():
    assert all(node.tags == {"extract"} for node in create_pipeline().nodes)
