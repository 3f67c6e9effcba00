"""What must be known of a recording before it can be cleaned: its line frequency, its faults, an excerpt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import floor
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.bad_channels import BadChannelOptions, ChannelFacts, ChannelVerdict, judge_channels
from eeg_kedro.signal.excerpt import BLOCK, SampleSource, plan_spans, read_excerpt
from eeg_kedro.signal.filters import design_filter
from eeg_kedro.signal.gaps import Gap, fill_gaps, find_gaps
from eeg_kedro.signal.line_noise import LineFrequency, detect_line_freq
from eeg_kedro.signal.pops import Pop, PopOptions, remove_pops
from eeg_kedro.signal.raw_survey import RawSurvey
from eeg_kedro.signal.swings import SwingSurvey

Samples = NDArray[np.float32]
Ends = NDArray[np.int64]
Fault = TypeVar("Fault", Gap, Pop)
Notch = Literal["auto"] | tuple[float, ...]
LOW, HIGH = 1.0, 100.0  # Hz; the band ICLabel knows, and wide enough to see electrode noise
SLOWEST = 220.0  # Hz; the excerpt is decimated by whole numbers, to this rate or above
LONGEST_SPAN = 1 << 23  # samples; spans of 30 s at 20 kHz, and what a filter needs around them, are shorter
LINE_SPANS, LINE_SECONDS = 12, 10.0
FALL_OFF = 1.25  # a low-pass at h_freq still lets this times h_freq through, weakened


@dataclass(frozen=True)
class RawRepair:
    """Mends raw samples: stretches that are no numbers, electrode pops, spikes of the hardware.

    Attributes
    ----------
    sfreq : float
        Hz.
    gaps : tuple of Gap
        Stretches without numbers; they are bridged.
    pops : tuple of Pop
        What hardware did; taken out where that is possible.
    """

    sfreq: float
    gaps: tuple[Gap, ...]
    pops: tuple[Pop, ...]

    def __call__(self, blocks: Iterator[Samples], first: int) -> Iterator[Samples]:
        """Mend blocks (n_channels, n) of which the first begins at sample ``first``."""
        gaps = self.gaps if not first else _after(first, self.gaps, self._gap_ends)
        pops = self.pops if not first else _after(first, self.pops, self._pop_ends)
        mended = fill_gaps(blocks, gaps) if gaps else blocks
        return remove_pops(mended, self.sfreq, pops) if pops else mended

    def of(self, n_channels: int) -> RawRepair:
        """Give what concerns the first rows only."""
        return replace(self, gaps=tuple(gap for gap in self.gaps if gap.channel < n_channels))

    @cached_property
    def _gap_ends(self) -> Ends:
        return _ends(self.gaps)

    @cached_property
    def _pop_ends(self) -> Ends:
        return _ends(self.pops)


def _ends(faults: Sequence[Gap] | Sequence[Pop]) -> Ends:
    return np.array([(fault.start, fault.stop) for fault in faults], np.int64).reshape(-1, 2)


def _after(first: int, faults: tuple[Fault, ...], ends: Ends) -> tuple[Fault, ...]:
    """Give the faults that a span from sample ``first`` on may hold, counted from there.

    Spans are short: what begins far behind is not looked at, or many faults would cost their number squared.
    """
    near = np.flatnonzero((ends[:, 1] > first) & (ends[:, 0] < first + LONGEST_SPAN))
    return tuple(replace(faults[i], start=faults[i].start - first, stop=faults[i].stop - first) for i in near)


@dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes
    ----------
    line : LineFrequency
        Mains frequency, as found or as told.
    notch_freqs : tuple of float
        Hz, what to take out between 0 and half the recorded rate.
    repair : RawRepair
        What to mend in the raw samples.
    verdicts : tuple of ChannelVerdict
        One per EEG channel.
    excerpt : ndarray of float32, shape (n_channels + n_aux, n)
        1-100 Hz, line notched, reference as recorded, microvolts.
    sfreq : float
        Rate of the excerpt in Hz.
    """

    line: LineFrequency
    notch_freqs: tuple[float, ...]
    repair: RawRepair
    verdicts: tuple[ChannelVerdict, ...]
    excerpt: Samples
    sfreq: float


