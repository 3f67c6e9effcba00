"""Options of pretraining, and the two presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.training.loop_options import LoopOptions

# what a null in the parameters stands for; `seed` is what the notes of seed 001 describe
PRESETS: dict[str, dict[str, Any]] = {
    "default": {
        "token_length": 256,
        "max_tokens": 1024,
        "mask_shape": "block",
        "encoder": {"direction": "alternate", "mask_fill": "token"},
    },
    "seed": {
        "token_length": 2048,
        "max_tokens": 1024,
        "mask_shape": "random",
        "encoder": {"direction": "causal", "mask_fill": "zeros"},
    },
}


class ScaleOptions(BaseModel):
    """How microvolts become the numbers a model sees; never by a statistic of the sample itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["microvolts", "robust"] = Field(
        "microvolts",
        description="one constant, or median and IQR per channel pooled over training recordings",
    )
    microvolts: float = Field(50.0, gt=0, le=1e6, description="microvolts per unit (kind=microvolts)")


class GateOptions(BaseModel):
    """What is measured after training to tell whether the signal was learned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_sequences: int = Field(256, ge=1, description="sequences of unseen participants looked at, at most")
    control_steps: int = Field(
        20, ge=0, description="steps of the control: all masked, encodings off; 0: none"
    )
    control_tolerance: float = Field(0.02, ge=0, le=1, description="gain over zero that the control may show")


class PretrainOptions(BaseModel):
    """Options of the pipeline ``pretrain``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Literal["default", "seed"] = Field("default", description="what a null below stands for")
    tag: str = Field("", pattern=r"^[A-Za-z0-9.-]*$", description="appended to the model's name")
    resume: Literal["auto", "never"] = Field(
        "auto", description="go on from the last checkpoint, or start over"
    )
    seed: int = Field(0, ge=0, description="weights, order, masks and dropout")

    token_length: int = Field(256, ge=2, le=65536, description="samples of a token")
    max_tokens: int = Field(1024, ge=2, description="tokens of a sequence; longer recordings give several")
    ch_names: tuple[str, ...] | None = Field(None, description="channels; null: all")
    electrode_file: str | None = Field(
        None, description="ASA .elc file of electrode positions; null: MNE's 10-05"
    )
    include_interpolated: bool = Field(False, description="whether channels made from their neighbours count")
    min_quality: float = Field(0.0, ge=0, le=1, description="tokens below it are hidden from model and loss")
    use_test_participants: bool = Field(
        False, description="train on test participants too: only where none is tested"
    )
    scale: ScaleOptions = Field(
        default_factory=lambda: ScaleOptions.model_validate({}), description="from microvolts to units"
    )

    masking_style: Literal["mae", "bert"] = Field("mae", description="mae hides all masked; bert 80/10/10")
    mask_ratio: float = Field(0.4, gt=0, lt=1, description="share of tokens masked; 0.2 to 0.8 make sense")
    mask_shape: Literal["random", "block"] = Field("block", description="single tokens, or stretches")
    block_tokens: int = Field(4, ge=1, description="tokens of a stretch (mask_shape=block)")
    mask_sharing: Literal["none", "neighbours", "all"] = Field(
        "neighbours", description="channels of one run that share a mask"
    )
    target: Literal["raw", "lowpass", "spectral"] = Field("raw", description="what is reconstructed")
    lowpass_hz: float = Field(12.0, gt=0, description="edge of target=lowpass, Hz")

    encoder: EncoderOptions = Field(
        default_factory=lambda: EncoderOptions.model_validate({}), description="the encoder"
    )
    loop: LoopOptions = Field(
        default_factory=lambda: LoopOptions.model_validate({}), description="the training loop"
    )
    nproc: int = Field(1, ge=1, le=256, description="processes on this machine")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: CUDA where there is one")
    cache_megabytes: float = Field(512.0, ge=0, description="decoded windows kept per process")
    gates: GateOptions = Field(
        default_factory=lambda: GateOptions.model_validate({}), description="what is measured after training"
    )

    @field_validator("ch_names", mode="before")
    @classmethod
    def _split_names(cls, names: Any) -> Any:
        """Take names with spaces between: on the command line a comma would begin the next parameter."""
        return tuple(names.split()) if isinstance(names, str) else names

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        name = values.get("preset", "default")
        if name not in PRESETS:  # or every null would be refused as well
            raise ValueError(f"preset should be one of {', '.join(PRESETS)}, and is {name!r}")
        return _filled(values, PRESETS[name])


def _filled(values: Mapping[str, Any], preset: Mapping[str, Any]) -> dict[str, Any]:
    """Put the preset's value where there is none, in blocks too."""
    found = dict(values)
    for name, value in preset.items():
        if isinstance(value, Mapping):
            inner = found.get(name) or {}
            found[name] = _filled(inner, value) if isinstance(inner, Mapping) else inner
        elif found.get(name) is None:
            found[name] = value
    return found
