"""What the user may choose about reading a corpus."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LayoutName = Literal[
    "auto", "tusz", "chbmit", "siena", "seizeit", "bids", "helsinki", "hms", "muse", "openbci", "csv", "flat"
]
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
    edf_annotations: Literal["auto", "ignore", "require"] = Field(
        "auto",
        description="annotations inside EDF+ and BDF+ files: auto (used where no annotation file speaks of the "
        "recording and every text is a declared label, else held against it or counted), ignore, or require "
        "(a text that is no declared label is an error)",
    )
    annotation_conflict: Literal["error", "first"] = Field(
        "error",
        description="two annotation files of one recording that disagree: an error, or the first is used and the "
        "report says so",
    )
    consensus: Literal["majority", "unanimous", "any"] = Field(
        "majority", description="Helsinki: how many of the experts must have marked a second as seizure"
    )
    shortest_segment: float = Field(
        1.0,
        ge=0,
        le=3600,
        description="s; of a file with gaps, parts shorter than this are left out and named",
    )
    channel_names: dict[str, str] = Field(
        default_factory=dict,
        description="names of your own for channels, as {LABEL: NAME}, e.g. {EXG Channel 0: FP1}",
    )
    temporal_names: Literal["as_recorded", "T3", "T7"] = Field(
        "as_recorded",
        description="what the temporal electrodes are called: as recorded, T3 T4 T5 T6, or T7 T8 P7 P8",
    )
    keep_sex: bool = Field(
        False, description="whether the inventory says female or male where the corpus does"
    )
    keep_age_band: bool = Field(
        False,
        description="whether the inventory says the age band where the corpus does; never an age or a date",
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
