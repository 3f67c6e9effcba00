"""What a page about one recording shows: a few stretches and spectra, read before and after cleaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.figures.stretches import Stretch, choose_stretches
from eeg_kedro.io.samples import SampleSource
from eeg_kedro.io.window_cells import decode_cells, decode_seconds
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.signal.derivation import derive_like
from eeg_kedro.signal.filter_design import FilterDesign, design_filter
from eeg_kedro.signal.filters import filter_resample
from eeg_kedro.signal.quality import PER_SECOND
from eeg_kedro.signal.reference import plan_reference

Samples = NDArray[np.float32]
Spectrum = tuple[NDArray[np.float64], NDArray[np.float64]]
PAD_SECONDS = 5  # filtered beside a stretch and cut off again
PIECE_SECONDS = 8  # of signal behind the spectra, each
WELCH_SECONDS = 2  # 0.5 Hz apart


class InspectOptions(BaseModel):
    """How much is drawn; nothing here changes data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_pages: int = Field(
        default=100,
        ge=0,
        le=100_000,
        description="recordings that get a page: half of them the worst, the others from all over the ranking",
    )
    pages_folder: str = Field(
        default="recording_pages",
        pattern=r"[A-Za-z0-9._/-]*",
        description="where the overview finds the pages, seen from its own folder",
    )
    page_seconds: float = Field(default=16.0, ge=2, le=120, description="length of a stretch of traces, s")
    spectrum_seconds: float = Field(
        default=240.0, ge=8, le=3600, description="signal behind the spectra, spread over the recording, s"
    )
    most_channels: int = Field(
        default=32, ge=2, le=256, description="channels per stretch of traces; bad ones come first"
    )
    most_components: int = Field(
        default=24, ge=1, le=256, description="components drawn; removed ones come first"
    )


@dataclass(frozen=True)
class Subject:
    """Which recording a page is about.

    Attributes
    ----------
    participant, run : str
        As the corpus names them, cleaned; nothing else about a person is known here.
    ch_names : tuple of str
        Channels of the source, in its order.
    seizures : tuple of (float, float)
        Start and stop in seconds, united.
    annotated : bool
        Whether somebody looked for seizures.
    """

    participant: str
    run: str
    ch_names: tuple[str, ...] = ()
    seizures: tuple[tuple[float, float], ...] = ()
    annotated: bool = False

    @property
    def key(self) -> str:
        """Name of the recording."""
        return f"{self.participant}_{self.run}"


@dataclass(frozen=True)
class RecordingView:
    """A recording as its page shows it.

    Attributes
    ----------
    subject : Subject
        Whose page it is.
    footer : mapping
        What the window file says of itself.
    stretches : tuple of Stretch
        Traces before and after.
    spectra : mapping
        ``before`` and ``after``: frequencies in Hz, and uV^2/Hz of shape (n_channels, n_freqs).
    cells : mapping
        ``before`` and ``after``: what was seen in each second of each channel, uint8 (n_channels, n_cells).
    seconds : mapping
        ``second_score`` and others: one number per second, shape (n_seconds,).
    """

    subject: Subject
    footer: Mapping[str, Any]
    options: InspectOptions
    stretches: tuple[Stretch, ...] = ()
    spectra: Mapping[str, Spectrum] = field(default_factory=dict)
    cells: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    seconds: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.footer["n_times"] / self.footer["sfreq"])

    @property
    def channels(self) -> dict[str, Mapping[str, Any]]:
        """Verdict of every recorded channel by name; empty where bad channels were not looked for."""
        return {entry["name"]: entry for entry in self.footer.get("channels", [])}


