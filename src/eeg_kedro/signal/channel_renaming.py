"""What channels are called in the end: names that depend on the user, or on the other channels of a recording.

Four steps, in this order: names the user gave; pairs with one common second electrode, which is their reference;
what can only be a typed zero or number; one naming for the temporal electrodes, if one is asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.channel_aliases import (
    BEFORE_OCCIPITAL,
    NEW_NAMES,
    NUMBERS,
    OCCIPITAL_PLACES,
    OLD_NAMES,
    SPELLINGS,
)
from eeg_kedro.signal.channel_names import Kind, channel_kind, is_volt, split_reference, tidy_label
from eeg_kedro.signal.electrodes import EARS, ELECTRODES, STANDARD_19, rename_parts

TemporalNames = Literal["as_recorded", "T3", "T7"]
FEWEST_STANDARD = 8  # of the 19 electrodes; with fewer, a number may be anything
FEWEST_SHARING = 4  # pairs that end in one scalp electrode; in a chain it is two
TEMPORAL_TABLES: Mapping[str, Mapping[str, str]] = {"as_recorded": {}, "T3": OLD_NAMES, "T7": NEW_NAMES}


@dataclass(frozen=True)
class NamedChannel:
    """A signal and what it is called.

    Attributes
    ----------
    index : int
        Place in the source.
    label, dimension : str
        As recorded.
    recorded : str
        Label without type and reference.
    name : str
        What it is called.
    kind : str
        Of the name, see `channel_kind`.
    reference : str
        Reference that its label names; empty: none.
    renamed : bool
        Whether more changed than case, spaces, type and reference.
    doubt : str
        Why it is not called what it may be, for the report.
    clash : bool
        Whether the user gave it a name that another channel has of its own: it cannot be kept.
    kept : str
        Why it kept its name where another naming is asked for, for the report.
    """

    index: int
    label: str
    dimension: str
    recorded: str
    name: str
    kind: Kind
    reference: str
    renamed: bool = False
    doubt: str = ""
    clash: bool = False
    kept: str = ""

    def called(self, name: str) -> NamedChannel:
        """Give the channel under another name."""
        return replace(self, name=name, kind=channel_kind(name, self.dimension), renamed=True)


def name_channels(
    labels: Sequence[str],
    dimensions: Sequence[str],
    names: Mapping[str, str],
    temporal: TemporalNames,
) -> list[NamedChannel]:
    """Name the signals of a source.

    Parameters
    ----------
    labels, dimensions : sequence of str
        As recorded.
    names : mapping of str to str
        Names the user gave, by label as recorded; case and spaces do not matter, other labels may be in it.
    temporal : {"as_recorded", "T3", "T7"}
        Which naming of the temporal electrodes is used, in pairs too.

    Raises
    ------
    SignalError
        If the user gives one name to two channels, two names to one, or an empty one.
    """
    channels = []
    for index, (label, dimension) in enumerate(zip(labels, dimensions, strict=True)):
        name, reference = split_reference(label)
        kind = channel_kind(name, dimension)
        channels.append(NamedChannel(index, label, dimension, name, name, kind, reference))
    channels = _take_names_given(channels, names)
    channels = _take_shared_references(channels)
    channels = _read_numbers(channels)
    return _take_temporal_names(channels, TEMPORAL_TABLES[temporal])


def find_references(names: Sequence[str], recorded: Sequence[str]) -> tuple[str, ...]:
    """Tell which electrode each channel was recorded against, as far as its label named one; empty: unsaid.

    Parameters
    ----------
    names, recorded : sequence of str
        Names of the channels, and what the source calls them (``FP1-A1``); nothing is known of a channel behind
        the last of ``recorded``.
    """
    padded = [*recorded, *[""] * (len(names) - len(recorded))]
    parts = [(name, *label.split("-")) for name, label in zip(names, padded, strict=False)]
    return tuple(
        part[2] if len(part) == 3 and part[0] in ELECTRODES and {*part[1:]} <= ELECTRODES else ""
        for part in parts
    )


def _fold(label: str) -> str:
    return tidy_label(label).replace(" ", "").upper()


def _take_names_given(channels: list[NamedChannel], names: Mapping[str, str]) -> list[NamedChannel]:
    """Apply what the user said; a name that another channel has of its own is not taken from it."""
    if not names:
        return channels
    given = _fold_names(names)
    wanted = {c.index: given[_fold(c.label)] for c in channels if _fold(c.label) in given}
    sharing = {
        name: sorted({_fold(channels[i].label) for i, other in wanted.items() if other == name})
        for name in wanted.values()
    }
    clash = next(((name, labels) for name, labels in sharing.items() if len(labels) > 1), None)
    if clash:
        raise SignalError(
            "ingest.channel_names gives two channels one name",
            value=f"{', '.join(clash[1])} -> {clash[0]}",
            allowed="a name of its own for each channel of a recording",
            remedy="correct ingest.channel_names",
        )
    own = {c.name for c in channels if c.index not in wanted}
    return [_call(c, wanted.get(c.index, c.name), own) if c.index in wanted else c for c in channels]


def _call(channel: NamedChannel, name: str, own: set[str]) -> NamedChannel:
    if name in own:
        doubt = f"ingest.channel_names calls it {name}, but the recording has one of its own"
        return replace(channel, doubt=doubt, clash=True)
    return channel if name == channel.name else channel.called(name)


def _fold_names(names: Mapping[str, str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for label, name in names.items():
        clean = split_reference(name)[0]
        if not re.search(r"[A-Z0-9]", clean) or given.setdefault(_fold(label), clean) != clean:
            raise SignalError(
                "ingest.channel_names does not say what a channel is called",
                value=f"{label} -> {name}",
                allowed="one name with a letter or a digit for each label",
                remedy="correct ingest.channel_names; spaces and case do not tell labels apart",
            )
    return given


def _take_shared_references(channels: list[NamedChannel]) -> list[NamedChannel]:
    """Call pairs by their first electrode where most pairs end in an ear, or in one and the same electrode.

    ``A1-T3`` and ``T4-A2`` of the TCP montage are few among pairs of neighbors: they stay pairs.
    """
    pairs = {c.index: c.name.split("-") for c in channels if c.kind == "bipolar"}
    ears = {i for i, (first, second) in pairs.items() if second in EARS and first not in EARS}
    ends = Counter(second for _, second in pairs.values())
    common, count = ends.most_common(1)[0] if ends else ("", 0)
    if 2 * len(ears) > len(pairs):
        chosen = ears
    elif count >= FEWEST_SHARING and 2 * count > len(pairs):
        chosen = {i for i, (_, second) in pairs.items() if second == common}
    else:
        return channels
    reference = "/".join(sorted({pairs[i][1] for i in chosen}))
    return [
        replace(c, name=pairs[c.index][0], kind="eeg", reference=reference) if c.index in chosen else c
        for c in channels
    ]


def _read_numbers(channels: list[NamedChannel]) -> list[NamedChannel]:
    """Read what can only be a typed zero, or a number where O1 or O2 belongs."""
    present = {c.name for c in channels}
    electrodes = {rename_parts(c.name, OLD_NAMES) for c in channels if c.kind == "eeg"}
    enough = len(electrodes & {*STANDARD_19}) >= FEWEST_STANDARD
    found = []
    for c in channels:
        name = SPELLINGS.get(c.name) or _read_pair(c.name)
        if c.kind == "unknown" and name and name not in present:
            found.append(c.called(name))
        elif c.kind == "unknown" and enough and c.name in NUMBERS and NUMBERS[c.name] not in present:
            found.append(_read_number(c, channels))
        else:
            found.append(c)
    return found


def _take_temporal_names(channels: Sequence[NamedChannel], table: Mapping[str, str]) -> list[NamedChannel]:
    """Name the temporal electrodes one way, but for a name that another channel has: that is another signal."""
    named, present = [], {c.name for c in channels}
    for c in channels:
        name = rename_parts(c.name, table) if c.kind in ("eeg", "bipolar") else c.name
        if name == c.name:
            named.append(c)
        elif name in present:
            named.append(replace(c, kept=f"{c.name} is not called {name}: the recording has one of its own"))
        else:
            named.append(c.called(name))
    return named


def _read_pair(name: str) -> str:
    first, _, second = name.partition("-")
    return f"{first}-{NUMBERS[second]}" if first in BEFORE_OCCIPITAL.get(second, ()) else ""


def _read_number(channel: NamedChannel, channels: Sequence[NamedChannel]) -> NamedChannel:
    """Call a number O1 or O2 if it stands where that belongs; one written as an electrode is also believed elsewhere.

    ``01`` and ``EEG 1`` need only stand between two electrodes, or be the only number where the twin is there.
    """
    meant = NUMBERS[channel.name]
    others = [c for c in channels if c.index != channel.index]
    rival = any(NUMBERS.get(c.name) == meant for c in others)
    written_so = channel.name.startswith("0") or tidy_label(channel.label).upper().startswith("EEG")
    fits = _is_among_electrodes(channel, others) if written_so else _is_in_place(channel, others)
    if fits and not rival:
        return channel.called(meant)
    doubt = f"no electrode's name; may be {meant}, which is missing: if it is, say so in ingest.channel_names"
    return replace(channel, doubt=doubt)


def _is_among_electrodes(channel: NamedChannel, others: Sequence[NamedChannel]) -> bool:
    beside = [c.kind == "eeg" for c in others if abs(c.index - channel.index) == 1]
    twin = any(c.name == {"O1": "O2", "O2": "O1"}[NUMBERS[channel.name]] for c in others)
    numbers = [c for c in others if re.fullmatch(r"\d+", c.name)]
    return beside == [True, True] or (twin and not numbers)


def _is_in_place(channel: NamedChannel, others: Sequence[NamedChannel]) -> bool:
    """Tell whether a bare number, which may be a trigger, is a voltage between the electrodes of O1 or O2."""
    beside = tuple(rename_parts(c.name, OLD_NAMES) for c in others if abs(c.index - channel.index) == 1)
    return is_volt(channel.dimension) and beside in OCCIPITAL_PLACES[NUMBERS[channel.name]]
