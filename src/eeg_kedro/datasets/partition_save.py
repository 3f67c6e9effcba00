"""One save of many lazy partitions: plan, do what is missing or stale, record, count."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from kedro.io import DatasetError

from eeg_kedro.datasets.executors import ExecutorOptions
from eeg_kedro.datasets.fan_out import run_jobs
from eeg_kedro.datasets.fingerprint import TaskDescription, describe_task
from eeg_kedro.datasets.partition_status import PartitionStatus
from eeg_kedro.datasets.partition_worker import Outcome, PartitionJob, Writer, failed
from eeg_kedro.datasets.progress import Progress
from eeg_kedro.errors import DiskFullError, EegError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PartitionSave:
    """How partitions are made: where they go, who writes them, what does the work.

    Attributes
    ----------
    in_flight : int or None
        Most partitions handed over at a time; None: two per worker.
    max_failed : float
        Share that may fail; only noted in the summary.
    """

    status: PartitionStatus
    writer: Writer
    executor: ExecutorOptions
    in_flight: int | None
    max_failed: float

    def run(self, tasks: Mapping[str, Any]) -> None:
        """Make every partition of `tasks` that is missing or stale; remove those no longer expected.

        Raises
        ------
        DiskFullError
            At once, when there is no room left.
        DatasetError
            If another run took over the folder meanwhile.
        TypeError
            If a task cannot be fingerprinted; nothing has been touched then.
        """
        found = {key: self._describe(tasks[key]) for key in sorted(tasks)}
        run = self.status.take_over()
        plan = {key: None if isinstance(it, EegError) else it.fingerprint for key, it in found.items()}
        self.status.plan(plan)
        records = self.status.read(plan)
        todo = [
            key
            for key, fingerprint in plan.items()
            # no fingerprint: a value made in advance, or a source that is gone; neither can be skipped
            if fingerprint is None or not self.status.is_done(key, fingerprint, records.get(key))
        ]
        progress = Progress(self.status.partitions.name, len(plan), len(plan) - len(todo))
        self._write_summary(progress)
        finished = False
        try:
            self._work({key: (tasks[key], found[key]) for key in todo}, run, progress)
            finished = True
        finally:
            if not finished and self.status.is_current(run):
                with suppress(OSError, DiskFullError):  # the first error is the one to tell
                    self.status.remove_parts()
                    # workers record their success themselves, also when nobody is left to be told
                    progress.done = len(self.status.done()[0]) - progress.skipped
                    self._write_summary(progress)
        self._write_summary(progress)
        progress.speak(at_once=True)

    def _describe(self, task: object) -> TaskDescription | EegError:
        """Fingerprint a task; a source file that is gone fails its own partition only."""
        try:
            return describe_task(task, self.writer.dataset, self.writer.config)
        except EegError as error:
            return error

    def _work(
        self, todo: Mapping[str, tuple[Any, TaskDescription | EegError]], run: str, progress: Progress
    ) -> None:
        jobs = []
        for key, (task, found) in todo.items():
            if isinstance(found, EegError):
                self._settle(failed(self._job(key, task, TaskDescription(None), run), found), run, progress)
            else:
                jobs.append(self._job(key, task, found, run))
        # closing: the workers end here, also when an error in this loop keeps the generator alive
        with closing(run_jobs(jobs, self.executor, self.in_flight)) as outcomes:
            for outcome in outcomes:
                if outcome is not None:
                    self._settle(outcome, run, progress)
                progress.speak()

    def _settle(self, outcome: Outcome, run: str, progress: Progress) -> None:
        """Count an outcome; record it if it failed (a worker records its own success)."""
        if not self.status.is_current(run):
            raise DatasetError(f"another run has taken over {self.status.partitions}; this one stops")
        progress.count(outcome.state)
        if outcome.state == "done":
            return
        logger.warning("%s: %s", outcome.key, outcome.error)
        self.status.forget(outcome.key)
        if outcome.error_type == DiskFullError.__name__:
            raise DiskFullError(outcome.error, remedy=outcome.remedy)
        self.status.write(outcome.key, outcome.record())

    def _job(self, key: str, task: object, description: TaskDescription, run: str) -> PartitionJob:
        owner = os.getpid() if self.executor.kind == "loky" else None
        return PartitionJob(
            key, task, description, self.writer, self.status, run, owner, self.executor.is_remote
        )

    def _write_summary(self, progress: Progress) -> None:
        self.status.write_summary(
            expected=progress.expected,
            done=progress.done,
            skipped=progress.skipped,
            failed=progress.failed,
            complete=progress.is_complete,
            max_failed=self.max_failed,
            seconds=round(progress.seconds, 3),
        )
