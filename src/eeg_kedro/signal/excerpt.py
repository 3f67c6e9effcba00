"""An excerpt of a recording: spans spread evenly over it, filtered as if it were whole, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.filter_design import FilterDesign
from eeg_kedro.signal.filters import filter_resample, filter_resample_blocks, resampled_length

Samples = NDArray[np.float32]
Repair = Callable[[Iterator[Samples], int], Iterator[Samples]]
Span = tuple[int, int]
BLOCK = 32_768  # samples asked for at a time; results do not depend on it
SPAN_SECONDS = 30.0
MOST_BYTES = 96 << 20  # of an excerpt; recordings of many channels get a shorter one
BYTES_PER_SAMPLE = 4


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

    def spans(self, spans: Sequence[Span]) -> Iterator[Samples]:
        """Yield microvolts of half-open ranges of samples, in order of their start."""

    def fingerprint(self) -> str:
        """Give the SHA-256 of the source's bytes, hexadecimal."""


def plan_spans(n_times: int, sfreq: float, n_channels: int, minutes: float) -> list[Span]:
    """Choose what to look at: all of a short recording, else spans of 30 s spread evenly over a long one.

    Parameters
    ----------
    n_times : int
        Samples per channel.
    sfreq : float
        Hz.
    n_channels : int
        Channels that will be held.
    minutes : float
        Most to look at; less where it would not fit into 96 MB.

    Returns
    -------
    list of (int, int)
        Half-open ranges of samples, in order, without overlap.
    """
    most = int(min(minutes * 60 * sfreq, MOST_BYTES / (BYTES_PER_SAMPLE * max(n_channels, 1))))
    if n_times <= most:
        return [(0, n_times)]
    length = min(round(SPAN_SECONDS * sfreq), most)
    starts = np.round(np.linspace(0, n_times - length, most // length)).astype(int)
    return [(int(start), int(start) + length) for start in starts]


def read_excerpt(
    source: SampleSource, spans: Sequence[Span], design: FilterDesign, repair: Repair
) -> Samples:
    """Filter spans of a recording as if it were filtered whole.

    Parameters
    ----------
    source : SampleSource
        The recording.
    spans : sequence of (int, int)
        Ranges of raw samples, from `plan_spans`.
    design : FilterDesign
        Filter and change of rate.
    repair : callable
        Mends raw samples: gets blocks and the number of the first sample, gives blocks.

    Returns
    -------
    ndarray of float32, shape (n_picks, n)
        Microvolts at ``design.sfreq_out``, the spans end to end.
    """
    if list(spans) == [(0, source.n_times)]:
        return _read_whole(source, design, repair)
    wide = [_widen(span, source.n_times, design) for span in spans]
    parts = []
    for raw, span, (start, _) in zip(source.spans(wide), spans, wide, strict=True):
        mended = np.concatenate([block.copy() for block in repair(iter([raw]), start)], axis=1)
        filtered = filter_resample(mended, design)
        first = (span[0] - start) // design.down * design.up
        n = resampled_length(span[1] - span[0], design)
        parts.append(filtered[:, first : first + n])
    return np.concatenate(parts, axis=1)


def _read_whole(source: SampleSource, design: FilterDesign, repair: Repair) -> Samples:
    out, done = np.empty((0, 0), np.float32), 0
    blocks = repair(source.blocks(BLOCK), 0)
    for block in filter_resample_blocks(blocks, source.n_times, design):
        if not done:
            out = np.empty((len(block), resampled_length(source.n_times, design)), np.float32)
        out[:, done : done + block.shape[1]] = block
        done += block.shape[1]
    return out


def _widen(span: Span, n_times: int, design: FilterDesign) -> Span:
    """Add what the filter needs on both sides, a whole number of output samples before."""
    before = min(-(-design.pad // design.down), span[0] // design.down) * design.down
    return span[0] - before, min(span[1] + design.pad, n_times)
