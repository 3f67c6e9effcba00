"""The work on one partition, wherever it is done: compute, write aside, look again, put in place, record."""

from __future__ import annotations

import os
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from kedro.io import DatasetError

from eeg_kedro.datasets.executors import one_thread
from eeg_kedro.datasets.fingerprint import TaskDescription
from eeg_kedro.datasets.partition_status import PartitionStatus
from eeg_kedro.errors import ChangedFileError, EegError
from eeg_kedro.io.atomic_file import disk_full, replacing

_LONGEST = 2000  # characters of an error or a trace kept in a record


class AbandonedError(RuntimeError):
    """The run that asked for this partition is gone; its result must not be written."""


class WorkerDiedError(RuntimeError):
    """A worker process ended without a word."""


@dataclass(frozen=True)
class Writer:
    """How a partition is written: the dataset, its options, and the argument that takes the path."""

    dataset: type[Any]
    config: Mapping[str, Any]
    filepath_arg: str

    def save(self, data: object, path: Path) -> None:
        """Write `data` to `path`."""
        self.dataset(**{**self.config, self.filepath_arg: path.as_posix()}).save(data)


@dataclass(frozen=True)
class PartitionJob:
    """Everything a worker needs to make one partition; travels between processes.

    Attributes
    ----------
    owner : int or None
        Process id of the parent if workers are its children, to notice that it died.
    is_remote : bool
        Whether the worker is another process than the one that planned.
    """

    key: str
    task: Any
    description: TaskDescription
    writer: Writer
    status: PartitionStatus
    run: str
    owner: int | None = None
    is_remote: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a partition."""

    key: str
    state: Literal["done", "failed"]
    seconds: float = 0.0
    error: str = ""
    error_type: str = ""
    remedy: str = ""
    trace: str = ""
    size: int = 0
    fingerprint: str | None = field(default=None)

    def record(self) -> dict[str, Any]:
        """Return the outcome as it stands in the status folder."""
        record = asdict(self)
        del record["key"]
        return record if self.trace else {name: value for name, value in record.items() if name != "trace"}


def run_partition(job: PartitionJob) -> Outcome:
    """Make one partition and record it; an error becomes the outcome, only an interrupt is raised."""
    start = time.perf_counter()
    try:
        with _manners(job.is_remote):
            return _make(job, start)
    # whatever goes wrong with one recording is recorded, and the others go on; it stays here as text, because
    # an error that cannot be pickled would break the whole pool on its way back
    except Exception as error:  # noqa: BLE001
        return failed(job, error, time.perf_counter() - start)


def failed(job: PartitionJob, error: BaseException, seconds: float = 0.0) -> Outcome:
    """Describe a failure: a typed error by its own words, anything else with the end of its trace."""
    path = job.status.file_of(job.key)
    cause = disk_full(error, path) or _origin(error)
    common: dict[str, Any] = {
        "key": job.key, "state": "failed", "seconds": round(seconds, 3),
        "error_type": type(cause).__name__, "fingerprint": job.description.fingerprint,
    }  # fmt: skip
    if isinstance(cause, EegError):
        said = f"{cause.file}: {cause.reason}" if cause.file else cause.reason
        return Outcome(**common, error=said[:_LONGEST], remedy=cause.remedy)
    remedy = _FEWER if isinstance(cause, MemoryError | WorkerDiedError) else _UNFORESEEN
    trace = "".join(traceback.format_exception(cause))[-_LONGEST:]
    # the error reaches a table: an OSError's own text would bring a path of this machine along
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return Outcome(**common, error=f"{type(cause).__name__}: {said}"[:_LONGEST], remedy=remedy, trace=trace)


_FEWER = "use fewer workers (executor.max_workers) or more memory, then run again; the others were processed"
_UNFORESEEN = "read `trace` in this record, or run again with executor.kind=serial; the others were processed"


def _make(job: PartitionJob, start: float) -> Outcome:
    path = job.status.file_of(job.key)
    _check_wanted(job)
    job.status.forget(
        job.key
    )  # from here on neither an old file nor an old record can be taken for the new one
    with replacing(path) as part:
        job.writer.save(job.task() if callable(job.task) else job.task, part)
        _check_sources(job)
        size = part.stat().st_size
        _check_wanted(job)
    seconds = round(time.perf_counter() - start, 3)
    outcome = Outcome(job.key, "done", seconds=seconds, size=size, fingerprint=job.description.fingerprint)
    if job.status.is_current(job.run):
        job.status.write(job.key, outcome.record())
    return outcome


def _check_wanted(job: PartitionJob) -> None:
    if job.owner is not None and job.is_remote and os.getppid() != job.owner:
        raise AbandonedError("the process that planned this partition has died")
    if not job.status.is_current(job.run):
        raise AbandonedError("another run has taken over the folder")


def _check_sources(job: PartitionJob) -> None:
    for file, before in job.description.sources:
        after = file.stamp()
        if after != before:
            raise ChangedFileError(
                "the file changed while it was read",
                file=file.relative,
                value=f"{before[0]} bytes when planned, {after[0]} bytes after reading",
                remedy="run again when nothing writes to the file any more",
            )


def _origin(error: BaseException) -> BaseException:
    """Look behind Kedro's "Failed while saving data to dataset"."""
    while isinstance(error, DatasetError) and error.__cause__ is not None:
        error = error.__cause__
    return error


@contextmanager
def _manners(is_remote: bool) -> Iterator[None]:
    if not is_remote:  # the parent has seen to its own threads, and its warnings are the user's business
        yield
        return
    one_thread()  # for good: with a ``with``, two threads of a worker would undo each other's limit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
