"""What may be chosen about a synthetic corpus."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Layout = Literal["tusz", "chbmit", "bids", "csv"]
LAYOUTS: tuple[Layout, ...] = ("tusz", "chbmit", "bids", "csv")


class FabricateOptions(BaseModel):
    """Size and content of the synthetic corpora; every layout gets its own participants."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layouts: tuple[Layout, ...] = Field(LAYOUTS, min_length=1, description="which corpora to write")
    participants: int = Field(6, ge=1, le=99, description="participants per layout")
    runs: int = Field(2, ge=1, le=99, description="recordings per participant")
    minutes: float = Field(6.0, ge=1.0, le=1440.0, description="length of each recording, minutes")
    seizure_rate: float = Field(
        10.0, ge=0.0, le=30.0, description="mean seizures per hour of a person with epilepsy"
    )
    tusz_sfreqs: tuple[Annotated[int, Field(ge=200, le=1000, multiple_of=2)], ...] = Field(
        (250, 256, 400, 512), min_length=1, description="rates of the tusz layout in turn, even Hz"
    )
    seed: int = Field(0, ge=0, description="everything random comes from it")

    @property
    def seconds(self) -> int:
        """Length of a recording in whole seconds (EDF data records last one second)."""
        return round(self.minutes * 60)

    def person_seed(self, layout: Layout, number: int) -> tuple[int, ...]:
        """Give the seed of a participant, whatever the size of the corpus."""
        return (self.seed, LAYOUTS.index(layout), number)

    def run_seed(self, layout: Layout, number: int, run: int) -> tuple[int, ...]:
        """Give the seed of a recording, whatever the size of the corpus."""
        return (self.seed, LAYOUTS.index(layout), number, 10, run)
