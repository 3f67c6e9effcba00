"""Several processes on one machine: started, listened to, and never left behind.

`launch` starts ranks with torchrun's own interface from a thread of this process, so that a Kedro run stays one
run. Ranks talk through a `eeg_kedro.training.spool`. However this process ends, they end with it: asked to by the
spool, or killed by the kernel.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import logging
import os
import shutil
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from eeg_kedro.errors import DiskFullError, EegError, ParameterError
from eeg_kedro.training.spool import Message, Spool, read_error, write_error

Worker = Callable[..., None]
_ROOM_FOR_A_MESSAGE = 16_384  # bytes
_POLL_SECONDS = 0.05
_WATCH_SECONDS = 0.2
_PATIENCE_SECONDS = 30.0
_COURTESY_SECONDS = 1.0
_STOPPED = 75  # exit status of a rank that was asked to end; any but 0, which would say that it is done
_PR_SET_PDEATHSIG = 1
_LOUD = ("torch.distributed.elastic", "torch.multiprocessing.spawn", "torchelastic-events-null")


def launch(
    worker: Worker, arguments: tuple[Any, ...], nproc: int, spool: Spool, device: str = "cpu"
) -> Iterator[Message]:
    """Run a function in several processes and yield what they say while they run.

    Parameters
    ----------
    worker : callable
        A function of a module, called ``worker(spool, *arguments)`` in each process within a process group.
    arguments : tuple
        What can be pickled; paths rather than arrays, as every process is sent its own.
    nproc : int
        How many.
    spool : Spool
        Where they write.
    device : {"cpu", "cuda"}
        What they compute on.

    Yields
    ------
    Message
        In the order said, errors left out: they are raised in the end.

    Raises
    ------
    EegError
        As the rank raised it, with torch's report as its cause.
    ChildFailedError
        If a rank failed in any other way, with its traceback as the text.
    """
    failures: list[BaseException] = []
    # not Thread.join: Python up to 3.12 takes a thread for dead when Ctrl-C interrupts that
    ended = threading.Event()
    entry = (worker, arguments, str(spool.folder), os.getpid(), device)
    # a daemon: should the user lose patience while ranks are asked to end, the kernel ends them
    threading.Thread(target=_run_ranks, args=(entry, nproc, spool, failures, ended), daemon=True).start()
    said: list[EegError] = []
    try:
        while not ended.wait(_POLL_SECONDS):
            yield from _listen(spool, said)
        yield from _listen(spool, said)
    finally:
        if not ended.is_set():
            spool.stop()
            ended.wait(_PATIENCE_SECONDS)
    if failures and said:
        raise said[0] from failures[0]
    if failures:
        _demand_room(spool.folder, failures[0])
        raise failures[0]


def _demand_room(folder: Path, failure: BaseException) -> None:
    """Raise `DiskFullError` if a rank found no room even for saying why it failed."""
    free = shutil.disk_usage(folder).free
    if free < _ROOM_FOR_A_MESSAGE:
        raise DiskFullError(
            "no room left below the data root",
            file=folder.name,
            value=f"{free} bytes free",
            remedy="free some space or move the data root (EEG_KEDRO_DATA), then run again: the checkpoint is whole",
        ) from failure


def _listen(spool: Spool, said: list[EegError]) -> Iterator[Message]:
    for message in spool.poll():
        if message.kind == "error":
            said.append(read_error(message.payload))
        else:
            yield message


def _run_ranks(
    entry: tuple[Any, ...], nproc: int, spool: Spool, failures: list[BaseException], ended: threading.Event
) -> None:
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=nproc,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",  # names of machines are not always known to themselves
        start_method="spawn",  # a fork of a process with threads may stand still for ever
        max_restarts=0,
        monitor_interval=0.1,
        logs_specs=DefaultLogsSpecs(log_dir=str(spool.folder / "logs")),
    )
    with _quiet():
        try:
            elastic_launch(config, _enter)(*entry)
        except BaseException as error:  # noqa: BLE001 - of another thread: raised where it can be seen
            failures.append(error)
        finally:
            ended.set()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch from logging what is raised as an error anyway, and every change of state as a line of JSON."""
    loggers = [logging.getLogger(name) for name in _LOUD]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addFilter(_say_nothing)  # torch sets the level of one of them when it first uses it
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeFilter(_say_nothing)
            logger.setLevel(level)


