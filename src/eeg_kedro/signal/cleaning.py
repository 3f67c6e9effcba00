"""From raw samples to a cleaned signal: examined first, then cleaned as a stream, never held as a whole.

Order of the steps:

1. mend the raw samples: bridge stretches that are no numbers, take out electrode pops and hardware spikes
   (`gaps`, `pops`); a step that went through the filter first would ring for seconds,
2. judge the channels on an excerpt of 1-100 Hz (`bad_channels`), before anything is averaged,
3. find components on the good channels of that excerpt, against their average, and decide which are eyes,
   heart or muscle (`ica`, `iclabel`, `component_labels`),
4. band-pass, notch and resample, zero-phase and continuous over the recording (`filters`),
5. interpolate bad channels, re-reference, remove components, form pairs: one matrix (`spatial`, `derivation`),
6. take off the drift, where no high-pass has done so (`drift`),
7. denoise channel by channel (`denoise`).

Steps 2 and 3 only look; 1 and 4 to 7 change samples, in this order. What artefacts there are is noted for every
second of every channel, behind the reference and at the very end (`artefacts`). The robust scale is learned from
what is stored, and recorded beside it (`scale`): the stored signal stays in microvolts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.artefacts import QualityOptions
from eeg_kedro.signal.bad_channels import BadChannelOptions, ChannelVerdict
from eeg_kedro.signal.channel_renaming import find_references
from eeg_kedro.signal.cleaning_notes import close_cleaning, describe_cleaning
from eeg_kedro.signal.cleaning_stream import HIGH_PASSED, plan_stream
from eeg_kedro.signal.component_search import find_components
from eeg_kedro.signal.denoise import WaveletOptions
from eeg_kedro.signal.derivation import StoredMontage, plan_derivation
from eeg_kedro.signal.drift import DriftOptions
from eeg_kedro.signal.examination import SLOWEST, examine
from eeg_kedro.signal.excerpt import SampleSource
from eeg_kedro.signal.ica import IcaOptions
from eeg_kedro.signal.pops import PopOptions
from eeg_kedro.signal.spatial import plan_spatial

__all__ = ["CleanOptions", "CleanedSignal", "SampleSource", "clean_recording"]

Samples = NDArray[np.float32]
LEAST_RATE = 20.0  # Hz; below, not even alpha could be told
MOST_MISSING = 0.5  # share of samples that are no numbers; a channel with more is bridges, not a signal


class CleanOptions(BaseModel):
    """What cleaning does to every recording; each block of options is a step that can be switched off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sfreq: float = Field(
        default=256.0, ge=1, le=20_000, description="sampling rate of the cleaned signal, Hz"
    )
    l_freq: float | None = Field(default=0.5, ge=0.01, description="high-pass edge, Hz; null for none")
    h_freq: float | None = Field(default=50.0, gt=0, description="low-pass edge, Hz; null for none")
    notch: Literal["auto"] | tuple[float, ...] = Field(
        default="auto",
        description="line frequencies to remove, Hz: 50, [50, 100] or null; auto finds 50 or 60 and its harmonics",
    )
    reference: Literal["average", "as_recorded"] = Field(
        default="average",
        description="average of the good scalp electrodes, or the recording's own reference",
    )
    montage: StoredMontage = Field(
        default="as_recorded",
        description="channels as recorded, or referential ones as the 18 pairs of the double banana",
    )
    flat_uv: float = Field(
        default=0.1, ge=0, description="peak-to-peak amplitude below which a channel is flat, µV"
    )
    interpolate: bool = Field(
        default=True,
        description="whether bad channels with a position are replaced by their neighbors' field",
    )
    excerpt_minutes: float = Field(
        default=60.0,
        ge=1,
        le=1440,
        description="most of a recording to judge channels and components on, min",
    )
    pops: PopOptions = Field(default_factory=PopOptions, description="electrode pops, hardware spikes")
    bad_channels: BadChannelOptions = Field(
        default_factory=lambda: BadChannelOptions.model_validate({}), description="channel verdicts"
    )
    ica: IcaOptions = Field(default_factory=IcaOptions, description="eyes, heart and muscle as components")
    drift: DriftOptions = Field(default_factory=DriftOptions, description="baseline, without a high-pass")
    wavelet: WaveletOptions = Field(default_factory=WaveletOptions, description="denoising")
    quality: QualityOptions = Field(
        default_factory=lambda: QualityOptions.model_validate({}), description="artefacts and scores"
    )

    @field_validator("notch", mode="before")
    @classmethod
    def _one_or_none(cls, notch: object) -> object:
        if notch is None:
            return ()
        if isinstance(notch, str) and notch != "auto":
            raise ValueError("must be auto, null, a frequency in Hz or a list of them, as 50 or [50, 100]")
        return (notch,) if isinstance(notch, int | float) else notch

    @model_validator(mode="after")
    def _edges_in_order(self) -> CleanOptions:
        if self.l_freq is not None and self.h_freq is not None and self.l_freq >= self.h_freq:
            raise ValueError(f"l_freq ({self.l_freq} Hz) must be below h_freq ({self.h_freq} Hz)")
        if self.notch != "auto" and any(freq <= 1 for freq in self.notch):
            raise ValueError(f"notch must lie above 1 Hz, got {self.notch}")
        return self


