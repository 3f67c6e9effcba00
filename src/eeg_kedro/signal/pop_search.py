"""Electrode pops and hardware spikes in the raw samples: found in one pass, taken out in another.

A pop is a step of one or two samples in one electrode that dies away; a hardware spike is over within 12 ms.
Both are faster than anything the brain or a muscle makes: the difference between two samples towers over all
differences around it. An epileptic spike (20 ms and longer) is as steep before and behind its steepest place
and its neighbors see it; blinks and seizures are slower still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.pieces import Piece, PieceCutter
from eeg_kedro.signal.pop_shapes import AFTER_SECONDS, BEFORE_SECONDS, DecayShapes, fit_decay
from eeg_kedro.signal.pops import Pop, PopOptions, shape_pop, subtract_pop

Samples = NDArray[np.float32]
PIECE_SECONDS = 32.0
EVERY = 32  # samples between those that measure how a channel usually differs from one to the next
SURROUNDINGS = 0.06  # seconds before and behind a step that it is compared with
LEAST_SURROUNDINGS = 12  # samples
LEAST_SD = (
    9.0  # a step in root mean squares of the differences within SURROUNDINGS: muscle reaches 8 in an hour
)
WIDER = 0.5  # seconds before and behind it, in which a burst of muscle shows itself
WIDER_RANK = 4  # the largest but three there: pops come in volleys, and must not hide each other
WIDER_RATIO = 3.0
SETTLED = 0.04  # seconds before and behind a step whose means must differ as it does
FEWEST_WITNESSES = 3  # channels that would see a jump of the eyes but not a pop
SETTLED_SHARE = (0.5, 1.5)  # of the step; muscle swings back
SPIKE_TIMES = 1.2  # a spike, which leaves no decay to know it by, must tower this much more
SPIKE_SECONDS = (
    0.0085  # hardware spikes are shorter; an epileptic one of 20 ms is above half its height for 10
)
SPIKE_SAMPLES = 3
LEAST_SFREQ = 50.0  # Hz; below it no step is faster than EEG
SPIKE_SFREQ = 150.0  # Hz; below it one sample is as long as an epileptic spike
SHARED = 0.4  # share of a step that another electrode may show: an average reference hands on 1 / n
MOST_PER_PIECE = 200  # steps in one channel and piece; a channel with more is bad, not popping
NEAREST = np.arange(-1, 2)  # samples: what is looked at first, because it settles most cases


class PopSearch:
    """Looks for pops while samples pass by in pieces.

    Parameters
    ----------
    sfreq : float
        Sampling rate in Hz.
    names : sequence of str
        Channels; those of a bipolar montage that share an electrode may show the same pop.
    options : PopOptions
        What counts.
    """

    def __init__(self, sfreq: float, names: Sequence[str], options: PopOptions) -> None:
        self.sfreq, self.options = sfreq, options
        self.found: list[Pop] = []
        self._witnesses = _witnesses(names)
        self._around = max(round(SURROUNDINGS * sfreq), LEAST_SURROUNDINGS)
        self._spike = min(int(SPIKE_SECONDS * sfreq), SPIKE_SAMPLES) if sfreq >= SPIKE_SFREQ else 0
        self._shapes = DecayShapes(sfreq)
        self._recent: dict[int, list[Pop]] = {}
        self._steps = np.empty(0, np.float32)

    @property
    def reach(self) -> tuple[int, int]:
        """Samples needed before and behind a piece."""
        before = round(BEFORE_SECONDS * self.sfreq) + self._around + SPIKE_SAMPLES
        return before, round(AFTER_SECONDS * self.sfreq) + self._around + SPIKE_SAMPLES

    def search(self, piece: Piece) -> None:
        """Look through the next piece."""
        first, last = max(piece.offset, 1), piece.offset + piece.n
        if last <= first or self.sfreq < LEAST_SFREQ:
            return
        # differences of the piece and, to compare with, of what lies around it
        low, high = max(first - self._around, 1), min(last + self._around, piece.samples.shape[1])
        steps = self._steps = (
            self._steps if self._steps.size >= high - low else np.empty(high - low, np.float32)
        )
        steps = steps[: high - low]
        own = steps[first - low : last - low]
        for channel, row in enumerate(piece.samples):
            if len(self._witnesses[channel]) < FEWEST_WITNESSES:
                continue
            np.subtract(row[low:high], row[low - 1 : high - 1], out=steps)
            np.abs(steps, out=steps)
            limit = self._limit(own)
            if own.max() > limit:
                for place in self._stand_out(steps, np.flatnonzero(own > limit) + first - low):
                    self._judge(piece, channel, int(place) + low)

    def _limit(self, steps: Samples) -> float:
        # the usual difference of a quiet channel, so that it is the least one that decides there
        some = steps[::EVERY]
        usual = float(np.partition(some, len(some) // 2)[len(some) // 2])
        return max(0.5 * self.options.least_uv, self.options.times_usual * usual)

    def _stand_out(self, steps: Samples, places: NDArray[np.intp]) -> NDArray[np.intp]:
        """Choose the places where a step towers over its surroundings, nearest ones first."""
        n, k = self._around, max(self._spike, 1)
        wanted = 0.75 * self.options.times_around  # a step of two samples takes less in one
        end = len(steps) - 1
        before, after = steps[np.maximum(places - 1, 0)], steps[np.minimum(places + 1, end)]
        places = places[(steps[places] > before) & (steps[places] >= after)]
        for offsets in (NEAREST - 3, NEAREST + k + 2, np.append(np.arange(-n, -1), np.arange(k + 1, n + 1))):
            at = places[:, np.newaxis] + offsets
            around = np.where((at >= 0) & (at <= end), steps[np.clip(at, 0, end)], 0.0)
            places = places[steps[places] > wanted * around.max(axis=1)]
        return places if len(places) <= MOST_PER_PIECE else places[:0]

    def _judge(self, piece: Piece, channel: int, place: int) -> None:
        """Decide what a step is, and keep it if it is a pop or a spike."""
        row = piece.samples[channel]
        start, top = _step_bounds(row, self._rising_side(row, place))
        shift = piece.start - piece.offset
        recent = [pop for pop in self._recent.get(channel, []) if pop.stop > shift + start - 1]
        if any(shift + start <= pop.start + SPIKE_SAMPLES for pop in recent):
            return  # the falling side of what has been found
        height = float(row[top] - row[start - 1])
        near = self._differences_around(row[np.newaxis], start, top)[0]
        here, usual = float(near.max(initial=0.0)), float(np.sqrt(np.mean(near**2))) if near.size else 0.0
        if abs(height) < max(self.options.least_uv, self.options.times_around * here, LEAST_SD * usual):
            return
        wider = _ranked(row, start, top, round(WIDER * self.sfreq), max(self._spike, 1))
        if abs(height) < WIDER_RATIO * wider or self._is_shared(piece.samples, channel, start, top):
            return
        pop = self._spike_at(row, channel, start, shift, max(here, wider))
        if pop is None and _stays(row, start, top, round(SETTLED * self.sfreq)):
            pop = self._pop_at(row, channel, (start, top), shift, recent)
        if pop is not None:
            self.found.append(pop)
            self._recent[channel] = [*recent, pop]

    def _rising_side(self, row: Samples, place: int) -> int:
        """Go back from the falling side of a hardware spike to its rising side."""
        fall = row[place] - row[place - 1]
        for back in range(1, min(self._spike, place - 1) + 1):
            if (row[place - back] - row[place - back - 1]) / fall < -0.6:
                return place - back
        return place

    def _is_shared(self, x: Samples, channel: int, start: int, top: int) -> bool:
        """Say whether an electrode that has no part in a step shows it, beyond what it does all the time."""
        others = self._witnesses[channel]
        height = abs(x[channel, top] - x[channel, start - 1])
        shared = np.abs(x[others, top] - x[others, start - 1])
        suspects = others[shared > SHARED * height]
        around = self._differences_around(x[suspects], start, top).max(axis=1, initial=0.0)
        return bool(np.any(np.abs(x[suspects, top] - x[suspects, start - 1]) > 1.5 * around))

    def _differences_around(self, x: Samples, start: int, top: int) -> NDArray[np.float32]:
        """Give the absolute differences beside a step, shape (n_channels, n)."""
        n, k = self._around, max(self._spike, 1)
        ahead, behind = x[:, max(start - 1 - n, 0) : start - 1], x[:, start + k : top + k + n]
        near: NDArray[np.float32] = np.abs(
            np.concatenate([np.diff(ahead, axis=1), np.diff(behind, axis=1)], axis=1)
        )
        return near

    def _spike_at(self, row: Samples, channel: int, start: int, shift: int, around: float) -> Pop | None:
        lowest = max(SPIKE_TIMES * self.options.times_around * around, self.options.least_uv)
        base = float(row[start - 1])
        for n in range(1, self._spike + 1):
            if start + n >= len(row):
                return None
            after = float(row[start + n])
            line = base + (after - base) * np.arange(1, n + 1) / (n + 1)
            away = row[start : start + n] - line
            height = float(away[np.argmax(np.abs(away))])
            if abs(after - base) < 0.3 * abs(height) and abs(height) > lowest:
                return Pop(
                    channel, shift + start, shift + start + n, "spike", height, 0.0, True,
                    before=base, after=after,
                )  # fmt: skip
        return None

    def _pop_at(
        self, row: Samples, channel: int, step: tuple[int, int], shift: int, recent: list[Pop]
    ) -> Pop | None:
        start, top = step
        n_before = min(round(BEFORE_SECONDS * self.sfreq), start)
        stop = min(top + round(AFTER_SECONDS * self.sfreq), len(row))
        part = row[start - n_before : stop].astype(np.float64)
        for pop in recent:
            if pop.repaired and pop.kind == "pop":
                subtract_pop(part, shift + start - n_before, pop, shape_pop(pop, self.sfreq))
        whole = float(row[top] - row[start - 1])
        stop = _next_step(part, n_before + top - start, abs(whole), self._around)
        fit = fit_decay(part[:stop], n_before, top - start, self._shapes, self.sfreq)
        if fit is None:
            return None
        n = max(int(np.ceil(fit.tau * np.log(max(abs(fit.uv), 1.001)) * self.sfreq)), 2)
        rise = 1.0 if top == start else float((row[start] - row[start - 1]) / whole)
        return Pop(channel, shift + start, shift + start + n, "pop", fit.uv, fit.tau, fit.good, rise)


def _step_bounds(row: Samples, place: int) -> tuple[int, int]:
    """Give the first sample that has left the old level and the first at the new one."""
    here = row[place] - row[place - 1]
    ahead = row[place - 1] - row[place - 2] if place > 1 else np.float32(0)
    behind = row[place + 1] - row[place] if place + 1 < len(row) else np.float32(0)
    if max(ahead / here, behind / here) < 0.2:
        return place, place
    return (place - 1, place) if ahead / here >= behind / here else (place, place + 1)


def _ranked(row: Samples, start: int, top: int, n: int, spike: int) -> float:
    """Give the largest difference but three within ``n`` samples of a step."""
    sides = (row[max(start - 1 - n, 0) : start - 1], row[top + spike : top + spike + n])
    steps = np.concatenate([np.abs(np.diff(side)) for side in sides])
    return float(np.partition(steps, -WIDER_RANK)[-WIDER_RANK]) if len(steps) > WIDER_RANK else 0.0


def _stays(row: Samples, start: int, top: int, n: int) -> bool:
    """Say whether the level behind a step is another than before it, by about its height."""
    ahead, behind = row[max(start - n, 0) : start], row[top : top + n]
    share = (behind.mean() - ahead.mean()) / (row[top] - row[start - 1])
    return bool(SETTLED_SHARE[0] < share < SETTLED_SHARE[1])


def _next_step(part: NDArray[np.float64], top: int, height: float, clear: int) -> int:
    """Give where the next step of at least half the height begins behind a pop, or the end."""
    later = np.abs(np.diff(part[top + SPIKE_SAMPLES :]))
    steps = np.flatnonzero(later > 0.5 * height)
    return len(part) if not len(steps) else top + SPIKE_SAMPLES + max(int(steps[0]) - 1, 0)


def _witnesses(names: Sequence[str]) -> list[NDArray[np.intp]]:
    """List for each channel those that must not show its pops: all that share no electrode with it."""
    electrodes = [set(name.split("-")) for name in names]
    return [
        np.array([j for j, theirs in enumerate(electrodes) if j != i and not theirs & own], np.intp)
        for i, own in enumerate(electrodes)
    ]


def find_pops(
    blocks: Iterable[Samples], sfreq: float, names: Sequence[str], options: PopOptions
) -> tuple[Pop, ...]:
    """Find electrode pops and hardware spikes in one pass.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n_channels, n)
        Consecutive raw samples in microvolts, without gaps.
    sfreq : float
        Sampling rate in Hz.
    names : sequence of str
        Channels.
    options : PopOptions
        What counts.

    Returns
    -------
    tuple of Pop
        In order of start, then of channel; empty if switched off.
    """
    if not options.enabled:
        return ()
    search = PopSearch(sfreq, names, options)
    cutter = PieceCutter(round(PIECE_SECONDS * sfreq), *search.reach)
    for block in blocks:
        for piece in cutter.push(block):
            search.search(piece)
    for piece in cutter.finish():
        search.search(piece)
    return sort_pops(search.found)


def sort_pops(pops: Iterable[Pop]) -> tuple[Pop, ...]:
    """Order pops by start, then by channel."""
    return tuple(sorted(pops, key=lambda pop: (pop.start, pop.channel)))
