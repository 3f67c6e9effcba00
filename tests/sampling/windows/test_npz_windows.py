import pickle
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError, ParameterError, SignalError, StaleError, WindowError
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.npz_cache import scan_npz_cache
from eeg_kedro.sampling.windows.npz_windows import NpzWindows

OPTIONS = CategorizeOptions(source="npz_cache", npz_sfreq=16.0, stride_seconds=1.0)


def write_file(folder, name, n=5, shape=(3, 20), seed=0, per_sample=True, save=np.savez_compressed, **other):
    rng = np.random.default_rng(seed)
    windows = rng.standard_normal((n, *shape)).astype(other.pop("dtype", np.float32))
    labels = rng.integers(0, 2, (n, shape[-1]) if per_sample else n)
    save(folder / f"{name}_windows.npz", **({"windows": windows, "labels": labels} | other))
    return windows, labels


def scan(folder):
    return scan_npz_cache(folder, sorted(path.name for path in folder.iterdir()), OPTIONS).manifest


def test_windows_and_labels_are_those_of_the_files_in_the_order_asked_for(tmp_path):
    files = [write_file(tmp_path, name, seed=i) for i, name in enumerate(["a_1", "a_2", "b_1"])]
    source = NpzWindows(tmp_path, scan(tmp_path))
    order = np.random.default_rng(0).permutation(len(source))
    samples, valid = source.gather(order)
    assert np.array_equal(samples, np.concatenate([windows for windows, _ in files])[order])
    assert np.array_equal(source.labels(order), np.concatenate([labels for _, labels in files])[order])
    assert (samples.dtype, valid.all(), valid.shape) == (np.float32, True, (15, 3))
    assert (source.ch_names, source.sfreq, source.n_samples) == (("CH1", "CH2", "CH3"), 16.0, 20)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int16", "uint8"])
def test_any_kind_of_number_becomes_float32(tmp_path, dtype):
    windows, _ = write_file(tmp_path, "a_1", dtype=dtype)
    samples, _ = NpzWindows(tmp_path, scan(tmp_path)).gather(np.array([4, 2]))
    assert np.array_equal(samples, windows[[4, 2]].astype(np.float32))


def test_one_channel_without_an_axis_of_its_own_gets_one(tmp_path):
    windows, labels = write_file(tmp_path, "a_1", shape=(20,), per_sample=False)
    source = NpzWindows(tmp_path, scan(tmp_path))
    assert np.array_equal(source.gather(np.arange(5))[0], windows[:, None, :])
    assert np.array_equal(source.labels(np.arange(5)), np.repeat(labels[:, None], 20, axis=1))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_labels_sum_to_the_seizure_samples_of_the_manifest(tmp_path_factory, seed, per_sample):
    folder = tmp_path_factory.mktemp("cache")
    write_file(folder, "a_1", seed=seed, per_sample=per_sample, save=np.savez)
    windows = scan(folder)
    labels = NpzWindows(folder, windows).labels(np.arange(len(windows)))
    assert labels.sum(axis=1).tolist() == windows["seizure_samples"].tolist()


def test_each_file_is_opened_once_per_batch(tmp_path, monkeypatch):
    for name in ("a_1", "a_2"):
        write_file(tmp_path, name)
    source = NpzWindows(tmp_path, scan(tmp_path))
    opened = []
    decode = NpzWindows._check
    monkeypatch.setattr(NpzWindows, "_check", lambda *args: (opened.append(args[2]), decode(*args)))
    source.gather(np.array([9, 0, 8, 1, 7, 2]))
    source.gather(np.array([6]))
    assert opened == [0, 1]


def test_a_missing_file_is_named(tmp_path):
    write_file(tmp_path, "a_1")
    source = NpzWindows(tmp_path, scan(tmp_path))
    (tmp_path / "a_1_windows.npz").unlink()
    with pytest.raises(WindowError, match=r"a_1_windows\.npz: the file is missing"):
        source.gather(np.array([0]))


def test_a_changed_file_is_refused(tmp_path):
    write_file(tmp_path, "a_1")
    source = NpzWindows(tmp_path, scan(tmp_path))
    write_file(tmp_path, "a_1", seed=1)
    for ask in (source.gather, source.labels):
        with pytest.raises(StaleError, match="a_1_windows"):
            ask(np.array([0]))


