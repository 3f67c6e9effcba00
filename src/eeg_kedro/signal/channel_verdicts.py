"""What is known of raw channels, and what a judgement says about each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

KINDS = ("flat", "missing", "clipped", "deviation", "noise", "correlation", "ransac", "lof", "swing")


@dataclass(frozen=True)
class ChannelFacts:
    """What is known of raw channels, each array of shape (n_channels,).

    Attributes
    ----------
    ptp_uv : ndarray
        Largest minus smallest sample, microvolts; NaN if there is none.
    missing_share, clipped_share : ndarray
        Share of samples that are no numbers, and that stand at the end of the range, 0-1.
    swing_uv : ndarray, optional
        How far the level wanders, microvolts, from `eeg_kedro.signal.swings`, or NaN; without, loose ones whose
        swings the high-pass takes away are not found.
    """

    ptp_uv: NDArray[np.float64]
    missing_share: NDArray[np.float64]
    clipped_share: NDArray[np.float64]
    swing_uv: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class ChannelVerdict:
    """What is wrong with a channel.

    Attributes
    ----------
    name : str
        Channel.
    kinds : tuple of str
        Rules it fails, of `KINDS`; none if it is good.
    reason : str
        The same for people, with values and limits; empty if it is good.
    measures : dict of str to float
        All that was measured, finite.
    """

    name: str
    kinds: tuple[str, ...]
    reason: str
    measures: dict[str, float]

    @property
    def bad(self) -> bool:
        """Whether any rule fails."""
        return bool(self.kinds)


@dataclass
class Findings:
    """Measures and faults, channel by channel, while the rules are gone through."""

    names: Sequence[str]
    measures: list[dict[str, float]] = field(init=False)
    faults: list[dict[str, list[str]]] = field(init=False)

    def __post_init__(self) -> None:
        self.measures = [{} for _ in self.names]
        self.faults = [{} for _ in self.names]

    def note(self, measure: str, values: NDArray[np.floating], of: NDArray[np.bool_] | None = None) -> None:
        """Write a measure down, one value per channel of the mask ``of`` (default: all); finite ones only."""
        rows = np.arange(len(self.names)) if of is None else np.flatnonzero(of)
        for i, value in zip(rows, values, strict=True):
            if np.isfinite(value):
                self.measures[i][measure] = round(float(value), 4)

    def blame(self, i: int, kind: str, why: str) -> None:
        """Write a fault down."""
        self.faults[i].setdefault(kind, []).append(why)

    def free_of(self, *kinds: str) -> NDArray[np.bool_]:
        """Give the channels that have none of these faults, shape (n_channels,)."""
        return np.array([not set(kinds) & set(faults) for faults in self.faults], bool)

    def verdicts(self) -> tuple[ChannelVerdict, ...]:
        """Sum up, channel by channel."""
        return tuple(
            ChannelVerdict(
                name,
                tuple(kind for kind in KINDS if kind in faults),
                "; ".join(why for kind in KINDS for why in faults.get(kind, [])),
                measures,
            )
            for name, faults, measures in zip(self.names, self.faults, self.measures, strict=True)
        )
