"""Which baselines there are, and their options."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

BaselineKind = Literal["always_off", "always_on", "line_length", "band_power"]

# the probability that those who learn nothing give to every second
CONSTANT = MappingProxyType({"always_off": 0.0, "always_on": 1.0})


class BaselineOptions(BaseModel):
    """Options of the baselines: what a second is judged by, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin_seconds: int = Field(
        2, ge=1, le=30, description="seconds before and behind a second that it is judged by as well, s"
    )
    frame_seconds: float = Field(
        2.0, ge=0.5, le=10, description="band_power: length of a spectrum, one begins with each second, s"
    )
    inverse_penalty: float = Field(
        1.0, gt=0, le=1e6, description="C of the logistic regression: the larger, the freer the weights"
    )
    most_seconds: int = Field(
        1_000_000, ge=1_000, description="seconds fitted on, at most; whole windows are drawn with the seed"
    )
    block_seconds: int = Field(
        600, ge=10, le=86_400, description="seconds of a recording in memory at a time, s"
    )
