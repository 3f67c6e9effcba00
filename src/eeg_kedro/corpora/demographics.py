"""Sex and age band of participants, where the user asks for them: nothing else about a person leaves `io`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.outcome import Outcome


class Demographics(NamedTuple):
    """What may be told of a participant; empty where nobody asked or nobody knows."""

    sex: str = ""
    age_band: str = ""


def describe_participants(
    listing: FolderListing, layout: str, outcomes: Sequence[Outcome], options: IngestOptions
) -> Mapping[str, Demographics]:
    """Find sex and age band of every participant of a corpus, as far as the user wants to know them."""
    return {}
