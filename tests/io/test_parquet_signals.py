import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io.parquet_signals import look_into_parquet, open_parquet, read_parquet_header

SIDECAR = {"sfreq": 200, "unit": "uV"}


@pytest.fixture
def table(text_file):
    """Write columns as a parquet file of the corpus."""

    def write(columns):
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink)
        return text_file(sink.getvalue().to_pybytes(), "a.parquet")

    return write


def test_numeric_columns_but_time_are_channels(table):
    file = table({"time": [0.0, 1.0], "Fz": [1.0, 2.0], "note": ["a", "b"], "Cz": [3, 4]})
    header = read_parquet_header(file, SIDECAR)
    assert (header.ch_names, header.n_times, header.sfreq) == (("Fz", "Cz"), 2, 200.0)
    blocks = open_parquet(file, (1, 0), 200.0, (10.0, 1.0)).blocks(5)
    assert np.concatenate(list(blocks), axis=1).tolist() == [[30, 40], [1, 2]]


def test_a_null_is_a_non_finite_sample(table):
    samples = open_parquet(table({"Fz": [1.0, None], "Cz": [None, 3]}), (0, 1), 200.0, (1.0, 1.0))
    assert samples.extent().n_nonfinite.tolist() == [1, 1]


def test_real_segments_are_read(real_file, shared_data):
    name = sorted((shared_data / "iiic/train_eegs").glob("*.parquet"))[0].name
    file = real_file(f"iiic/train_eegs/{name}")
    expected = pd.read_parquet(file.path)
    header = read_parquet_header(file, SIDECAR)
    assert header.ch_names == tuple(expected.columns)
    samples = open_parquet(file, range(20), 200.0, (1.0,) * 20)
    assert samples.n_times == 10_000
    assert np.array_equal(np.concatenate(list(samples.blocks(999)), axis=1), expected.to_numpy(np.float32).T)


def test_what_is_no_parquet_file_is_refused(text_file):
    with pytest.raises(SignalError, match="not a readable parquet file"):
        read_parquet_header(text_file("no", "a.parquet"), SIDECAR)


def test_what_is_not_there_yet_is_told_apart_from_what_is_broken(text_file):
    with pytest.raises(SignalError, match="the file is empty"):
        read_parquet_header(text_file("", "a.parquet"), SIDECAR)
    with pytest.raises(SignalError, match="git-lfs") as caught:
        read_parquet_header(text_file("version https://git-lfs.github.com/spec/v1\n", "a.parquet"), SIDECAR)
    assert "git lfs pull" in caught.value.remedy


@pytest.mark.parametrize(
    "values", [["a", "b"], [True, False], [None, None]], ids=["text", "truth", "nothing"]
)
def test_an_electrode_that_holds_no_numbers_is_not_passed_over(table, values):
    with pytest.raises(SignalError, match="the column Cz holds"):
        read_parquet_header(table({"Fz": [1.0, 2.0], "Cz": values}), SIDECAR)


def test_damage_anywhere_is_a_typed_error_or_is_not_seen(table, text_file):
    """Each of 300 files has one to five bytes of its footer replaced."""
    whole = table({name: np.arange(50, dtype=np.float32) for name in ("Fz", "Cz", "Pz")}).path.read_bytes()
    n_footer = int.from_bytes(whole[-8:-4], "little")
    refused = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        damaged = bytearray(whole)
        for place in rng.integers(len(whole) - 8 - n_footer, len(whole), rng.integers(1, 6)):
            damaged[place] = rng.integers(256)
        file = text_file(bytes(damaged), "damaged.parquet")
        try:
            header = read_parquet_header(file, SIDECAR)
            blocks = open_parquet(
                file, range(len(header.ch_names)), 200.0, (1.0,) * len(header.ch_names)
            ).blocks(99)
            assert sum(block.shape[1] for block in blocks) == header.n_times
        except SignalError:
            refused += 1
    assert 100 < refused < 300


def test_a_look_into_a_table_tells_columns_and_reads_one(table):
    file = table({"time": [1, 3], "note": ["a", "b"], "Fz": [0.5, 1.5]})
    columns, no_numbers, n_rows, values = look_into_parquet(file, "time")
    assert (columns, no_numbers, n_rows, values.tolist()) == (("time", "note", "Fz"), ("note",), 2, [1, 3])
    assert look_into_parquet(file, "note").values.size == 0
    assert look_into_parquet(file).values.size == 0


def test_tables_without_channels_or_rows_are_refused(table):
    with pytest.raises(SignalError, match="no numeric columns"):
        read_parquet_header(table({"note": ["a"]}), SIDECAR)
    with pytest.raises(SignalError, match="no rows"):
        read_parquet_header(table({"Fz": pa.array([], pa.float32())}), SIDECAR)


def test_a_channel_that_is_not_there_is_refused(table):
    with pytest.raises(SignalError, match="does not have"):
        open_parquet(table({"Fz": [1.0]}), (1,), 200.0, (1.0,))
