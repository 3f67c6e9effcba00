import errno
import fcntl
import multiprocessing
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
import torch

from eeg_kedro.errors import CheckpointError, DiskFullError
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.checkpoint_files import read_checkpoint
from tests.training.tiny_checkpoints import tiny_checkpoint

FILES = ["best.safetensors", "model.safetensors", "trainer.pt"]


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(tmp_path / "checkpoints")


def same(found, wanted):
    assert (found.name, found.about, found.step) == (wanted.name, wanted.about, wanted.step)
    assert found.trainer["progress"] == wanted.trainer["progress"]
    moments = [each.trainer["optimizer"]["state"][0]["exp_avg"] for each in (found, wanted)]
    for a, b in [(found.weights["w"], wanted.weights["w"]), moments]:
        assert torch.equal(a, b)


def test_what_was_saved_is_read(store):
    store.save(tiny_checkpoint(120))
    same(store.last("tiny"), tiny_checkpoint(120))
    home = store.folder / "tiny"
    assert sorted(path.name for path in (home / "step-00000120").iterdir()) == sorted([*FILES, "sha256.json"])
    assert {path.name for path in home.iterdir()} == {"step-00000120", "current.json", ".lock"}


def test_there_is_nothing_before_the_first_save(store):
    assert (store.last("tiny"), store.names()) == (None, [])


def test_a_checkpoint_before_the_first_validation_has_no_best(store):
    store.save(tiny_checkpoint(1, best=False))
    assert store.last("tiny").best_weights is None


def test_only_the_last_one_is_kept_of_each_model(store):
    for name, step in [("a", 1), ("b", 7), ("a", 2), ("a", 3)]:
        store.save(tiny_checkpoint(step, name))
    assert store.names() == ["a", "b"]
    assert [store.last(name).step for name in ("a", "b")] == [3, 7]
    assert len([*store.folder.glob("*/step-*")]) == 2


def test_a_run_that_starts_over_takes_the_place_of_the_one_before(store):
    for step in [5, 5, 2]:
        store.save(tiny_checkpoint(step))
        assert store.last("tiny").step == step


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_checkpoint_is_a_typed_error_that_names_the_file(store, file, damage):
    spoil(store.save(tiny_checkpoint(1)) / file, damage)
    with pytest.raises(CheckpointError, match=rf"tiny/step-00000001: .*{file}.*Remedy"):
        store.last("tiny")


def spoil(path, damage):
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[:40] if damage == "cut" else content)


def test_an_older_one_is_taken_where_the_last_is_damaged(store, monkeypatch):
    monkeypatch.setattr("eeg_kedro.training.checkpoint.shutil.rmtree", lambda *_, **__: None)
    older, newer = store.save(tiny_checkpoint(1)), store.save(tiny_checkpoint(2))
    spoil(newer / "trainer.pt", "cut")
    notices = []
    assert store.last("tiny", notices.append).step == 1
    assert notices == ["tiny/step-00000002 is damaged: going on from step-00000001"]
    assert older.exists()


def test_its_address_tells_which_one_counts_not_its_age(store, tmp_path):
    last = store.save(tiny_checkpoint(4))
    other = CheckpointStore(tmp_path / "other").save(tiny_checkpoint(2))
    shutil.copytree(other, last.with_name(other.name))
    os.utime(last, (1, 1))
    assert store.last("tiny").step == 4


def test_without_its_address_the_newest_is_taken(store):
    store.save(tiny_checkpoint(4))
    (store.folder / "tiny/current.json").unlink()
    assert store.last("tiny").step == 4


def full(path, content):
    with path.open("wb") as file:
        file.write(content[:10])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("file", [*FILES, "sha256.json", "current.json"])
def test_a_full_disk_leaves_the_last_good_one_and_no_garbage(store, monkeypatch, file):
    store.save(tiny_checkpoint(1))
    write = Path.write_bytes

    def fill(path, content, *_, **__):
        data = content.encode() if isinstance(content, str) else content
        return full(path, data) if file in path.name else write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fill)
    monkeypatch.setattr(Path, "write_text", fill)
    with pytest.raises(DiskFullError, match="Remedy: free some space"):
        store.save(tiny_checkpoint(2))
    assert store.last("tiny").step == 1
    assert sorted(path.name for path in (store.folder / "tiny").glob("[!.]*")) == [
        "current.json",
        "step-00000001",
    ]
    assert not [*store.folder.rglob("*.part")]


def test_what_a_killed_writer_left_goes_with_the_next_save(store):
    left = store.folder / "tiny/.step-00000001.abc.part"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half")
    (left.parent / ".current.json.abc.part").touch()
    assert (store.last("tiny"), store.names()) == (None, [])
    store.save(tiny_checkpoint(2))
    assert not [*store.folder.rglob("*.part")]


def save_for_ever(folder, first):
    for step in range(first, 10**6):
        CheckpointStore(folder).save(tiny_checkpoint(step))


def test_a_saver_killed_at_any_moment_leaves_a_checkpoint_that_can_be_read(store):
    store.save(tiny_checkpoint(0))
    last = 0
    for delay in [0.005, 0.02, 0.033, 0.047, 0.06, 0.081]:
        saver = multiprocessing.get_context("fork").Process(
            target=save_for_ever, args=(store.folder, last + 1)
        )
        saver.start()
        time.sleep(delay)
        os.kill(saver.pid, signal.SIGKILL)
        saver.join()
        found = store.last("tiny")
        assert found.step >= last
        same(found, tiny_checkpoint(found.step))
        last = found.step
    store.save(tiny_checkpoint(last + 1))
    assert not [*store.folder.rglob("*.part")]


def test_two_savers_of_one_name_take_turns(store):
    savers = [
        multiprocessing.get_context("fork").Process(target=save_some, args=(store.folder, 100 * i))
        for i in range(2)
    ]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert [saver.exitcode for saver in savers] == [0, 0]
    assert store.last("tiny").step in (4, 104)


def test_a_reader_waits_until_a_saver_is_done(store):
    home = store.save(tiny_checkpoint(3)).parent
    seen = []
    reader = threading.Thread(target=lambda: seen.append(store.last("tiny").step))
    with (home / ".lock").open() as saving:
        fcntl.flock(saving, fcntl.LOCK_EX)
        reader.start()
        reader.join(0.2)
        assert seen == []
    reader.join(10)
    assert seen == [3]


def save_some(folder, first):
    for step in range(first, first + 5):
        CheckpointStore(folder).save(tiny_checkpoint(step))


def test_a_file_that_holds_code_is_refused(store):
    folder = store.save(tiny_checkpoint(1))
    torch.save({"name": "tiny", "progress": Path("x")}, folder / "trainer.pt")
    with pytest.raises(CheckpointError, match="Weights only load failed"):
        read_checkpoint(folder)
