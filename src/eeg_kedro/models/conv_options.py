"""Options of the convolutional encoder."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator


class ConvOptions(BaseModel):
    """Options of the convolutional encoder; the same words in the checkpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: int = Field(64, ge=4, le=1024, description="numbers per token; the first blocks have less")
    n_blocks: int = Field(4, ge=1, le=12, description="residual blocks, each on fewer steps")
    kernel: int = Field(7, ge=3, le=63, description="taps of a convolution, steps; odd")
    dropout: float = Field(0.0, ge=0, lt=1, description="inside each block")

    @field_validator("kernel")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"kernel={value} is even: a convolution could not be centered")
        return value
