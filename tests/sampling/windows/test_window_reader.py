from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.written_windows import N_TIMES, SIGNALS, digest, file_of, footer_bytes, write_three


@pytest.fixture
def folder(tmp_path):
    return write_three(tmp_path)


@pytest.fixture
def reader(folder):
    return WindowReader.of_folder(folder)


def test_nothing_is_touched_before_it_is_read():
    reader = WindowReader({("a", "1"): Path("/nowhere/a_1.parquet")}, ch_names=["C3"])
    assert (reader.runs, reader.ch_names, reader.bytes_read) == ((("a", "1"),), ("C3",), 0)
    with pytest.raises(WindowError, match="a_1: the window file is not there"):
        reader.read_samples("a", "1", 0, 1)


def test_channels_are_those_of_any_run_sorted(reader):
    assert reader.ch_names == ("C3", "CZ", "FZ", "O1")
    assert reader.runs == (("a", "1"), ("a", "2"), ("b", "1"))


@pytest.mark.parametrize(("start", "n"), [(0, 1), (399, 2), (350, 500), (0, N_TIMES), (1190, 44), (1233, 1)])
def test_a_window_may_span_row_groups_and_reach_into_the_tail(reader, start, n):
    samples, valid = reader.read_samples("a", "1", start, n)
    assert np.array_equal(samples[[0, 2, 3]], SIGNALS["a", "1"][:, start : start + n])
    assert (valid.tolist(), samples.dtype) == ([True, False, True, True], np.float32)
    assert not samples[1].any()


def test_seconds_on_the_grid_are_samples(reader):
    samples, _ = reader.read("a", "1", onset=7.02, duration=0.06, ch_names=["FZ"])
    assert np.array_equal(samples, SIGNALS["a", "1"][1:2, 351:354])


@pytest.mark.parametrize(("onset", "duration"), [(0.001, 1.0), (0.0, 1.001), (float("nan"), 1.0)])
def test_seconds_between_samples_are_refused(reader, onset, duration):
    with pytest.raises(ParameterError, match=r"a_1: .* between two samples at 50 Hz"):
        reader.read("a", "1", onset, duration)


def test_an_array_of_the_callers_is_filled(reader):
    batch = np.full((2, 4, 600), np.nan, np.float32)
    samples, _ = reader.read_samples("a", "2", 500, 600, out=batch[1])
    assert np.shares_memory(samples, batch)
    assert np.array_equal(batch[1], reader.read_samples("a", "2", 500, 600)[0])


@pytest.mark.parametrize("out", [np.empty((4, 99), np.float32), np.empty((4, 100))])
def test_an_array_that_does_not_fit_is_refused(reader, out):
    with pytest.raises(ParameterError, match="does not fit"):
        reader.read_samples("a", "1", 0, 100, out=out)


def test_a_channel_that_nobody_has_is_refused(reader):
    with pytest.raises(ParameterError, match=r"no run has the channel .*'FPZ, T9'.*C3, CZ, FZ, O1"):
        reader.read_samples("a", "1", 0, 10, ["C3", "T9", "FPZ"])


def test_a_channel_of_another_run_is_found_without_reading_all_footers(folder):
    reader = WindowReader.of_folder(folder)
    file_of(folder, ("b", "1")).unlink()
    assert reader.read_samples("a", "2", 0, 10, ["FZ", "C3"])[1].tolist() == [False, True]


def test_the_order_of_channels_is_the_callers(reader):
    samples, valid = reader.read_samples("b", "1", 380, 50, ["CZ", "O1", "FZ", "CZ"])
    assert valid.tolist() == [True, False, True, True]
    expected = SIGNALS["b", "1"][:, 380:430]
    assert np.array_equal(samples, [expected[2], np.zeros(50), expected[0], expected[2]])


@pytest.mark.parametrize(("start", "n"), [(-1, 10), (0, N_TIMES + 1), (N_TIMES, 1), (5, 0), (5, -3)])
def test_a_window_outside_the_recording_is_refused_with_its_length(reader, start, n):
    with pytest.raises(WindowError, match=r"a_1: the window .* 0 to 1234 \(24.68 s at 50 Hz\)"):
        reader.read_samples("a", "1", start, n)


def test_a_run_that_is_not_there_is_named(reader):
    with pytest.raises(WindowError, match=r"b_7: there are no windows of this run.*process_primary"):
        reader.layout("b", "7")


@pytest.mark.parametrize("limits", [{"max_open": 0}, {"cache_megabytes": -1}, {"cache_megabytes": np.inf}])
def test_limits_that_make_no_sense_are_refused(limits):
    with pytest.raises(ParameterError, match="limits"):
        WindowReader({}, **limits)


def test_a_channels_sequence_holds_its_complete_windows(reader):
    expected = SIGNALS["b", "1"][2, :1200].reshape(12, 100)
    assert np.array_equal(reader.read_channel("b", "1", "CZ"), expected)