def examine(
    source: SampleSource,
    names: Sequence[str],
    notch: Notch,
    pops: PopOptions,
    bad_channels: BadChannelOptions,
    flat_uv: float,
    minutes: float,
    with_components: bool = True,
) -> Examination:
    """Look at a recording before anything is done to it.

    Parameters
    ----------
    source : SampleSource
        The recording; its first rows are the EEG channels, further ones show eyes, heart or muscles.
    names : sequence of str
        EEG channels.
    notch : "auto" or tuple of float
        Line frequencies in Hz, or to be found.
    pops : PopOptions
        How pops are found.
    bad_channels : BadChannelOptions
        How channels are judged.
    flat_uv : float
        Peak-to-peak amplitude in microvolts below which a channel is flat.
    minutes : float
        Most of the recording to judge channels and fit components on.
    with_components : bool
        Whether components will be fitted; if not, and channels are not judged, the excerpt stays empty.
    """
    n = len(names)
    limits, n_missing = source.extent()
    gaps = find_gaps(source.blocks(BLOCK)) if n_missing.any() else ()
    n_rows, limits, n_missing = len(limits), limits[:n], n_missing[:n]
    facts = ChannelFacts(
        ptp_uv=np.nan_to_num(limits[:, 1] - limits[:, 0]),
        missing_share=n_missing / source.n_times,
        clipped_share=np.zeros(n),
    )
    found: tuple[Pop, ...] = ()
    if pops.enabled or bad_channels.enabled:
        facts, found = _survey(source, names, limits, gaps, pops, facts)
    repair = RawRepair(source.sfreq, gaps, found if pops.enabled else ())
    line = _find_line(source, n, notch, RawRepair(source.sfreq, gaps, ()))
    freqs = _line_freqs(line, notch, source.sfreq / 2)
    rate = source.sfreq / max(1, floor(source.sfreq / SLOWEST))
    # a rate of a few Hz has no room for a high-pass at 1 Hz
    low = LOW if rate > 4 * LOW else None
    design = design_filter(source.sfreq, rate, low, HIGH, tuple(f for f in freqs if f <= FALL_OFF * HIGH))
    excerpt = np.empty((n_rows, 0), np.float32)
    if with_components or bad_channels.enabled:
        spans = plan_spans(source.n_times, source.sfreq, n_rows, minutes)
        excerpt = read_excerpt(source, spans, design, repair)
    verdicts = judge_channels(excerpt[:n], rate, names, facts, bad_channels, flat_uv)
    return Examination(line, freqs, repair, verdicts, excerpt, rate)


def _survey(
    source: SampleSource,
    names: Sequence[str],
    limits: NDArray[np.float64],
    gaps: tuple[Gap, ...],
    pops: PopOptions,
    facts: ChannelFacts,
) -> tuple[ChannelFacts, tuple[Pop, ...]]:
    """Read the raw samples once for pops, clipping and swings."""
    n = len(names)
    survey, swings = RawSurvey(source.sfreq, names, limits, pops), SwingSurvey(n, source.sfreq)
    for block in RawRepair(source.sfreq, gaps, ())(source.blocks(BLOCK), 0):
        survey.update(block[:n])
        swings.update(block[:n])
    clipped = survey.n_clipped() / source.n_times
    return replace(facts, clipped_share=clipped, swing_uv=swings.swing_uv()), survey.pops()


def _find_line(source: SampleSource, n_channels: int, notch: Notch, repair: RawRepair) -> LineFrequency:
    if notch != "auto":
        told = ", ".join(f"{freq:g}" for freq in notch)
        note = f"notch at {told} Hz as told" if told else "no notch, as told"
        return LineFrequency(notch[0] if notch else None, note, {})
    length = min(round(LINE_SECONDS * source.sfreq), source.n_times)
    starts = np.linspace(0, source.n_times - length, LINE_SPANS).astype(int)
    places = sorted({int(start) for start in starts})
    apart = all(b - a >= length for a, b in pairwise(places))
    spans = (
        [(start, start + length) for start in places]
        if apart
        else [(0, min(source.n_times, LINE_SPANS * length))]
    )
    found = [
        block[:n_channels].copy()
        for (start, _), raw in zip(spans, source.spans(spans), strict=True)
        for block in repair(iter([raw]), start)
    ]
    return detect_line_freq(np.concatenate(found, axis=1), source.sfreq)


def _line_freqs(line: LineFrequency, notch: Notch, nyquist: float) -> tuple[float, ...]:
    """Give what to notch: what was told, or the line that was found with its harmonics."""
    if notch != "auto":
        return notch
    if line.freq is None:
        return ()
    return tuple(line.freq * k for k in range(1, int(nyquist // line.freq) + 1))
