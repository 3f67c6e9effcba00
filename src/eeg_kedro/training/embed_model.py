"""What is trained for an embedding: the embedder, its projection, the objective and MoCo's encoder of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from eeg_kedro.losses.embedding_loss import EmbeddingLoss
from eeg_kedro.losses.key_encoder import KeyEncoder
from eeg_kedro.models.build_window_encoder import weights_from
from eeg_kedro.models.unfreezing import freeze, unfreeze_top
from eeg_kedro.training.embedder_file import make_embedder

if TYPE_CHECKING:
    from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions
    from eeg_kedro.models.embedder import Embedder
    from eeg_kedro.training.embed_job import EmbedJob, Stage
    from eeg_kedro.training.embed_options import Unfrozen


class ProjectedEmbedder(nn.Module):
    """An embedder with its projection: what the loss compares."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self.embedder = embedder

    def forward(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor | None = None) -> Tensor:
        """Embed and project windows, (B, projection_size); arguments as in `WindowEncoder.forward`."""
        return self.embedder.project(self.embedder(tokens, places, valid, real))


class EmbeddingModel(nn.Module):
    """What a checkpoint holds: ``query`` is trained, ``loss`` may have a queue, ``key`` follows slowly (MoCo only).

    Parameters
    ----------
    embedder : Embedder
        What is kept after training.
    options : EmbeddingLossOptions
        The objective.
    projection_size, seed : int
        As of `EmbeddingLoss`.
    """

    def __init__(
        self, embedder: Embedder, options: EmbeddingLossOptions, projection_size: int, seed: int
    ) -> None:
        super().__init__()
        self.query = ProjectedEmbedder(embedder)
        self.loss = EmbeddingLoss(options, projection_size, seed)
        self.key = KeyEncoder(self.query) if options.objective == "moco" else None
        self._momentum = options.momentum

    @property
    def second(self) -> nn.Module:
        """Who projects the second view of each window."""
        return self.query if self.key is None else self.key

    def follow(self) -> None:
        """Let the encoder of the keys follow what is trained."""
        if self.key is not None:
            self.key.update(self.query, self._momentum)


def make_model(
    job: EmbedJob, stage: Stage, about: Mapping[str, Any], start: Mapping[str, Tensor] | None, device: str
) -> EmbeddingModel:
    """Make the model of a stage as it begins, on the CPU.

    Parameters
    ----------
    job : EmbedJob
        Options and the pretrained model.
    stage : Stage
        Which training.
    about : mapping
        Its identity, which says what network to build.
    start : mapping of str to Tensor or None
        The embedder's weights that the stage before has left, its projection among them.
    device : str
        Where it will compute.
    """
    options, pretrained = job.options, job.pretrained
    weights = None if pretrained is None else pretrained.weights
    embedder = make_embedder(about, options.seed, device, weights)
    if start is not None:
        embedder.load_state_dict(dict(start))
    if pretrained is not None:
        _unfreeze(embedder, stage.unfreeze)
    with weights_from(options.seed):
        return EmbeddingModel(embedder, stage.loss, options.projection_size, options.seed)


def _unfreeze(embedder: Embedder, asked: Unfrozen) -> None:
    if asked == "none":
        freeze(embedder.encoder)
    elif asked != "all":
        unfreeze_top(embedder.encoder, asked)
