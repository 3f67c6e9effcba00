"""What one process of a window reader has open: files, decoded row groups, and the lock around them."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.io.open_windows import OpenWindows
from eeg_kedro.io.window_layout import WindowLayout
from eeg_kedro.sampling.windows.row_group_cache import RowGroupCache
from eeg_kedro.sampling.windows.window_files import RunKey

Samples = NDArray[np.float32]
Rows = slice | list[int]
ALL = slice(None)
MOST_PICKS = 64  # selections of channels remembered per open run


@dataclass
class Tally:
    """What was read: bytes from files, row groups decoded."""

    n_bytes: int = 0
    n_groups: int = 0

    def add_bytes(self, n: int) -> None:
        """Count bytes."""
        self.n_bytes += n


class Pick(NamedTuple):
    """Which channels of a file become which rows of a window.

    Attributes
    ----------
    valid : ndarray of bool, shape (n_channels,)
        False where the file lacks the channel.
    absent : list of int
        Rows of those.
    rows : slice or list of int
        The other rows.
    channels : list of int
        What belongs in ``rows``, by index in the file.
    kept : list of int or None
        Channels of the blocks that are cached; None if these hold not all that is picked.
    kept_rows : slice or list of int
        Where in such a block ``channels`` are.
    """

    valid: NDArray[np.bool_]
    absent: list[int]
    rows: Rows
    channels: list[int]
    kept: list[int] | None
    kept_rows: Rows


@dataclass(frozen=True)
class OpenRun:
    """An open recording and the picks made of it so far."""

    key: RunKey
    file: OpenWindows
    picks: dict[tuple[str, ...], Pick] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For errors."""
        return "_".join(self.key)

    @property
    def layout(self) -> WindowLayout:
        """Of the file."""
        return self.file.layout

    def remember(self, names: tuple[str, ...], pick: Pick) -> None:
        """Keep a pick; whoever asks for other channels each time must not fill the memory."""
        if len(self.picks) >= MOST_PICKS:
            self.picks.clear()
        self.picks[names] = pick

    def pick(self, names: tuple[str, ...], usual: tuple[str, ...] | None) -> Pick:
        """Find channels in the file; ``usual`` are those of the reader, None if not known yet."""
        found = self.file.find(names)
        valid = np.array(found, np.intp) >= 0
        channels = [channel for channel in found if channel >= 0]
        rows: Rows = ALL if valid.all() else np.flatnonzero(valid).tolist()
        kept = None if usual is None else [channel for channel in self.file.find(usual) if channel >= 0]
        if kept is None or not {*channels} <= {*kept}:
            return Pick(valid, np.flatnonzero(~valid).tolist(), rows, channels, None, ALL)
        kept_rows = ALL if channels == kept else [kept.index(channel) for channel in channels]
        return Pick(valid, np.flatnonzero(~valid).tolist(), rows, channels, kept, kept_rows)


class OpenRuns:
    """Files and row groups in use, each within its bound; made anew in every process.

    Parameters
    ----------
    max_open : int
        Files.
    cache_bytes : int
        Of decoded row groups.
    tally : Tally
        Counts what is read.
    """

    def __init__(self, max_open: int, cache_bytes: int, tally: Tally) -> None:
        self._pid, self._max_open, self._tally = os.getpid(), max_open, tally
        self._runs: OrderedDict[RunKey, OpenRun] = OrderedDict()
        self.lock = RLock()
        self.cache = RowGroupCache(cache_bytes)

    def is_foreign(self) -> bool:
        """Tell whether this was inherited in a fork: then even its lock may be held by a thread that is gone."""
        return self._pid != os.getpid()

    def get(self, key: RunKey) -> OpenRun | None:
        """Return a run if it is open."""
        found = self._runs.get(key)
        if found is not None:
            self._runs.move_to_end(key)
        return found

    def open(self, key: RunKey, place: str | Path, storage_options: Mapping[str, Any]) -> OpenRun:
        """Open a run in place of the one that was not used for longest, whose file closes with its last user.

        Raises
        ------
        WindowError
            If the file is missing or broken.
        """
        while len(self._runs) >= self._max_open:
            self._runs.popitem(last=False)
        file = OpenWindows(place, "_".join(key), storage_options, self._tally.add_bytes)
        self._runs[key] = OpenRun(key, file)
        return self._runs[key]

    def forget_picks(self) -> None:
        """Make all picks anew, now that the channels of the reader are known."""
        for run in self._runs.values():
            run.picks.clear()

    def copy(self, found: OpenRun, pick: Pick, start: int, samples: Samples) -> None:
        """Copy into ``samples``, from sample ``start`` on, what each row group and the tail hold of it.

        Raises
        ------
        WindowError
            If the file is damaged there.
        """
        stop = start + samples.shape[1]
        for piece in found.layout.pieces(start, stop):
            first, last = found.layout.bounds(piece)
            low, high = max(start, first), min(stop, last)
            block, rows = self._block(found, pick, piece)
            samples[pick.rows, low - start : high - start] = block[rows, low - first : high - first]

    def read_channel(self, found: OpenRun, pick: Pick) -> Samples:
        """Decode the complete windows of one channel, past the cache."""
        self._tally.n_groups += found.layout.n_groups
        return found.file.read_channel(pick.channels[0])

    def _block(self, found: OpenRun, pick: Pick, piece: int) -> tuple[Samples, Rows]:
        """Return a decoded row group and which of its rows are the channels picked."""
        key = (*found.key, found.layout.fingerprint, piece)
        block = None if pick.kept is None else self.cache.get(key)
        if block is not None:
            return block, pick.kept_rows
        self._tally.n_groups += piece < found.layout.n_groups
        if pick.kept is None or len(pick.kept) > len(pick.channels):
            return found.file.read(piece, pick.channels), ALL
        first, last = found.layout.bounds(piece)
        room = self.cache.make_room((len(pick.kept), last - first))
        block = found.file.read(piece, pick.kept, room)
        self.cache.put(key, block)
        return block, pick.kept_rows
