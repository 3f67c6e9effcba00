"""Options of the maps: how many points are shown, and what a neighbour is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class MapOptions(BaseModel):
    """How embeddings become maps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_points: int = Field(
        3000, ge=4, le=20_000, description="windows on the map of all participants; more are sampled"
    )
    most_points_each: int = Field(
        500, ge=4, le=20_000, description="windows on the map of one participant; more are sampled"
    )
    most_participants: int = Field(
        12, ge=0, le=60, description="participants with a map of their own: unseen ones with seizures first"
    )
    fewest_points: int = Field(
        10, ge=4, le=1000, description="windows a participant needs for a map of its own"
    )
    metric: Literal["cosine", "euclidean"] = Field(
        "cosine", description="between embeddings; cosine looks at directions, as contrastive losses do"
    )
    n_neighbors: int = Field(
        15, ge=2, le=200, description="neighbours UMAP keeps together, the window itself among them"
    )
    min_dist: float = Field(
        0.1, ge=0, le=0.99, description="how close UMAP may put two windows, no unit; small clumps more"
    )
    n_epochs: int = Field(200, ge=10, le=5000, description="passes of UMAP over the pairs of neighbours")
    seed: int = Field(0, ge=0, lt=2**32, description="chooses the windows and UMAP's path")
