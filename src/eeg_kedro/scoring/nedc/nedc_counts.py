"""Counts that know the background as a label of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eeg_kedro.scoring.counts import Counts


@dataclass(frozen=True)
class NedcCounts(Counts):
    """What a NEDC method counted for the seizure label.

    Attributes
    ----------
    tn : float
        Hits of the background label.
    alarms_per_fp : float
        False alarms that one false positive is in the rate per 24 hours: an epoch counts by its 0.25 s.
    """

    tn: float = math.nan
    alarms_per_fp: float = 1.0

    @property
    def alarms(self) -> float:
        """False alarms as NEDC's rate per 24 hours counts them."""
        return self.fp * self.alarms_per_fp


def kappa(counts: NedcCounts) -> float:
    """Return how far reference and detection agree beyond chance, from the counts of epochs (NEDC's IRA).

    Cohen, "A coefficient of agreement for nominal scales" (1960). NaN where both hold one label only.
    """
    total = counts.tp + counts.fp + counts.fn + counts.tn
    seizure = (counts.tp + counts.fn) * (counts.tp + counts.fp)
    background = (counts.tn + counts.fp) * (counts.tn + counts.fn)
    by_chance = (seizure + background) / total**2 if total else 1.0
    return math.nan if by_chance == 1 else ((counts.tp + counts.tn) / total - by_chance) / (1 - by_chance)
