"""Reports of a training from the process that makes them to the one that saves them, through a spool."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.spool import Message, Spool
from eeg_kedro.training.trainer import StepReport, TrainingReport

OnStep = Callable[[StepReport], None]
MOST_WAITING = 2  # reports that nobody has taken yet: more would fill the disk while the other side saves
_LOOK_SECONDS = 0.1


def send_reports(spool: Spool, leads: bool, run: Callable[[OnStep | None], Iterable[TrainingReport]]) -> None:
    """Train and, in the process that leads, tell how it goes.

    Parameters
    ----------
    spool : Spool
        Where to.
    leads : bool
        Whether this process is the one that tells.
    run : callable
        Given what to tell of steps, it trains and yields reports.
    """
    on_step = seldom(lambda step: spool.put("step", asdict(step))) if leads else None
    for number, report in enumerate(run(on_step)):
        if leads:
            _send(spool, number, report)


def receive_reports(
    messages: Iterable[Message], folder: Path, on_step: OnStep | None
) -> Iterator[TrainingReport]:
    """Yield the reports among messages, and hand on those of steps.

    Parameters
    ----------
    messages : iterable of Message
        As they come.
    folder : Path
        Of the spool, where the checkpoints are; each is removed when it was read.
    on_step : callable, optional
        Told of steps.
    """
    for message in messages:
        if message.kind == "report":
            yield _receive(message, folder)
        elif message.kind == "step" and on_step is not None:
            on_step(StepReport(**message.payload))


def seldom(on_step: OnStep | None, seconds: float = 5.0) -> OnStep | None:
    """Return what tells `on_step` of the first step, then not more often than every so many seconds."""
    if on_step is None:
        return None
    told = float("-inf")

    def tell(step: StepReport) -> None:
        nonlocal told
        if (now := time.monotonic()) - told >= seconds:
            told = now
            on_step(step)

    return tell


def _send(spool: Spool, number: int, report: TrainingReport) -> None:
    while spool.count_waiting("report") >= MOST_WAITING:
        time.sleep(_LOOK_SECONDS)
    place = f"report-{number:06d}"
    CheckpointStore(spool.folder / place).save(report.checkpoint)
    facts = {name: getattr(report, name) for name in ("metrics", "is_best", "finished", "reason")}
    spool.put("report", {"place": place, "name": report.checkpoint.name, "facts": facts})


def _receive(message: Message, folder: Path) -> TrainingReport:
    place = folder / message.payload["place"]
    checkpoint = CheckpointStore(place).last(message.payload["name"])
    if checkpoint is None:
        raise CheckpointError(
            "a checkpoint is gone before it was read",
            file=message.payload["name"],
            remedy="keep other programs out of the folder of the checkpoints, and run again",
        )
    shutil.rmtree(place, ignore_errors=True)
    return TrainingReport(checkpoint, **message.payload["facts"])
