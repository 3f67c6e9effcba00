"""Options of sampling: who is on which side, what is drawn from there, and how it is written."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.sampling.folds import FoldOptions
from eeg_kedro.sampling.splits import SplitOptions
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions


class BalanceOptions(BaseModel):
    """Options of the participant split, the folds, the balanced set and how it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    full_ratio: float = Field(0.3, ge=0, le=1000, description="full windows per partial window")
    none_ratio: float = Field(2.5, ge=0, le=1000, description="windows without seizure per partial window")
    min_quality: float = Field(
        0.0, ge=0, le=1, description="windows of a lower quality are not drawn; of unknown quality they are"
    )
    seed: int = Field(0, ge=0, description="chooses the windows")
    redraw: Literal["frozen", "per_epoch"] = Field(
        "frozen", description="per_epoch: training draws anew in every epoch; epoch 0 is the same either way"
    )
    stratify: Literal["none", "participant"] = Field(
        "none", description="participant: full and none windows in equal numbers from each participant"
    )
    max_participant_share: float = Field(
        1.0, gt=0, le=1, description="stratify=participant only: most of the partial windows one may hold"
    )
    hard_share: float = Field(
        0.5, ge=0, le=1, description="most of the none windows that input_hard_negatives may choose"
    )
    split: SplitOptions = Field(
        default_factory=lambda: SplitOptions.model_validate({}),
        description="who is in training, validation and test",
    )
    folds: FoldOptions = Field(
        default_factory=lambda: FoldOptions.model_validate({"kind": "none"}),
        description="cross-validation over persons",
    )
    materialise: MaterialiseOptions = Field(
        default_factory=lambda: MaterialiseOptions.model_validate({}),
        description="how the drawn windows are written for training",
    )

    @model_validator(mode="after")
    def _caps_only_if_stratified(self) -> BalanceOptions:
        if self.max_participant_share < 1 and self.stratify != "participant":
            raise ValueError(
                "max_participant_share below 1 needs stratify=participant: without it all partial windows are drawn"
            )
        return self
