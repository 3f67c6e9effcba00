"""Run the values of a sweep one after another; one that fails does not stop the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from eeg_kedro.sweep.request import SweepRequest, key_of, show
from eeg_kedro.sweep.tracked_runs import TrackedRuns
from eeg_kedro.user_errors import tell_plainly

logger = logging.getLogger(__name__)

RunOnce = Callable[[dict[str, Any]], object]
Say = Callable[[str], object]


def run_values(request: SweepRequest, runs: TrackedRuns, run_once: RunOnce, say: Say) -> dict[str, str]:
    """Run every value that has no finished run yet.

    Parameters
    ----------
    request : SweepRequest
        What is swept.
    runs : TrackedRuns
        Where it is noted; open.
    run_once : callable
        Runs the pipeline with the runtime parameters it is given.
    say : callable
        Shows a line of progress.

    Returns
    -------
    dict
        Why each failed value did, by the value as shown.
    """
    done = runs.finished()
    left = sum(key_of(value) not in done for value in request.values)
    failed: dict[str, str] = {}
    spent: list[float] = []
    for number, value in enumerate(request.values, start=1):
        what = f"value {number} of {len(request.values)}: {show(value)}"
        if key_of(value) in done:
            say(f"{what} was done before")
            continue
        say(what)
        with _Attempt(runs, runs.create_child(value)) as attempt:
            run_once(request.runtime_params(value, attempt.run_id))
        if attempt.failure is not None:
            failed[show(value)] = attempt.failure
        spent.append(attempt.seconds)
        say(f"{what} {_outcome(attempt)}; {_time_left(left - len(spent), sum(spent) / len(spent))}")
    return failed


class _Attempt:
    """A child run from start to end: finished, failed (noted, and the sweep goes on) or killed (it stops)."""

    def __init__(self, runs: TrackedRuns, run_id: str) -> None:
        self._runs, self.run_id = runs, run_id
        self._started = time.perf_counter()
        self.seconds, self.failure = 0.0, None  # type: float, str | None

    def __enter__(self) -> _Attempt:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.seconds = time.perf_counter() - self._started
        stopped = error is not None and not isinstance(error, Exception)
        status = "KILLED" if stopped else "FINISHED" if error is None else "FAILED"
        # also where the run is closed by now: what fails after tracking has ended is a failure all the same
        _leave_active_run(status)
        self._runs.close(self.run_id, status)
        if error is not None and not stopped:
            self.failure = self._describe(error)
        return not stopped

    def _describe(self, error: BaseException) -> str:
        sentence = tell_plainly(error)
        if sentence is None:
            logger.error("a value of the sweep failed", exc_info=error)
        return sentence or f"{type(error).__name__}: {error}"


def _leave_active_run(status: str) -> None:
    import mlflow

    # kedro-mlflow leaves its run open at an interrupt, and MLflow would call it finished at exit
    while mlflow.active_run():
        mlflow.end_run(status)


def _outcome(attempt: _Attempt) -> str:
    return f"{'done in' if attempt.failure is None else 'failed after'} {_time(attempt.seconds)}"


def _time_left(left: int, seconds_each: float) -> str:
    return f"about {_time(left * seconds_each)} left" if left else "none left"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