def _say_nothing(_: logging.LogRecord) -> bool:
    return False


def _enter(worker: Worker, arguments: tuple[Any, ...], folder: str, parent: int, device: str) -> None:
    """Run a rank: the first thing of ours in the new process."""
    spool = Spool(Path(folder), writer=int(os.environ["RANK"]))
    _end_with(parent, spool)
    try:
        with process_group(device):
            worker(spool, *arguments)
    except EegError as error:
        spool.put("error", write_error(error))
        raise
    except Exception:
        # maybe only because another rank is gone: that one shall be found first, for it is the reason
        time.sleep(_COURTESY_SECONDS)
        raise
    atexit.register(_leave)


def _end_with(parent: int, spool: Spool) -> None:
    """Make sure that this process ends when its parent does, or when it is asked to.

    A rank that waits for another one in a collective does not see Python's signals; so the kernel kills it when
    the parent dies, and a thread ends it when it is asked to. Ctrl-C reaches every process of a terminal: it is
    the parent that decides what to do about it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent, spool), daemon=True).start()


def _watch(parent: int, spool: Spool) -> None:
    pause = threading.Event()
    # the parent may have died before the kernel was told, and not every kernel can be told
    while os.getppid() == parent and not spool.is_stopped():
        pause.wait(_WATCH_SECONDS)
    os._exit(_STOPPED)


def _leave() -> None:
    """End a process that is done, without the tear-down of torch's threads.

    Of ranks that ended by themselves every third one aborted in gloo's threads after all its work was done (torch
    2.13, CPU); see also `process_group`.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def process_group(device: str) -> Iterator[None]:
    """Join the process group that the environment tells of, and leave it in good order.

    Parameters
    ----------
    device : {"cpu", "cuda"}
        gloo or nccl.
    """
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if device == "cuda" else "gloo", timeout=timedelta(minutes=30))
    yield
    # only where all went well: the others may wait elsewhere for a rank that failed
    gc.collect()
    distributed.barrier()
    distributed.destroy_process_group()


def is_launched(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a launcher such as torchrun has started this process as one of several."""
    return int(environment.get("WORLD_SIZE", "1")) > 1


def count_processes(nproc: int, environment: Mapping[str, str] = os.environ) -> int:
    """Return how many processes train: those of the launcher, where there is one, else as many as asked for.

    Raises
    ------
    ParameterError
        If both a launcher and ``nproc`` ask for several.
    """
    if not is_launched(environment):
        return nproc
    if nproc > 1:
        raise ParameterError(
            "processes were started by a launcher, and each of them is asked to start more",
            value=f"pretrain.nproc={nproc} and WORLD_SIZE={environment['WORLD_SIZE']}",
            remedy="leave pretrain.nproc at 1 with torchrun, or start kedro without torchrun",
        )
    return int(environment["WORLD_SIZE"])


def choose_threads(asked: int, local_world_size: int) -> int:
    """Return the CPU threads a process takes: more of them than cores make every process wait for the others.

    Parameters
    ----------
    asked : int
        What the user wants; 0: cores shared evenly, or ``OMP_NUM_THREADS`` where somebody has set it.
    local_world_size : int
        Processes of this training on the machine.
    """
    if asked:
        return asked
    if "OMP_NUM_THREADS" in os.environ:
        return torch.get_num_threads()  # of each process already, as torchrun sets it
    return max(1, torch.get_num_threads() // local_world_size)


def choose_device(asked: str, local_world_size: int) -> str:
    """Return ``cuda`` or ``cpu``.

    Raises
    ------
    ParameterError
        If CUDA is asked for and absent, or there are more processes than GPUs.
    """
    n_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if asked == "cpu" or (asked == "auto" and not n_gpus):
        return "cpu"
    if n_gpus < local_world_size:
        raise ParameterError(
            "more processes than GPUs" if n_gpus else "there is no GPU that torch can use",
            value=f"pretrain.device={asked}, pretrain.nproc={local_world_size}, {n_gpus} GPUs",
            remedy="pretrain.device=cpu, or fewer processes (pretrain.nproc)",
        )
    return "cuda"
