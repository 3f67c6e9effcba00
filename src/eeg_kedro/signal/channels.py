"""Which signals of a recording are EEG, and in which order they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from eeg_kedro.signal.channel_names import (
    AuxKind,
    aux_kind,
    channel_kind,
    clean_channel_name,
    is_volt,
    tidy_label,
)
from eeg_kedro.signal.channel_refusal import no_channel
from eeg_kedro.signal.channel_renaming import NamedChannel, TemporalNames, find_references, name_channels
from eeg_kedro.signal.electrodes import canonical_rank, missing_double_banana, missing_standard

__all__ = ["AuxChannel", "ChannelPlan", "channel_kind", "clean_channel_name", "plan_channels"]
Montage = Literal["referential", "bipolar", "unknown"]
NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class AuxChannel:
    """A signal beside the EEG that shows eyes, heart or muscles: not kept, but it helps to tell components.

    Attributes
    ----------
    pick : int
        Index in the source.
    name : str
        Cleaned label.
    kind : {"eog", "ecg", "emg"}
        What it shows.
    """

    pick: int
    name: str
    kind: AuxKind


@dataclass(frozen=True)
class ChannelPlan:
    """Which signals of a source are kept, under which names, in canonical order.

    Attributes
    ----------
    picks : tuple of int
        Indices of the kept signals in the source, in canonical order.
    ch_names : tuple of str
        Cleaned, unique names of the picks.
    reference : str
        Reference named by the labels (``REF``, ``LE``, ``AVG``, ``CS2``, an electrode; ``A1/A2``: some channels
        against the one, some against the other), ``bipolar`` or ``unknown``.
    montage : str
        ``referential``, ``bipolar`` or ``unknown`` (names that are no 10-05 electrodes).
    missing : tuple of str
        Electrodes of the standard 19, or pairs of the double banana, that the source lacks.
    other : tuple of (str, str)
        Labels left out, as recorded, with the reason.
    notes : tuple of str
        Sentences for the report.
    aux : tuple of AuxChannel
        Eye, heart and muscle channels at the rate of the EEG.
    recorded_names : tuple of str
        What the source calls the picks, cleaned of prefix and reference.
    renamed : tuple of (str, str)
        Label as recorded and name of the picks and of ``aux``, where more changed than case, type and reference.
    """

    picks: tuple[int, ...]
    ch_names: tuple[str, ...]
    reference: str
    montage: Montage
    missing: tuple[str, ...]
    other: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    aux: tuple[AuxChannel, ...] = ()
    recorded_names: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Channel(NamedChannel):
    sfreq: float = 0.0
    constant: bool = False
    why: str = ""


def plan_channels(
    labels: Sequence[str],
    dimensions: Sequence[str],
    sfreqs: Sequence[float],
    *,
    scale_is_constant: Sequence[bool] = (),
    names: Mapping[str, str] = NO_NAMES,
    temporal: TemporalNames = "as_recorded",
) -> ChannelPlan:
    """Choose the EEG signals of a source, name and order them.

    Parameters
    ----------
    labels, dimensions : sequence of str
        Label and physical dimension of every signal as recorded.
    sfreqs : sequence of float
        Sampling rate of every signal in Hz.
    scale_is_constant : sequence of bool
        True where the physical or digital minimum equals its maximum, so that samples have no scale.
    names : mapping of str to str
        Names the user gave, by label as recorded.
    temporal : {"as_recorded", "T3", "T7"}
        Which naming of the temporal electrodes is used.

    Raises
    ------
    SignalError
        If no signal is usable EEG, or ``names`` contradict each other.
    """
    constant = tuple(scale_is_constant) or (False,) * len(labels)
    rates = tuple(float(sfreq) for sfreq in sfreqs)
    return _plan(tuple(labels), tuple(dimensions), rates, constant, tuple(names.items()), temporal)


# the recordings of a corpus have few sets of labels: thousands of headers need some dozen plans
@lru_cache(maxsize=64)
def _plan(
    labels: tuple[str, ...],
    dimensions: tuple[str, ...],
    sfreqs: tuple[float, ...],
    constant: tuple[bool, ...],
    names: tuple[tuple[str, str], ...],
    temporal: TemporalNames,
) -> ChannelPlan:
    named = name_channels(labels, dimensions, dict(names), temporal)
    channels = [
        _Channel(**vars(one), sfreq=sfreq, constant=flat)
        for one, sfreq, flat in zip(named, sfreqs, constant, strict=True)
    ]
    left_out: list[_Channel] = []
    notes: list[str] = []
    montage, kept = _choose_montage(channels, left_out, notes)
    kept = _drop(kept, [c.constant for c in kept], "minimum equals maximum: no scale", left_out)
    kept = _choose_rate(kept, left_out, notes)
    kept = _drop_duplicates(kept, left_out, notes)
    if not kept:
        raise no_channel([(c.label, c.why) for c in sorted(left_out, key=lambda c: c.index)])
    aux = _find_aux(channels, kept[0].sfreq)
    used = {channel.pick for channel in aux}
    left_out = [replace(c, why=_why_aux(c, c.index in used, kept[0].sfreq)) for c in left_out]
    kept = _in_order(montage, kept)
    notes += _note_references(montage, kept) + [c.kept for c in kept if c.kept]
    used |= {c.index for c in kept}
    renamed = tuple((tidy_label(c.label), c.name) for c in channels if c.renamed and c.index in used)
    if renamed:
        notes.append(f"renamed: {', '.join(f'{label} -> {name}' for label, name in renamed)}")
    return replace(_finish(montage, kept, left_out, notes), aux=aux, renamed=renamed)


def _why_aux(channel: _Channel, is_used: bool, sfreq: float) -> str:
    """Say of eye, heart and muscle channels whether they help to tell components."""
    if channel.doubt:
        return channel.doubt
    if is_used:
        return f"{channel.why}; read along to tell components"
    if aux_kind(channel.name) and channel.why == "not EEG" and channel.sfreq != sfreq:
        return f"not EEG, and at {channel.sfreq:g} Hz instead of {sfreq:g}: cannot help to tell components"
    return channel.why


def _find_aux(channels: list[_Channel], sfreq: float) -> tuple[AuxChannel, ...]:
    """Find eye, heart and muscle channels that can be read along with the EEG; of equal names the first."""
    found: dict[str, AuxChannel] = {}
    for channel in channels:
        kind = aux_kind(channel.name)
        volts = not channel.dimension.strip() or is_volt(channel.dimension)
        if kind and volts and channel.sfreq == sfreq and not channel.constant:
            # under the name that the source has: that is what the file is checked against
            found.setdefault(channel.recorded, AuxChannel(channel.index, channel.recorded, kind))
    return tuple(found.values())


def _finish(
    montage: Montage, kept: list[_Channel], left_out: list[_Channel], notes: list[str]
) -> ChannelPlan:
    blank = [c.name for c in kept if not c.dimension.strip()]
    if blank:
        notes.append(f"no physical dimension, microvolts assumed: {', '.join(blank)}")
    names = tuple(c.name for c in kept)
    missing = {"referential": missing_standard, "bipolar": missing_double_banana}.get(montage)
    return ChannelPlan(
        picks=tuple(c.index for c in kept),
        ch_names=names,
        reference="bipolar" if montage == "bipolar" else _common_reference(kept),
        montage=montage,
        missing=missing(names) if missing else (),
        other=tuple((c.label, c.why) for c in sorted(left_out, key=lambda c: c.index)),
        notes=tuple(notes),
        recorded_names=tuple(c.recorded for c in kept),
    )


def _drop(
    channels: list[_Channel], gone: Sequence[bool], why: str, left_out: list[_Channel]
) -> list[_Channel]:
    """Move the channels marked ``gone`` to ``left_out`` with a reason; return the rest."""
    left_out.extend(replace(c, why=why) for c, out in zip(channels, gone, strict=True) if out)
    return [c for c, out in zip(channels, gone, strict=True) if not out]


def _choose_montage(
    channels: list[_Channel], left_out: list[_Channel], notes: list[str]
) -> tuple[Montage, list[_Channel]]:
    kept = _drop(channels, [c.kind == "dummy" for c in channels], "placeholder without a signal", left_out)
    kept = _drop(kept, [c.clash for c in kept], "another channel has its name", left_out)
    kept = _drop(kept, [c.kind == "aux" for c in kept], "not EEG", left_out)
    candidates = [c for c in kept if c.kind != "unknown" or is_volt(c.dimension)]
    known = [c for c in candidates if c.kind != "unknown"]
    usable, named = {c.index for c in candidates}, {c.index for c in known}
    if 2 * len(known) < len(candidates):
        notes.append(
            "most names are no 10-05 electrodes: every channel in volts is kept under its own; "
            "ingest.channel_names gives them electrodes"
        )
        return "unknown", _drop(kept, [c.index not in usable for c in kept], "not in volts", left_out)
    kept = _drop(
        kept, [c.index not in named for c in kept], "not a 10-05 electrode or a pair of them", left_out
    )
    pairs = sum(c.kind == "bipolar" for c in kept)
    montage: Montage = "bipolar" if 2 * pairs > len(kept) else "referential"
    if 0 < pairs < len(kept):
        notes.append(f"electrodes and pairs in one recording: the {montage} ones are kept, they are more")
    minority = "eeg" if montage == "bipolar" else "bipolar"
    return montage, _drop(kept, [c.kind == minority for c in kept], f"most channels are {montage}", left_out)


def _choose_rate(channels: list[_Channel], left_out: list[_Channel], notes: list[str]) -> list[_Channel]:
    counts = Counter(c.sfreq for c in channels)
    if len(counts) <= 1:
        return channels
    rate = max(counts, key=lambda sfreq: (counts[sfreq], sfreq))
    gone = [c.sfreq != rate for c in channels]
    names = ", ".join(f"{c.name} ({c.sfreq:g} Hz)" for c in channels if c.sfreq != rate)
    notes.append(f"mixed rates: channels at {rate:g} Hz are kept, left out: {names}")
    return _drop(channels, gone, f"not sampled at {rate:g} Hz like most EEG channels", left_out)


def _drop_duplicates(channels: list[_Channel], left_out: list[_Channel], notes: list[str]) -> list[_Channel]:
    first: dict[str, int] = {}
    gone = [first.setdefault(c.name, c.index) != c.index for c in channels]
    repeated = [c.name for c, again in zip(channels, gone, strict=True) if again]
    if repeated:
        notes.append(f"channel name found twice, the first is kept: {', '.join(repeated)}")
    return _drop(channels, gone, "second channel with this name", left_out)


def _in_order(montage: Montage, channels: list[_Channel]) -> list[_Channel]:
    if montage != "referential":
        return channels
    return sorted(channels, key=lambda c: (canonical_rank(c.name), c.index))


def _common_reference(channels: list[_Channel]) -> str:
    found = Counter(c.reference or "unknown" for c in channels)
    return found.most_common(1)[0][0]


def _note_references(montage: Montage, channels: list[_Channel]) -> list[str]:
    """Say where the reference is an electrode of the label, and where channels do not share one."""
    if montage != "referential":
        return []
    counts = Counter(c.reference for c in channels if c.reference)
    ends = find_references([c.name for c in channels], [c.recorded for c in channels])
    paired = {c.reference for c, end in zip(channels, ends, strict=True) if end}
    notes = [
        f"recorded against {name}: channels are named by their first electrode" for name in sorted(paired)
    ]
    if len(counts) > 1:
        told = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
        notes.append(f"labels name more than one reference: {told}")
    return notes