def read_view(
    load: Callable[[], WindowFile],
    opener: Callable[[], SampleSource],
    subject: Subject,
    options: InspectOptions,
) -> RecordingView:
    """Read what a page needs and no more: some seconds of the source and of the windows, and the footer.

    Parameters
    ----------
    load, opener : callable
        Give the window file and the source.
    subject : Subject
        Which recording it is.
    options : InspectOptions
        How much is drawn.
    """
    file = load()
    footer = file.metadata
    duration = footer["n_times"] / footer["sfreq"]
    source, seconds = opener(), _seconds(footer)
    wanted = choose_stretches(duration, seconds.get("second_score"), subject.seizures, options.page_seconds)
    pieces = _spread(duration, options.spectrum_seconds)
    spans = [_padded(stretch.onset, stretch.stop, duration) for stretch in wanted]
    read = _read_spans(source, [*spans, *pieces])
    raw = [derive_like(part, subject.ch_names, footer["ch_names"])[1] for part in read]
    subject = replace(subject, ch_names=derive_like(read[0], subject.ch_names, footer["ch_names"])[0])
    design = design_filter(
        source.sfreq,
        footer["sfreq"],
        footer["filters"].get("l_freq"),
        footer["filters"].get("h_freq"),
        footer["filters"].get("notch_freqs", ()),
    )
    stretches = tuple(
        stretch.with_traces(
            (list(subject.ch_names), footer["sfreq"], _before(part, stretch, span, design, subject, footer)),
            (list(footer["ch_names"]), footer["sfreq"], _after(file, stretch.onset, stretch.stop)),
        )
        for stretch, span, part in zip(wanted, spans, raw, strict=False)
    )
    cleaned = [_after(file, start, stop) for start, stop in pieces]
    return RecordingView(
        subject,
        footer,
        options,
        stretches,
        {
            "before": _spectrum(raw[len(spans) :], source.sfreq),
            "after": _spectrum(cleaned, footer["sfreq"]),
        },
        _cells(footer),
        seconds,
    )


def bad_names(footer: Mapping[str, Any]) -> list[str]:
    """Name the channels with a bad verdict."""
    return [entry["name"] for entry in footer.get("bad_channels", [])]


def _seconds(footer: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    return {name: decode_seconds(footer[name]) for name in PER_SECOND if name in footer}


def _cells(footer: Mapping[str, Any]) -> dict[str, NDArray[np.uint8]]:
    names = {"before": "cells_before", "after": "cells_after"}
    if not all(footer.get(name) for name in names.values()):
        return {}
    return {side: decode_cells(footer[name], len(footer["ch_names"])) for side, name in names.items()}


def _spread(duration: float, seconds: float) -> list[tuple[float, float]]:
    """Lay pieces evenly over the recording; one piece if it is short."""
    length = min(PIECE_SECONDS, duration)
    count = max(1, min(int(seconds // PIECE_SECONDS), int(duration // PIECE_SECONDS)))
    starts = np.floor(np.linspace(0, duration - length, count))
    return [(float(start), float(start) + length) for start in starts]


def _padded(start: float, stop: float, duration: float) -> tuple[float, float]:
    return max(start - PAD_SECONDS, 0.0), min(stop + PAD_SECONDS, duration)


def _read_spans(source: SampleSource, seconds: Sequence[tuple[float, float]]) -> list[Samples]:
    """Read spans given in seconds, in one pass over the source."""
    ranges = [(round(start * source.sfreq), round(stop * source.sfreq)) for start, stop in seconds]
    order = sorted(range(len(ranges)), key=lambda i: ranges[i])
    found = dict(zip(order, source.spans([ranges[i] for i in order]), strict=True))
    return [_finite(found[i]) for i in range(len(ranges))]


def _finite(samples: Samples) -> Samples:
    """Put zeros where a sample is no number: a picture needs no better."""
    return np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def _before(
    part: Samples,
    stretch: Stretch,
    span: tuple[float, float],
    design: FilterDesign,
    subject: Subject,
    footer: Mapping[str, Any],
) -> Samples:
    """Filter and reference as cleaning does, and nothing else: what differs then was taken for an artefact."""
    filtered = filter_resample(part, design)
    names = tuple(name for name in subject.ch_names if name not in bad_names(footer))
    scalp = plan_reference(names, footer["montage"], footer["reference"])[0]
    if footer["reference"] == "average" and scalp:
        filtered -= filtered[[subject.ch_names.index(names[i]) for i in scalp]].mean(axis=0)
    start = round((stretch.onset - span[0]) * footer["sfreq"])
    return filtered[:, start : start + round((stretch.stop - stretch.onset) * footer["sfreq"])]


def _after(file: WindowFile, start: float, stop: float) -> Samples:
    sfreq = file.metadata["sfreq"]
    return file.read(round(start * sfreq), round(stop * sfreq))[0]


def _spectrum(pieces: Sequence[Samples], sfreq: float) -> Spectrum:
    from scipy.signal import welch

    length = min(round(WELCH_SECONDS * sfreq), min(piece.shape[1] for piece in pieces))
    powers = [welch(piece, sfreq, nperseg=length)[1] for piece in pieces]
    freqs = np.fft.rfftfreq(length, 1 / sfreq).astype(np.float64)
    return freqs, np.mean(powers, axis=0, dtype=np.float64)
