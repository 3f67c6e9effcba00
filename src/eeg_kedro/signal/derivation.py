"""Which channels are stored: the cleaned ones, or their differences along the double banana.

A pair is the difference of two electrodes after all else that happens between channels: bad ones are replaced by
what their neighbors say, the reference is what it is (it cancels), components are gone. All of that is linear, so
pairs are rows of the same matrix (`spatial`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.electrodes import DOUBLE_BANANA, NEW_NAMES, OLD_NAMES, STANDARD_19, rename_parts
from eeg_kedro.signal.spatial import SpatialPlan

Matrix = NDArray[np.float64]
StoredMontage = Literal["as_recorded", "longitudinal_bipolar"]


@dataclass(frozen=True)
class Derivation:
    """What is stored, and of what it is made.

    Attributes
    ----------
    names : tuple of str
        Channels that are stored.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``, of what is stored.
    parts : tuple of tuple of int
        For each stored channel the places, among the cleaned ones, of those it is made of.
    matrix : ndarray of float64, shape (n_stored, n_cleaned), or None
        From cleaned to stored channels; None: they are stored as they are.
    missing : mapping of str to str
        Pairs that cannot be had, and why.
    masked : tuple of str
        Those of them that were lost because an electrode carries no signal.
    interpolated, kept : tuple of str
        Stored channels with an interpolated part; those with a part that is bad, and could not be.
    note : str
        What was asked for and is not so; or which electrodes are in no pair.
    """

    names: tuple[str, ...]
    montage: str
    parts: tuple[tuple[int, ...], ...]
    matrix: Matrix | None
    missing: Mapping[str, str]
    masked: tuple[str, ...]
    interpolated: tuple[str, ...]
    kept: tuple[str, ...]
    note: str

    def of(self, rows: Matrix) -> Matrix:
        """Give, from rows of the cleaned channels, shape (n_cleaned, n), those of the stored ones."""
        stored: Matrix = rows if self.matrix is None else self.matrix @ rows
        return stored


def plan_derivation(
    plan: SpatialPlan,
    montage: str,
    wanted: StoredMontage,
    references: Sequence[str] = (),
    key: str = "",
) -> Derivation:
    """Decide which channels are stored.

    Parameters
    ----------
    plan : SpatialPlan
        Which channels come out of cleaning.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``: pairs are made of referential channels only.
    wanted : {"as_recorded", "longitudinal_bipolar"}
        What is asked for.
    references : sequence of str
        Reference of each recorded channel where labels name one (`channel_renaming.find_references`): electrodes
        against different references have no difference that means anything.
    key : str
        Names the recording in an error.

    Raises
    ------
    SignalError
        If pairs are asked for and none has both its electrodes.
    """
    if wanted == "as_recorded" or montage != "referential":
        own = tuple((i,) for i in range(len(plan.names)))
        note = "" if wanted == "as_recorded" else _why_as_recorded(montage)
        return Derivation(plan.names, montage, own, None, {}, plan.masked, plan.interpolated, plan.kept, note)
    against = dict(zip(plan.recorded, references, strict=False))
    missing = {pair: _why_missing(pair, plan, against) for pair in spell_pairs(plan.recorded)}
    found = tuple(pair for pair, why in missing.items() if not why)
    missing = {pair: why for pair, why in missing.items() if why}
    if not found:
        raise _no_pair(key, missing)
    return _derive_pairs(plan, found, missing)


def _derive_pairs(plan: SpatialPlan, found: tuple[str, ...], missing: Mapping[str, str]) -> Derivation:
    places = {name: i for i, name in enumerate(plan.names)}
    ends = [tuple(places[name] for name in pair.split("-")) for pair in found]
    matrix = np.zeros((len(found), len(plan.names)))
    for row, (plus, minus) in zip(matrix, ends, strict=True):
        row[plus], row[minus] = 1.0, -1.0
    used = {place for pair in ends for place in pair}
    lone = [name for i, name in enumerate(plan.names) if i not in used]
    return Derivation(
        names=found,
        montage="bipolar",
        parts=tuple(ends),
        matrix=matrix,
        missing=missing,
        masked=tuple(pair for pair in missing if {*pair.split("-")} & {*plan.masked}),
        interpolated=_with_part(found, plan.interpolated),
        kept=_with_part(found, plan.kept),
        note=f"in no pair, not stored: {', '.join(lone)}" if lone else "",
    )


def derive_like(
    samples: NDArray[np.float32], names: Sequence[str], stored: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Give recorded channels as what is stored of them: as they are, or their differences where pairs are.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_channels, n)
        Recorded channels.
    names, stored : sequence of str
        What they are called, and what the stored channels are called.

    Returns
    -------
    names : tuple of str
        Of the rows of ``samples``.
    samples : ndarray of float32, shape (n_rows, n)
        As they were where nothing was derived.
    """
    rows = {name: i for i, name in enumerate(names)}
    pairs = {name: [rows[end] for end in name.split("-") if end in rows] for name in stored}
    found = {name: ends for name, ends in pairs.items() if name not in rows and len(ends) == 2}
    if not found:
        return tuple(names), samples
    plus, minus = np.array([*found.values()]).T
    return tuple(found), samples[plus] - samples[minus]


def spell_pairs(electrodes: Sequence[str]) -> tuple[str, ...]:
    """Name the 18 pairs of the double banana as a recording with these electrodes names its temporal ones."""
    present = {*electrodes}
    new = bool(present & {*OLD_NAMES}) and not present & {*NEW_NAMES}
    own = {
        old: NEW_NAMES[old] for old in NEW_NAMES if old not in present and (new or NEW_NAMES[old] in present)
    }
    return tuple(rename_parts(pair, own) for pair in DOUBLE_BANANA)


def _why_missing(pair: str, plan: SpatialPlan, against: Mapping[str, str]) -> str:
    """Say why a pair cannot be had; empty if it can."""
    ends = pair.split("-")
    lost = [name for name in ends if name not in plan.names]
    if lost:
        told = {True: "carries no signal", False: "was not recorded"}
        return ", ".join(f"{name} {told[name in plan.masked]}" for name in lost)
    named = [against.get(name, "") for name in ends]
    if named[0] != named[1]:
        each = [f"{name} against {ref or 'another'}" for name, ref in zip(ends, named, strict=True)]
        return f"recorded against different references: {', '.join(each)}"
    return ""


def _with_part(pairs: Sequence[str], electrodes: Sequence[str]) -> tuple[str, ...]:
    return tuple(pair for pair in pairs if {*pair.split("-")} & {*electrodes})


def _why_as_recorded(montage: str) -> str:
    if montage == "bipolar":
        return "recorded as pairs: they are stored as they are"
    return f"stored as recorded: pairs need a referential montage, this one is {montage}"


def _no_pair(key: str, missing: Mapping[str, str]) -> SignalError:
    return SignalError(
        "no pair of the longitudinal bipolar montage can be had",
        file=key,
        value="; ".join(dict.fromkeys(missing.values())),
        allowed=f"at least two neighbors of {', '.join(STANDARD_19)} with a signal",
        remedy="set clean.montage=as_recorded, or leave this recording out of the corpus",
    )
