"""What the user may choose about reading a corpus."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LayoutName = Literal["auto", "tusz", "chbmit", "bids", "flat", "csv"]
# everything before the last underscore is the participant; a name without one is a participant with one run
PARTICIPANT_PATTERN = r"^(?P<participant>.+?)(_(?P<run>[^_]+))?$"


def _names_participant(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if "participant" not in groups:
        raise ValueError("needs a group (?P<participant>...), and should have (?P<run>...)")
    return pattern


class CorpusOptions(BaseModel):
    """Which folder, in which layout."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    root: str = Field(description="folder of recordings; read, never written")
    layout: LayoutName = Field("auto", description="how the corpus lays out folders, names and labels")


class IngestOptions(BaseModel):
    """How files become recordings and events."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    participant_pattern: Annotated[str, AfterValidator(_names_participant)] = Field(
        PARTICIPANT_PATTERN,
        description="regular expression with the groups participant and run, for the layouts flat and csv; "
        "matched on the file name without suffix, or on the path below the root if it holds a slash",
    )
    extra_labels: dict[str, Literal["seizure", "background", "other"]] = Field(
        default_factory=dict, description="labels of your own and what they count as"
    )
    annotations_root: str = Field(
        "", description="another folder with annotation files, where they do not lie beside the recordings"
    )
    persons: dict[str, str] = Field(
        default_factory=dict,
        description="participants who are another participant's person, as {participant: person}; CHB-MIT 21 = 01 "
        "is known where cases are called chb01 and chb21",
    )
    unannotated: Literal["unknown", "background"] = Field(
        "unknown",
        description="what a recording without any annotation file is: unknown (its windows get no category), or "
        "background, where the corpus says that a missing file means no seizure",
    )
    csv_sfreq: float | None = Field(
        None, gt=0, le=100_000, description="Hz, for signal tables whose sidecar does not state it"
    )
    csv_unit: str | None = Field(
        None, description="uV, mV, V or nV, for signal tables whose sidecar does not state it"
    )
    max_failed: float = Field(
        0.0, ge=0, le=1, description="share of recordings that may fail before the run exits non-zero"
    )
