import os
from functools import partial

import pytest
from tiny_tables import TinyOptions, make_table, read_number

from eeg_kedro.datasets import TableDataset
from eeg_kedro.datasets.fingerprint import describe_task
from eeg_kedro.datasets.partition_status import PartitionStatus
from eeg_kedro.datasets.partition_worker import PartitionJob, Writer, run_partition


@pytest.fixture
def job(tmp_path, sources):
    status = PartitionStatus(tmp_path / "windows", ".parquet")
    run = status.take_over()

    def make(function=make_table, **options):
        task = partial(function, partial(read_number, sources["p1_r0"]), TinyOptions())
        return PartitionJob(
            "p1_r0", task, describe_task(task), Writer(TableDataset, {}, "filepath"), status, run, **options
        )

    return make


def no_memory(read, options):
    raise MemoryError


def test_a_worker_writes_and_records(job):
    outcome = run_partition(job())
    assert outcome.state == "done"
    assert outcome.size == job().status.file_of("p1_r0").stat().st_size
    assert job().status.read(["p1_r0"])["p1_r0"] == outcome.record()


def test_an_orphan_writes_nothing(job):
    # the parent it was given is not the parent it has
    outcome = run_partition(job(owner=os.getpid(), is_remote=True))
    assert outcome.error_type == "AbandonedError"
    assert not job().status.file_of("p1_r0").exists()


def test_a_worker_of_an_earlier_run_leaves_the_file_of_the_later_one(job):
    late = job()
    late.status.take_over()
    late.status.file_of("p1_r0").write_bytes(b"of the later run")
    assert run_partition(late).error_type == "AbandonedError"
    assert late.status.file_of("p1_r0").read_bytes() == b"of the later run"


def test_a_bug_is_recorded_with_its_trace(job):
    outcome = run_partition(job(missing_key))
    assert outcome.error == "KeyError: 'missing'"
    assert "in missing_key" in outcome.record()["trace"]


def missing_key(read, options):
    return {}["missing"]


def test_too_little_memory_suggests_fewer_workers(job):
    assert "fewer workers" in run_partition(job(no_memory)).remedy


def test_a_good_record_holds_no_trace(job):
    assert "trace" not in run_partition(job()).record()


def test_the_caller_keeps_its_warnings(job, recwarn):
    run_partition(job(warn))
    assert len(recwarn) == 1


def test_a_remote_worker_is_quiet(job, recwarn):
    run_partition(job(warn, is_remote=True))
    assert len(recwarn) == 0


def warn(read, options):
    import warnings

    warnings.warn("something", stacklevel=1)
    return make_table(read, options)