@dataclass
class CleanedSignal:
    """A cleaned recording that is computed while its blocks are read, once.

    Attributes
    ----------
    participant, run : str
        Whose recording it is.
    ch_names : tuple of str
        Channels that are there; masked ones are named in ``metadata``.
    sfreq : float
        Sampling rate in Hz.
    n_times : int
        Samples per channel.
    blocks : iterator of float32 arrays, shape (n_channels, n)
        Consecutive samples in microvolts.
    metadata : dict
        What was done, as JSON values.
    closing : callable
        Gives what is known when the last block has been read: JSON values under ``quality``, and arrays.
    """

    participant: str
    run: str
    ch_names: tuple[str, ...]
    sfreq: float
    n_times: int
    blocks: Iterator[Samples]
    metadata: dict[str, Any]
    closing: Callable[[], dict[str, Any]] = field(default=dict)


def clean_recording(
    opener: Callable[[], SampleSource], row: Mapping[str, Any], options: CleanOptions
) -> CleanedSignal:
    """Open a recording, examine it, and describe and stream its cleaned signal.

    Parameters
    ----------
    opener : callable
        Opens the source; its picks are ``row["ch_names"]`` and then ``row["aux_names"]``, in that order.
    row : mapping
        The recording's row of the inventory: participant, run, ch_names, aux_names, aux_kinds, sfreq, n_times,
        reference, montage, missing_channels; recorded_names where the source calls channels otherwise.
    options : CleanOptions
        What to do.

    Raises
    ------
    SignalError
        If no channel carries a signal, the source is not what the row says, or no pair can be formed that is
        asked for.
    ParameterError
        If the recorded rate cannot be brought to ``options.sfreq``.
    """
    source = opener()
    key = f"{row['participant']}_{row['run']}"
    _check_row(source, row, key)
    _check_length(source, options, key)
    names = tuple(row["ch_names"])
    found = examine(
        source, names, options.notch, options.pops, options.bad_channels, options.flat_uv,
        options.excerpt_minutes, options.ica.enabled,
    )  # fmt: skip
    dead = [v.name for v in found.verdicts if _is_dead(v, options.flat_uv)]
    if len(dead) == len(names):
        raise _no_signal(key, found.verdicts)
    # what a loose electrode adds is slower than the high-pass: it is named, and the EEG beneath it kept
    harmless = {"swing"} if (options.l_freq or 0.0) >= HIGH_PASSED else set()
    bad = [v.name for v in found.verdicts if {*v.kinds} - harmless]
    references = find_references(names, tuple(row.get("recorded_names", ())))
    plan = plan_spatial(names, bad, dead, row["montage"], options.reference, options.interpolate, references)
    stored = plan_derivation(plan, row["montage"], options.montage, references, key)
    search = find_components(found, plan, row, options.ica)
    stream = plan_stream(source, found, plan, search, stored, options)
    metadata = describe_cleaning(row, options, found, search, stream)
    return CleanedSignal(
        participant=row["participant"],
        run=row["run"],
        ch_names=stored.names,
        sfreq=float(options.sfreq),
        n_times=stream.n_times,
        blocks=stream.blocks(),
        metadata=metadata,
        closing=partial(close_cleaning, metadata, stream, options.ica.max_variance_removed),
    )


def _is_dead(verdict: ChannelVerdict, flat_uv: float) -> bool:
    """Tell whether there is nothing in a channel that anybody could want."""
    return verdict.measures["missing_share"] > MOST_MISSING or verdict.measures["ptp_uv"] < flat_uv


def _check_row(source: SampleSource, row: Mapping[str, Any], key: str) -> None:
    """Refuse a source that is not the recording the inventory describes."""
    found, expected = (source.n_times, float(source.sfreq)), (int(row["n_times"]), float(row["sfreq"]))
    if found != expected or source.n_times < 1:
        raise SignalError(
            "the source is not as long or fast as the inventory says",
            file=key,
            value=f"{found[0]} samples at {found[1]:g} Hz",
            allowed=f"{expected[0]} samples (at least one) at {expected[1]:g} Hz",
            remedy="run ingest again, the file has changed since it was surveyed",
        )


def _check_length(source: SampleSource, options: CleanOptions, key: str) -> None:
    """Refuse what the filters would leave nothing of, and what was sampled too seldom to show EEG at all."""
    if source.sfreq < LEAST_RATE <= options.sfreq:  # who asks for a slower signal knows what it is
        raise SignalError(
            "sampled too slowly for EEG",
            file=key,
            value=f"{source.sfreq:g} Hz",
            allowed=f"{LEAST_RATE:g} Hz at least",
            remedy="leave it out, or record again (Mind Monitor: Recording Interval: Constant)",
        )
    shortest = 1.0 / min(options.sfreq, SLOWEST)
    if source.n_times < 2 or source.n_times < shortest * source.sfreq:
        raise SignalError(
            "too short to be cleaned",
            file=key,
            value=f"{source.n_times} samples at {source.sfreq:g} Hz",
            allowed=f"at least 2 samples and {shortest:.3g} s",
            remedy="leave it out; parts of a file with gaps are with a higher ingest.shortest_segment",
        )


def _no_signal(key: str, verdicts: tuple[ChannelVerdict, ...]) -> SignalError:
    groups: dict[str, list[str]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.reason, []).append(verdict.name)
    flat = any("flat" in verdict.kinds for verdict in verdicts)
    return SignalError(
        "no channel carries a signal",
        file=key,
        value="; ".join(f"{', '.join(names)}: {reason}" for reason, names in groups.items()),
        allowed="at least one channel that is not flat, clipped or without numbers",
        remedy="leave this recording out of the corpus"
        + (", or lower clean.flat_uv" if flat else ", or cut out the samples that are no numbers"),
    )