@pytest.mark.parametrize(
    ("other", "asked"),
    [
        ({"windows": np.zeros((5, 3, 19))}, 0),
        ({"windows": np.zeros((5, 20))}, 0),
        ({"windows": np.zeros((2, 3, 20))}, 4),
        ({"windows": np.array([{}])}, 0),
        ({"windows": np.float32(3)}, 0),
        ({"windows": np.full((5, 3, 20), "x")}, 0),
    ],
)
def test_other_shapes_and_pickles_are_refused_where_the_fingerprint_is_not_known(tmp_path, other, asked):
    write_file(tmp_path, "a_1")
    source = NpzWindows(tmp_path, scan(tmp_path).assign(windows_fingerprint=0))
    write_file(tmp_path, "a_1", **other)
    with pytest.raises(WindowError, match="a_1_windows"):
        source.gather(np.array([asked]))


def test_labels_that_changed_are_refused_where_the_fingerprint_is_not_known(tmp_path):
    write_file(tmp_path, "a_1")
    source = NpzWindows(tmp_path, scan(tmp_path).assign(windows_fingerprint=0))
    write_file(tmp_path, "a_1", labels=np.zeros((5, 20)))
    with pytest.raises(StaleError, match="labels are not those"):
        source.labels(np.arange(5))
    write_file(tmp_path, "a_1", labels=np.zeros((5, 7)))
    with pytest.raises(WindowError, match=r"labels of a file are not"):
        NpzWindows(tmp_path, scan_like(source)).labels(np.arange(5))


def scan_like(source):
    return pd.DataFrame(
        {
            "source_file": "a_1_windows.npz", "window_index": range(5), "n_channels": 3, "n_samples": 20,
            "sfreq": 16.0, "seizure_samples": source._counts, "category": "no_seizure",
        }
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_file_never_gives_another_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cache")
    write_file(folder, "a_1", n=2, shape=(1, 6), save=np.savez)
    windows = scan(folder)
    path = folder / "a_1_windows.npz"
    content = bytearray(path.read_bytes()[: data.draw(st.integers(0, path.stat().st_size))])
    for place in data.draw(st.lists(st.integers(0, max(len(content) - 1, 0)), max_size=5)):
        content[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
    path.write_bytes(content)
    source = NpzWindows(folder, windows.assign(windows_fingerprint=0))
    for ask in (source.gather, source.labels):
        with suppress(WindowError, StaleError, SignalError):
            ask(np.arange(2))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_what_is_no_finite_float32_is_refused(tmp_path, value):
    write_file(tmp_path, "a_1", windows=np.full((5, 3, 20), value))
    with pytest.raises(SignalError, match="no finite number"):
        NpzWindows(tmp_path, scan(tmp_path)).gather(np.array([0]))


def test_files_of_two_shapes_are_refused(tmp_path):
    write_file(tmp_path, "a_1")
    write_file(tmp_path, "b_1", shape=(2, 20))
    with pytest.raises(ParameterError, match="n_channels"):
        NpzWindows(tmp_path, scan(tmp_path))


def test_a_window_without_category_has_no_labels(tmp_path):
    write_file(tmp_path, "a_1")
    windows = scan(tmp_path)
    windows.loc[3, "category"] = None
    with pytest.raises(AnnotationError, match="a_1_windows"):
        NpzWindows(tmp_path, windows).labels(np.array([2, 3]))


def test_a_manifest_of_recordings_is_refused(tmp_path):
    write_file(tmp_path, "a_1")
    with pytest.raises(ParameterError, match="source_file"):
        NpzWindows(tmp_path, scan(tmp_path).drop(columns="source_file"))


def test_a_copy_for_another_process_takes_no_samples_along(tmp_path):
    windows, _ = write_file(tmp_path, "a_1", n=500)
    source = NpzWindows(tmp_path, scan(tmp_path))
    source.gather(np.array([0]))
    content = pickle.dumps(source)
    assert len(content) < windows.nbytes / 4
    assert np.array_equal(pickle.loads(content).gather(np.array([7]))[0], windows[[7]])


def test_an_empty_table_gives_empty_arrays(tmp_path):
    write_file(tmp_path, "a_1")
    source = NpzWindows(tmp_path, scan(tmp_path).iloc[:0])
    nothing = np.zeros(0, np.intp)
    assert [part.shape for part in source.gather(nothing)] == [(0, 0, 0), (0, 0)]
    assert source.labels(nothing).shape == (0, 0)
