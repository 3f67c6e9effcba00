"""Options of the encoder: its backbone, width, depth and direction."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Backbone = Literal["mamba2", "transformer"]
Direction = Literal["causal", "alternate", "bidirectional"]
Backend = Literal["auto", "torch", "mamba_ssm"]
MaskFill = Literal["zeros", "token"]


class EncoderOptions(BaseModel):
    """Options of the encoder; the same words in the checkpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbone: Backbone = Field("mamba2", description="mamba2 | transformer, with real position encodings")
    direction: Direction = Field("alternate", description="causal | alternate | bidirectional")
    d_model: int = Field(128, ge=4, le=4096, description="width")
    n_layers: int = Field(6, ge=1, le=96, description="residual blocks")
    d_state: int = Field(128, ge=1, le=1024, description="states per head (mamba2)")
    d_conv: int = Field(4, ge=1, le=16, description="taps of the convolution, tokens (mamba2)")
    expand: int = Field(
        2, ge=1, le=8, description="inner width in multiples of d_model; of the feed-forward in a transformer"
    )
    headdim: int = Field(64, ge=1, le=1024, description="width of a head (mamba2)")
    n_heads: int = Field(4, ge=1, le=64, description="attention heads (transformer)")
    dropout: float = Field(0.0, ge=0, lt=1, description="of each block's output")
    mask_fill: MaskFill = Field("token", description="what a hidden token becomes: zeros | token (learned)")
    spatial_encoding: bool = Field(True, description="whether the electrode's place is told")
    temporal_encoding: bool = Field(True, description="whether the token's place t/T is told")
    backend: Backend = Field("auto", description="auto | torch | mamba_ssm: who computes the scan")

    def effective(self) -> dict[str, Any]:
        """Return as JSON what decides what is computed: without who computes it, or options of the other backbone."""
        idle = {"n_heads"} if self.backbone == "mamba2" else {"d_state", "d_conv", "headdim"}
        return self.model_dump(mode="json", exclude={"backend", *idle})

    @model_validator(mode="after")
    def _divides(self) -> EncoderOptions:
        if self.backbone == "mamba2" and self.expand * self.d_model % self.headdim:
            raise ValueError(
                f"headdim={self.headdim} does not divide expand * d_model={self.expand * self.d_model}"
            )
        if self.backbone == "transformer" and self.d_model % self.n_heads:
            raise ValueError(f"n_heads={self.n_heads} does not divide d_model={self.d_model}")
        return self
