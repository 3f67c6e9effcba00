import base64
import json
import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.errors import ParameterError, SignalError
from eeg_kedro.io.window_parquet import (
    WindowFile,
    WindowOptions,
    cut_windows,
    read_signal,
    read_window_metadata,
    write_windows,
)
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.filters import design_filter, filter_resample

NAMES = ("FP1", "C3", "SINE 8.5 HZ")
LOSSLESS = WindowOptions(mantissa_bits=23)
SMALL = WindowOptions(window_length=100, row_group_size=4, mantissa_bits=23)
METADATA = {
    "unit": "uV", "montage": "referential", "reference": "average", "filters": {"l_freq": 0.5},
    "source_fingerprint": "0" * 64, "source_sfreq": 256.0, "missing_channels": ["FZ"], "flat_channels": [],
    "bad_channels": [{"name": "P3", "reason": "flat"}], "edge_seconds": 6.6,
}  # fmt: skip


def make_samples(n_times, n_channels=3, seed=0):
    return (30 * np.random.default_rng(seed).standard_normal((n_channels, n_times))).astype(np.float32)


def make_signal(samples, block=1000):
    blocks = (samples[:, start : start + block] for start in range(0, samples.shape[1], block))
    names = NAMES[: len(samples)]
    return CleanedSignal("p", "r-1", names, 256.0, samples.shape[1], blocks, dict(METADATA))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p_r-1.parquet"


def test_columns_are_keys_then_channels_as_fixed_lists_of_floats(path):
    write_windows(make_signal(make_samples(5000)), path, LOSSLESS)
    schema = pq.read_schema(path)
    keys = ["participant", "run", "parent_window_id", "sub_window_id", "window_start", "window_end"]
    assert schema.names == [*keys, *NAMES]
    cell = pa.list_(pa.field("element", pa.float32(), nullable=False), 2048)
    assert schema.field("C3").equals(pa.field("C3", cell, nullable=False))
    assert [str(t) for t in schema.types[:6]] == ["string", "string", "int32", "int32", "double", "double"]


def test_rows_are_complete_windows_in_order(path):
    samples = make_samples(5000)
    write_windows(make_signal(samples), path, LOSSLESS)
    table = pq.read_table(path).to_pydict()
    assert (table["participant"], table["run"]) == (["p"] * 2, ["r-1"] * 2)
    assert (table["parent_window_id"], table["sub_window_id"]) == ([0, 1], [0, 0])
    assert (table["window_start"], table["window_end"]) == ([0.0, 8.0], [8.0, 16.0])
    assert np.array_equal(table["C3"], samples[1, :4096].reshape(2, 2048))


def test_pandas_reads_the_windows(path):
    import pandas as pd

    samples = make_samples(5000)
    write_windows(make_signal(samples), path, LOSSLESS)
    assert np.array_equal(np.stack(pd.read_parquet(path)["FP1"]), samples[0, :4096].reshape(2, 2048))


def test_encoding_is_byte_stream_split_zstd_in_groups_of_16_without_statistics(path):
    write_windows(make_signal(make_samples(2048 * 20)), path, WindowOptions())
    metadata = pq.read_metadata(path)
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [16, 4]
    column = metadata.row_group(0).column(7)
    assert ("BYTE_STREAM_SPLIT" in column.encodings, column.compression) == (True, "ZSTD")
    assert not column.has_dictionary_page
    assert not column.is_stats_set


def test_every_key_stands_in_the_schemas_metadata_as_json(path):
    footer = write_windows(make_signal(make_samples(5000)), path, WindowOptions())
    stored = {key.decode(): json.loads(value) for key, value in pq.read_schema(path).metadata.items()}
    assert stored == {key: value for key, value in footer.items() if key not in ("n_bytes", "fingerprint")}
    for key in (
        "sfreq",
        "scale",
        "quality",
        "ch_names",
        "n_tail",
        "mantissa_bits",
        "format_version",
        *METADATA,
    ):
        assert key in stored


def test_the_footer_tells_lengths_scale_and_quality(path):
    samples = make_samples(5000)
    footer = write_windows(make_signal(samples), path, LOSSLESS)
    assert (footer["n_times"], footer["n_tail"], footer["n_bytes"]) == (5000, 904, path.stat().st_size)
    assert footer["quality"]["rms_uv"] == pytest.approx(np.sqrt((samples.astype(float) ** 2).mean(axis=1)))
    assert footer["quality"]["peak_uv"] == pytest.approx(np.abs(samples).max(axis=1))
    assert footer["scale"]["median"] == pytest.approx(np.median(samples, axis=1))
    assert footer == read_window_metadata(path) == WindowFile(path).metadata


