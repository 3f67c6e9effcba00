import json
import os
import pickle
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError, StaleError, WindowError
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.sampling.windows.materialised_header import hash_rows, read_header
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.sampling.small_recordings import ALL, ArrayReader, make_events, make_windows, write_recordings


@pytest.fixture
def windows():
    table = make_windows()
    return table.assign(windows_fingerprint=7)


@pytest.fixture
def source(windows):
    return RecordedWindows(ArrayReader(), windows, make_events())


@pytest.fixture
def path(tmp_path, windows, source):
    path = tmp_path / "windows.safetensors"
    plan_materialised(windows, source, MaterialiseOptions()).write(path)
    return path


def test_the_safetensors_library_reads_the_same_arrays(path, source):
    positions = np.arange(len(source))
    found = safetensors.numpy.load_file(path)
    samples, valid = MaterialisedWindows(path).gather(positions)
    assert {name: array.dtype for name, array in found.items()} == {
        "samples": np.float16, "valid": np.bool_, "labels": np.uint8,
    }  # fmt: skip
    assert np.array_equal(found["samples"], samples)
    assert np.array_equal(found["valid"], valid)
    assert np.array_equal(found["labels"], source.labels(positions))
    assert np.array_equal(found["samples"], source.gather(positions)[0].astype(np.float16))


def test_the_header_tells_what_the_set_is(path):
    with safetensors.safe_open(path, "np") as file:
        metadata = file.metadata()
    found = MaterialisedWindows(path)
    assert metadata == found.metadata
    assert (json.loads(metadata["ch_names"]), metadata["sfreq"], metadata["unit"]) == ([*ALL], "16.0", "uV")
    assert json.loads(metadata["runs"]) == {"a_1": 7, "a_2": 7, "b_1": 7}
    assert (found.ch_names, found.sfreq, found.n_samples) == (ALL, 16.0, 64)
    assert (found.dtype, found.fingerprint) == (np.float16, metadata["fingerprint"])


def test_samples_begin_where_a_cache_line_does(path):
    header = read_header(path)
    assert header.samples_start % 64 == 0
    assert header.n_bytes == path.stat().st_size


def test_a_batch_is_gathered_in_the_order_asked_for(path, source):
    found = MaterialisedWindows(path)
    order = np.random.default_rng(0).permutation(len(source))[:7]
    samples, valid = found.gather(order)
    assert np.array_equal(samples, source.gather(order)[0].astype(np.float16))
    assert np.array_equal(valid, source.gather(order)[1])
    assert np.array_equal(found.labels(order), source.labels(order))
    assert samples.flags.owndata
    assert samples.flags.writeable


def test_nothing_is_mapped_before_it_is_needed_and_copies_take_nothing_along(path):
    found = MaterialisedWindows(path)
    assert "_tensors" not in vars(found)
    expected = found.gather(np.array([3]))[0]
    copy = pickle.loads(pickle.dumps(found))
    assert "_tensors" not in vars(copy)
    assert np.array_equal(copy.gather(np.array([3]))[0], expected)


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_other_processes_read_the_same(path, how):
    found = MaterialisedWindows(path)
    expected = found.labels(np.array([5, 2]))
    if how == "fork":
        assert fork_and_read(found, expected)
        return
    with get_context(how).Pool(1) as pool:
        assert np.array_equal(pool.apply(found.labels, (np.array([5, 2]),)), expected)


def fork_and_read(found, expected):
    pid = os.fork()
    if not pid:
        os._exit(0 if np.array_equal(found.labels(np.array([5, 2])), expected) else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_file_that_was_replaced_since_is_refused_by_a_copy(path, windows):
    found = MaterialisedWindows(path)
    half = windows.iloc[:20]
    smaller = RecordedWindows(ArrayReader(), half, make_events())
    plan_materialised(half, smaller, MaterialiseOptions()).write(path)
    with pytest.raises(StaleError, match="replaced since it was opened"):
        found.gather(np.array([0]))


def test_the_rows_it_was_made_from_fit_however_they_are_stored(path, windows):
    found = MaterialisedWindows(path)
    found.check(windows)
    stored = windows.astype(
        {"participant": "category", "run": object, "n_samples": "int64", "labels": object}
    )
    found.check(stored.set_index(np.arange(len(windows))[::-1]).assign(split="train"))


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.iloc[::-1],
        lambda table: table.iloc[:-1],
        lambda table: pd.concat([table, table.iloc[:1]]),
        lambda table: table.assign(window_start_sample=table["window_start_sample"] + 1),
        lambda table: table.assign(seizure_samples=0),
        lambda table: table.assign(sfreq=32.0),
        lambda table: table.assign(run=table["run"] + "x"),
        lambda table: table.assign(source_file="a_windows.npz"),
    ],
)
def test_other_rows_are_stale_and_said_to_be_so(path, windows, change):
    with pytest.raises(StaleError, match=r"made from other rows.*--pipelines=sample"):
        MaterialisedWindows(path).check(change(windows))


