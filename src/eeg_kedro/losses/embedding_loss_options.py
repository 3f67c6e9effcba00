"""Options of the losses that compare windows with each other."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Objective = Literal["simclr", "moco", "supcon", "contrastive", "triplet"]
Mining = Literal["batch_hard", "semihard", "batch_all"]
Positives = Literal["label", "participant"]
Negatives = Literal["all", "same_participant"]

_BY_VIEWS = ("simclr", "moco")
_BY_DISTANCE = ("contrastive", "triplet")


class EmbeddingLossOptions(BaseModel):
    """Options of `eeg_kedro.losses.embedding_loss.EmbeddingLoss`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    objective: Objective = Field(
        "supcon", description="simclr | moco (two views of a window) | supcon | contrastive | triplet"
    )
    mining: Mining = Field("semihard", description="triplets: batch_hard | semihard | batch_all")
    margin: float = Field(
        0.2, gt=0, le=100, description="contrastive, triplet: in units of the distance (unit vectors: 0 to 2)"
    )
    soft_margin: bool = Field(
        False, description="triplet: softplus of the difference of distances instead of a margin"
    )
    normalize: bool = Field(
        True,
        description="contrastive, triplet: distances between unit vectors; the others always compare those",
    )
    temperature: float = Field(0.1, gt=0, le=10, description="simclr, moco, supcon: divides the cosines")
    queue_size: int = Field(1024, ge=1, le=1 << 20, description="moco: keys kept, windows; a batch or more")
    momentum: float = Field(
        0.99, ge=0, lt=1, description="moco: share of its weights the key encoder keeps per step"
    )
    positives: Positives = Field(
        "label", description="supcon, contrastive, triplet: alike are windows of one label | one participant"
    )
    cross_participant: bool = Field(
        True,
        description="positives=label: only windows of other participants are positives, where there is one",
    )
    negatives: Negatives = Field(
        "all", description="all | same_participant (preferred where there is one): who a window is told from"
    )

    @model_validator(mode="after")
    def _agrees(self) -> EmbeddingLossOptions:
        by_views = self.objective in _BY_VIEWS
        if self.negatives == "same_participant" and self.positives == "participant" and not by_views:
            raise ValueError(
                "negatives=same_participant needs positives=label: with positives=participant windows of the same "
                "participant are alike"
            )
        if not self.normalize and self.objective not in _BY_DISTANCE:
            raise ValueError(
                f"normalize=false is for contrastive and triplet; {self.objective} always compares unit vectors"
            )
        if self.soft_margin and self.objective != "triplet":
            raise ValueError(f"soft_margin is for objective=triplet, not {self.objective}")
        return self
