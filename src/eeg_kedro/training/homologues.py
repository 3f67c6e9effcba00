"""Which channel lies where another would, if left and right of the head were swapped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from eeg_kedro.signal.channel_names import clean_channel_name
from eeg_kedro.signal.electrodes import ELECTRODES, NEW_NAMES

_SITE = re.compile(r"(\D+)(\d+)(H?)")


class Homologue(NamedTuple):
    """The channel that gives its samples to another when a window is flipped, and their sign."""

    row: int
    sign: float


def find_homologues(ch_names: Sequence[str]) -> list[Homologue | None]:
    """Find for each channel the one on the other side of the head.

    Odd numbers are left, even ones right: ``FP1`` and ``FP2``, ``T3`` and ``T4`` or, in a recording that mixes old
    and new names, ``T8``. Of pairs both electrodes are swapped: ``FP1-F7`` and ``FP2-F8``. A pair recorded the other
    way round on the other side (``A1-T3``, ``T4-A2``) gives its samples with the sign turned, and so does a pair
    that crosses the midline (``C3-C4``) to itself. The midline is its own homologue.

    Parameters
    ----------
    ch_names : sequence of str
        Electrodes and pairs of them.

    Returns
    -------
    list of (int, float) or None
        Per channel; None where the other side was not recorded, or the channel is no known place.
    """
    rows: dict[str, int] = {}
    for row, name in enumerate(ch_names):
        rows.setdefault(_new_name(name), row)
    exact = {clean_channel_name(name): row for row, name in reversed([*enumerate(ch_names)])}
    return [_find(clean_channel_name(name), exact, rows) for name in ch_names]


def _find(name: str, exact: dict[str, int], rows: dict[str, int]) -> Homologue | None:
    parts = name.split("-")
    if len(parts) > 2 or not all(part in ELECTRODES for part in parts):
        return None
    mirrored = [_mirror(part) for part in parts]
    for ends, sign in ((mirrored, 1.0), (mirrored[::-1], -1.0)):
        there = "-".join(ends)
        row = exact.get(there, rows.get(_new_name(there)))
        if row is not None:
            return Homologue(row, sign)
    return None


def _mirror(electrode: str) -> str:
    """Name the electrode on the other side; the midline has letters only (``CZ``)."""
    site = _SITE.fullmatch(electrode)
    if site is None:
        return electrode
    number = int(site[2])
    return f"{site[1]}{number + 1 if number % 2 else number - 1}{site[3]}"


def _new_name(name: str) -> str:
    return "-".join(NEW_NAMES.get(part, part) for part in clean_channel_name(name).split("-"))
