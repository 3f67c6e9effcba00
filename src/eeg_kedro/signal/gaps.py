"""Stretches of samples that are no finite numbers: where they are, and a straight line across each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Gap:
    """Missing samples of one channel, ``[start, stop)``, and the values the line across them joins.

    Attributes
    ----------
    channel : int
        Row of the recording.
    start, stop : int
        Samples; ``stop`` is the first that is there again.
    before, after : float
        Microvolts at ``start - 1`` and at ``stop``. Where the gap touches an end of the recording both are the
        value at its other side; 0 in a channel without any value.
    """

    channel: int
    start: int
    stop: int
    before: float
    after: float


def find_gaps(blocks: Iterable[NDArray[np.floating]]) -> tuple[Gap, ...]:
    """Find all stretches that are not finite.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (n_channels, n)
        Consecutive samples in microvolts, any number at a time.

    Returns
    -------
    tuple of Gap
        In order of channel, then of start.
    """
    search = _Search()
    for block in blocks:
        search.update(block)
    return search.finish()


class _Search:
    """What is known of each channel between two blocks: an open gap, and the last value that was there."""

    def __init__(self) -> None:
        self._seen = 0
        self._open: dict[int, int] = {}
        self._last: dict[int, float] = {}
        self._found: list[Gap] = []

    def update(self, block: NDArray[np.floating]) -> None:
        finite = np.isfinite(block)
        whole = finite.all(axis=1)
        for channel, row in enumerate(block):
            if not row.size or (whole[channel] and channel not in self._open):
                continue
            self._scan(channel, row, finite[channel])
        if block.shape[1]:
            self._last |= {int(c): float(block[c, -1]) for c in np.flatnonzero(finite[:, -1])}
        self._seen += block.shape[1]

    def _scan(self, channel: int, row: NDArray[np.floating], finite: NDArray[np.bool_]) -> None:
        was_missing = channel in self._open
        borders = np.flatnonzero(np.diff(finite, prepend=not was_missing))
        for i in borders:
            if not finite[i]:
                self._open[channel] = self._seen + int(i)
                if i:
                    self._last[channel] = float(row[i - 1])
                continue
            after = float(row[i])
            before = self._last.get(channel, after)
            self._found.append(Gap(channel, self._open.pop(channel), self._seen + int(i), before, after))

    def finish(self) -> tuple[Gap, ...]:
        for channel, start in self._open.items():
            level = self._last.get(channel, 0.0)
            self._found.append(Gap(channel, start, self._seen, level, level))
        return tuple(sorted(self._found, key=lambda gap: (gap.channel, gap.start)))


def fill_gaps(blocks: Iterable[Samples], gaps: Sequence[Gap]) -> Iterator[Samples]:
    """Draw a straight line across each gap.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n_channels, n)
        Consecutive samples in microvolts; a read-only block is copied, any other is filled in place.
    gaps : sequence of Gap
        From `find_gaps` over the same samples.

    Yields
    ------
    ndarray of float32, shape (n_channels, n)
        The blocks, finite.
    """
    waiting = sorted(gaps, key=lambda gap: gap.start)
    current: list[Gap] = []
    seen, taken = 0, 0
    for block in blocks:
        end = seen + block.shape[1]
        while taken < len(waiting) and waiting[taken].start < end:
            current.append(waiting[taken])
            taken += 1
        filled = block if not current or block.flags.writeable else block.copy()
        for gap in current:
            start, stop = max(gap.start, seen), min(gap.stop, end)
            filled[gap.channel, start - seen : stop - seen] = _line(gap, start, stop)
        current = [gap for gap in current if gap.stop > end]
        seen = end
        yield filled


def _line(gap: Gap, start: int, stop: int) -> NDArray[np.float64]:
    way = np.arange(start - gap.start + 1, stop - gap.start + 1) / (gap.stop - gap.start + 1)
    return gap.before + (gap.after - gap.before) * way
