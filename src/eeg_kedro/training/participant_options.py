"""Options of fine-tuning on one label per participant, such as remission (seed 001)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.training.loop_options import LoopOptions

# a person is one item of a batch, and there are few of them: many epochs of a few steps each
LOOP: dict[str, Any] = {"epochs": 50, "batch_size": 8, "lr": 3e-4, "patience": 10, "warmup_share": 0.1}


class ParticipantOptions(BaseModel):
    """Options of `eeg_kedro.training.participant_finetuning`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str = Field(
        "", pattern=r"^[A-Za-z0-9.-]*$", description="what is predicted, such as remission; in the name"
    )
    resume: Literal["auto", "never"] = Field(
        "auto", description="go on from the last checkpoints, or start over"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: CUDA where there is one")
    seeds: tuple[int, ...] = Field((0, 1, 2), min_length=1, description="one model with each")

    positive: str | None = Field(
        None, description="the label that the probability is of; null: 1, yes or true where labels are such"
    )
    allow_unknown: bool = Field(
        False, description="whether the table may name participants that were not recorded"
    )

    freeze_backbone: bool = Field(True, description="train the head only, on features made once")
    backbone_rate: float = Field(
        0.1, gt=0, le=1, description="rate of the encoder as a share of loop.lr, where it is trained"
    )
    hidden: int = Field(64, ge=1, le=4096, description="width of the attention over windows")
    n_windows: int = Field(32, ge=1, description="windows of a participant in one step, drawn anew each time")
    most_windows: int = Field(
        128, ge=1, description="windows of a participant that are used at all, evenly spread over them"
    )
    encode_windows: int = Field(8, ge=1, le=4096, description="windows that pass the encoder together")
    loop: LoopOptions = Field(
        default_factory=lambda: LoopOptions.model_validate(LOOP), description="the training loop"
    )