def test_a_sequence_of_a_channel_the_run_lacks_is_refused(reader):
    with pytest.raises(WindowError, match="a_1: the run lacks the channel"):
        reader.read_channel("a", "1", "CZ")
    with pytest.raises(ParameterError, match="no run has the channel"):
        reader.read_channel("a", "1", "T9")


def chunk_sizes(path, group, names):
    columns = pq.read_metadata(path).row_group(group)
    chunks = [columns.column(i) for i in range(columns.num_columns)]
    return sum(c.total_compressed_size for c in chunks if c.path_in_schema.split(".")[0] in names)


def test_only_the_row_groups_and_columns_needed_are_read(folder):
    reader, path = WindowReader.of_folder(folder), file_of(folder)
    reader.read_samples("a", "1", 790, 20, ["O1", "C3"])
    expected = sum(chunk_sizes(path, group, ("O1", "C3")) for group in (1, 2))
    assert (reader.groups_read, reader.bytes_read) == (2, expected + footer_bytes(path))


def test_bytes_counted_are_those_the_file_gave(folder, monkeypatch):
    from eeg_kedro.io.byte_source import LocalBytes

    given, fetch = [], LocalBytes.fetch
    monkeypatch.setattr(LocalBytes, "fetch", lambda *a: given.extend(found := fetch(*a)) or found)
    reader = WindowReader.of_folder(folder)
    reader.read_samples("a", "1", 100, 1000)
    reader.read_channel("b", "1", "CZ")
    assert reader.bytes_read == sum(map(len, given)) > 0


def test_one_channels_sequence_reads_one_column(folder):
    reader, path = WindowReader.of_folder(folder), file_of(folder)
    reader.read_channel("a", "1", "FZ")
    expected = sum(chunk_sizes(path, group, ("FZ",)) for group in range(3))
    assert (reader.groups_read, reader.bytes_read) == (3, expected + footer_bytes(path))


def test_a_row_group_is_decoded_once_for_all_windows_in_it(folder):
    reader = WindowReader.of_folder(folder, ch_names=["C3", "FZ"])
    for start in range(0, 1200, 10):
        reader.read_samples("a", "1", start, 10)
    before = reader.bytes_read
    reader.read_samples("a", "1", 0, 1200, ["FZ"])
    assert (reader.groups_read, reader.bytes_read) == (3, before)


def test_the_tail_is_unpacked_once(folder, monkeypatch):
    from eeg_kedro.io import window_layout

    seen, decode = [], window_layout.decode_tail
    monkeypatch.setattr(window_layout, "decode_tail", lambda *a: seen.append(1) or decode(*a))
    reader = WindowReader.of_folder(folder, ch_names=["C3", "FZ"])
    for start in range(1200, 1230):
        reader.read_samples("a", "1", start, 4)
    assert (len(seen), reader.groups_read) == (1, 0)


def test_channels_of_a_single_call_leave_the_cache_alone(folder):
    reader = WindowReader.of_folder(folder, ch_names=["C3", "FZ"])
    reader.read_samples("a", "1", 0, 10, ["O1"])
    reader.read_samples("a", "1", 0, 10, ["C3"])
    assert len(reader._opened().cache) == 0
    reader.read_samples("a", "1", 0, 10, ["FZ", "C3"])
    assert len(reader._opened().cache) == 1


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_truncated_file_is_named(folder, share):
    raw = file_of(folder).read_bytes()
    file_of(folder).write_bytes(raw[: int(share * len(raw))])
    with pytest.raises(WindowError, match=r"a_1: the window file is cut short.*process_primary"):
        WindowReader.of_folder(folder).read_samples("a", "1", 0, 10)


def test_garbage_in_the_middle_is_found_where_it_is_and_others_are_read(folder, reader):
    expected, raw = digest(reader)[1:], bytearray(file_of(folder).read_bytes())
    chunk = pq.read_metadata(file_of(folder)).row_group(1).column(7)
    raw[chunk.data_page_offset + 10 : chunk.data_page_offset + 60] = bytes(50)
    file_of(folder).write_bytes(raw)
    reader.close()
    with pytest.raises(WindowError, match="a_1: the window file is damaged"):
        reader.read_samples("a", "1", 395, 10)
    assert reader.read_samples("a", "1", 0, 400)[1].sum() == 3
    assert [float(reader.read_samples(*key, 395, 839)[0].sum()) for key in reader.runs[1:]] == expected


def test_a_broken_file_does_not_hide_that_another_has_the_channel(folder):
    file_of(folder, ("a", "1")).write_bytes(b"PAR1")
    reader = WindowReader.of_folder(folder)
    assert reader.read_samples("a", "2", 0, 10, ["FZ"])[1].tolist() == [False]
