"""Side-by-side timing: candidates take turns in one process, CPU time decides."""

from __future__ import annotations

import gc
import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping

SPIN_SECONDS = 1.5


def race(
    candidates: Mapping[str, Callable[[], object]], rounds: int = 5, warmup: int = 1
) -> dict[str, float]:
    """Give the median CPU seconds of each candidate.

    Taking turns (A B A B ...) spreads a disturbance over all of them, and CPU time leaves out what other
    programs took: on a shared machine only the ratio of two candidates of one race means anything.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(warmup + rounds):
        for name, candidate in candidates.items():
            gc.collect()
            start = time.process_time()
            result = candidate()
            taken = time.process_time() - start
            del result
            if turn >= warmup:
                seconds[name].append(taken)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def spin_control() -> float:
    """Give the throughput of two spinning processes over that of one: 2.0 means two cores are free.

    Any figure for two workers is void unless this is at least 1.8 before and after it.
    """
    return _spin_together(2) / _spin_together(1)


def _spin_together(n_processes: int) -> int:
    with multiprocessing.get_context("spawn").Pool(n_processes) as pool:
        pool.map(_spin, [0.01] * n_processes, chunksize=1)  # the processes have started before the clock does
        return sum(pool.map(_spin, [SPIN_SECONDS] * n_processes, chunksize=1))


def _spin(seconds: float) -> int:
    turns, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        turns += sum(1 for _ in range(10_000))
    return turns
