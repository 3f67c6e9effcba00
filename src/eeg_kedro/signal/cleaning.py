"""From raw samples to a cleaned signal, as a stream: nothing is held but the segment at hand.

Order of the steps:

1. mask channels that are flat or hold samples that are no numbers (one pass over the extremes),
2. band-pass, notch and resample, zero-phase and continuous over the recording (`eeg_kedro.signal.filters`),
3. re-reference.

Deeper cleaning slots in without moving these: noisy-channel detection belongs to step 1, before anything is
averaged; interpolation, component removal and the reference are one matrix per recording, which replaces
step 3; denoising channel by channel comes behind it, on the referenced signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.filters import FilterDesign, design_filter, filter_resample_blocks, resampled_length
from eeg_kedro.signal.reference import plan_reference, subtract_average

Samples = NDArray[np.float32]
BLOCK = 32_768  # samples asked for at a time; results do not depend on it


class SampleSource(Protocol):
    """Where raw samples come from: all picked channels of one recording, at one rate."""

    @property
    def sfreq(self) -> float:
        """Sampling rate in Hz."""

    @property
    def n_times(self) -> int:
        """Samples per channel."""

    def extent(self) -> tuple[NDArray[np.float64], NDArray[np.integer]]:
        """Give (minimum, maximum) in microvolts, shape (n_picks, 2), and the count of non-finite samples."""

    def blocks(self, n_block: int) -> Iterator[Samples]:
        """Yield microvolts of shape (n_picks, <= n_block), in order, the whole recording."""

    def fingerprint(self) -> str:
        """Give the SHA-256 of the source's bytes, hexadecimal."""


class CleanOptions(BaseModel):
    """What cleaning does to every recording."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sfreq: float = Field(
        default=256.0, ge=1, le=20_000, description="sampling rate of the cleaned signal, Hz"
    )
    l_freq: float | None = Field(default=0.5, ge=0.01, description="high-pass edge, Hz; null for none")
    h_freq: float | None = Field(default=50.0, gt=0, description="low-pass edge, Hz; null for none")
    notch_freqs: tuple[float, ...] = Field(default=(60.0,), description="line frequencies to remove, Hz")
    reference: Literal["average", "as_recorded"] = Field(
        default="average",
        description="average of the good scalp electrodes, or the recording's own reference",
    )
    flat_uv: float = Field(
        default=0.1, ge=0, description="peak-to-peak amplitude below which a channel is flat, µV"
    )

    @model_validator(mode="after")
    def _edges_in_order(self) -> CleanOptions:
        if self.l_freq is not None and self.h_freq is not None and self.l_freq >= self.h_freq:
            raise ValueError(f"l_freq ({self.l_freq} Hz) must be below h_freq ({self.h_freq} Hz)")
        if any(freq <= 1 for freq in self.notch_freqs):
            raise ValueError(f"notch_freqs must lie above 1 Hz, got {self.notch_freqs}")
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
    """

    participant: str
    run: str
    ch_names: tuple[str, ...]
    sfreq: float
    n_times: int
    blocks: Iterator[Samples]
    metadata: dict[str, Any]


def clean_recording(
    opener: Callable[[], SampleSource], row: Mapping[str, Any], options: CleanOptions
) -> CleanedSignal:
    """Open a recording and describe and stream its cleaned signal.

    Parameters
    ----------
    opener : callable
        Opens the source; its picks are ``row["ch_names"]``, in that order.
    row : mapping
        The recording's row of the inventory: participant, run, ch_names, sfreq, n_times, reference, montage,
        missing_channels.
    options : CleanOptions
        What to do.

    Raises
    ------
    SignalError
        If no channel carries a signal, or the source is not what the row says.
    ParameterError
        If the recorded rate cannot be brought to ``options.sfreq``.
    """
    source = opener()
    key = f"{row['participant']}_{row['run']}"
    _check_row(source, row, key)
    masked = _find_bad_channels(source, row["ch_names"], options.flat_uv)
    good = [i for i, name in enumerate(row["ch_names"]) if name not in masked]
    if not good:
        raise _no_signal(key, masked)
    names = tuple(row["ch_names"][i] for i in good)
    design = design_filter(source.sfreq, options.sfreq, options.l_freq, options.h_freq, options.notch_freqs)
    scalp, note = plan_reference(names, row["montage"], options.reference)
    filtered = filter_resample_blocks(_pick(source.blocks(BLOCK), good), source.n_times, design)
    return CleanedSignal(
        participant=row["participant"],
        run=row["run"],
        ch_names=names,
        sfreq=float(options.sfreq),
        n_times=resampled_length(source.n_times, design),
        blocks=subtract_average(filtered, scalp) if scalp else filtered,
        metadata={
            "unit": "uV",
            "montage": row["montage"],
            "reference": "average" if scalp else row["reference"],
            "reference_note": note,
            "filters": _describe(design),
            "source_sfreq": float(source.sfreq),
            "source_n_times": int(source.n_times),
            "source_fingerprint": source.fingerprint(),
            "missing_channels": list(row["missing_channels"]),
            "flat_channels": [name for name, reason in masked.items() if reason.startswith("flat")],
            "bad_channels": [{"name": name, "reason": reason} for name, reason in masked.items()],
            "edge_seconds": design.edge_seconds,
        },
    )


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


def _find_bad_channels(source: SampleSource, names: list[str], flat_uv: float) -> dict[str, str]:
    """Name the channels without a usable signal, with the reason."""
    extent, n_missing = source.extent()
    found: dict[str, str] = {}
    for name, (low, high), n in zip(names, extent, n_missing, strict=True):
        if n:
            found[name] = f"{int(n)} samples are no finite numbers"
        elif not high - low >= flat_uv:
            found[name] = f"flat: {high - low:.3g} µV peak to peak, less than {flat_uv:g} µV"
    return found


def _no_signal(key: str, masked: Mapping[str, str]) -> SignalError:
    groups: dict[str, list[str]] = {}
    for name, reason in masked.items():
        groups.setdefault(reason, []).append(name)
    flat = [reason for reason in groups if reason.startswith("flat")]
    return SignalError(
        "no channel carries a signal",
        file=key,
        value="; ".join(f"{', '.join(names)}: {reason}" for reason, names in groups.items()),
        allowed="at least one channel that is not flat and holds finite numbers only",
        remedy="leave this recording out of the corpus"
        + (", or lower clean.flat_uv" if flat else ", or cut out the samples that are no numbers"),
    )


def _pick(blocks: Iterator[Samples], good: list[int]) -> Iterator[Samples]:
    for block in blocks:
        yield block if len(good) == len(block) else block[good]


def _describe(design: FilterDesign) -> dict[str, Any]:
    return {
        "l_freq": design.l_freq,
        "h_freq": design.h_freq,
        "notch_freqs": list(design.notch_freqs),
        "fir_seconds": design.fir_seconds,
        "notes": list(design.notes),
    }
