"""Pretraining from the plan to the last checkpoint, in one process or in many, and what it has learned."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch

from eeg_kedro.errors import CheckpointError, ParameterError
from eeg_kedro.io.file_lock import alone
from eeg_kedro.models.scan_backend import choose_backend
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.checkpoint import Checkpoint, CheckpointStore, check_resumable
from eeg_kedro.training.gates.gate_table import measure_gates
from eeg_kedro.training.pretrain_job import PretrainJob
from eeg_kedro.training.pretrain_task import PretrainTask, open_sides
from eeg_kedro.training.pretrained_network import build_network
from eeg_kedro.training.processes import (
    choose_device,
    choose_threads,
    count_processes,
    is_launched,
    launch,
    process_group,
)
from eeg_kedro.training.ranks import Ranks
from eeg_kedro.training.report_relay import receive_reports, seldom, send_reports
from eeg_kedro.training.resumable import list_changes
from eeg_kedro.training.spool import Spool, open_spool
from eeg_kedro.training.trainer import StepReport, Trainer, TrainingReport

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_files import Place, RunKey
    from eeg_kedro.training.model_file import PretrainedModel
    from eeg_kedro.training.pretrain_options import PretrainOptions

# these do not change what a model is asked
HOW_IT_WAS_TRAINED = ("parameters", "world_size", "batch_size", "options.loop")
OnStep = Callable[[StepReport], None]
OnNotice = Callable[[str], None]


def pretrain(
    job: PretrainJob, on_step: OnStep | None = None, on_notice: OnNotice | None = None
) -> Iterator[TrainingReport]:
    """Train, and report every state that is worth keeping; who calls this saves it in ``job.store_folder``.

    With ``nproc`` above 1 the processes are started here and their reports handed on while they train. In a
    process that torchrun has started this one trains its share, and only rank 0 should save.

    Parameters
    ----------
    job : PretrainJob
        What to train on what.
    on_step : callable, optional
        Told where the training is, every few seconds.
    on_notice : callable, optional
        Told, as sentences, what was decided: processes, device, threads, backend, where it goes on.

    Yields
    ------
    TrainingReport
        At each end of an epoch and every ``loop.save_steps`` steps. Where nothing is left to train, the last one.

    Raises
    ------
    ParameterError
        If the options do not fit the machine or the number of processes.
    CheckpointError
        If the last checkpoint is of another run, or damaged.
    BusyError
        If a model of this name is being trained at this moment.
    StaleError
        If windows were cut again since the plan was made.
    NonFiniteError
        If the loss, a gradient or a sample is not a number.
    """
    say = on_notice or (lambda _: None)
    world_size = count_processes(job.options.nproc)
    nearby = int(os.environ.get("LOCAL_WORLD_SIZE", world_size)) if is_launched() else world_size
    demand_shares(job.options.loop.batch_size, world_size)
    device = choose_device(job.options.device, nearby)
    alone = world_size == 1 or is_launched()
    threads = choose_threads(job.options.loop.threads, nearby)
    group = process_group(device) if is_launched() else nullcontext()
    with _threads(threads), _only_one(job), group:
        last = find_last(job, world_size, say, device)
        if last is not None and last.finished:
            reason = last.trainer["progress"]["reason"]
            say(f"{last.name} is trained already: {reason}")
            yield TrainingReport(last, None, False, True, reason)
            return
        _check_windows(job)
        _say_how(job, world_size, device, threads, say)
        if alone:
            yield from train(job, Ranks.from_environment(device), last, seldom(on_step))
    if not alone:
        yield from _train_in_processes(job, device, last is not None, on_step)


def train(
    job: PretrainJob, ranks: Ranks, last: Checkpoint | None, on_step: OnStep | None
) -> Iterator[TrainingReport]:
    """Train this process's share from a checkpoint on, or from the beginning."""
    trainer = Trainer(
        PretrainTask(job, ranks),
        job.options.loop,
        ranks=ranks,
        about=job.about(ranks.world_size),
        seed=job.options.seed,
        resume=last,
        on_step=on_step if ranks.leads else None,
    )
    yield from trainer.run()


