"""Options of the pipeline ``embed``: which encoder, which objective, which batches, in one stage or two."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions
from eeg_kedro.models.conv_options import ConvOptions
from eeg_kedro.training.augment_options import AugmentOptions
from eeg_kedro.training.collapse_alarm import AlarmOptions
from eeg_kedro.training.loop_options import LoopOptions

Unfrozen = Literal["none", "all"] | Annotated[int, Field(ge=1, le=96)]
Stages = Literal["single", "patients_then_seizures"]
SOME_LAYERS = 2  # of the encoder that the second of two stages trains unless told otherwise
BY_LABEL = ("supcon", "contrastive", "triplet")  # objectives that need to know which windows belong together


class EmbedOptions(BaseModel):
    """Options of the pipeline ``embed``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str = Field("", pattern=r"^[A-Za-z0-9.-]*$", description="appended to the model's name")
    resume: Literal["auto", "never"] = Field(
        "auto", description="go on from the last checkpoint, or start over"
    )
    seed: int = Field(0, ge=0, description="weights, order, augmentations, dropout, what is measured")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: CUDA where there is one")

    encoder: Literal["pretrained", "conv"] = Field(
        "pretrained", description="the pretrained encoder, or a residual convolutional net from scratch"
    )
    conv: ConvOptions = Field(
        default_factory=lambda: ConvOptions.model_validate({}), description="encoder=conv only"
    )
    microvolts: float = Field(50.0, gt=0, le=1e6, description="microvolts per unit (encoder=conv)")
    unfreeze: Unfrozen | None = Field(
        None,
        description="pretrained: none | all | layers from the top that are trained; "
        "null: all, and 2 in the second of two stages",
    )
    encoder_rate: float = Field(
        0.1, gt=0, le=1, description="learning rate of a pretrained encoder, as a share of loop.lr"
    )
    embedding_size: int = Field(64, ge=2, le=4096, description="numbers per window")
    projection_size: int = Field(
        32, ge=2, le=4096, description="numbers per window that the loss sees; in training only"
    )

    stages: Stages = Field("single", description="one training, or patients first and seizures from there")
    loss: EmbeddingLossOptions = Field(
        default_factory=lambda: EmbeddingLossOptions.model_validate({}), description="the objective"
    )
    augment: AugmentOptions = Field(
        default_factory=lambda: AugmentOptions.model_validate({}), description="changes safe for the label"
    )
    alarm: AlarmOptions = Field(
        default_factory=lambda: AlarmOptions.model_validate({}), description="when an embedding has collapsed"
    )

    n_participants: int = Field(4, ge=1, le=4096, description="participants of a batch, P")
    n_windows: int = Field(8, ge=2, le=4096, description="windows of each in a batch, K; half with seizure")
    steps: int | None = Field(
        None, ge=1, description="steps of an epoch; null: until as many windows were drawn as there are"
    )
    measured_windows: int = Field(
        512, ge=16, description="windows of training and of validation participants measured per epoch, most"
    )
    batch_size: int = Field(16, ge=1, description="windows embedded at a time where nothing is trained")
    loop: LoopOptions = Field(
        default_factory=lambda: LoopOptions.model_validate({}),
        description="the training loop; its batch_size is P x K here",
    )

    @model_validator(mode="after")
    def _stages_need_labels(self) -> EmbedOptions:
        if self.stages != "single" and self.loss.objective not in BY_LABEL:
            raise ValueError(
                f"stages={self.stages} tells windows apart by whose they are and what they show, which "
                f"loss.objective={self.loss.objective} does not look at: take {', '.join(BY_LABEL)}"
            )
        return self

    @property
    def uses_labels(self) -> bool:
        """Whether seizure windows belong together in the objective of the only, or last, stage."""
        by_label = self.loss.objective in BY_LABEL
        return by_label and (self.stages != "single" or self.loss.positives == "label")
