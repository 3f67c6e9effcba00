import numpy as np
import pandas as pd
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.datasets import MaterialisedDataset, ParallelPartitionedDataset, WindowParquetDataset
from eeg_kedro.errors import LayoutError, ParameterError, SplitError, WindowError
from eeg_kedro.pipelines.balance import create_pipeline
from eeg_kedro.pipelines.balance.nodes import (
    draw_sampling,
    draw_windows,
    fold_persons,
    materialise_windows,
    split_persons,
)
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.draws.balance import BalanceOptions, plan_draws
from eeg_kedro.sampling.npz_cache import scan_npz_cache
from tests.sampling.small_manifests import windows
from tests.sampling.small_recordings import make_events, make_windows, write_recordings

OPTIONS = BalanceOptions()
HALF = BalanceOptions.model_validate({"split": {"test": 0.5, "validation": 0.0}})


@pytest.fixture
def manifest():
    return pd.concat([windows(name, 10, 10, 10) for name in "abcd"], ignore_index=True)


@pytest.fixture
def split(manifest):
    return split_persons(None, manifest, OPTIONS)


@pytest.fixture
def recordings(tmp_path):
    """Real window files, as Kedro loads them, and their manifest."""
    marks = write_recordings(tmp_path)
    loads = {path.stem: WindowParquetDataset(filepath=path).load for path in tmp_path.glob("*.parquet")}
    return make_windows(marks), loads


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    rng, labels = np.random.default_rng(0), np.zeros((9, 32), np.uint8)
    labels[4:6, 16:] = 1
    for name in "ab":
        signal = rng.standard_normal((9, 2, 32)).astype(np.float32)
        np.savez(folder / f"{name}_1_windows.npz", windows=signal, labels=labels)
    return list_folder(folder)


def draw(manifest, split, options=OPTIONS, **tables):
    return draw_windows(manifest, split, options, **tables)


def test_split_draw_and_figure_fit_together(manifest, split):
    made = draw(manifest, split)
    assert made["report_sampling"]["partial_drawn"].tolist() == [20, 10, 10]
    assert made["report_sampling_metrics"]["train.full_drawn"] == {"step": 0, "value": 6.0}
    assert made["report_sampling_metrics"]["train.seed"] == {"step": 0, "value": 0.0}
    figure = draw_sampling(made["report_sampling"], made["input_balanced_windows"])
    assert len(figure.data) > 0


def test_training_can_draw_other_epochs_from_what_is_on_disk(manifest, split):
    options = BalanceOptions(redraw="per_epoch")
    made = draw(manifest, split, options)["input_balanced_windows"]
    train = manifest.iloc[plan_draws(manifest, split, options)["train"].draw(0)]
    assert len(train.merge(made[made["role"] == "train"])) == len(train)


def test_shortfalls_are_logged(manifest, split, caplog):
    with caplog.at_level("WARNING"):
        draw(manifest, split)
    assert "fewer windows without seizure than wanted" in caplog.text


def test_what_a_least_quality_costs_is_logged_and_a_metric(manifest, split, caplog):
    graded = manifest.assign(quality=[0.1 if i % 10 == 1 else 0.9 for i in range(len(manifest))])
    with caplog.at_level("WARNING"):
        made = draw(graded, split, BalanceOptions(min_quality=0.5))
    assert "6 windows below balance.min_quality=0.5 are not drawn, 4 of them with seizure" in caplog.text
    assert made["report_sampling_metrics"]["train.excluded_windows"] == {"step": 0, "value": 6.0}
    assert "train.seizures_lost" not in made["report_sampling_metrics"]


def test_hard_negatives_are_drawn_and_counted(manifest, split, caplog):
    train = split.loc[split["role"] == "train", "participant"].iat[0]
    listed = manifest[(manifest["participant"] == train) & (manifest["category"] == "no_seizure")][:3]
    with caplog.at_level("INFO"):
        made = draw(manifest, split, hard_negatives=listed)
    assert made["report_sampling_metrics"]["train.hard_drawn"] == {"step": 0, "value": 3.0}
    assert "3 of them hard negatives" in caplog.text


def test_a_copy_of_a_training_recording_in_the_test_set_is_found(manifest, split):
    copies = pd.DataFrame({"participant": [*"abcd"], "run": "1", "source_fingerprint": "5e0f"})
    with pytest.raises(SplitError, match="share raw signal"):
        draw(manifest, split, recording_quality=copies)
    draw(manifest, split, recording_quality=copies.assign(source_fingerprint=[*"1234"]))
    draw(manifest, split, recording_quality=copies.drop(columns="source_fingerprint"))


def test_no_folds_are_made_unless_asked_for(split, caplog):
    with caplog.at_level("INFO"):
        made = fold_persons(split, OPTIONS)
    assert [len(table) for table in made.values()] == [0, 0]
    assert "no folds" in caplog.text


def test_folds_are_dealt_and_counted(split):
    options = BalanceOptions.model_validate({"folds": {"kind": "leave_one_out"}})
    made = fold_persons(split, options)
    assert made["input_participant_folds"]["fold"].nunique() == 4
    assert len(made["report_folds"]) == 4


def test_balanced_windows_are_written_once_and_kept(recordings, tmp_path, caplog):
    manifest, loads = recordings
    balanced = draw(manifest, split_persons(None, manifest, HALF), HALF)["input_balanced_windows"]
    dataset = MaterialisedDataset(filepath=tmp_path / "set.safetensors")
    with caplog.at_level("INFO"):
        for _ in range(2):
            dataset.save(materialise_windows(balanced, loads, make_events(), None, HALF))
    assert "windows of 3 channels x 64 samples as float16" in caplog.text
    assert "up to date" in caplog.text
    made = dataset.load()
    made.check(balanced)
    everything = np.arange(len(balanced))
    assert made.labels(everything).sum(axis=1).tolist() == balanced["seizure_samples"].tolist()


def test_the_windows_of_an_npz_cache_are_written_too(cache, tmp_path):
    manifest = scan_npz_cache(
        cache.root, cache.files, CategorizeOptions(npz_sfreq=16, stride_seconds=1)
    ).manifest
    balanced = draw(manifest, split_persons(None, manifest, HALF), HALF)["input_balanced_windows"]
    dataset = MaterialisedDataset(filepath=tmp_path / "set.safetensors")
    nothing = ParallelPartitionedDataset(
        path=str(tmp_path / "none"), dataset="eeg_kedro.datasets.TableDataset", allow_absent=True
    ).load()
    dataset.save(materialise_windows(balanced, nothing, None, cache, HALF))
    assert dataset.load().ch_names == ("CH1", "CH2")
    with pytest.raises(LayoutError, match="npz_root"):
        materialise_windows(balanced, nothing, None, None, HALF)


def test_without_recordings_it_says_what_to_run(manifest, split):
    balanced = draw(manifest, split)["input_balanced_windows"]
    with pytest.raises(WindowError, match="process_primary"):
        materialise_windows(balanced, {}, make_events(), None, OPTIONS)


def test_without_events_there_are_no_labels_to_write(recordings):
    manifest, loads = recordings
    with pytest.raises(ParameterError, match="int_events"):
        materialise_windows(manifest, loads, None, None, OPTIONS)


def test_every_node_is_tagged():
    assert all(node.tags == {"balance"} for node in create_pipeline().nodes)
