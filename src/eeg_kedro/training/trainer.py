"""The training loop: it neither logs nor saves, it reports."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.training.checkpoint_files import Checkpoint, copied
from eeg_kedro.training.dropout_draws import own_draws
from eeg_kedro.training.flat_gradients import FlatGradients
from eeg_kedro.training.loop_options import LoopOptions
from eeg_kedro.training.memory_peak import peak_memory_megabytes
from eeg_kedro.training.precision import autocast, choose_precision
from eeg_kedro.training.progress import Progress
from eeg_kedro.training.ranks import Ranks
from eeg_kedro.training.resumable import describe_environment
from eeg_kedro.training.schedule import learning_rate
from eeg_kedro.training.task import StepReport, Task, TrainingReport

__all__ = ["StepReport", "Task", "Trainer", "TrainingReport"]


class Trainer:
    """AdamW on the sum of a task's errors over all processes, divided by their number.

    Because sums travel and not means, one process and several do the same at equal global batch. Every draw of
    dropout is a pure function of (seed, step, rank), so a resumed run needs no state of a generator.

    Parameters
    ----------
    task : Task
        Its model lies on ``ranks.device``.
    options : LoopOptions
        Of the loop.
    ranks : Ranks
        Who this process is.
    about : mapping
        What is trained on what, as JSON, with its ``name``; goes into each checkpoint.
    seed : int
        Of dropout.
    resume : Checkpoint, optional
        Where to go on; see `eeg_kedro.training.checkpoint.check_resumable`.
    on_step : callable, optional
        Told of every step.
    """

    def __init__(
        self,
        task: Task,
        options: LoopOptions,
        *,
        ranks: Ranks,
        about: Mapping[str, Any],
        seed: int,
        resume: Checkpoint | None = None,
        on_step: Callable[[StepReport], None] | None = None,
    ) -> None:
        self._task, self._options, self._ranks, self._seed = task, options, ranks, seed
        n_parameters = sum(p.numel() for p in task.model.parameters())
        self._about = {**about, "parameters": n_parameters}
        self._on_step = on_step
        self._precision = choose_precision(options.precision, ranks.device)
        self._total = options.epochs * task.steps_per_epoch
        self._gradients = FlatGradients(task.model.parameters(), n_sums=3)
        self._optimizer = torch.optim.AdamW(
            task.parameter_groups(options.weight_decay),
            lr=options.lr,
            betas=(options.beta1, options.beta2),
            fused=True,
        )
        self._progress = Progress()
        self._best_weights: dict[str, Tensor] | None = None
        if resume is not None:
            self._restore(resume)
        self._first_step, self._started = self._progress.steps, time.perf_counter()

    def run(self) -> Iterator[TrainingReport]:
        """Train until done; yield at each end of an epoch and every ``save_steps`` steps.

        Yields
        ------
        TrainingReport
            Also from a finished checkpoint: once, without training.

        Raises
        ------
        NonFiniteError
            If a loss or gradient is not finite; the weights are then those of the step before.
        """
        progress = self._progress
        if progress.finished:
            yield TrainingReport(self.checkpoint(), None, False, True, progress.reason)
        while not progress.finished:
            for _ in self._train_epoch():
                yield TrainingReport(self.checkpoint(), None, False, False, "")
            metrics = self._epoch_metrics()
            if is_best := progress.close_epoch(metrics):
                self._best_weights = copied(self._task.model.state_dict())
            progress.decide(self._options.epochs, self._options.patience)
            yield TrainingReport(self.checkpoint(), metrics, is_best, progress.finished, progress.reason)

    def checkpoint(self) -> Checkpoint:
        """Return copies of all that is needed to go on from here."""
        trainer = {
            "optimizer": copied(self._optimizer.state_dict()),
            "progress": self._progress.as_dict(),
            "seed": self._seed,
            "world_size": self._ranks.world_size,
            "environment": describe_environment(self._ranks.device),
        }
        weights = copied(self._task.model.state_dict())
        return Checkpoint(str(self._about["name"]), dict(self._about), weights, self._best_weights, trainer)

    def _restore(self, checkpoint: Checkpoint) -> None:
        self._task.model.load_state_dict(checkpoint.weights)
        self._optimizer.load_state_dict(copied(checkpoint.trainer["optimizer"]))
        self._progress = Progress.from_dict(checkpoint.trainer["progress"])
        self._best_weights = checkpoint.best_weights

    def _train_epoch(self) -> Iterator[None]:
        """Train to the end of the epoch; stop where a checkpoint is due."""
        progress, n_steps, every = self._progress, self._task.steps_per_epoch, self._options.save_steps
        self._task.model.train()
        first = progress.step
        then = time.perf_counter()
        batches = self._task.batches(progress.epoch, first)
        for _, batch in zip(range(first, n_steps), batches, strict=True):
            loss = self._train_step(batch)
            now = time.perf_counter()
            progress.epoch_seconds += now - then
            self._tell(loss)
            if every and progress.step % every == 0 and progress.step < n_steps:
                yield
                now = time.perf_counter()  # saving is not training
                self._task.model.train()
            then = now

    def _train_step(self, batch: Any) -> float:
        """Do one step; return the loss over all processes."""
        gradients, progress, device = self._gradients, self._progress, self._ranks.device
        gradients.clear()
        with own_draws(device, self._seed, progress.steps, self._ranks.rank):
            with autocast(self._precision, device):
                error, count, n_tokens = self._task.loss(batch)
            if error.requires_grad:  # a process whose share is empty has nothing to add
                error.backward()  # type: ignore[no-untyped-call]
        gradients.put_sums([error, count, n_tokens])
        self._ranks.sum_(gradients.buffer)
        error_sum, n, tokens = gradients.read_sums()
        norm = gradients.scale_and_clip(1 / max(1.0, n), self._options.clip_norm)
        if not (math.isfinite(error_sum) and math.isfinite(norm)):
            raise self._not_finite(
                batch, error, f"loss {error_sum / max(1.0, n)}, norm of the gradient {norm}"
            )
        self._set_learning_rate(learning_rate(progress.steps, self._total, self._options))
        self._optimizer.step()
        progress.count_step(error_sum, n, tokens, norm)
        self._task.after_step(progress.steps, error_sum / max(1.0, n))
        return error_sum / max(1.0, n)

    def _set_learning_rate(self, rate: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = rate * self._task.rate_scale(group.get("name", ""), self._progress.epoch)

    def _not_finite(self, batch: Any, error: Tensor, value: str) -> NonFiniteError:
        """Name the batch whose loss is not finite, whichever process has it; all of them if only a gradient is."""
        ours = "" if torch.isfinite(error.detach()) else self._task.describe(batch)
        culprits = [text for text in self._ranks.gather_text(ours) if text]
        culprits = culprits or self._ranks.gather_text(self._task.describe(batch))
        return NonFiniteError(
            f"epoch {self._progress.epoch + 1}, step {self._progress.step + 1}: the loss or its gradient is no "
            f"finite number on {', '.join(text for text in culprits if text)}",
            file=str(self._about["name"]),
            value=value,
            remedy="look at these recordings, or lower loop.lr; the last checkpoint is as it was",
        )

    def _epoch_metrics(self) -> dict[str, float]:
        last_rate = learning_rate(self._progress.steps - 1, self._total, self._options)
        metrics = self._progress.epoch_metrics() | {"lr": last_rate, **self._validate()}
        return metrics | {"peak_memory_megabytes": peak_memory_megabytes(self._ranks.device)}

    def _validate(self) -> dict[str, float]:
        """Return the means over all processes' shares, by names that begin with ``validation_``."""
        device, steps = self._ranks.device, self._progress.steps
        self._task.model.eval()
        draws = own_draws(device, self._seed, steps, self._ranks.rank)
        with draws, torch.no_grad(), autocast(self._precision, device):
            found = self._task.evaluate()
        names = sorted(found)
        sums = self._ranks.sum_(
            torch.tensor([found[name] for name in names], dtype=torch.float64, device=device)
        )
        pairs = zip(names, sums.tolist(), strict=True)
        means = {f"validation_{name}": total / n if n else math.nan for name, (total, n) in pairs}
        if found["loss"][1] and not math.isfinite(means["validation_loss"]):
            raise NonFiniteError(
                f"the validation loss of epoch {self._progress.epoch + 1} is no finite number",
                file=str(self._about["name"]),
                value=means["validation_loss"],
                remedy="look at the recordings of the validation participants; the last checkpoint is as it was",
            )
        return means

    def _tell(self, loss: float) -> None:
        if self._on_step is None:
            return
        progress, options = self._progress, self._options
        elapsed = time.perf_counter() - self._started
        left = (self._total - progress.steps) / (progress.steps - self._first_step)
        speed = progress.epoch_tokens / max(1e-9, progress.epoch_seconds)
        n_steps = self._task.steps_per_epoch
        self._on_step(
            StepReport(progress.epoch, progress.step, n_steps, options.epochs, loss, speed, elapsed * left)
        )
