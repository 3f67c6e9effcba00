"""What an embedding is trained with: windows that are alike together, the others apart.

Losses, miners and memory are those of pytorch-metric-learning; which pairs they see is decided in `window_pairs`.

SimCLR: Chen et al. 2020. MoCo: He et al. 2020. SupCon: Khosla et al. 2020. Contrastive pairs: Hadsell et al. 2006.
Triplets: Schroff et al. 2015 (semihard), Hermans et al. 2017 (batch-hard, batch-all, soft margin).
"""

from __future__ import annotations

import math

import torch
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import ContrastiveLoss, SupConLoss, TripletMarginLoss
from pytorch_metric_learning.miners import BatchHardMiner, TripletMarginMiner
from pytorch_metric_learning.reducers import AvgNonZeroReducer, MeanReducer
from torch import Tensor, nn

from eeg_kedro.errors import ParameterError
from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions
from eeg_kedro.losses.embedding_queue import EmbeddingQueue
from eeg_kedro.losses.window_pairs import COUNTS, WindowPairs, label_pairs, view_pairs

Triplets = tuple[Tensor, Tensor, Tensor]


class EmbeddingLoss(nn.Module):
    """The loss of one batch of windows.

    Means are over what counts: anchors with a positive (simclr, moco, supcon), pairs that are not yet right
    (contrastive: alike ones and others by themselves, then added), triplets that violate the margin (semihard,
    batch_all), or all anchors (batch_hard).

    Parameters
    ----------
    options : EmbeddingLossOptions
        Objective, mining and pairs.
    embedding_size : int
        Numbers of what is compared (E').
    seed : int
        Part of how every model of this project is made; no objective of today draws anything, MoCo's queue begins
        empty.

    Attributes
    ----------
    needs_views : bool
        Whether it takes two views of each window.
    """

    _counts: Tensor

    def __init__(self, options: EmbeddingLossOptions, embedding_size: int, seed: int = 0) -> None:
        super().__init__()
        self.options = options
        self.needs_views = options.objective in ("simclr", "moco")
        self._distance = ExactDistance(normalize_embeddings=options.normalize)
        self._loss = self._make_loss(embedding_size)
        # reports only: they are not part of what a model is
        self.register_buffer("_counts", torch.zeros(len(COUNTS), dtype=torch.int64), persistent=False)

    @property
    def margin(self) -> float | None:
        """The loss when all embeddings are one point; None where that is no fixed number."""
        if self.options.objective not in ("contrastive", "triplet"):
            return None
        return math.log(2) if self.options.soft_margin else self.options.margin

    @property
    def n_kinds(self) -> int | None:
        """How many kinds of windows are told apart: two labels; None where each window or participant is one."""
        return None if self.needs_views or self.options.positives == "participant" else 2

    def forward(self, first: Tensor, second: Tensor | None, labels: Tensor, participants: Tensor) -> Tensor:
        """Return the mean loss; zero, with a gradient of zero, where a batch has no positive or no negative.

        Parameters
        ----------
        first : Tensor (B, E')
            Projections of the windows, or of their first views.
        second : Tensor (B, E') or None
            Of the second views (simclr), or their keys (moco); None for the other objectives.
        labels, participants : Tensor (B,) int64
            Of each window.

        Returns
        -------
        Tensor ()
            Of float32 or better; NaN where an embedding is not finite.

        Raises
        ------
        ParameterError
            If views are missing or not asked for, or lengths differ.
        """
        self._check(first, second, labels, participants)
        with torch.autocast(first.device.type, enabled=False):
            first = first.to(torch.promote_types(first.dtype, torch.float32))
            views = first if second is None else torch.cat([first, second.to(first)])
            # the reducers drop what is not above zero, NaN too: this term is zero or says so
            return self._compare(first, views, labels, participants) + 0 * views.sum()

    def take_counts(self) -> dict[str, int]:
        """Return how many anchors were trained on since the last call, and how many fell back or were idle."""
        counts = dict(zip(COUNTS, self._counts.tolist(), strict=True))
        self._counts.zero_()
        return counts

    def _compare(self, first: Tensor, views: Tensor, labels: Tensor, participants: Tensor) -> Tensor:
        if isinstance(self._loss, EmbeddingQueue):
            own: Tensor = self._loss(first, views[len(first) :], participants)
            self._count(self._loss.counts)
            return own
        pairs = (
            view_pairs(participants, self.options.negatives)
            if self.needs_views
            else label_pairs(labels, participants, self.options)
        )
        self._count(pairs.counts)
        if not (pairs.positive.any() and pairs.negative.any()):
            return 0 * views.sum()
        chosen: tuple[Tensor, ...] = (*torch.where(pairs.positive), *torch.where(pairs.negative))
        if self.options.objective == "triplet":
            alike = labels if self.options.positives == "label" else participants
            chosen = self._mine(views.detach(), alike, pairs)
        together: Tensor = self._loss(views, indices_tuple=chosen)
        return together

    def _count(self, counts: Tensor) -> None:
        if self.training:
            self._counts += counts

    def _mine(self, embeddings: Tensor, alike: Tensor, pairs: WindowPairs) -> Triplets:
        """Return anchors, positives and negatives of the triplets that the loss sees."""
        if self.options.mining == "batch_hard":
            return self._hardest(embeddings, pairs)
        margin = math.inf if self.options.soft_margin else self.options.margin
        kind = "semihard" if self.options.mining == "semihard" else "all"
        anchors, positives, negatives = TripletMarginMiner(margin, kind, distance=self._distance)(
            embeddings, alike
        )
        kept = pairs.positive[anchors, positives] & pairs.negative[anchors, negatives]
        return anchors[kept], positives[kept], negatives[kept]

    def _hardest(self, embeddings: Tensor, pairs: WindowPairs) -> Triplets:
        """Take for each anchor its farthest positive and its nearest negative."""
        miner, distances = BatchHardMiner(distance=self._distance), self._distance(embeddings)
        (_, positive), has_positive = miner.get_max_per_row(distances, *torch.where(pairs.positive))
        (_, negative), has_negative = miner.get_min_per_row(distances, *torch.where(pairs.negative))
        anchors = torch.where(has_positive & has_negative)[0]
        return anchors, positive[anchors], negative[anchors]

    def _make_loss(self, embedding_size: int) -> nn.Module:
        options = self.options
        if options.objective == "moco":
            return EmbeddingQueue(embedding_size, options.queue_size, options.temperature, options.negatives)
        if options.objective == "contrastive":
            return ContrastiveLoss(neg_margin=options.margin, distance=self._distance)  # type: ignore[no-any-return]
        if options.objective == "triplet":
            reducer = MeanReducer() if options.mining == "batch_hard" else AvgNonZeroReducer()
            margin = 0.0 if options.soft_margin else options.margin
            return TripletMarginLoss(  # type: ignore[no-any-return]
                margin, smooth_loss=options.soft_margin, distance=self._distance, reducer=reducer
            )
        return SupConLoss(options.temperature)  # type: ignore[no-any-return] # one positive each: NT-Xent

    def _check(self, first: Tensor, second: Tensor | None, labels: Tensor, participants: Tensor) -> None:
        if (second is not None) != self.needs_views:
            raise ParameterError(
                f"{self.options.objective} takes {'two views' if self.needs_views else 'one view'} of each window",
                value="one" if second is None else "two",
            )
        lengths = [len(x) for x in (first, second, labels, participants) if x is not None]
        if len({*lengths}) > 1:
            raise ParameterError(
                "embeddings, labels and participants differ in length", value=lengths, allowed="one number"
            )


class ExactDistance(LpDistance):  # type: ignore[misc] # the library has no types
    """Euclidean distance from differences: the quick way by products cannot tell points from one that nearly are."""

    def compute_mat(self, query_emb: Tensor, ref_emb: Tensor) -> Tensor:
        """Return the distances (A, R)."""
        return torch.cdist(query_emb, ref_emb, compute_mode="donot_use_mm_for_euclid_dist")
