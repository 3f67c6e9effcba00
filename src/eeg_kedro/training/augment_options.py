"""Options of the augmentations: how far a second view of a window may differ from the first."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class AugmentOptions(BaseModel):
    """Options of `eeg_kedro.training.augmentations.augment`; 0 turns an augmentation off.

    They are applied in the order of the fields.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    bandstop_share: float = Field(
        0.5, ge=0, le=1, description="share of windows that lose a band of frequencies"
    )
    bandstop_hz: float = Field(2.0, ge=0, le=20, description="width of that band, Hz")
    bandstop_lowest_hz: float = Field(1.0, ge=0, le=500, description="where the lowest band begins, Hz")
    bandstop_highest_hz: float = Field(45.0, gt=0, le=500, description="where the highest band ends, Hz")
    flip: float = Field(
        0.5, ge=0, le=1, description="share of windows whose left and right electrodes are swapped, by name"
    )
    amplitude: float = Field(
        0.2, ge=0, le=2, description="all channels times exp(u), u even in +- this, one u per window"
    )
    shift_seconds: float = Field(
        1.0, ge=0, le=30, description="moved by up to this to either side, s; zeros come in, nothing wraps"
    )
    channel_dropout: float = Field(
        0.1, ge=0, lt=1, description="chance of each channel to be absent; one stays"
    )
    noise: float = Field(
        0.05, ge=0, le=10, description="white noise, in multiples of the channel's robust spread (1.48 x MAD)"
    )

    @model_validator(mode="after")
    def _has_room(self) -> AugmentOptions:
        room = self.bandstop_highest_hz - self.bandstop_lowest_hz
        if self.bandstop_share and self.bandstop_hz > room:
            raise ValueError(
                f"bandstop_hz={self.bandstop_hz:g} does not fit between {self.bandstop_lowest_hz:g} and "
                f"{self.bandstop_highest_hz:g} Hz"
            )
        return self
