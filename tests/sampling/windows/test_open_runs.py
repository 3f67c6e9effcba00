import multiprocessing
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.written_windows import CHANNELS, SIGNALS, digest, write_three

GROUP_BYTES = 3 * 400 * 4


@pytest.fixture
def folder(tmp_path):
    return write_three(tmp_path)


@pytest.fixture
def reader(folder):
    return WindowReader.of_folder(folder)


def test_memory_stays_within_the_cache(folder):
    reader = WindowReader.of_folder(folder, cache_megabytes=4 * GROUP_BYTES / 1e6)
    rng = np.random.default_rng(0)
    for _ in range(300):
        key = reader.runs[rng.integers(3)]
        start, n = int(rng.integers(0, 800)), int(rng.integers(1, 400))
        found, valid = reader.read_samples(*key, start, n)
        order = [CHANNELS[key].index(name) for name in reader.ch_names if name in CHANNELS[key]]
        assert np.array_equal(found[valid], SIGNALS[key][order, start : start + n])
        assert 0 < reader._opened().cache.n_bytes <= 4 * GROUP_BYTES


@pytest.mark.parametrize("megabytes", [0, 0.9 * GROUP_BYTES / 1e6])
def test_a_row_group_larger_than_the_cache_is_still_read(folder, megabytes):
    reader = WindowReader.of_folder(folder, ch_names=["C3", "FZ", "O1"], cache_megabytes=megabytes)
    for start in (0, 10, 500):
        found, _ = reader.read_samples("a", "1", start, 300)
        assert np.array_equal(found, SIGNALS["a", "1"][:, start : start + 300])
    assert reader.groups_read == 3


def open_files(folder):
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return sum(os.readlink(link).startswith(str(folder)) for link in links if os.path.islink(link))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files cannot be counted here")
def test_no_more_files_are_open_than_allowed(folder):
    reader = WindowReader.of_folder(folder, max_open=2)
    for i in range(30):
        reader.read_samples(*reader.runs[i % 3], i, 10)
        assert 1 <= open_files(folder) <= 2
    reader.close()
    assert open_files(folder) == 0
    assert np.array_equal(reader.read_samples("a", "1", 5, 9, ["C3"])[0], SIGNALS["a", "1"][:1, 5:14])


def send(pipe, reader):
    pipe.send((digest(reader), reader.groups_read))


def test_a_fork_reads_although_a_thread_of_its_parent_held_the_lock(reader):
    expected, context = digest(reader), multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    holder = Thread(target=reader._opened().lock.acquire)
    holder.start()
    holder.join()
    child = context.Process(target=send, args=(theirs, reader))
    child.start()
    assert mine.poll(30)
    assert mine.recv()[0] == expected
    child.join()


def test_a_fork_opens_files_of_its_own(reader):
    digest(reader)
    before, (mine, theirs) = reader.groups_read, multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=send, args=(theirs, reader))
    child.start()
    assert mine.recv()[1] == before
    child.join()


def test_a_copy_sent_elsewhere_takes_neither_files_nor_memory_along(reader):
    expected = digest(reader)
    parcel = pickle.dumps(reader)
    sent = pickle.loads(parcel)
    assert len(parcel) < 2000
    assert (sent._open, sent.bytes_read, sent.ch_names) == (None, 0, reader.ch_names)
    assert digest(sent) == expected


def test_a_spawned_process_reads_the_same(reader):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(digest, (reader,)) == digest(reader)


class Windows:
    """The least that a DataLoader takes."""

    def __init__(self, reader):
        self.reader = reader

    def __len__(self):
        return 40

    def __getitem__(self, i):
        return self.reader.read_samples(*self.reader.runs[i % 3], 20 * i, 50)[0]


def test_workers_of_a_loader_read_the_same(reader):
    torch_data = pytest.importorskip("torch.utils.data")
    plain = [Windows(reader)[i] for i in range(40)]
    loader = torch_data.DataLoader(Windows(reader), batch_size=4, num_workers=2)
    assert np.array_equal(np.concatenate([batch.numpy() for batch in loader]), plain)


def test_threads_share_a_reader(folder):
    reader = WindowReader.of_folder(folder, cache_megabytes=2 * GROUP_BYTES / 1e6, max_open=1)
    starts = np.random.default_rng(0).integers(0, 800, 200).tolist()
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda s: reader.read_samples(*reader.runs[s % 3], s, 400, ["C3"])[0][0], starts)
        )
    for start, row in zip(starts, found, strict=True):
        key = reader.runs[start % 3]
        assert np.array_equal(row, SIGNALS[key][CHANNELS[key].index("C3"), start : start + 400])
