"""How far a training run has come: what, beside weights and optimiser, decides how it goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass
class Progress:
    """Counters of a run; plain numbers, so that they survive a file that holds no code.

    Attributes
    ----------
    epoch, step : int
        Epochs done, and steps done of the one that is under way.
    steps : int
        Steps done over all epochs.
    tokens : int
        Real tokens seen over all epochs and processes.
    best : float
        Smallest validation loss so far; infinite before the first.
    waited : int
        Epochs since.
    loss_sum, loss_count, norm_sum, epoch_tokens, epoch_seconds : float
        Sums over the steps of the epoch that is under way.
    history : list of dict
        One row per epoch that is done.
    finished : bool
        Whether nothing is left to train.
    reason : str
        Why, as a sentence without a full stop.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    tokens: int = 0
    best: float = math.inf
    waited: int = 0
    loss_sum: float = 0.0
    loss_count: float = 0.0
    norm_sum: float = 0.0
    epoch_tokens: float = 0.0
    epoch_seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = False
    reason: str = ""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `as_dict` gave."""
        return cls(**{**values, "history": [dict(row) for row in values["history"]]})

    def as_dict(self) -> dict[str, Any]:
        """Return everything as a dict of its own."""
        return asdict(self)

    def count_step(self, loss_sum: float, loss_count: float, tokens: float, norm: float) -> None:
        """Add one step."""
        self.step += 1
        self.steps += 1
        self.tokens += int(tokens)
        self.loss_sum += loss_sum
        self.loss_count += loss_count
        self.norm_sum += norm
        self.epoch_tokens += tokens

    def epoch_metrics(self) -> dict[str, float]:
        """Return what the epoch under way (from 0) has come to: mean loss, mean norm of the gradient, speed."""
        return {
            "epoch": self.epoch,
            "train_loss": self.loss_sum / max(1.0, self.loss_count),
            "grad_norm": self.norm_sum / max(1, self.step),
            "tokens_per_second": self.epoch_tokens / max(1e-9, self.epoch_seconds),
            "seconds": self.epoch_seconds,
        }

    def close_epoch(self, metrics: Mapping[str, float]) -> bool:
        """Begin the next epoch; tell whether the one that is done was the best."""
        is_best = metrics["validation_loss"] < self.best
        self.best, self.waited = (metrics["validation_loss"], 0) if is_best else (self.best, self.waited + 1)
        self.history.append({**metrics, "epoch": self.epoch, "step": self.steps, "is_best": is_best})
        self.epoch += 1
        self.step, self.loss_sum, self.loss_count, self.norm_sum = 0, 0.0, 0.0, 0.0
        self.epoch_tokens, self.epoch_seconds = 0.0, 0.0
        return is_best

    def decide(self, epochs: int, patience: int) -> None:
        """Finish after the last epoch, or after so many without a better validation loss (0: never)."""
        if self.epoch >= epochs:
            self.finished, self.reason = True, f"all {epochs} epochs are done"
        elif patience and math.isfinite(self.best) and self.waited >= patience:
            self.finished, self.reason = True, f"no better validation loss for {patience} epochs"