def test_a_table_without_a_column_is_refused(path, windows):
    with pytest.raises(ParameterError, match="seizure_samples"):
        MaterialisedWindows(path).check(windows.drop(columns="seizure_samples"))


def test_recordings_that_were_cleaned_anew_are_named(path, windows):
    marks = np.where(windows["participant"] == "b", 8, 7)
    with pytest.raises(StaleError, match=r"cleaned anew since.*b_1.*--pipelines=sample"):
        MaterialisedWindows(path).check(windows.assign(windows_fingerprint=marks))


def test_participant_and_run_are_not_confused_with_each_other():
    one, other = (
        pd.DataFrame({"participant": who, "run": run}) for who, run in [(["a", "ab"], ["b", "b"])] * 2
    )
    numbers = {"window_start_sample": 0, "n_samples": 4, "seizure_samples": 0, "sfreq": 1.0}
    swapped = other.rename(columns={"participant": "run", "run": "participant"})
    assert hash_rows(one.assign(**numbers)) == hash_rows(other.assign(**numbers))
    assert hash_rows(one.assign(**numbers)) != hash_rows(swapped.assign(**numbers))


def test_files_on_disk_are_compared_on_request(tmp_path):
    windows = make_windows(write_recordings(tmp_path))
    source = RecordedWindows(WindowReader.of_folder(tmp_path), windows, make_events())
    plan_materialised(windows, source, MaterialiseOptions()).write(tmp_path / "set")
    found = MaterialisedWindows(tmp_path / "set")
    found.check(windows)
    found.check_windows(WindowReader.of_folder(tmp_path))
    write_recordings(tmp_path, seed=1)
    with pytest.raises(StaleError):
        found.check_windows(WindowReader.of_folder(tmp_path))


def test_a_missing_file_is_a_typed_error(tmp_path):
    with pytest.raises(WindowError, match=r"set is missing.*--pipelines=sample"):
        MaterialisedWindows(tmp_path / "absent")


@pytest.mark.parametrize("left", [0, 5, 8, 9, 200, -1])
def test_a_truncated_file_is_refused(path, left):
    content = path.read_bytes()
    path.write_bytes(content[:left])
    with pytest.raises(WindowError, match="cut short or damaged"):
        MaterialisedWindows(path)


def test_a_longer_file_is_refused(path):
    with path.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(WindowError, match="instead of"):
        MaterialisedWindows(path)


def with_header(path, change):
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])


def set_at(*keys):
    *where, last, value = keys

    def change(header):
        for key in where:
            header = header[key]
        header[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_at("samples", "shape", [10**30, 3, 64]),
        set_at("samples", "shape", [-1, 3, 64]),
        set_at("samples", "shape", []),
        set_at("samples", "dtype", "I64"),
        set_at("samples", "data_offsets", [0, 10**18]),
        set_at("labels", "shape", "many"),
        set_at("__metadata__", "ch_names", "[]"),
        set_at("__metadata__", "ch_names", "{"),
        set_at("__metadata__", "sfreq", "nan"),
        set_at("__metadata__", "rows", "0"),
        set_at("__metadata__", "fingerprint", "0"),
        set_at("__metadata__", {}),
        set_at("another", {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}),
        lambda header: header.pop("labels"),
        lambda header: header.pop("__metadata__"),
    ],
)
def test_a_header_that_claims_something_else_is_refused(path, change):
    with_header(path, change)
    with pytest.raises(WindowError, match="damaged"):
        MaterialisedWindows(path)


def test_another_format_is_stale(path):
    with_header(path, set_at("__metadata__", "format_version", "99"))
    with pytest.raises(StaleError, match="another format"):
        MaterialisedWindows(path)


def test_other_safetensors_are_refused(tmp_path):
    safetensors.numpy.save_file({"weight": np.zeros(3)}, tmp_path / "model")
    with pytest.raises(WindowError):
        MaterialisedWindows(tmp_path / "model")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_garbage_is_never_another_error(tmp_path_factory, content, with_length):
    path = tmp_path_factory.getbasetemp() / "garbage"
    path.write_bytes((len(content).to_bytes(8, "little") if with_length else b"") + content)
    with pytest.raises(WindowError):
        MaterialisedWindows(path)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff" * 20, b'"' + b"9" * 10_000])
def test_nesting_and_bad_text_are_refused(tmp_path, text):
    (tmp_path / "set").write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(WindowError):
        MaterialisedWindows(tmp_path / "set")
