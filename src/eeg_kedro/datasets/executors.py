"""Executors chosen by configuration; all speak ``concurrent.futures`` and compute with one thread per worker.

============== ============================================== =========================================
kind           what                                           a worker that dies
============== ============================================== =========================================
``serial``     in this process, one after another             takes the run with it
``threads``    in this process; for slow storage              takes the run with it
``loky``       processes on this machine (the default)        is found out, the others are done again
``dask``       an embedded cluster, or yours with `address`   is found out by the scheduler
============== ============================================== =========================================
"""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, ParamSpec, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.errors import ParameterError

P = ParamSpec("P")
T = TypeVar("T")
# set before the libraries are loaded; many workers with many threads each only wait for one another,
# and sums in another order are other sums
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "ARROW_NUM_THREADS",
    ),
    "1",
)


class ExecutorOptions(BaseModel):
    """How lazy partitions are spread over the machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["serial", "threads", "loky", "dask"] = Field("serial", description="where the work is done")
    max_workers: int | None = Field(
        None, ge=1, description="workers; null: one per core this process may use"
    )
    address: str | None = Field(None, description="scheduler of a Dask cluster; null: an embedded one")

    @model_validator(mode="after")
    def _address_is_for_dask(self) -> ExecutorOptions:
        if self.address and self.kind != "dask":
            raise ValueError(f"address {self.address!r} needs kind 'dask', not {self.kind!r}")
        return self

    @property
    def is_remote(self) -> bool:
        """Whether the work leaves this process."""
        return self.kind in ("loky", "dask")


@dataclass(frozen=True)
class Pool:
    """An open executor and the number of jobs it can work on at this moment."""

    executor: Executor
    slots: Callable[[], int]


class SerialExecutor(Executor):
    """Do the work at once, in the caller."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call `fn` and return its result as a finished future."""
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def open_pool(options: ExecutorOptions, n_jobs: int) -> AbstractContextManager[Pool]:
    """Open the executor of `options` for at most `n_jobs` jobs.

    Leaving it on an error or an interrupt cancels what has not begun; processes are ended at once.
    """
    from joblib import cpu_count  # knows about affinity and container limits

    return _OPENERS[options.kind](options, max(1, min(options.max_workers or cpu_count(), n_jobs)))


@contextmanager
def _open_serial(_: ExecutorOptions, __: int) -> Iterator[Pool]:
    with one_thread():
        yield Pool(SerialExecutor(), lambda: 1)


@contextmanager
def _open_threads(_: ExecutorOptions, n_workers: int) -> Iterator[Pool]:
    # in every thread too: OpenMP, which torch brings, counts threads for each thread that asks
    executor = ThreadPoolExecutor(n_workers, thread_name_prefix="partition", initializer=one_thread)
    try:
        with one_thread():
            yield Pool(executor, lambda: n_workers)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _open_loky(_: ExecutorOptions, n_workers: int) -> Iterator[Pool]:
    from joblib.externals.loky import ProcessPoolExecutor

    executor = ProcessPoolExecutor(
        n_workers, initializer=_begin_worker, initargs=(os.getpid(),), env=ONE_THREAD
    )
    finished = False
    try:
        yield Pool(executor, lambda: n_workers)
        finished = True
    finally:
        executor.shutdown(wait=True, kill_workers=not finished)


@contextmanager
def _open_dask(options: ExecutorOptions, n_workers: int) -> Iterator[Pool]:
    with _connect(options, n_workers) as client:
        executor = client.get_executor(pure=False, retries=0)
        finished = False
        try:
            # a cluster of somebody else's may grow and shrink while we work
            grows = options.address is not None and options.max_workers is None
            yield Pool(executor, lambda: sum(client.nthreads().values()) if grows else n_workers)
            finished = True
        finally:
            executor.shutdown(wait=finished)  # not finished: cancel at the scheduler


@contextmanager
def _connect(options: ExecutorOptions, n_workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    if options.address:
        with _reach(Client, options.address) as client:
            yield client
        return
    embedded = {"n_workers": n_workers, "threads_per_worker": 1, "processes": True, "memory_limit": 0}
    with (
        LocalCluster(**embedded, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _reach(client: Callable[..., AbstractContextManager[Any]], address: str) -> AbstractContextManager[Any]:
    try:
        return client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ParameterError(
            "no Dask scheduler answers at this address",
            value=address,
            allowed="an address as tcp://host:8786",
            # a scheduler runs whatever it is sent: on loopback, or with TLS
            remedy="start `dask scheduler --host 127.0.0.1` and `dask worker tcp://127.0.0.1:8786` (over a network: "
            "with TLS), then set executor.address; or leave it out",
        ) from error


_OPENERS: dict[str, Callable[[ExecutorOptions, int], AbstractContextManager[Pool]]] = {
    "serial": _open_serial,
    "threads": _open_threads,
    "loky": _open_loky,
    "dask": _open_dask,
}


def one_thread() -> AbstractContextManager[object]:
    """Limit the threads of the numeric libraries to one, until left if used in a ``with``."""
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limit


def _begin_worker(owner: int) -> None:
    """Prepare a worker process: leave interrupts to the parent, stay quiet, end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()


def _end_with(owner: int) -> None:
    # after a kill -9 nobody tells the workers; an orphan would go on for the rest of its recording
    while os.getppid() == owner:
        time.sleep(1.0)
    os._exit(1)
