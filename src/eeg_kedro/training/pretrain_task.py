"""Masked pretraining as the training loop sees it: a model, its batches, its loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from eeg_kedro.losses.masked_reconstruction import masked_error, row_error
from eeg_kedro.losses.targets import make_targets, target_width
from eeg_kedro.losses.trivial_predictors import TRIVIAL_PREDICTORS, trivial_predictions
from eeg_kedro.models.masked_pretrainer import MaskedPretrainer, build_pretrainer
from eeg_kedro.models.scan_backend import choose_backend
from eeg_kedro.training.pretrain_job import SIDES, PretrainJob
from eeg_kedro.training.task import PlainTask
from eeg_kedro.training.token_batches import TokenBatches

if TYPE_CHECKING:
    import pandas as pd

    from eeg_kedro.sampling.windows.window_files import Place, RunKey
    from eeg_kedro.training.pretrain_options import PretrainOptions
    from eeg_kedro.training.ranks import Ranks
    from eeg_kedro.training.token_batch import TokenBatch

Sums = dict[str, tuple[float, float]]


class PretrainTask(PlainTask):
    """A share of a pretraining job, as `eeg_kedro.training.task.Task`.

    Parameters
    ----------
    job : PretrainJob
        What to learn from.
    ranks : Ranks
        Which share, and on which device.
    """

    def __init__(self, job: PretrainJob, ranks: Ranks) -> None:
        self._job, self._device = job, ranks.device
        self._train, self._validation = open_sides(job.files, job.plan, job.options, ranks)
        self._network = make_model(job.options, ranks.device)
        self.model: nn.Module = self._network
        self.steps_per_epoch = self._train.steps_per_epoch
        self._trivial: Sums | None = None  # masks of validation never change: it is the same in every epoch

    def batches(self, epoch: int, step: int) -> Iterator[TokenBatch]:
        """Yield this process's share of the batches of an epoch, from a step on."""
        return self._train.batches(epoch, step)

    def loss(self, batch: TokenBatch) -> tuple[Tensor, Tensor, int]:
        """Return the sum of the squared errors on masked tokens, their number, and the valid tokens of a batch."""
        n_tokens = int(batch.valid.sum())
        if not batch.items.numel():  # of an empty share
            return torch.zeros(()), torch.zeros(()), 0
        given = batch.to(self._device)
        predictions = self._network.predict_masked(
            given.inputs, given.positions, given.valid, given.hidden, given.masked
        )
        error, count = row_error(predictions, self._make_targets(given), given.masked)
        return error, count, n_tokens

    def describe(self, batch: TokenBatch) -> str:
        """Name recording and channel of each item."""
        return self._train.describe(batch)

    def evaluate(self) -> Sums:
        """Return sum and number of squared errors on unseen participants: the model's and the trivial predictors'."""
        sums = {"loss": torch.zeros(2, dtype=torch.float64)}
        trivial = {f"{name}_loss": torch.zeros(2, dtype=torch.float64) for name in TRIVIAL_PREDICTORS}
        for batch in self._validation.batches(0):
            if not batch.items.numel():
                continue
            sums["loss"] += _pair(*self.loss(batch)[:2])
            if self._trivial is None:
                for name, pair in self._trivial_errors(batch).items():
                    trivial[name] += pair
        if self._trivial is None:
            self._trivial = _numbers(trivial)
        return _numbers(sums) | self._trivial

    def _trivial_errors(self, batch: TokenBatch) -> dict[str, Tensor]:
        given = batch.to(self._device)
        targets = self._make_targets(given)
        guesses = trivial_predictions(targets, given.masked, given.valid, self._job.options.target)
        return {
            f"{name}_loss": _pair(*masked_error(guess, targets, given.masked))
            for name, guess in guesses.items()
        }

    def _make_targets(self, batch: TokenBatch) -> Tensor:
        options = self._job.options
        return make_targets(batch.targets, batch.valid, options.target, self._job.sfreq, options.lowpass_hz)


def open_sides(
    files: Mapping[RunKey, Place], plan: pd.DataFrame, options: PretrainOptions, ranks: Ranks
) -> tuple[TokenBatches, TokenBatches]:
    """Return a process's share of the batches of training and of validation; they share the cache by their size."""
    used = plan.groupby("side")["n_tokens"].sum().reindex(SIDES, fill_value=0)
    room = options.cache_megabytes * used / max(1, used.sum())
    train, validation = (
        TokenBatches(
            files,
            plan,
            side,
            options.model_copy(update={"cache_megabytes": float(room[side])}),
            ranks.rank,
            ranks.world_size,
        )
        for side in SIDES
    )
    return train, validation


def make_model(options: PretrainOptions, device: torch.device) -> MaskedPretrainer:
    """Make a model with its first weights, on a device."""
    width = target_width(options.target, options.token_length)
    backend = choose_backend(options.encoder.backend, str(device)).name
    return build_pretrainer(options.encoder, options.token_length, width, options.seed, backend).to(device)


def _pair(error: Tensor, count: Tensor) -> Tensor:
    return torch.stack([error.detach().double(), count.double()]).cpu()


def _numbers(sums: dict[str, Tensor]) -> Sums:
    return {name: (float(pair[0]), float(pair[1])) for name, pair in sums.items()}
