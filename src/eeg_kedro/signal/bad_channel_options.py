"""When a channel is bad: the limits of `eeg_kedro.signal.bad_channels`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class BadChannelOptions(BaseModel):
    """When a channel is bad."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="judge channels; without, only flat and missing ones are found")
    missing_share: float = Field(
        0.1, ge=0, le=1, description="share of samples that are no numbers, beyond that of the best channel"
    )
    clipped_share: float = Field(
        0.01, ge=0, le=1, description="share of samples that stand at the end of the channel's range"
    )
    window_seconds: float = Field(5.0, ge=1, le=60, description="window in which channels are compared, s")
    most_windows: int = Field(360, ge=1, description="windows looked at, spread evenly over the excerpt")
    deviation_z: float = Field(
        5.0, gt=0, description="amplitude beyond the median channel's, robust standard deviations"
    )
    extreme_uv: float = Field(
        500.0, gt=0, description="amplitude in a second that no scalp EEG reaches, µV rms above 1 Hz"
    )
    extreme_share: float = Field(
        0.02, ge=0, le=1, description="share of such seconds that makes a channel bad"
    )
    swing_uv: float = Field(
        150.0, ge=0, description="swing of the raw level within 100 s, as of a loose electrode, µV"
    )
    swing_ratio: float = Field(
        3.0, ge=1, description="such a swing must also be so many times the median channel's"
    )
    noise_z: float = Field(
        5.0, gt=0, description="high frequencies beyond the median channel's, robust standard deviations"
    )
    correlation: float = Field(
        0.4,
        ge=0,
        le=1,
        description="mean of the two best correlations with others; half of it between pairs and below 14 electrodes",
    )
    shared: float = Field(
        0.7, ge=0, le=1, description="best correlations from which what is unusual is activity, not a fault"
    )
    bad_window_share: float = Field(
        0.4,
        ge=0,
        le=1,
        description="share of windows that must be below a limit of correlation, plus a standard error",
    )
    ransac: Literal["auto", "off"] = Field(
        "auto", description="predict electrodes from others where 14 or more have positions"
    )
    ransac_correlation: float = Field(0.4, ge=0, le=1, description="correlation with the prediction")
    ransac_windows: int = Field(32, ge=1, description="windows predicted, spread evenly")
    ransac_samples: int = Field(50, ge=1, le=1000, description="random subsets of electrodes")
    ransac_share: float = Field(0.25, gt=0, le=0.5, description="share of the electrodes in a subset")
    lof: float = Field(
        5.0, gt=1, description="local outlier factor, used where RANSAC is not; 1 is like the others"
    )
    max_bad_share: float = Field(
        0.5, ge=0, le=1, description="share of bad channels above which the recording itself is doubtful"
    )
    seed: int = Field(97, ge=0, description="seed of the random subsets")
