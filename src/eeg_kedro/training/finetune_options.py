"""Options of the pipeline ``finetune``: which detectors are compared, and how each is trained."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from eeg_kedro.training.augment_options import AugmentOptions
from eeg_kedro.training.baselines.options import BaselineOptions
from eeg_kedro.training.loop_options import LoopOptions
from eeg_kedro.training.participant_options import ParticipantOptions

Variant = Literal["pretrained", "scratch", "eegnet", "band_power", "line_length", "always_on", "always_off"]
NETWORKS: tuple[Variant, ...] = ("pretrained", "scratch", "eegnet")  # in the order of training
NEED_ENCODER = ("pretrained", "scratch")  # their shape is that of a pretrained model
Head = Literal["dense", "window", "six_class"]

# a window is seen by its label per token, so nothing may move in time; who is left out of a step costs nothing
AUGMENT: dict[str, Any] = {
    "amplitude": 0.5,
    "flip": 0.5,
    "channel_dropout": 0.5,
    "shift_seconds": 0.0,
    "noise": 0.0,
    "bandstop_share": 0.0,
}


class EegNetOptions(BaseModel):
    """Shape of EEGNet (Lawhern 2018), as the baseline that others publish."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    f1: int = Field(8, ge=1, le=256, description="temporal filters")
    depth: int = Field(2, ge=1, le=16, description="spatial filters of each temporal one")
    f2: int = Field(16, ge=1, le=1024, description="pointwise filters")
    dropout: float = Field(0.25, ge=0, lt=1, description="of both blocks")
    context_seconds: float = Field(8.0, gt=0, le=60, description="s around a token that it looks at")


class PredictOptions(BaseModel):
    """How whole recordings are predicted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stride_share: float = Field(
        0.5, gt=0, le=1, description="distance of two windows as a share of their length; 1: no overlap"
    )
    batch_size: int = Field(8, ge=1, le=4096, description="windows in memory at a time")


class FinetuneOptions(BaseModel):
    """Options of the pipeline ``finetune``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pretrained: str | None = Field(
        None, description="name of the pretrained model; null: the one that params:pretrain describe"
    )
    tag: str = Field("", pattern=r"^[A-Za-z0-9.-]*$", description="appended to the models' names")
    resume: Literal["auto", "never"] = Field(
        "auto", description="go on from the last checkpoints, or start over"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: CUDA where there is one")
    seeds: tuple[int, ...] = Field((0, 1, 2), min_length=1, description="each network is trained with each")
    models: tuple[Variant, ...] = Field(
        (*NETWORKS, "band_power", "line_length", "always_on", "always_off"),
        min_length=1,
        description="what is compared; at least one of pretrained, scratch, eegnet",
    )

    head: Head = Field("dense", description="dense: a probability per token; window: one; six_class")
    hidden: int = Field(64, ge=1, le=4096, description="width within the head")
    spectral_width: int = Field(
        32, ge=0, le=1024, description="width of a spectral branch beside the encoder; 0: no such branch"
    )
    freeze_backbone: bool = Field(False, description="pretrained: train the head only")
    unfreeze_epochs: int = Field(
        0, ge=0, description="pretrained: one more layer from the top every so many epochs; 0: all at once"
    )
    layer_decay: float = Field(
        0.9, gt=0, le=1, description="pretrained: rate of each layer as a share of the one above"
    )
    backbone_rate: float = Field(
        0.5, gt=0, le=1, description="pretrained: rate of the top layer as a share of loop.lr"
    )
    eegnet: EegNetOptions = Field(
        default_factory=lambda: EegNetOptions.model_validate({}), description="the published baseline"
    )

    loss_weight: Literal["none", "prior"] = Field(
        "none", description="prior: seizure weighs as much as the rest; not on balanced windows"
    )
    allow_double_correction: bool = Field(False, description="loss_weight on balanced windows all the same")
    augment: AugmentOptions = Field(
        default_factory=lambda: AugmentOptions.model_validate(AUGMENT),
        description="what varies in training windows; EEGNet keeps all its channels",
    )
    redraw: bool = Field(
        True, description="other windows without (and full of) seizure in each epoch, from prm_windows"
    )
    validation_windows: int = Field(
        2048, ge=1, description="windows of validation participants judged after each epoch, at most"
    )
    cache_megabytes: float = Field(512.0, ge=0, description="decoded windows kept in memory")
    loop: LoopOptions = Field(
        default_factory=lambda: LoopOptions.model_validate({}), description="the training loop"
    )
    predict: PredictOptions = Field(
        default_factory=lambda: PredictOptions.model_validate({}), description="whole recordings"
    )
    baselines: BaselineOptions = Field(
        default_factory=lambda: BaselineOptions.model_validate({}), description="band_power and line_length"
    )
    participant: ParticipantOptions = Field(
        default_factory=lambda: ParticipantOptions.model_validate({}),
        description="the participant head, where there is a table of labels",
    )

    @field_validator("seeds")
    @classmethod
    def _seeds(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if min(seeds) < 0 or len({*seeds}) < len(seeds):
            raise ValueError(f"whole numbers from 0, each once, found {seeds}")
        return seeds

    @field_validator("augment", mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        """Let what is not given be as here, not as in `embed`."""
        return AUGMENT | values if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _fits_together(self) -> FinetuneOptions:
        if len({*self.models}) < len(self.models):
            raise ValueError(f"models: each once, found {', '.join(self.models)}")
        if not self.networks:
            raise ValueError(f"models: at least one of {', '.join(NETWORKS)}")
        if self.augment.shift_seconds:
            raise ValueError("augment.shift_seconds would move the signal away from its labels: it must be 0")
        if self.freeze_backbone and self.unfreeze_epochs:
            raise ValueError(
                "freeze_backbone keeps the encoder as it is, unfreeze_epochs trains it: take one of them"
            )
        return self

    @property
    def networks(self) -> tuple[Variant, ...]:
        """What is trained by the loop, in that order."""
        return tuple(name for name in self.models if name in NETWORKS)

    @property
    def needs_encoder(self) -> bool:
        """Whether a pretrained model must be there."""
        return any(name in NEED_ENCODER for name in self.models)