def test_the_tail_is_stored_as_documented(path):
    samples = make_samples(5000)
    write_windows(make_signal(samples), path, LOSSLESS)
    raw = base64.b64decode(pq.read_metadata(path).metadata[b"tail"])
    tail = np.frombuffer(pa.Codec("zstd").decompress(raw, 3 * 904 * 4), "<f4").reshape(3, 904)
    assert np.array_equal(tail, samples[:, 4096:])


@pytest.mark.parametrize("n_times", [1, 99, 100, 101, 399, 400, 401, 1234])
def test_the_signal_comes_back_whole(path, n_times):
    samples = make_samples(n_times)
    write_windows(make_signal(samples, 77), path, SMALL)
    found, valid = read_signal(path)
    assert np.array_equal(found, samples)
    assert valid.all()
    assert pq.read_metadata(path).num_rows == n_times // 100


@settings(deadline=None, max_examples=60)
@given(start=st.integers(0, 1400), length=st.integers(0, 1400))
def test_any_stretch_equals_the_slice(tmp_path_factory, start, length):
    samples, path = make_samples(1234), tmp_path_factory.getbasetemp() / "stretch.parquet"
    if not path.exists():
        write_windows(make_signal(samples), path, SMALL)
    found, _ = read_signal(path, start, start + length)
    assert np.array_equal(found, samples[:, start : start + length])


def test_absent_channels_are_zero_and_marked_invalid(path):
    samples = make_samples(1234)
    write_windows(make_signal(samples), path, SMALL)
    found, valid = WindowFile(path).read(50, 1230, ["SINE 8.5 HZ", "FZ", "FP1"])
    assert valid.tolist() == [True, False, True]
    assert np.array_equal(found, [samples[2, 50:1230], np.zeros(1180), samples[0, 50:1230]])


def test_only_the_needed_row_groups_are_read(path, monkeypatch):
    write_windows(make_signal(make_samples(4000)), path, SMALL)
    read, original = [], pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda f, i, **k: read.append(i) or original(f, i, **k)
    )
    read_signal(path, 850, 1250)
    assert read == [2, 3]


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (10, 5)])
def test_a_range_that_runs_backward_is_refused(path, start, stop):
    write_windows(make_signal(make_samples(500)), path, SMALL)
    with pytest.raises(ParameterError, match="range"):
        read_signal(path, start, stop)


@pytest.mark.parametrize("bits", [5, 10, 16, 22])
def test_rounding_follows_the_bits_asked_for(path, bits):
    samples = make_samples(3000)
    write_windows(make_signal(samples.copy()), path, WindowOptions(mantissa_bits=bits))
    error = np.sqrt(np.mean((read_signal(path)[0] - samples) ** 2) / np.mean(samples**2))
    assert 2.0 ** -(bits + 4) < error < 2.0 ** -(bits + 2)


def test_default_size_and_error_meet_the_bars(path):
    # size depends on the spectrum: a high-passed random walk falls off like EEG does
    walk = np.cumsum(make_samples(2048 * 64) / 30, axis=1)
    samples = filter_resample(walk, design_filter(256, 256, 0.5, 50, (60,)))
    size = write_windows(make_signal(samples.copy()), path, WindowOptions())["n_bytes"]
    error = np.sqrt(np.mean((read_signal(path)[0] - samples) ** 2) / np.mean(samples**2))
    assert size <= 0.5 * samples.nbytes
    assert error <= 2e-4


def test_bytes_are_the_same_whatever_the_block_size(path):
    samples = make_samples(2048 * 20 + 5)
    contents = set()
    for block in (1, 999, 2048 * 16, 10**6)[1:]:
        write_windows(make_signal(samples, block), path, WindowOptions())
        contents.add(path.read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize("n_times", [999, 1001])
def test_a_signal_of_another_length_than_announced_is_an_error_and_leaves_no_file(path, n_times):
    signal = replace(make_signal(make_samples(1000)), n_times=n_times)
    with pytest.raises(SignalError, match="announced"):
        write_windows(signal, path, SMALL)
    assert not path.exists()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sample_that_is_no_number_is_never_written(path, value):
    samples = make_samples(1000)
    samples[1, 500] = value
    with pytest.raises(SignalError, match="C3"):
        write_windows(make_signal(samples), path, WindowOptions())
    assert not path.exists()


def make_short_signal():
    return make_signal(make_samples(300))


def test_a_job_travels_to_a_worker_and_writes_there(path):
    task = pickle.loads(pickle.dumps(partial(cut_windows, make_short_signal, SMALL)))
    footer = task().write(path)
    assert (footer["n_times"], footer["participant"], footer["run"]) == (300, "p", "r-1")


@pytest.mark.parametrize(
    "values", [{"mantissa_bits": 0}, {"mantissa_bits": 24}, {"window_length": 0}, {"x": 1}]
)
def test_options_that_make_no_sense_are_refused(values):
    with pytest.raises(ValidationError):
        WindowOptions(**values)
