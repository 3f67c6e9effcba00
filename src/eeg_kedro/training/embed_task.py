"""One stage of an embedder's training as the loop sees it: a model, its batches, its loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from eeg_kedro.training.augmentations import augment
from eeg_kedro.training.collapse_alarm import CollapseAlarm
from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.embed_job import EmbedJob, Stage
from eeg_kedro.training.embed_model import make_model
from eeg_kedro.training.embed_pass import demand_finite, embed_batch
from eeg_kedro.training.embed_validation import Sums, UnseenWindows, sample_rows_of
from eeg_kedro.training.parameter_groups import parameter_groups
from eeg_kedro.training.pooled_scale import learn_scale
from eeg_kedro.training.ranks import Ranks
from eeg_kedro.training.task import PlainTask
from eeg_kedro.training.window_batches import LabelledWindows, PairBatches, WindowBatch

ENCODER, HEAD = "encoder", "head"  # groups of the optimiser


class EmbedTask(PlainTask):
    """One stage of a job, as `eeg_kedro.training.task.Task`.

    Parameters
    ----------
    job : EmbedJob
        What to learn from; not more participants per batch than there are.
    stage : Stage
        Which part of it.
    about : mapping
        The identity of the stage.
    start : mapping of str to Tensor or None
        Weights of the embedder that the stage before has left.
    ranks : Ranks
        On which device.
    """

    def __init__(
        self,
        job: EmbedJob,
        stage: Stage,
        about: Mapping[str, Any],
        start: Mapping[str, Tensor] | None,
        ranks: Ranks,
    ) -> None:
        options = job.options
        self._job, self._device = job, ranks.device
        self._windows = LabelledWindows(job.windows, job.signals)
        self._tokens = DetectorTokens(about["channels"], int(about["token_length"]), ranks.device)
        self._train = PairBatches(
            self._windows,
            self._windows.rows_of("train"),
            options.n_participants,
            options.n_windows,
            balance_seizures=stage.by_label,
            seed=options.seed,
            steps=options.steps,
        )
        self._unseen = UnseenWindows(self._windows, self._tokens, options, stage, self._change)
        self._model = make_model(job, stage, about, start, str(ranks.device)).to(ranks.device)
        if start is None:
            rows = sample_rows_of(self._windows, "train", options)
            learn_scale(self._model.query.embedder, self._windows, rows, self._tokens, options.batch_size)
        self.model: nn.Module = self._model
        self.steps_per_epoch = len(self._train)
        self._alarm = CollapseAlarm(
            options.alarm,
            self._model.loss.margin,
            job.name_of(stage),
            stage.loss.normalize,
            self._model.loss.n_kinds,
        )
        self._seen = torch.empty(0)

    def batches(self, epoch: int, step: int) -> Iterator[WindowBatch]:
        """Yield the batches of an epoch, from a step on."""
        return self._train.batches(epoch, step)

    def loss(self, batch: WindowBatch) -> tuple[Tensor, Tensor, int]:
        """Return the loss times the windows of a batch, their number, and their tokens."""
        given, model = batch.to(self._device), self._model
        embedder, first = model.query.embedder, partial(self._change, view=0)
        embedded = embed_batch(embedder, given, self._tokens, first).float()
        self._seen = embedded.detach()
        if not bool(torch.isfinite(self._seen).all()):  # the windows, where the loop would name the batch
            demand_finite(self._seen.cpu().numpy(), self._windows, batch.positions.numpy())
        second = None
        if model.loss.needs_views:
            second = embed_batch(model.second, given, self._tokens, partial(self._change, view=1)).float()
        projected = embedder.project(embedded).float()
        loss = model.loss(projected, second, given.labels, given.participants)
        n_windows = len(batch.labels)
        n_tokens = int(batch.valid.sum()) * -(-batch.samples.shape[-1] // self._tokens.token_length)
        return loss * n_windows, torch.tensor(n_windows), n_tokens

    def after_step(self, steps: int, loss: float) -> None:
        """Let the encoder of the keys follow, and look whether the embedding has collapsed."""
        self._model.follow()
        self._alarm.look(steps, loss, self._seen)

    def describe(self, batch: WindowBatch) -> str:
        """Name recording and onset of the first windows."""
        return self._windows.describe(batch.positions.numpy())

    def parameter_groups(self, weight_decay: float) -> list[dict[str, Any]]:
        """Return the groups of the optimiser: the encoder's and the head's."""
        embedder = self._model.query.embedder
        head = nn.ModuleList([embedder.norm, embedder.embedding, embedder.projection])
        return [
            {**group, "name": name}
            for name, part in ((ENCODER, embedder.encoder), (HEAD, head))
            for group in parameter_groups(part, weight_decay)
        ]

    def rate_scale(self, group: str, epoch: int) -> float:
        """Return what the learning rate of a group is multiplied with: less where much is known already."""
        pretrained = group == ENCODER and self._job.pretrained is not None
        return self._job.options.encoder_rate if pretrained else 1.0

    def evaluate(self) -> Sums:
        """Return loss and quality of the embedding on unseen participants; counts of 0 where there are none."""
        return self._unseen.measure(self._model)

    def _change(self, batch: WindowBatch, view: int) -> tuple[Tensor, Tensor]:
        """Return an augmented view of a batch: it depends on seed, epoch and window only."""
        options, signals = self._job.options, self._job.signals
        return augment(
            batch.samples,
            batch.valid,
            signals.ch_names,
            signals.sfreq,
            options.augment,
            options.seed,
            batch.epoch,
            batch.positions,
            view,
        )
