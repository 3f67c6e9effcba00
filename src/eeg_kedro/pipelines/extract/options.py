"""All options of ``extract``; each part stands beside the function it configures."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.sampling.segments import SegmentOptions
from eeg_kedro.signal.features import FeatureOptions
from eeg_kedro.signal.spectrograms import SpectrogramOptions


class ExtractOptions(BaseModel):
    """What is extracted from the cleaned signal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: FeatureOptions = Field(
        default_factory=lambda: FeatureOptions.model_validate({}), description="feat_window_features"
    )
    spectrograms: SpectrogramOptions = Field(
        default_factory=lambda: SpectrogramOptions.model_validate({}), description="feat_spectrograms"
    )
    segments: SegmentOptions = Field(
        default_factory=lambda: SegmentOptions.model_validate({}), description="feat_segments"
    )
