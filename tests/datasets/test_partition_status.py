import pytest

from eeg_kedro.datasets.partition_status import PartitionStatus


@pytest.fixture
def status(tmp_path):
    return PartitionStatus(tmp_path / "windows", ".parquet")


def finish(status, key, fingerprint="f"):
    status.file_of(key).write_bytes(b"1234")
    status.write(key, {"state": "done", "fingerprint": fingerprint, "size": 4})


def test_the_last_run_to_begin_owns_the_folder(status):
    first = status.take_over()
    assert status.is_current(first)
    second = status.take_over()
    assert status.is_current(second)
    assert not status.is_current(first)


def test_a_folder_nobody_took_has_no_owner(status):
    assert not status.is_current("anything")


def test_a_partition_is_done_when_record_fingerprint_and_size_agree(status):
    status.take_over()
    finish(status, "a")
    assert status.is_done("a", "f", status.read(["a"])["a"])
    assert not status.is_done("a", "another", status.read(["a"])["a"])
    assert not status.is_done("a", "f", None)
    status.file_of("a").write_bytes(b"12")
    assert not status.is_done("a", "f", status.read(["a"])["a"])


def test_a_file_without_a_record_is_not_done(status):
    # what a kill between writing the file and writing the record leaves
    status.take_over()
    status.plan({"a": "f"})
    status.file_of("a").write_bytes(b"1234")
    assert status.done() == ([], {})


def test_a_run_killed_before_it_removed_stale_partitions_leaves_them_to_the_next(status):
    status.take_over()
    status.plan({"a": "f", "b": "f"})
    status.file_of("b").write_bytes(b"1234")  # in place, but killed before its record
    status.plan({"a": "f"})
    assert not status.file_of("b").exists()


def test_results_of_an_earlier_plan_are_not_shown(status):
    status.take_over()
    status.plan({"a": "f", "b": "f"})
    finish(status, "a", "old parameters")
    finish(status, "b")
    assert status.done()[0] == ["b"]


def test_keys_with_dots_are_kept_apart(status):
    status.take_over()
    status.plan({"a.b": "f", "a": "f"})
    finish(status, "a.b")
    finish(status, "a")
    status.plan({"a": "f"})
    assert status.done()[0] == ["a"]
    assert not status.file_of("a.b").exists()
