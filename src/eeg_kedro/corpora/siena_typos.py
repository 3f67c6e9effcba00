"""Typos of Siena's published lists that no rule can decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Typo(NamedTuple):
    """What one line of the published lists says, and what it must mean."""

    written: str
    meant: str
    because: str


# Only what no rule can decide. Each holds for exactly this text in this line; (recording, field): typo.
# Found in the version 1.0.0 by those who published readers (esl-epfl/epilepsy2bids and others).
KNOWN_TYPOS: Mapping[tuple[str, str], Typo] = {
    ("PN00-3", "seizure end"): Typo(
        "19.29.29",
        "18.29.29",
        "the recording ends at 18.57.13, and its EEG shows a seizure of one minute",
    ),
    ("PN10-2", "seizure end"): Typo(
        "11.41.04 opure 11.40.43", "11.41.04", "of two ends, 'one or the other', the later loses no seizure"
    ),
}
# where there is an EDF file its own start and length decide this one
ABSENT_TYPOS: Mapping[tuple[str, str], Typo] = {
    ("PN14-3", "registration start"): Typo(
        "16.17.45", "19.17.45", "the EDF file of version 1.0.0 begins then, and ends at the end given here"
    ),
}
