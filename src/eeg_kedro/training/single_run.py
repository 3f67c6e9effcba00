"""One training in one process, from its last checkpoint to its end: for models small enough for one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from eeg_kedro.io.file_lock import alone
from eeg_kedro.training.checkpoint import Checkpoint, CheckpointStore, check_resumable
from eeg_kedro.training.loop_options import LoopOptions
from eeg_kedro.training.processes import choose_device, choose_threads
from eeg_kedro.training.ranks import Ranks
from eeg_kedro.training.report_relay import seldom
from eeg_kedro.training.trainer import StepReport, Task, Trainer, TrainingReport


@dataclass(frozen=True)
class SingleRun:
    """What is trained under which name, and where its checkpoints are.

    Attributes
    ----------
    about : mapping
        What is trained on what, as JSON, with its ``name``: a checkpoint of another identity is not continued.
    loop : LoopOptions
        Of the loop.
    seed : int
        Of dropout; weights and order are the task's.
    store_folder : Path
        Where the checkpoints are.
    pipeline : str
        Whose parameters ``resume`` and ``tag`` belong to, for messages.
    resume : {"auto", "never"}
        Whether to go on from the last checkpoint.
    device : {"auto", "cpu", "cuda"}
        Where to compute.
    """

    about: Mapping[str, Any]
    loop: LoopOptions
    seed: int
    store_folder: Path
    pipeline: str
    resume: Literal["auto", "never"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"

    @property
    def name(self) -> str:
        """Name of the model."""
        return str(self.about["name"])


def run_alone(
    run: SingleRun,
    make_task: Callable[[Ranks], Task],
    on_step: Callable[[StepReport], None] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Iterator[TrainingReport]:
    """Train in this process, and report every state that is worth keeping; who calls this saves it.

    Parameters
    ----------
    run : SingleRun
        What to train.
    make_task : callable
        Makes the task for a device, after the checks; not called if nothing is left to train.
    on_step : callable, optional
        Told where the training is, every few seconds.
    on_notice : callable, optional
        Told, as sentences, what was decided.

    Yields
    ------
    TrainingReport
        At each end of an epoch and every ``loop.save_steps`` steps. Where nothing is left to train, the last one.

    Raises
    ------
    CheckpointError
        If the last checkpoint is of another run, or damaged.
    BusyError
        If a model of this name is being trained at this moment.
    """
    say = on_notice or (lambda _: None)
    device = choose_device(run.device, 1)
    with _threads(choose_threads(run.loop.threads, 1)), _only_one(run):
        last = _find_last(run, say, device)
        if last is not None and last.finished:
            reason = last.trainer["progress"]["reason"]
            say(f"{last.name} is trained already: {reason}")
            yield TrainingReport(last, None, False, True, reason)
            return
        ranks = Ranks.from_environment(device, {})
        say(f"training {run.name} on {device}")
        trainer = Trainer(
            make_task(ranks),
            run.loop,
            ranks=ranks,
            about=run.about,
            seed=run.seed,
            resume=last,
            on_step=seldom(on_step),
        )
        yield from trainer.run()


def _find_last(run: SingleRun, say: Callable[[str], None], device: str) -> Checkpoint | None:
    if run.resume == "never":
        return None
    last = CheckpointStore(run.store_folder).last(run.name, say)
    if last is None:
        return None
    asked, where = dict(run.about), torch.device(device)
    for doubt in check_resumable(last, asked, device=where, pipeline=run.pipeline):
        say(doubt)
    if not last.finished:
        say(f"going on with {last.name} after step {last.step}")
    return last


@contextmanager
def _only_one(run: SingleRun) -> Iterator[None]:
    """Keep a second training of this name away, which would go on from our checkpoints and replace them."""
    home = Path(run.store_folder) / run.name
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".training.lock").open("ab") as file, alone(file, home):
        yield


@contextmanager
def _threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
