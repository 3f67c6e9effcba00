"""Hand jobs to a pool a few at a time, and survive workers that die."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait

from eeg_kedro.datasets.executors import ExecutorOptions, Pool, open_pool
from eeg_kedro.datasets.partition_worker import Outcome, PartitionJob, WorkerDiedError, failed, run_partition

TICK_SECONDS = 1.0
Pending = dict["Future[Outcome]", PartitionJob]


def run_jobs(
    jobs: Iterable[PartitionJob], options: ExecutorOptions, in_flight: int | None
) -> Generator[Outcome | None, None, None]:
    """Run `jobs` and yield each outcome as it comes, or None about once a second while there is none.

    Parameters
    ----------
    jobs : iterable of PartitionJob
        What to do; begun in this order.
    options : ExecutorOptions
        Where to do it.
    in_flight : int or None
        Most jobs handed over and not yet returned; None: two per worker. Few, because all of them come under
        suspicion when a worker dies.

    Notes
    -----
    A pool of processes breaks as a whole when one of them dies; Dask goes on, but gives up every task that was
    on the workers that died. Those in flight are then run one at a time in a pool of one: the one that breaks it
    is the culprit and fails, the rest goes on.
    """
    queue = deque(jobs)
    while queue:
        suspects = yield from _drain(queue, options, in_flight)
        if suspects:
            yield from _find_culprits(deque(suspects), options)


def _drain(
    queue: deque[PartitionJob], options: ExecutorOptions, in_flight: int | None
) -> Generator[Outcome | None, None, list[PartitionJob]]:
    """Work on `queue` until it is empty or the pool breaks; return the jobs that were lost with it."""
    pending: Pending = {}
    lost: list[PartitionJob] = []
    with open_pool(options, len(queue)) as pool:
        is_whole = True
        while pending or (queue and is_whole):
            if is_whole:
                is_whole = _hand_over(queue, pending, pool, in_flight)
            ready, _ = wait(pending, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED)
            for future in ready:
                job = pending.pop(future)
                if _was_lost(future):
                    is_whole = is_whole and not _has_broken(future)
                    lost.append(job)
                else:
                    yield _outcome(job, future)
            if not ready:
                yield None
    return lost


def _hand_over(queue: deque[PartitionJob], pending: Pending, pool: Pool, in_flight: int | None) -> bool:
    """Fill the pool from `queue`; return whether it took them."""
    most = in_flight or 2 * max(1, pool.slots())
    while queue and len(pending) < most:
        try:
            future = pool.executor.submit(run_partition, queue[0])
        except BrokenExecutor:
            return False
        pending[future] = queue.popleft()
    return True


def _find_culprits(suspects: deque[PartitionJob], options: ExecutorOptions) -> Iterator[Outcome | None]:
    alone = options.model_copy(update={"max_workers": 1})
    while suspects:
        with open_pool(alone, 1) as pool:
            broken = False
            while suspects and not broken:
                job = suspects.popleft()
                future = pool.executor.submit(run_partition, job)
                while not wait([future], timeout=TICK_SECONDS).done:
                    yield None
                broken = _was_lost(future)
                yield failed(job, _died()) if broken else _outcome(job, future)


def _died() -> WorkerDiedError:
    return WorkerDiedError(
        "the worker process died twice (killed, out of memory, or a crash in compiled code)"
    )


def _has_broken(future: Future[Outcome]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenExecutor)


def _was_lost(future: Future[Outcome]) -> bool:
    """Tell whether a worker died under the job; by its own doing, or by that of a neighbor."""
    # Dask's name for a task that was on several workers when they died; it stays whole itself
    killed = not future.cancelled() and type(future.exception()).__name__ == "KilledWorker"
    return killed or _has_broken(future)


def _outcome(job: PartitionJob, future: Future[Outcome]) -> Outcome:
    """Return the worker's own outcome, or describe why there is none: unpicklable, lost or killed."""
    if future.cancelled():
        return failed(job, WorkerDiedError("the scheduler gave the task up"))
    error = future.exception()
    return future.result() if error is None else failed(job, error)
