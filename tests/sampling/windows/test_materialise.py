import errno
import os
import shutil
import signal
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.errors import (
    AnnotationError,
    BusyError,
    DiskFullError,
    EegError,
    ParameterError,
    SignalError,
    StaleError,
    WindowError,
)
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.npz_cache import scan_npz_cache
from eeg_kedro.sampling.windows import materialise
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.sampling.windows.npz_windows import NpzWindows
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.sampling.small_recordings import (
    ALL,
    PROJECT_FOLDER,
    ArrayReader,
    make_events,
    make_windows,
    slice_of,
    write_recordings,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "windows.safetensors"


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(materialise, "CHUNK_BYTES", 3 * 64 * 4 * 5)  # five windows


def plan(windows=None, reader=None, **options):
    windows = make_windows() if windows is None else windows
    source = RecordedWindows(reader or ArrayReader(), windows, make_events())
    return plan_materialised(windows, source, MaterialiseOptions(**options))


def parts(path):
    return sorted(path.parent.glob(".*"))


def test_the_set_holds_slices_of_the_cleaned_signal(tmp_path, path):
    windows = make_windows(write_recordings(tmp_path))
    facts = plan(windows, WindowReader.of_folder(tmp_path), dtype="float32").write(path)
    found = MaterialisedWindows(path)
    samples, _ = found.gather(np.arange(len(windows)))
    assert np.array_equal(samples, [slice_of(row) for _, row in windows.iterrows()])
    assert found.labels(np.arange(len(windows))).sum(axis=1).tolist() == windows["seizure_samples"].tolist()
    assert facts == {
        "n_windows": len(windows), "n_resumed": 0, "n_bytes": path.stat().st_size,
        "valid_share": found.valid_share, "fingerprint": found.fingerprint,
    }  # fmt: skip


def test_equal_input_gives_equal_bytes_whatever_the_chunks(path, monkeypatch):
    contents = set()
    for size in (1, 3 * 64 * 4 * 5, 1 << 25):
        monkeypatch.setattr(materialise, "CHUNK_BYTES", size)
        plan().write(path)
        contents.add(path.read_bytes())
    assert len(contents) == 1


def test_the_table_may_have_any_order(path):
    windows = make_windows()
    shuffled = windows.iloc[np.random.default_rng(0).permutation(len(windows))]
    plan(shuffled, dtype="float32").write(path)
    samples, _ = MaterialisedWindows(path).gather(np.arange(9))
    assert np.array_equal(samples, [slice_of(row) for _, row in shuffled.iloc[:9].iterrows()])


def test_windows_in_order_are_read_once_each_in_order(path):
    reader = ArrayReader()
    plan(reader=reader).write(path)
    windows = make_windows()
    keys = zip(windows["participant"], windows["run"], windows["window_start_sample"], strict=True)
    assert reader.asked == [*keys]


def test_progress_counts_windows(path, small_chunks):
    told = []
    plan().write(path, lambda *counts: told.append(counts))
    n = len(make_windows())
    assert told == [(done, n) for done in [*range(0, n, 5), n]]


def test_everything_that_changes_the_content_changes_the_fingerprint():
    windows = make_windows()
    jobs = [
        plan(), plan(dtype="float32"), plan(ch_names=["C3"]), plan(ch_names=["C4", "C3"]), plan(windows.iloc[::-1]),
        plan(windows.iloc[1:]), plan(windows.assign(windows_fingerprint=7)),
    ]  # fmt: skip
    assert len({job.fingerprint for job in jobs}) == len(jobs)
    assert plan().fingerprint == plan(windows.reset_index(drop=True).assign(split="train")).fingerprint


def test_a_seizure_that_moves_within_its_windows_changes_the_fingerprint():
    def fingerprint(onset):
        events = make_events([("b", "1", onset, 0.5, "x")])
        windows = make_windows(events=events).iloc[[-1]]
        return plan_materialised(
            windows, RecordedWindows(ArrayReader(), windows, events), MaterialiseOptions()
        ).fingerprint

    assert fingerprint(6.0) != fingerprint(6.5)


def test_chosen_channels_are_stored_in_the_order_asked_for(path):
    plan(ch_names=["FZ", "C3"], dtype="float32").write(path)
    found, rows = MaterialisedWindows(path), make_windows()
    samples, valid = found.gather(np.arange(len(rows)))
    assert found.ch_names == ("FZ", "C3")
    assert np.array_equal(samples, [slice_of(row)[[2, 0]] for _, row in rows.iterrows()])
    assert valid[0].tolist() == [False, True]


@pytest.mark.parametrize("names", [["C3", "OZ"], ["C3", "C3"]])
def test_channels_that_are_not_there_or_named_twice_are_refused(names):
    with pytest.raises(ParameterError, match="C3, C4, FZ"):
        plan(ch_names=names)


def test_the_share_of_valid_cells_is_told(path):
    windows = make_windows()
    per_run = windows.groupby(["participant", "run"]).size()
    expected = (2 * per_run["a", "1"] + 3 * per_run["a", "2"] + 2 * per_run["b", "1"]) / (3 * len(windows))
    assert plan().write(path)["valid_share"] == pytest.approx(expected)
    assert MaterialisedWindows(path).valid_share == pytest.approx(expected)


def test_an_empty_table_gives_a_valid_file(path):
    facts = plan(make_windows().iloc[:0]).write(path)
    found = MaterialisedWindows(path)
    assert (len(found), facts["n_windows"], found.ch_names) == (0, 0, ALL)
    assert found.gather(np.zeros(0, np.intp))[0].shape == (0, 3, 0)
    found.check(make_windows().iloc[:0])
    import safetensors.numpy

    assert safetensors.numpy.load_file(path)["samples"].shape == (0, 3, 0)


def test_a_source_of_another_table_is_refused():
    source = RecordedWindows(ArrayReader(), make_windows(), make_events())
    with pytest.raises(ParameterError, match="one per row"):
        plan_materialised(make_windows().iloc[1:], source, MaterialiseOptions())


def test_windows_nobody_annotated_are_refused_before_anything_is_read():
    reader, windows = ArrayReader(), make_windows(annotated=[True, False, True])
    with pytest.raises(AnnotationError):
        plan(windows, reader)
    assert reader.asked == []


def test_an_npz_cache_is_materialised_too(tmp_path, path):
    rng = np.random.default_rng(0)
    arrays = {"windows": rng.standard_normal((6, 2, 16)), "labels": rng.integers(0, 2, (6, 16))}
    np.savez(tmp_path / "a_1_windows.npz", **arrays)
    options = CategorizeOptions(source="npz_cache", npz_sfreq=16, stride_seconds=1)
    windows = scan_npz_cache(tmp_path, ["a_1_windows.npz"], options).manifest
    plan_materialised(windows, NpzWindows(tmp_path, windows), MaterialiseOptions()).write(path)
    found = MaterialisedWindows(path)
    found.check(windows)
    assert np.array_equal(found.gather(np.arange(6))[0], arrays["windows"].astype("f4").astype("f2"))
    assert np.array_equal(found.labels(np.arange(6)), arrays["labels"])


@settings(max_examples=25, deadline=None)
@given(st.floats(-70000, 70000, width=32), st.sampled_from(["float16", "float32"]))
def test_a_sample_is_stored_or_refused_never_infinite(tmp_path_factory, value, dtype):
    reader = ArrayReader()
    reader.signals["a", "2"][1, 70] = value
    path = tmp_path_factory.mktemp("set") / "set"
    if dtype == "float16" and abs(value) > 65504:
        with pytest.raises(
            SignalError, match=r"a_2: .*float16.*C4 in the window at sample 16.*dtype=float32"
        ):
            plan(reader=reader, dtype=dtype).write(path)
    else:
        plan(reader=reader, dtype=dtype).write(path)
        samples, _ = MaterialisedWindows(path).gather(np.arange(len(make_windows())))
        assert (samples == np.dtype(dtype).type(value)).any()


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused_and_leaves_nothing(path, dtype, value):
    reader = ArrayReader()
    reader.signals["b", "1"][0, 100] = value
    with pytest.raises(SignalError, match="b_1"):
        plan(reader=reader, dtype=dtype).write(path)
    assert [*path.parent.iterdir()] == []


class Killed(BaseException):
    pass


def kill_after(n):
    def stop(done, total):
        if done >= n:
            raise Killed

    return stop


@pytest.mark.parametrize("n", [0, 5, 20, 10_000])
def test_a_killed_build_goes_on_where_it_was(path, small_chunks, n):
    plan().write(path)
    whole = path.read_bytes()
    path.unlink()
    n = min(n, len(make_windows()))
    with pytest.raises(Killed):
        plan().write(path, kill_after(n))
    reader = ArrayReader()
    assert plan(reader=reader).write(path)["n_resumed"] == n
    assert len(reader.asked) == len(make_windows()) - n + bool(n)  # the last one is read again and compared
    assert (path.read_bytes(), parts(path)) == (whole, [])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_part_file_cut_anywhere_ends_in_the_same_bytes(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("set") / "set"
    job = plan()
    job.write(path)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    zeros = data.draw(st.integers(0, 3 * job.header.row_bytes))
    path.with_name(f".set.{job.fingerprint[:32]}.part").write_bytes(whole[:cut] + bytes(zeros))
    path.unlink()
    facts = job.write(path)
    assert path.read_bytes() == whole
    assert facts["n_resumed"] == 0 or not zeros or facts["n_resumed"] * job.header.row_bytes <= cut + zeros


KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.sampling.small_recordings import *
from eeg_kedro.sampling.windows import materialise, recorded_windows

def stop(done, total):
    if done == 12:
        os.kill(os.getpid(), signal.SIGKILL)

materialise.CHUNK_BYTES = 1
windows = make_windows()
source = recorded_windows.RecordedWindows(ArrayReader(), windows, make_events())
options = materialise.MaterialiseOptions()
materialise.plan_materialised(windows, source, options).write(Path(sys.argv[1]), stop)
"""


def test_a_build_in_a_killed_process_goes_on(path):
    ended = subprocess.run([sys.executable, "-c", KILLED_BUILD, path, PROJECT_FOLDER], check=False)
    assert (ended.returncode, len(parts(path))) == (-signal.SIGKILL, 1)
    assert 0 < plan().write(path)["n_resumed"] <= 12  # what was still in the buffer is lost
    content = path.read_bytes()
    plan().write(path)
    assert path.read_bytes() == content


def test_part_files_of_other_sets_are_removed_and_other_files_kept(path, small_chunks):
    with pytest.raises(Killed):
        plan(dtype="float32").write(path, kill_after(5))
    names = [".other.safetensors.abc.part", f".{path.name}.2.{'a' * 32}.part"]  # of a set called <name>.2
    others = [path.with_name(name) for name in names]
    for other in others:
        other.write_bytes(b"")
    plan().write(path)
    assert parts(path) == sorted(others)


def test_the_old_set_stays_until_the_new_one_is_whole(path, small_chunks):
    plan(dtype="float32").write(path)
    with pytest.raises(Killed):
        plan().write(path, kill_after(10))
    assert MaterialisedWindows(path).dtype == np.float32
    plan().write(path)
    assert MaterialisedWindows(path).dtype == np.float16


def test_a_disk_that_is_too_small_is_seen_before_anything_is_written(path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    needed = plan().header.n_bytes
    monkeypatch.setattr(shutil, "disk_usage", lambda where: usage(0, 0, needed - 1))
    with pytest.raises(DiskFullError, match=r"GB free.*balance.none_ratio"):
        plan().write(path)
    assert [*path.parent.iterdir()] == []
    monkeypatch.setattr(shutil, "disk_usage", lambda where: usage(0, 0, needed))
    plan().write(path)


def test_what_a_killed_build_wrote_counts_as_room(path, small_chunks, monkeypatch):
    with pytest.raises(Killed):
        plan().write(path, kill_after(20))
    usage = namedtuple("usage", "total used free")
    left = plan().header.n_bytes - parts(path)[0].stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda where: usage(0, 0, left))
    assert plan().write(path)["n_resumed"] == 20


def test_a_disk_that_fills_up_keeps_what_is_written(path, small_chunks):
    def fill(done, total):
        if done == 10:
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(DiskFullError):
        plan().write(path, fill)
    assert plan().write(path)["n_resumed"] == 10


def test_another_error_of_the_disk_stays_what_it_is(path):
    def fail(done, total):
        raise OSError(errno.EIO, "broken")

    with pytest.raises(OSError, match="broken") as raised:
        plan().write(path, fail)
    assert not isinstance(raised.value, EegError)


def test_a_recording_that_vanishes_meanwhile_leaves_no_part(path):
    reader = ArrayReader()
    job = plan(reader=reader)
    del reader.signals["b", "1"]
    with pytest.raises(WindowError, match="b_1"):
        job.write(path)
    assert parts(path) == []


def test_a_recording_with_other_channels_than_its_footer_said_is_refused(path, monkeypatch):
    job = plan()
    monkeypatch.setattr(job.source, "valid", lambda positions: np.ones((len(positions), 3), bool))
    with pytest.raises(StaleError, match="replaced while it was read"):
        job.write(path)


def test_a_set_is_a_source_itself(tmp_path, path):
    plan(dtype="float32").write(path)
    windows = make_windows()
    plan_materialised(windows, MaterialisedWindows(path), MaterialiseOptions()).write(tmp_path / "half")
    plan().write(tmp_path / "direct")
    assert (tmp_path / "half").read_bytes() == (tmp_path / "direct").read_bytes()


@pytest.mark.parametrize("values", [{"dtype": "float64"}, {"ch_names": []}, {"compress": True}])
def test_unknown_options_are_refused(values):
    with pytest.raises(ValidationError):
        MaterialiseOptions(**values)


def test_a_folder_with_odd_characters_is_no_obstacle(tmp_path):
    path = tmp_path / "[a] b" / "set [1].safetensors"
    plan().write(path)
    assert os.listdir(path.parent) == [path.name]


def test_a_set_that_another_run_is_writing_is_left_alone(path, small_chunks):
    def second(done, total):
        if done == 3:
            with pytest.raises(BusyError, match="another run is writing this file"):
                plan().write(path)
            with pytest.raises(
                ZeroDivisionError
            ):  # of other windows: it may write, and must not tidy ours away
                plan(dtype="float32").write(path, lambda done, total: 1 // 0)

    plan().write(path, second)
    MaterialisedWindows(path).check(make_windows())
