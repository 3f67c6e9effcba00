"""The queue of MoCo (He et al. 2020): keys of the last batches, to tell a window from."""

from __future__ import annotations

import torch
from pytorch_metric_learning.losses import CrossBatchMemory, SupConLoss
from torch import Tensor

from eeg_kedro.errors import ParameterError
from eeg_kedro.losses.embedding_loss_options import Negatives
from eeg_kedro.losses.window_pairs import COUNTS, key_pairs


class EmbeddingQueue(CrossBatchMemory):  # type: ignore[misc] # the library has no types
    """`CrossBatchMemory` that goes on to the bit: where it writes next and whether it is full are buffers too.

    It begins empty; keys take the place of the oldest. With one positive per query, `SupConLoss` is NT-Xent (InfoNCE),
    and takes B x Q numbers where `NTXentLoss` takes B x B x Q.

    Parameters
    ----------
    embedding_size : int
        Numbers of a key (E).
    queue_size : int
        Keys kept (Q), at least those of a batch.
    temperature : float
        Divides the cosines.
    negatives : {"all", "same_participant"}
        Which keys of other windows are negatives; a window met again in a later epoch is another window.
    """

    def __init__(
        self, embedding_size: int, queue_size: int, temperature: float, negatives: Negatives = "all"
    ) -> None:
        super().__init__(SupConLoss(temperature), embedding_size, queue_size)
        self.negatives = negatives
        self.counts = torch.zeros(len(COUNTS), dtype=torch.int64)

    def forward(self, queries: Tensor, keys: Tensor, participants: Tensor) -> Tensor:
        """Return the mean loss of queries, their own keys being in the queue first.

        In evaluation the queue is afterwards what it was.

        Parameters
        ----------
        queries, keys : Tensor (B, E)
            Of the same windows; keys get no gradient.
        participants : Tensor (B,) int64
            Of each window.

        Raises
        ------
        ParameterError
            If the queue is shorter than the batch.
        """
        if len(keys) > self.memory_size:
            raise ParameterError(
                "the queue of MoCo is shorter than a batch",
                value=self.memory_size,
                allowed=f"{len(keys)} or more",
                remedy="raise queue_size",
            )
        before = None if self.training else {name: value.clone() for name, value in self.state_dict().items()}
        is_key = torch.arange(2 * len(keys), device=keys.device) >= len(keys)
        loss: Tensor = super().forward(
            torch.cat([queries, keys.detach()]), participants.repeat(2), enqueue_mask=is_key
        )
        if before is not None:
            self.load_state_dict(before)
        return loss

    def create_indices_tuple(
        self, embeddings: Tensor, labels: Tensor, keys: Tensor, key_labels: Tensor, *_: object
    ) -> tuple[Tensor, ...]:
        """Pair queries with keys; what the library calls labels are participants here."""
        pairs = key_pairs(labels, key_labels, self.curr_batch_idx, self.negatives)
        self.counts = pairs.counts
        return (*torch.where(pairs.positive), *torch.where(pairs.negative))

    def reset_queue(self) -> None:
        """Empty the queue."""
        self.register_buffer("place", torch.zeros((), dtype=torch.int64))
        self.register_buffer("filled", torch.zeros((), dtype=torch.bool))
        super().reset_queue()

    @property
    def queue_idx(self) -> int:
        """Where the next key is written."""
        return int(self.place)

    @queue_idx.setter
    def queue_idx(self, value: int) -> None:
        self.place.fill_(value)

    @property
    def has_been_filled(self) -> bool:
        """Whether every place holds a key."""
        return bool(self.filled)

    @has_been_filled.setter
    def has_been_filled(self, value: bool) -> None:
        self.filled.fill_(value)
