import logging
import shutil
from collections import namedtuple

import numpy as np
import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import MaterialisedDataset, progress
from eeg_kedro.errors import DiskFullError, WindowError
from eeg_kedro.sampling.windows import materialise
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from tests.sampling.small_recordings import ArrayReader, make_events, make_windows


def make_job(reader=None, windows=None, **options):
    windows = make_windows() if windows is None else windows
    source = RecordedWindows(reader or ArrayReader(), windows, make_events())
    return plan_materialised(windows, source, MaterialiseOptions(**options))


@pytest.fixture
def dataset(tmp_path):
    return MaterialisedDataset(filepath=str(tmp_path / "05_model_input" / "windows.safetensors"))


def test_what_is_saved_is_loaded_as_windows(dataset):
    job = make_job()
    dataset.save(job)
    found = dataset.load()
    assert (len(found), found.fingerprint) == (len(make_windows()), job.fingerprint)
    assert found.gather(np.array([0]))[0].shape == (1, 3, 64)


def test_a_set_that_is_right_is_kept(dataset, caplog):
    caplog.set_level(logging.INFO)
    dataset.save(make_job())
    stamp, reader = dataset._filepath.stat(), ArrayReader()
    dataset.save(make_job(reader))
    assert reader.asked == []
    assert dataset._filepath.stat() == stamp
    assert "up to date" in caplog.text


def test_another_choice_is_written_anew(dataset):
    dataset.save(make_job())
    dataset.save(make_job(dtype="float32"))
    assert dataset.load().dtype == np.float32


@pytest.mark.parametrize("left", [0, 100, -1])
def test_a_damaged_set_is_written_anew(dataset, left):
    dataset.save(make_job())
    content = dataset._filepath.read_bytes()
    dataset._filepath.write_bytes(content[:left])
    dataset.save(make_job())
    assert dataset._filepath.read_bytes() == content


def test_a_killed_save_is_finished_by_the_next(dataset, monkeypatch):
    monkeypatch.setattr(materialise, "CHUNK_BYTES", 3 * 64 * 4 * 5)
    reader = ArrayReader()
    reader.read_samples, read = stop_after(20, reader), reader.read_samples
    with pytest.raises(KeyboardInterrupt):
        dataset.save(make_job(reader))
    reader.read_samples, reader.asked = read, []
    dataset.save(make_job(reader))
    assert len(reader.asked) == len(make_windows()) - 20 + 1


def stop_after(n, reader):
    read = reader.read_samples

    def stop(*args, **options):
        if len(reader.asked) >= n:
            raise KeyboardInterrupt
        return read(*args, **options)

    return stop


def test_progress_is_logged_with_the_time_left(dataset, caplog, monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    monkeypatch.setattr(materialise, "CHUNK_BYTES", 3 * 64 * 4 * 10)
    caplog.set_level(logging.INFO)
    dataset.save(make_job())
    assert "20 done, 0 skipped, 0 failed of 32; " in caplog.text
    assert " left" in caplog.text


def test_few_valid_channels_are_a_warning(dataset, caplog):
    windows = make_windows()
    dataset.save(make_job(windows=windows[windows["participant"] == "b"], ch_names=["C3"]))
    assert "only 0 % of channels x windows hold a signal" in caplog.text
    caplog.clear()
    dataset.save(make_job())
    assert "hold a signal" not in caplog.text


def test_a_full_disk_is_a_typed_error(dataset, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda where: usage(0, 0, 10))
    with pytest.raises(DatasetError) as raised:
        dataset.save(make_job())
    assert isinstance(raised.value.__cause__, DiskFullError)


def test_an_absent_set_says_which_pipeline_makes_it(dataset):
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="--pipelines=sample"):
        dataset.load()


def test_a_truncated_set_is_a_typed_error(dataset):
    dataset.save(make_job())
    assert dataset.exists()
    dataset._filepath.write_bytes(dataset._filepath.read_bytes()[:-7])
    with pytest.raises(DatasetError) as raised:
        dataset.load()
    assert isinstance(raised.value.__cause__, WindowError)


def test_the_preview_tells_what_the_file_holds(dataset):
    dataset.save(make_job())
    table = dataset.preview()
    facts = dict(table["data"])
    assert table["columns"] == ["fact", "value"]
    assert facts["shape of a window"] == "3 channels x 64 samples"
    assert (facts["type"], facts["channels"], facts["windows"]) == ("float16", "C3, C4, FZ", "32")
