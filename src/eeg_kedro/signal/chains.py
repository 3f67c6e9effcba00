"""Which differences of channels make the rows of a spectrogram: the four chains, the double banana, channels.

The chains are those of the HMS files: LL and RL run over the temples, LP and RP beside the midline, left and
right. Pairs of a bipolar recording are taken as they are, in either direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eeg_kedro.signal.electrodes import DOUBLE_BANANA, OLD_NAMES

ChainMontage = Literal["hms_chains", "double_banana", "channels"]

# columns in the order of the HMS files, each an average of four pairs
HMS_STEP = 0.1953125  # Hz: 200 Hz over 1024 points
HMS_CHAINS = {
    "LL": DOUBLE_BANANA[0:4],
    "RL": DOUBLE_BANANA[4:8],
    "LP": DOUBLE_BANANA[8:12],
    "RP": DOUBLE_BANANA[12:16],
}


@dataclass(frozen=True)
class Chain:
    """The pairs whose powers are averaged.

    Attributes
    ----------
    name : str
        Beginning of the column names.
    pairs : tuple of (int, int or None)
        Rows of the recording whose difference is taken; one row alone where it is recorded as a pair.
    missing : tuple of str
        Pairs that the recording cannot give.
    """

    name: str
    pairs: tuple[tuple[int, int | None], ...]
    missing: tuple[str, ...]


def plan_chains(names: Sequence[str], montage: ChainMontage) -> tuple[Chain, ...]:
    """Find the rows of each chain, in the naming T3, T5 or T7, P7 alike.

    Parameters
    ----------
    names : sequence of str
        Channels of the recording, upper case.
    montage : {"hms_chains", "double_banana", "channels"}
        What the chains are.

    Returns
    -------
    tuple of Chain
        All of the montage; those without any pair have no pairs and name what is missing.
    """
    if montage == "channels":
        return tuple(Chain(name, ((row, None),), ()) for row, name in enumerate(names))
    rows = {_old_name(name): row for row, name in reversed([*enumerate(names)])}
    wanted = HMS_CHAINS if montage == "hms_chains" else {pair: (pair,) for pair in DOUBLE_BANANA}
    return tuple(_chain(name, pairs, rows) for name, pairs in wanted.items())


def _chain(name: str, pairs: Sequence[str], rows: dict[str, int]) -> Chain:
    found = {pair: _rows_of(pair, rows) for pair in pairs}
    return Chain(
        name,
        tuple(place for place in found.values() if place is not None),
        tuple(pair for pair, place in found.items() if place is None),
    )


def _rows_of(pair: str, rows: dict[str, int]) -> tuple[int, int | None] | None:
    first, _, second = pair.partition("-")
    recorded = rows.get(pair, rows.get(f"{second}-{first}"))
    if recorded is not None:
        return recorded, None
    if first in rows and second in rows:
        return rows[first], rows[second]
    return None


def _old_name(name: str) -> str:
    return "-".join(OLD_NAMES.get(part, part) for part in name.split("-"))
