import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError, ParameterError, StaleError, WindowError
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.sampling.small_recordings import (
    ALL,
    CHANNELS,
    ArrayReader,
    make_events,
    make_windows,
    slice_of,
    write_recordings,
)


def recorded(windows=None, events=None, **options):
    return RecordedWindows(ArrayReader(**options), make_windows() if windows is None else windows, events)


def test_windows_are_slices_of_the_signal_in_the_order_asked_for(tmp_path):
    windows = make_windows(write_recordings(tmp_path))
    source = RecordedWindows(WindowReader.of_folder(tmp_path), windows, None)
    positions = np.random.default_rng(0).permutation(len(windows))
    samples, valid = source.gather(positions)
    assert (samples.dtype, source.ch_names) == (np.float32, ALL)
    for i, position in enumerate(positions):
        row = windows.iloc[position]
        assert np.array_equal(samples[i], slice_of(row))
        assert valid[i].tolist() == [name in CHANNELS[row["participant"], row["run"]] for name in ALL]


def test_valid_channels_are_known_without_reading(tmp_path):
    windows = make_windows(write_recordings(tmp_path))
    reader = WindowReader.of_folder(tmp_path)
    source = RecordedWindows(reader, windows, None)
    positions = np.arange(len(windows))[::-3]
    valid = source.valid(positions)
    assert reader.groups_read == 0
    assert np.array_equal(valid, source.gather(positions)[1])


def test_a_changed_file_is_refused(tmp_path):
    windows = make_windows(write_recordings(tmp_path))
    write_recordings(tmp_path, seed=1)
    with pytest.raises(StaleError):
        RecordedWindows(WindowReader.of_folder(tmp_path), windows, None).gather(np.array([0]))


def test_reads_within_a_run_follow_each_other():
    source = recorded()
    source.gather(np.random.default_rng(0).permutation(len(source)))
    assert source._reader.asked == sorted(source._reader.asked)


def test_every_run_is_compared_once_and_only_if_it_is_met():
    windows = make_windows()
    source = recorded(windows.assign(windows_fingerprint=7))
    assert source._reader.compared == []
    first_of_b = int(np.flatnonzero(windows["participant"] == "b")[0])
    for positions in ([0, 1], [first_of_b], [0, first_of_b]):
        source.gather(np.array(positions))
    assert source._reader.compared == ["a_1", "b_1"]


def test_a_run_of_another_state_is_refused_where_it_is_met():
    windows = make_windows()
    marks = np.where(windows["participant"] == "b", 8, 7)
    source = recorded(windows.assign(windows_fingerprint=marks))
    source.gather(np.array([0]))
    with pytest.raises(StaleError):
        source.gather(np.array([0, len(windows) - 1]))


def test_one_run_in_two_states_is_refused():
    windows = make_windows()
    with pytest.raises(StaleError, match="a_1"):
        recorded(windows.assign(windows_fingerprint=np.arange(len(windows))))


def test_a_missing_run_is_a_typed_error():
    source = recorded()
    del source._reader.signals["b", "1"]
    with pytest.raises(WindowError, match="b_1"):
        source.gather(np.array([len(source) - 1]))


@pytest.mark.parametrize("column", ["n_samples", "sfreq"])
def test_windows_of_two_kinds_are_refused_by_name(column):
    windows = make_windows()
    windows[column] = np.where(windows["participant"] == "b", 1, windows[column])
    with pytest.raises(ParameterError, match=rf"b_1: .*{column}"):
        recorded(windows)


def test_a_missing_column_is_named():
    with pytest.raises(ParameterError, match="window_start_sample"):
        recorded(make_windows().drop(columns="window_start_sample"))


seconds = st.floats(-2, 25).map(lambda x: round(x, 4))
event = st.tuples(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "2"]), seconds, seconds, st.just("x")
)


