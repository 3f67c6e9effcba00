"""What the loop asks of a task, and what it reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

from eeg_kedro.training.checkpoint_files import Checkpoint


class Task(Protocol):
    """What is trained: a model, its batches and its loss, as one process sees them."""

    model: nn.Module
    steps_per_epoch: int

    def batches(self, epoch: int, step: int) -> Iterator[Any]:
        """Yield this process's share of the batches of an epoch (from 0), from a step on."""

    def loss(self, batch: Any) -> tuple[Tensor, Tensor, int]:
        """Return the sum of the errors (with gradient), how many they are, and the tokens of the batch."""

    def describe(self, batch: Any) -> str:
        """Name what is in a batch."""

    def evaluate(self) -> dict[str, tuple[float, float]]:
        """Return sum and count per metric on this process's share: ``loss``, and others, the same everywhere."""


@dataclass(frozen=True)
class StepReport:
    """One step: its epoch (from 0), the steps done of that epoch, and the loss of the step over all processes."""

    epoch: int
    step: int
    steps_per_epoch: int
    epochs: int
    loss: float
    tokens_per_second: float
    eta_seconds: float


@dataclass(frozen=True)
class TrainingReport:
    """A state worth keeping: at the end of an epoch, or (without metrics) within one."""

    checkpoint: Checkpoint
    metrics: dict[str, float] | None
    is_best: bool
    finished: bool
    reason: str
