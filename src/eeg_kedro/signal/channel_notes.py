"""What became of every channel, in JSON values: of the recorded ones, or of the pairs that are stored instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eeg_kedro.signal.channel_verdicts import ChannelVerdict
from eeg_kedro.signal.derivation import Derivation
from eeg_kedro.signal.spatial import SpatialPlan

DIGITS = 6


def describe_channels(
    verdicts: Sequence[ChannelVerdict], plan: SpatialPlan, stored: Derivation, missing: Sequence[str]
) -> dict[str, Any]:
    """Tell of every channel whether it is bad, why, and what became of it.

    Parameters
    ----------
    verdicts : sequence of ChannelVerdict
        One per recorded channel.
    plan : SpatialPlan
        What became of the recorded channels.
    stored : Derivation
        Which channels come out.
    missing : sequence of str
        What the inventory says is missing.

    Returns
    -------
    dict
        ``missing_channels``, ``flat_channels``, ``bad_channels``, ``interpolated_channels``, ``masked_channels`` and
        ``channels``. Where pairs are stored all but ``flat_channels`` speak of pairs, and ``electrodes`` of what they
        are made of.
    """
    recorded = [_recorded(verdict, plan) for verdict in verdicts]
    channels = recorded
    if stored.matrix is not None:
        by_name = {entry["name"]: entry for entry in recorded}
        channels = [_pair(name, by_name, stored) for name in (*stored.names, *stored.masked)]
    told = {
        "missing_channels": list(missing)
        if stored.matrix is None
        else [name for name in stored.missing if name not in stored.masked],
        "flat_channels": [v.name for v in verdicts if "flat" in v.kinds],
        "bad_channels": [{"name": c["name"], "reason": c["reason"]} for c in channels if c["bad"]],
        "interpolated_channels": list(stored.interpolated),
        "masked_channels": list(stored.masked),
        "channels": channels,
    }
    return told if stored.matrix is None else told | {"electrodes": recorded}


def short(value: float | np.floating) -> float | None:
    """Give six digits, which is more than any of these numbers is worth; None for what is no number."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


def _recorded(verdict: ChannelVerdict, plan: SpatialPlan) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "bad": verdict.bad,
        "kinds": list(verdict.kinds),
        "reason": verdict.reason,
        "measures": {name: short(value) for name, value in verdict.measures.items()},
        "interpolated": verdict.name in plan.interpolated,
        "masked": verdict.name in plan.masked,
    }


def _pair(name: str, recorded: Mapping[str, Mapping[str, Any]], stored: Derivation) -> dict[str, Any]:
    """Tell of a pair what its electrodes say; one that was never recorded says nothing."""
    ends = [recorded[end] for end in name.split("-") if end in recorded]
    return {
        "name": name,
        "bad": any(end["bad"] for end in ends),
        "kinds": sorted({kind for end in ends for kind in end["kinds"]}),
        "reason": "; ".join(f"{end['name']}: {end['reason']}" for end in ends if end["reason"]),
        "measures": {},
        "interpolated": name in stored.interpolated,
        "masked": name in stored.masked,
    }
