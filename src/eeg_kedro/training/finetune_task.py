"""Seizure detection as the training loop sees it: a network, its windows, its loss, and what unseen people say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from eeg_kedro.models.seizure_detector import SeizureDetector
from eeg_kedro.models.unfreezing import freeze, layer_groups
from eeg_kedro.training.augment_options import AugmentOptions
from eeg_kedro.training.augmentations import augment
from eeg_kedro.training.detection_batches import DetectionBatches
from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.detector_file import make_detector
from eeg_kedro.training.parameter_groups import decays
from eeg_kedro.training.task import PlainTask

if TYPE_CHECKING:
    from eeg_kedro.training.detection_batches import DetectionBatch, DetectionSide
    from eeg_kedro.training.detector_plan import DetectorPlan
    from eeg_kedro.training.finetune_options import FinetuneOptions
    from eeg_kedro.training.ranks import Ranks

Sums = dict[str, tuple[float, float]]
HEAD = "head"


class FinetuneTask(PlainTask):
    """A network that is trained to detect, as `eeg_kedro.training.task.Task`.

    Parameters
    ----------
    plan : DetectorPlan
        Which network, and the seed of its weights and of the order of the windows.
    options : FinetuneOptions
        How.
    sides : tuple of DetectionSide
        Windows of training and of validation.
    weight : float
        What a seizure token weighs in the loss.
    ranks : Ranks
        The device; there is one process.
    encoder_weights : mapping of str to Tensor, optional
        Of the pretrained model: where the network begins with it.
    """

    def __init__(
        self,
        plan: DetectorPlan,
        options: FinetuneOptions,
        sides: tuple[DetectionSide, DetectionSide],
        weight: float,
        ranks: Ranks,
        encoder_weights: Mapping[str, Tensor] | None = None,
    ) -> None:
        about, self._device, self._seed = plan.about, ranks.device, plan.seed
        self._kind, self._weight = str(about["kind"]), weight
        self._tokens = DetectorTokens(about["channels"], about["token_length"], ranks.device)
        self._ch_names, self._sfreq = tuple(about["ch_names"]), float(about["sfreq"])
        self._augment = AugmentOptions.model_validate(about["options"]["augment"])
        batch_size, length = options.loop.batch_size, int(about["token_length"])
        self._train = DetectionBatches(sides[0], length, batch_size, plan.seed)
        self._validation = DetectionBatches(sides[1], length, batch_size, shuffle=False)
        self.model = make_detector(about, plan.seed, ranks.device, encoder_weights)
        pretrained = encoder_weights is not None
        if pretrained and options.freeze_backbone and isinstance(self.model, SeizureDetector):
            freeze(self.model.encoder)
        self.model.to(ranks.device)
        self._groups = _name_groups(self.model)
        self._rates = (
            layer_rates([*self._groups], options) if pretrained else dict.fromkeys(self._groups, (0, 1.0))
        )
        self.steps_per_epoch = self._train.steps_per_epoch

    def batches(self, epoch: int, step: int) -> Iterator[DetectionBatch]:
        """Yield the batches of an epoch, from a step on."""
        return self._train.batches(epoch, step)

    def loss(self, batch: DetectionBatch) -> tuple[Tensor, Tensor, int]:
        """Return the weighted sum of cross entropies, the sum of the weights, and the real tokens of all channels."""
        logits, targets, real, n_tokens = self._judge(self._vary(batch))
        return *weighted_entropy(logits, targets, real, self._weight), n_tokens

    def describe(self, batch: DetectionBatch) -> str:
        """Name recording and onset of the windows."""
        return self._train.side.describe(batch.positions)

    def evaluate(self) -> Sums:
        """Return loss, AUROC and AUPRC on the windows of validation; a count of 0 where that says nothing."""
        total = torch.zeros(2, dtype=torch.float64)
        logits, targets = [], []
        for batch in self._validation.batches(0):
            said, wanted, real, _ = self._judge(batch)
            total += torch.stack(weighted_entropy(said, wanted, real, self._weight)).double().cpu()
            logits.append(said[real].float().cpu().numpy())
            targets.append(wanted[real].cpu().numpy())
        found: Sums = {"loss": (float(total[0]), float(total[1]))}
        return found | rank_scores(_joined(targets) >= 0.5, _joined(logits))

    def parameter_groups(self, weight_decay: float) -> list[dict[str, Any]]:
        """Return two groups of each layer, what decays and what does not; frozen parameters are in none."""
        names = {id(parameter): name for name, parameter in self.model.named_parameters()}
        found = []
        for group, parameters in self._groups.items():
            trained = [p for p in parameters if p.requires_grad]
            for decaying, decay in ((True, weight_decay), (False, 0.0)):
                own = [p for p in trained if decays(names[id(p)], p) is decaying]
                found.append({"params": own, "weight_decay": decay, "name": group})
        return [group for group in found if group["params"]]

    def rate_scale(self, group: str, epoch: int) -> float:
        """Return the share of the learning rate that a layer gets; 0 until its epoch has come."""
        first, share = self._rates[group]
        return share if epoch >= first else 0.0

    def _vary(self, batch: DetectionBatch) -> DetectionBatch:
        """Return what the windows of this epoch look like in training."""
        samples, valid = augment(
            batch.samples,
            batch.valid,
            self._ch_names,
            self._sfreq,
            self._augment,
            self._seed,
            batch.epoch,
            torch.from_numpy(batch.positions),
            0,
        )
        return replace(batch, samples=samples, valid=valid)

    def _judge(self, batch: DetectionBatch) -> tuple[Tensor, Tensor, Tensor, int]:
        """Return logits, wanted shares and which of them count, all (B, T) or all (B,), and the number of tokens."""
        tokens, valid, real = self._tokens.cut(batch.samples, batch.valid)
        shares = batch.shares.to(self._device)
        logits: Tensor = self.model(tokens, self._tokens.places, valid, real)
        n_tokens = int((valid.sum(1) * real.sum(1)).sum())
        if self._kind == "window":
            return logits, shares.mean(1), real.any(1), n_tokens
        return logits, shares, real, n_tokens


def layer_rates(groups: list[str], options: FinetuneOptions) -> dict[str, tuple[int, float]]:
    """Tell from which epoch on each group is trained, and at which share of the learning rate.

    Parameters
    ----------
    groups : list of str
        From the input to the output: those of `layer_groups`, then ``head``. What follows the last block goes with it.
    options : FinetuneOptions
        ``unfreeze_epochs``, ``layer_decay``, ``backbone_rate``.

    Returns
    -------
    dict of str to (int, float)
        The head from epoch 0 at 1; the top block at ``backbone_rate``, each below at ``layer_decay`` times that above.
    """
    layers = [name for name in groups if name != HEAD]
    rates = {HEAD: (0, 1.0)}
    for number, name in enumerate(reversed(layers)):
        depth = max(0, number - 1)  # what follows the last block is no layer of its own
        rates[name] = (
            (depth + 1) * options.unfreeze_epochs,
            options.backbone_rate * options.layer_decay**depth,
        )
    return rates


def weighted_entropy(logits: Tensor, targets: Tensor, real: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """Return the sum of binary cross entropies with soft targets, and the sum of their weights.

    Parameters
    ----------
    logits, targets : Tensor, same shape
        What was said, and shares of seizure.
    real : Tensor of bool, same shape
        Which of them count.
    weight : float
        Of the part of a target that is seizure; the other part weighs 1.
    """
    logits, targets = logits[real].float(), targets[real]
    entropy = functional.binary_cross_entropy_with_logits(
        logits, targets, pos_weight=logits.new_tensor(weight), reduction="sum"
    )
    return entropy, (weight * targets + 1 - targets).sum()


def rank_scores(truth: NDArray[np.bool_], scores: NDArray[np.float32]) -> Sums:
    """Return AUROC and AUPRC (average precision), each with a count of 1, or of 0 where a class is missing."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    if not truth.any() or truth.all():
        return {"auroc": (0.0, 0.0), "auprc": (0.0, 0.0)}
    return {
        "auroc": (float(roc_auc_score(truth, scores)), 1.0),
        "auprc": (float(average_precision_score(truth, scores)), 1.0),
    }


def _name_groups(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """Return the parameters of each layer, from the input to the head; a network of one piece is all head."""
    if not isinstance(model, SeizureDetector):
        return {HEAD: [*model.parameters()]}
    layers = dict(layer_groups(model.encoder))
    known = {id(parameter) for parameters in layers.values() for parameter in parameters}
    # whatever is no part of the encoder: what stands in no group is never trained, without a word
    return {**layers, HEAD: [p for p in model.parameters() if id(p) not in known]}


def _joined(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
