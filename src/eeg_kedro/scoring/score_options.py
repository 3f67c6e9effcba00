"""Options of scoring: what is tried on validation, and how sure one wants to be."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from eeg_kedro.scoring.post_processing import PostProcessing

EVENT_F1 = "event_f1"


class TuneOptions(BaseModel):
    """The grid of post-processing that is tried on the validation participants: every combination."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criterion: Literal["macro", "micro"] = Field(
        "macro", description="mean over participants, or of all events together: what is made largest"
    )
    thresholds: tuple[float, ...] = Field(
        (0.1, 0.3, 0.5, 0.7, 0.9, 0.97), description="probabilities, (0, 1]"
    )
    quantiles: tuple[float, ...] = Field(
        (0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999),
        description="thresholds that so large a share of a model's own validation seconds lies below, (0, 1)",
    )
    low_shares: tuple[float, ...] = Field(
        (1.0, 0.6), description="low_threshold as a share of threshold, (0, 1]; 1: no hysteresis"
    )
    opening_seconds: tuple[float, ...] = Field((0.0,), description="s, [0, 600]")
    closing_seconds: tuple[float, ...] = Field((0.0, 5.0), description="s, [0, 600]")
    minimum_seconds: tuple[float, ...] = Field((0.0, 5.0, 10.0), description="s, [0, 600]")
    merge_seconds: tuple[float, ...] = Field((0.0,), description="s, [0, 600]")
    fa_limits: tuple[float, ...] = Field(
        (1.0, 2.5, 5.0, 10.0), description="false alarms per 24 h below which the sensitivity is told"
    )

    @field_validator("thresholds", "low_shares")
    @classmethod
    def _shares(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        return _inside(values, 0, 1, "(0, 1]")

    @field_validator("quantiles")
    @classmethod
    def _open_shares(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if any(not 0 < value < 1 for value in values):
            raise ValueError(f"every value must lie in (0, 1), found {values}")
        return values

    @field_validator("opening_seconds", "closing_seconds", "minimum_seconds", "merge_seconds")
    @classmethod
    def _seconds(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if not values or any(not 0 <= value <= 600 for value in values):
            raise ValueError(f"one value or more, each in [0, 600] s, found {values}")
        return values

    @field_validator("fa_limits")
    @classmethod
    def _limits(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if any(not 0 < value <= 1e5 for value in values) or len({*values}) < len(values):
            raise ValueError(f"false alarms per 24 h, above 0 and each once, found {values}")
        return values

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the operating points: ``event_f1``, then ``fa_1`` and so on."""
        return (EVENT_F1, *map(target_of, self.fa_limits))


class ScoreOptions(BaseModel):
    """Options of tuning, scoring and of the verdict."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tuning: TuneOptions = Field(
        default_factory=lambda: TuneOptions.model_validate({}), description="what is tried on validation"
    )
    default: PostProcessing = Field(
        default_factory=lambda: PostProcessing.model_validate({}),
        description="what is taken where validation cannot tell, and for models that are constant",
    )
    bootstrap: int = Field(2000, ge=100, le=100_000, description="resamples of the participants")
    seed: int = Field(0, ge=0, description="of the resamples")
    calibration_bins: int = Field(10, ge=2, le=1000, description="equal parts of [0, 1]")
    least_participants: int = Field(
        3, ge=2, description="with seizures; with fewer, whether pretraining helped cannot be told"
    )


def target_of(limit: float) -> str:
    """Return the name of the operating point with at most so many false alarms per 24 h."""
    return f"fa_{limit:g}"


def _inside(values: tuple[float, ...], low: float, high: float, allowed: str) -> tuple[float, ...]:
    if not values or any(not low < value <= high for value in values):
        raise ValueError(f"one value or more, each in {allowed}, found {values}")
    return values
