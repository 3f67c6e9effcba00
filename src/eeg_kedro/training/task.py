"""What the loop asks of a task, and what it reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

from eeg_kedro.training.checkpoint_files import Checkpoint
from eeg_kedro.training.parameter_groups import parameter_groups


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
        """Return sum and count per metric on this process's share: ``loss``, and others, the same everywhere.

        A count of 0 means that nobody is there to validate on: the metric is then NaN, no epoch is the best, and
        training goes on to its last one.
        """

    def parameter_groups(self, weight_decay: float) -> list[dict[str, Any]]:
        """Return the groups of the optimiser; each may have a ``name``."""

    def rate_scale(self, group: str, epoch: int) -> float:
        """Return what the learning rate of a group is multiplied with in an epoch (from 0)."""

    def after_step(self, steps: int, loss: float) -> None:
        """Look at the model after the optimiser's step: ``steps`` are those done over all epochs."""


class PlainTask:
    """What most tasks answer to the loop's smaller questions."""

    model: nn.Module

    def parameter_groups(self, weight_decay: float) -> list[dict[str, Any]]:
        """Return the groups of the optimiser: what decays and what does not."""
        return parameter_groups(self.model, weight_decay)

    def rate_scale(self, group: str, epoch: int) -> float:
        """Return what the learning rate of a group is multiplied with in an epoch (from 0)."""
        return 1.0

    def after_step(self, steps: int, loss: float) -> None:
        """Look at the model after the optimiser's step."""


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
