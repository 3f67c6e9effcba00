"""Options of the pipeline ``report``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.scoring.map_options import MapOptions


class ReportOptions(BaseModel):
    """How much is shown; nothing here changes a score."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    maps: MapOptions = Field(
        default_factory=lambda: MapOptions.model_validate({}), description="maps of the embeddings"
    )
    most_runs: int = Field(
        default=12, ge=1, le=200, description="recordings on the timeline; those with most errors come first"
    )