def find_last(job: PretrainJob, world_size: int, say: OnNotice, device: str = "cpu") -> Checkpoint | None:
    """Return the checkpoint to go on from, None to begin; the same in every process, or an error in all.

    Raises
    ------
    CheckpointError
        If it is of another run or damaged, or processes do not see the same one.
    """
    if job.options.resume == "never":
        return None
    last = CheckpointStore(job.store_folder).last(job.name, say)
    steps = Ranks.from_environment().gather_text("none" if last is None else str(last.step))
    if len(set(steps)) > 1:
        raise CheckpointError(
            "processes do not find the same checkpoint",
            file=job.name,
            value=f"steps {', '.join(steps)}, by rank",
            remedy="put the data root (EEG_KEDRO_DATA) into a folder that every machine sees",
        )
    if last is not None:
        for doubt in check_resumable(last, job.about(world_size), device=torch.device(device)):
            say(doubt)
        if not last.finished:
            say(f"going on with {last.name} after step {last.step}")
    return last


def demand_shares(batch_size: int, world_size: int) -> None:
    """Raise `ParameterError` if a batch cannot be shared evenly among the processes."""
    if batch_size % world_size:
        raise ParameterError(
            "the batch does not divide among the processes",
            value=f"pretrain.loop.batch_size={batch_size}, {world_size} processes",
            allowed=f"multiples of {world_size}",
            remedy="change pretrain.loop.batch_size or pretrain.nproc",
        )


def _train_in_processes(
    job: PretrainJob, device: str, resume: bool, on_step: OnStep | None
) -> Iterator[TrainingReport]:
    nproc = job.options.nproc
    with open_spool(job.store_folder, nproc) as spool:
        messages = launch(_train_rank, (job, device, resume), nproc, spool, device)
        yield from receive_reports(messages, spool.folder, on_step)


def _train_rank(spool: Spool, job: PretrainJob, device: str, resume: bool) -> None:
    """Train a share in a process of its own; the first one tells how it goes."""
    ranks = Ranks.from_environment(device)
    torch.set_num_threads(choose_threads(job.options.loop.threads, ranks.world_size))
    # the parent has checked it, and saves no other before this one is read
    last = CheckpointStore(job.store_folder).last(job.name) if resume else None
    send_reports(spool, ranks.leads, lambda on_step: train(job, ranks, last, on_step))


@contextmanager
def _only_one(job: PretrainJob) -> Iterator[None]:
    """Keep a second training of this name away, which would go on from our checkpoints and replace them."""
    if not Ranks.from_environment().leads:
        yield
        return
    home = Path(job.store_folder) / job.name
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".training.lock").open("ab") as file, alone(file, home):
        yield


def _say_how(job: PretrainJob, world_size: int, device: str, threads: int, say: OnNotice) -> None:
    processes = "one process" if world_size == 1 else f"{world_size} processes"
    say(f"training {job.name} in {processes} on {device}, CPU threads of each: {threads}")
    if job.options.encoder.backbone == "mamba2":
        backend = choose_backend(job.options.encoder.backend, device)
        say(f"the scan is computed by {backend.name}: {backend.reason}")


def _check_windows(job: PretrainJob) -> None:
    used = job.plan[job.plan["side"] != "none"]
    keys = ["participant", "run", "windows_fingerprint"]
    WindowReader(job.files, cache_megabytes=0).check_fingerprints(used[keys].drop_duplicates())


@contextmanager
def _threads(n: int) -> Iterator[None]:
    """Compute with so many CPU threads for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def measure_pretrained(
    model: PretrainedModel | Checkpoint,
    plan: pd.DataFrame,
    files: Mapping[RunKey, Place],
    options: PretrainOptions,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float]]:
    """Measure the gates of a trained model, in this process: see `eeg_kedro.training.gates.gate_table`.

    Parameters
    ----------
    model : PretrainedModel or Checkpoint
        Its best weights are looked at, or its last where there are no best.
    plan, files, options
        As of the `PretrainJob` that trained it.
    """
    device = Ranks.from_environment(choose_device(options.device, 1)).device
    job = PretrainJob(options, plan, files, Path())
    if changes := list_changes(model.about, job.about(1), HOW_IT_WAS_TRAINED):
        raise CheckpointError(
            "the model is not the one that the parameters and the plan describe",
            file=model.name,
            value="; ".join(changes),
            remedy="measure it with what it was trained with, or run the whole pipeline `pretrain`",
        )
    weights = getattr(model, "best_weights", None) or model.weights
    network = build_network(weights, model.about, device, options.encoder)
    sides = open_sides(files, plan, options, Ranks.single(device))
    backend = choose_backend(options.encoder.backend, str(device)).name
    with _threads(choose_threads(options.loop.threads, 1)):
        return measure_gates(network, *sides, options, plan, device=device, backend=backend)
