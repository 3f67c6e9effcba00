import json
import pickle

import pandas as pd
import pytest

from eeg_kedro.errors import StaleError, WindowError
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.written_windows import (
    CHANNELS,
    SIGNALS,
    file_of,
    footer_bytes,
    make_samples,
    write_run,
    write_three,
)


@pytest.fixture
def folder(tmp_path):
    return write_three(tmp_path)


@pytest.fixture
def reader(folder):
    return WindowReader.of_folder(folder)


def manifest(folder, keys=CHANNELS, n=3):
    rows = [
        (*key, WindowFile(file_of(folder, key)).metadata["fingerprint"]) for key in keys for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=["participant", "run", "windows_fingerprint"])


def test_a_manifest_of_these_windows_passes_and_no_sample_is_read(folder):
    reader = WindowReader.of_folder(folder)
    reader.check_fingerprints(manifest(folder).astype({"participant": "str", "run": "str"}))
    reader.check_fingerprints(manifest(folder).iloc[:0])
    assert reader.bytes_read == sum(footer_bytes(file_of(folder, key)) for key in CHANNELS)


def test_windows_that_were_cut_again_are_named(folder):
    windows = manifest(folder)
    write_run(folder, ("a", "2"), SIGNALS["a", "2"] * 2, CHANNELS["a", "2"])
    with pytest.raises(StaleError, match=r"cut again .*'a_2'.*categorize.*pipelines=sample"):
        WindowReader.of_folder(folder).check_fingerprints(windows)


def test_a_file_exchanged_while_it_is_open_is_seen(folder, reader):
    windows, _ = manifest(folder), reader.layout("a", "2")
    file_of(folder, ("a", "2")).unlink()
    write_run(folder, ("a", "2"), SIGNALS["a", "2"] * 2, CHANNELS["a", "2"])
    with pytest.raises(StaleError, match="a_2"):
        reader.check_fingerprints(windows)


def test_of_many_stale_runs_five_are_named(tmp_path):
    for i in range(7):
        write_run(tmp_path, ("p", str(i)), make_samples(10))
    windows = manifest(tmp_path, [("p", str(i)) for i in range(7)]).assign(windows_fingerprint=5)
    with pytest.raises(StaleError, match="'p_0, p_1, p_2, p_3, p_4 and 2 more'"):
        WindowReader.of_folder(tmp_path).check_fingerprints(windows)


@pytest.mark.parametrize("change", [{"windows_fingerprint": 0}, {"windows_fingerprint": None}, None])
def test_a_manifest_that_does_not_know_its_windows_is_stale(folder, change):
    windows = manifest(folder)
    windows = windows.drop(columns="windows_fingerprint") if change is None else windows.assign(**change)
    with pytest.raises(StaleError, match=r"does not say which windows.*older version.*pipelines=categorize"):
        WindowReader.of_folder(folder).check_fingerprints(windows)


def test_a_manifest_with_a_run_that_has_no_windows_is_a_window_error(folder):
    windows = manifest(folder)
    file_of(folder, ("a", "2")).unlink()
    with pytest.raises(WindowError, match="a_2: there are no windows of this run"):
        WindowReader.of_folder(folder).check_fingerprints(windows)


def test_errors_travel_between_processes_and_hold_no_path(folder):
    file_of(folder).write_bytes(b"")
    with pytest.raises(WindowError) as caught:
        WindowReader.of_folder(folder).layout("a", "1")
    assert str(folder) not in json.dumps(str(pickle.loads(pickle.dumps(caught.value))))
