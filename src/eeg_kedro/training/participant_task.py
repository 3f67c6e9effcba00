"""One label per participant as the training loop sees it: bags of windows, a network, its loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.orders.permutations import WINDOWS, local_generator
from eeg_kedro.training.parameter_groups import parameter_groups
from eeg_kedro.training.participant_network import ParticipantDetector, build_participant_detector
from eeg_kedro.training.task import PlainTask

if TYPE_CHECKING:
    from eeg_kedro.training.participant_job import ParticipantJob
    from eeg_kedro.training.window_features import WindowFeatures

BACKBONE, HEAD = "backbone", "head"


@dataclass(frozen=True)
class Bags:
    """Participants of a step: their names, the windows drawn of each, and labels (P,) of 0 and 1."""

    names: tuple[str, ...]
    windows: tuple[NDArray[np.intp], ...]
    labels: Tensor


class ParticipantTask(PlainTask):
    """A model of one seed, as `eeg_kedro.training.task.Task`.

    Parameters
    ----------
    job : ParticipantJob
        What to learn.
    features : WindowFeatures
        Of its windows; several seeds of a frozen encoder may share it.
    seed : int
        Of the head's first weights, the order and the windows drawn.
    device : torch.device
        Where to compute.
    """

    def __init__(
        self, job: ParticipantJob, features: WindowFeatures, seed: int, device: torch.device
    ) -> None:
        self._job, self._features, self._seed, self._device = job, features, seed, device
        self._network = build_participant_detector(job.about(seed), seed, device, job.pretrained.weights)
        self.model: nn.Module = self._network
        self._train = job.participants("train")
        size = min(job.options.loop.batch_size, len(self._train))
        self._order = SeekableBatches(len(self._train), size, seed=seed, drop_last=False)
        self.steps_per_epoch = len(self._order)
        self._network.eval()  # dropout has no say in the scale
        with torch.no_grad():
            self._network.learn_scale(torch.cat([self._describe(job.bags[who]) for who in self._train]))

    def batches(self, epoch: int, step: int) -> Iterator[Bags]:
        """Yield the bags of an epoch, from a step on."""
        self._order.seek(epoch, step)
        for chosen in self._order:
            yield self._make_bags([self._train[i] for i in chosen], epoch)

    def loss(self, batch: Bags) -> tuple[Tensor, Tensor, int]:
        """Return the summed cross-entropy of participants, their number, and the windows they were judged by."""
        logits = self._judge(batch.windows)
        error = binary_cross_entropy_with_logits(logits, batch.labels.to(self._device), reduction="sum")
        n_windows = sum(len(bag) for bag in batch.windows)
        return error, torch.tensor(float(len(batch.names))), n_windows

    def describe(self, batch: Bags) -> str:
        """Name the participants."""
        return f"participants {', '.join(batch.names)}"

    def evaluate(self) -> dict[str, tuple[float, float]]:
        """Return loss, accuracy and AUROC on the participants of validation, each judged by all its windows."""
        names = self._job.participants("validation")
        if not names:
            return dict.fromkeys(("loss", "accuracy", "auroc"), (0.0, 0.0))
        batch = self._make_bags(names, None)
        logits = torch.cat([self._judge((bag,)) for bag in batch.windows]).float().cpu()
        error = binary_cross_entropy_with_logits(logits, batch.labels, reduction="sum")
        right = ((logits > 0) == (batch.labels > 0.5)).sum()
        return {
            "loss": (float(error), len(names)),
            "accuracy": (float(right), len(names)),
            "auroc": _auroc(batch.labels, logits),
        }

    def parameter_groups(self, weight_decay: float) -> list[dict[str, Any]]:
        """Return the groups of the optimiser; the encoder has its own where it is trained."""
        parts: dict[str, nn.Module] = {HEAD: self._network.head, BACKBONE: self._network.encoder}
        return [
            {**group, "name": name}
            for name, part in parts.items()
            for group in parameter_groups(part, weight_decay)
        ]

    def rate_scale(self, group: str, epoch: int) -> float:
        """Return what the learning rate of a group is multiplied with."""
        return self._job.options.backbone_rate if group == BACKBONE else 1.0

    def _make_bags(self, names: list[str], epoch: int | None) -> Bags:
        """Gather bags: a draw of each for an epoch, all windows without one."""
        people = self._job.people.set_index("participant")["label"]
        labels = torch.tensor([float(people[name]) for name in names])
        bags = tuple(self._draw(name, epoch) for name in names)
        return Bags(tuple(names), bags, labels)

    def _draw(self, name: str, epoch: int | None) -> NDArray[np.intp]:
        bag, most = self._job.bags[name], self._job.options.n_windows
        if epoch is None or bag.size <= most:
            return bag
        rng = local_generator(self._seed, epoch, WINDOWS, self._train.index(name))
        return np.sort(rng.choice(bag, most, replace=False))

    def _judge(self, windows: tuple[NDArray[np.intp], ...]) -> Tensor:
        """Return the logits of bags, (P,)."""
        features = [self._describe(bag) for bag in windows]
        there = [torch.ones(len(one), dtype=torch.bool, device=self._device) for one in features]
        padded = nn.utils.rnn.pad_sequence(features, batch_first=True)
        return self._network(padded, nn.utils.rnn.pad_sequence(there, batch_first=True))  # type: ignore[no-any-return]

    def _describe(self, bag: NDArray[np.intp]) -> Tensor:
        if self._job.options.freeze_backbone:
            return self._features.recall(self._network, bag)
        return self._features.describe(self._network, bag)


def judge_bag(network: ParticipantDetector, features: Tensor) -> float:
    """Return the probability that one participant is of the positive class, by features (W, F') of all its windows."""
    there = features.new_ones(1, len(features), dtype=torch.bool)
    return float(torch.sigmoid(network(features.unsqueeze(0), there).double())[0])


def _auroc(labels: Tensor, logits: Tensor) -> tuple[float, float]:
    """Return the area under the curve, and 1; counted as nothing where a class is missing."""
    from sklearn.metrics import roc_auc_score

    if labels.min() == labels.max():
        return 0.0, 0.0
    return float(roc_auc_score(labels.numpy(), logits.numpy())), 1.0