@settings(max_examples=80, deadline=None)
@given(st.lists(event, max_size=6), st.integers(1, 90), st.integers(1, 40))
def test_labels_sum_to_the_seizure_samples_of_the_manifest(rows, length, stride):
    events = make_events(rows)
    windows = make_windows(events=events, seconds=length / 16, stride=stride / 16)
    labels = recorded(windows, events).labels(np.arange(len(windows)))
    assert (labels.shape, labels.dtype) == ((len(windows), length), np.uint8)
    assert labels.sum(axis=1, dtype=int).tolist() == windows["seizure_samples"].tolist()


@settings(max_examples=25, deadline=None)
@given(st.lists(event, max_size=6))
def test_each_label_says_whether_the_sample_lies_in_a_seizure(rows):
    events = make_events(rows)
    windows = make_windows(events=events)
    order = np.random.default_rng(len(rows)).permutation(len(windows))
    labels = recorded(windows, events).labels(order)
    for mask, position in zip(labels, order, strict=True):
        row = windows.iloc[position]
        own = events[(events["participant"] == row["participant"]) & (events["run"] == row["run"])]
        truth = np.zeros(2000, bool)
        for onset, duration in zip(own["onset"], own["duration"], strict=True):
            first, last = (int(np.floor(t * 16 + 0.5 + 1e-5)) for t in (onset, onset + duration))
            truth[max(first, 0) : max(last, 0)] = True
        assert np.array_equal(mask, truth[row["window_start_sample"] :][: row["n_samples"]])


def test_what_is_no_seizure_has_no_label():
    events = make_events().assign(kind="artefact")
    assert not recorded(make_windows(events=events), events).labels(np.arange(5)).any()


def test_labels_without_events_are_refused():
    with pytest.raises(ParameterError, match="int_events"):
        recorded().labels(np.array([0]))


def test_windows_nobody_annotated_are_not_background():
    windows = make_windows(annotated=[True, True, False])
    source = recorded(windows, make_events())
    assert source.labels(np.array([0])).shape == (1, 64)
    with pytest.raises(AnnotationError, match=r"b_1: .*not background"):
        source.labels(np.array([0, len(windows) - 1]))


def test_events_that_changed_since_are_refused():
    source = recorded(make_windows(), make_events([("a", "1", 3.0, 2.0, "fnsz")]))
    with pytest.raises(StaleError, match="a_1: the events are not those"):
        source.labels(np.array([0]))


def test_an_empty_table_gives_empty_arrays():
    source = recorded(make_windows().iloc[:0], make_events())
    nothing = np.zeros(0, np.intp)
    assert (len(source), source.n_samples) == (0, 0)
    assert [part.shape for part in source.gather(nothing)] == [(0, 3, 0), (0, 3)]
    assert (source.labels(nothing).shape, source.valid(nothing).shape) == ((0, 0), (0, 3))


def test_order_index_and_text_storage_of_the_table_do_not_matter():
    windows = make_windows()
    order = np.random.default_rng(0).permutation(len(windows))
    other = windows.iloc[order].astype({"participant": "category", "run": object, "category": "category"})
    expected = recorded(windows, make_events()).labels(order)
    assert np.array_equal(recorded(other, make_events()).labels(np.arange(len(windows))), expected)
    assert np.array_equal(recorded(other).gather(np.arange(9))[0], recorded(windows).gather(order[:9])[0])


def test_a_copy_for_another_process_gives_the_same(tmp_path):
    windows = make_windows(write_recordings(tmp_path))
    source = RecordedWindows(WindowReader.of_folder(tmp_path), windows, make_events())
    source.gather(np.array([0]))
    copy = pickle.loads(pickle.dumps(source))
    assert np.array_equal(copy.gather(np.array([3, 1]))[0], source.gather(np.array([3, 1]))[0])
    assert np.array_equal(copy.labels(np.arange(9)), source.labels(np.arange(9)))


def test_a_table_of_many_windows_is_kept_as_arrays():
    windows = pd.concat([make_windows()] * 50, ignore_index=True)
    assert len(pickle.dumps(RecordedWindows(ArrayReader(), windows, None))) < 50_000 + 20 * len(windows)
