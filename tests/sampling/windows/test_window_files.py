import pickle

import fsspec
import numpy as np
import pytest

from eeg_kedro.datasets import ParallelPartitionedDataset, WindowParquetDataset
from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.written_windows import SIGNALS, digest, write_three


@pytest.fixture
def folder(tmp_path):
    return write_three(tmp_path)


@pytest.fixture
def reader(folder):
    return WindowReader.of_folder(folder)


@pytest.fixture
def in_memory(folder):
    files = fsspec.filesystem("memory")
    for path in folder.glob("*.parquet"):
        files.pipe_file(f"/corpus/windows/{path.name}", path.read_bytes())
    yield "memory://corpus/windows"
    files.rm("/corpus", recursive=True)


def test_windows_behind_a_url_are_the_same(in_memory, reader):
    remote = WindowReader.of_folder(in_memory)
    assert remote.runs == reader.runs
    assert digest(remote) == digest(reader)
    assert np.array_equal(remote.read_channel("a", "1", "FZ"), reader.read_channel("a", "1", "FZ"))


def test_a_missing_file_behind_a_url_is_a_window_error(in_memory):
    remote = WindowReader.of_folder(in_memory)
    fsspec.filesystem("memory").rm("/corpus/windows/a_1.parquet")
    with pytest.raises(WindowError, match="a_1: the window file is not there"):
        remote.read_samples("a", "1", 0, 10, ["C3"])


def test_a_local_url_is_a_local_folder(folder, reader):
    assert digest(WindowReader.of_folder(f"file://{folder}")) == digest(reader)
    assert digest(WindowReader({("a", "1"): f"file://{folder}/a_1.parquet"}, ch_names=["C3"])) == [
        pytest.approx(float(SIGNALS["a", "1"][0, 395:].sum()), rel=1e-4)
    ]


def test_a_protocol_nobody_knows_is_refused():
    with pytest.raises(ParameterError, match="Protocol not known: nosuch"):
        WindowReader.of_folder("nosuch://bucket/windows")


@pytest.mark.parametrize("url", ["{}/nowhere", "{}/empty", "memory://nowhere"])
def test_a_folder_without_windows_is_refused(tmp_path, url):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WindowError, match=r"no window file in the folder.*process_primary"):
        WindowReader.of_folder(url.format(tmp_path))


def test_a_file_whose_name_tells_no_run_is_named(folder):
    (folder / "notes.parquet").touch()
    with pytest.raises(WindowError, match="notes: the name does not tell participant and run"):
        WindowReader.of_folder(folder)


def test_partitions_are_loaded_when_they_are_read(folder):
    loaded = []
    windows = {p.stem: lambda p=p: loaded.append(p.stem) or WindowFile(p) for p in folder.glob("*.parquet")}
    reader = WindowReader.of_partitions(windows, ch_names=["C3"])
    assert loaded == []
    reader.read_samples("a", "2", 0, 10)
    assert loaded == ["a_2"]
    assert digest(pickle.loads(pickle.dumps(reader))) == digest(reader)


def test_what_kedro_loads_is_read(folder, reader):
    windows = ParallelPartitionedDataset(path=str(folder), dataset=WindowParquetDataset).load()
    assert digest(pickle.loads(pickle.dumps(WindowReader.of_partitions(windows)))) == digest(reader)


def test_a_partition_that_went_away_is_named():
    def load():
        raise FileNotFoundError("no window file")

    with pytest.raises(WindowError, match="a_1: the window file is not there"):
        WindowReader.of_partitions({"a_1": load}).layout("a", "1")
