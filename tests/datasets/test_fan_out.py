"""The same work by every executor, and what happens to it when processes die."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from tiny_tables import (
    TinyOptions,
    TinySource,
    count_threads,
    die,
    fail_unpicklably,
    make_table_slowly,
    refuse,
    tasks,
)

KINDS = ["serial", "threads", "loky", pytest.param("dask", marks=pytest.mark.slow)]
PROCESSES = ["loky", pytest.param("dask", marks=pytest.mark.slow)]
HERE = Path(__file__).parent


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def start_run(folder, corpus, kind, log):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(HERE / "slow_run.py"), str(folder), str(corpus), kind, str(log)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def slow_plan(corpus, log):
    sources = [TinySource(str(corpus), path.name) for path in sorted(corpus.iterdir())]
    return tasks(sources, TinyOptions(), make_table_slowly, seconds=0.25, log=str(log))


@pytest.mark.parametrize("kind", KINDS)
def test_every_executor_gives_the_same_bytes(windows, plan, contents, tmp_path, kind):
    windows("serial", name="undisturbed").save(plan)
    windows(kind).save(plan)
    assert contents(tmp_path / "windows") == contents(tmp_path / "undisturbed")
    assert len(contents(tmp_path / "windows")) == 5


@pytest.mark.parametrize("kind", PROCESSES)
def test_a_dying_worker_fails_its_partition_only(windows, sources, plan, kind):
    plan |= tasks([sources["p1_r0"]], TinyOptions(), die)
    windows(kind).save(plan)
    loaded = windows().load()
    assert list(loaded) == ["p0_r0", "p2_r0", "p3_r0", "p4_r0"]
    assert loaded.status["p1_r0"]["error_type"] == "WorkerDiedError"
    assert "fewer workers" in loaded.status["p1_r0"]["remedy"]


@pytest.mark.parametrize("function", [refuse, fail_unpicklably])
def test_an_error_in_a_worker_fails_its_partition_only(windows, sources, plan, function):
    windows("loky").save(plan | tasks([sources["p1_r0"]], TinyOptions(), function))
    assert windows().summary()["done"] == 4
    assert windows().summary()["failed"] == 1


@pytest.mark.slow
def test_all_workers_dying_fails_all_partitions_and_ends(windows, sources):
    windows("loky").save(tasks([*sources.values()][:3], TinyOptions(), die))
    assert windows().summary()["failed"] == 3


@pytest.mark.parametrize("kind", PROCESSES)
def test_workers_compute_with_one_thread(windows, sources, kind):
    windows(kind).save(tasks([sources["p0_r0"]], TinyOptions(), count_threads))
    assert windows().load()["p0_r0"]()["threads"][0] == 1


@pytest.mark.slow
def test_a_scheduler_given_by_address_does_the_work(windows, plan, contents, tmp_path):
    from distributed import LocalCluster

    windows(name="undisturbed").save(plan)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        windows("dask", address=cluster.scheduler_address, max_workers=None).save(plan)
    assert contents(tmp_path / "windows") == contents(tmp_path / "undisturbed")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["serial", "threads", "loky"])
def test_a_killed_run_is_completed_by_the_next(windows, corpus, contents, tmp_path, kind):
    folder, log = tmp_path / "windows", tmp_path / "log"
    run = start_run(folder, corpus, kind, log)
    assert wait_until(lambda: any(folder.glob("_status/p*.json")))
    run.send_signal(signal.SIGKILL)
    run.wait()
    kept = contents(folder)
    assert 1 <= len(kept) < 5

    windows().save(slow_plan(corpus, log))
    windows(name="undisturbed").save(slow_plan(corpus, log))
    assert contents(folder) == contents(tmp_path / "undisturbed")
    assert windows().summary()["skipped"] >= 1
    assert list(folder.rglob(".*.part")) == []


@pytest.mark.slow
def test_workers_of_a_killed_run_end_soon_and_write_nothing_more(corpus, contents, tmp_path):
    folder, log = tmp_path / "windows", tmp_path / "log"
    run = start_run(folder, corpus, "loky", log)
    assert wait_until(lambda: any(folder.glob("_status/p*.json")))
    run.send_signal(signal.SIGKILL)
    run.wait()
    kept = contents(folder)
    workers = {int(line) for line in log.read_text().split()} - {run.pid}
    assert wait_until(lambda: not any(psutil.pid_exists(pid) for pid in workers), seconds=5)
    assert contents(folder) == kept


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["serial", "loky"])
def test_ctrl_c_ends_a_run_within_seconds_and_keeps_what_is_done(windows, corpus, contents, tmp_path, kind):
    folder, log = tmp_path / "windows", tmp_path / "log"
    run = start_run(folder, corpus, kind, log)
    assert wait_until(lambda: any(folder.glob("_status/p*.json")))
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=10) != 0
    assert 1 <= len(windows().load()) == windows().summary()["done"] < 5


def test_an_unreachable_scheduler_is_told_with_a_remedy(windows, plan, monkeypatch):
    from kedro.io import DatasetError

    def silent(*_, **__):
        raise OSError("Timed out")

    monkeypatch.setattr("distributed.Client", silent)
    with pytest.raises(DatasetError, match=r"no Dask scheduler answers.*tcp://nowhere:1.*Remedy"):
        windows("dask", address="tcp://nowhere:1").save(plan)


def test_few_partitions_are_in_flight(windows, plan, monkeypatch):
    from eeg_kedro.datasets import fan_out

    most = []
    original = fan_out._hand_over

    def watched(queue, pending, pool, in_flight):
        taken = original(queue, pending, pool, in_flight)
        most.append(len(pending))
        return taken

    monkeypatch.setattr(fan_out, "_hand_over", watched)
    windows("threads", max_workers=1).save(plan)
    assert max(most) == 2


def test_a_pool_that_takes_no_more_is_opened_again(windows, plan, monkeypatch):
    from concurrent.futures import BrokenExecutor

    from eeg_kedro.datasets.executors import SerialExecutor

    broken = iter([False, True])
    submit = SerialExecutor.submit

    def breaking(self, *args, **kwargs):
        if next(broken, False):
            raise BrokenExecutor
        return submit(self, *args, **kwargs)

    monkeypatch.setattr(SerialExecutor, "submit", breaking)
    windows().save(plan)
    assert windows().summary()["done"] == 5


def test_partials_survive_a_round_trip_through_pickle(plan):
    import pickle

    copy = pickle.loads(pickle.dumps(plan["p3_r0"]))
    assert isinstance(copy, partial)
    assert copy()["value"][0] == 3.0
