"""Any window of the corpus, in any order: a run, a first sample and a length become an array.

A row group is decoded once, into one block of all channels, and windows are copied out of it. Nothing is opened
before it is needed, little stays open, and a process that was forked or sent elsewhere starts over.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import WindowError
from eeg_kedro.io.open_windows import read_fingerprint
from eeg_kedro.io.window_layout import WindowLayout
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.sampling.windows.fingerprint_check import compare_fingerprints, expected_fingerprints
from eeg_kedro.sampling.windows.open_runs import OpenRun, OpenRuns, Pick, Tally
from eeg_kedro.sampling.windows.window_files import (
    Place,
    RunKey,
    list_window_files,
    locate,
    no_such_run,
    split_key,
)
from eeg_kedro.sampling.windows.window_span import (
    check_limits,
    check_span,
    lacks_channel,
    make_room,
    span_in_samples,
    unknown_channels,
)

Samples = NDArray[np.float32]
Mask = NDArray[np.bool_]


class WindowReader:
    """Random access to the windows of many runs.

    Parameters
    ----------
    files : mapping
        (participant, run) -> local path or fsspec URL of its window parquet, or a Kedro partition's load. None is
        touched before it is read.
    ch_names : sequence of str, optional
        Channels wanted, in this order; None: all that any run has, sorted.
    cache_megabytes : float
        Room for decoded row groups (10**6 bytes); the one being decoded comes on top.
    max_open : int
        Most files open at a time.
    storage_options : mapping, optional
        For fsspec.

    Raises
    ------
    ParameterError
        If ``cache_megabytes`` is negative or ``max_open`` below 1.
    """

    def __init__(
        self,
        files: Mapping[RunKey, Place],
        *,
        ch_names: Sequence[str] | None = None,
        cache_megabytes: float = 256.0,
        max_open: int = 64,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        check_limits(cache_megabytes, max_open)
        self._files = dict(files)
        self._runs = tuple(sorted(self._files))
        self._ch_names = None if ch_names is None else tuple(ch_names)
        self._limits = max_open, int(cache_megabytes * 1e6)
        self._storage_options = dict(storage_options or {})
        self._known: set[str] = set()  # channels seen in any footer
        self._tally = Tally()
        self._open: OpenRuns | None = None

    @classmethod
    def of_folder(cls, url: str | Path, **options: Any) -> Self:
        """Read a folder of window parquets: a local one, or any fsspec URL.

        Raises
        ------
        WindowError
            If there is no such folder, no window file in it, or one whose name tells no run.
        """
        return cls(list_window_files(url, options.get("storage_options")), **options)

    @classmethod
    def of_partitions(cls, windows: Mapping[str, Callable[[], WindowFile]], **options: Any) -> Self:
        """Read what Kedro loads as ``prm_windows``; a partition is loaded when its run is first read."""
        return cls({split_key(key): load for key, load in windows.items()}, **options)

    @property
    def runs(self) -> tuple[RunKey, ...]:
        """Participant and run of all recordings, sorted."""
        return self._runs

    @property
    def ch_names(self) -> tuple[str, ...]:
        """Channels of the reader; where none were given, every footer is read, once."""
        if self._ch_names is None:
            opened = self._opened()
            with opened.lock:
                names = {name for key in self._runs for name in self._run(opened, key).layout.ch_names}
                self._ch_names = tuple(sorted(names))
                opened.forget_picks()
        return self._ch_names

    @property
    def bytes_read(self) -> int:
        """Bytes fetched from files by this process, footers included."""
        return self._tally.n_bytes

    @property
    def groups_read(self) -> int:
        """Row groups of which this process decoded something."""
        return self._tally.n_groups

    def layout(self, participant: str, run: str) -> WindowLayout:
        """Return lengths, channels and row groups of a run; a `WindowError` if it is missing or broken."""
        opened = self._opened()
        with opened.lock:
            return self._run(opened, (participant, run)).layout

    def read(
        self,
        participant: str,
        run: str,
        onset: float,
        duration: float,
        ch_names: Sequence[str] | None = None,
    ) -> tuple[Samples, Mask]:
        """Read ``duration`` seconds from ``onset`` (s), as `read_samples`.

        Raises
        ------
        ParameterError
            If onset or duration fall between two samples.
        WindowError
            As `read_samples`.
        """
        start, n_samples = span_in_samples(self.layout(participant, run), onset, duration)
        return self.read_samples(participant, run, start, n_samples, ch_names)

    def read_samples(
        self,
        participant: str,
        run: str,
        start: int,
        n_samples: int,
        ch_names: Sequence[str] | None = None,
        out: Samples | None = None,
    ) -> tuple[Samples, Mask]:
        """Read the window ``[start, start + n_samples)`` of a run.

        Parameters
        ----------
        participant, run : str
            The recording.
        start, n_samples : int
            First sample and length.
        ch_names : sequence of str, optional
            Channels in the order wanted; those of the reader if None. Only their columns are read, and nothing is
            cached unless they are all that the reader has.
        out : ndarray of float32, shape (n_channels, n_samples), optional
            Filled and returned.

        Returns
        -------
        samples : ndarray of float32, shape (n_channels, n_samples)
            Microvolts; zeros where the run lacks the channel.
        valid : ndarray of bool, shape (n_channels,)
            False where the run lacks the channel.

        Raises
        ------
        WindowError
            If the run is missing, its file is broken, or the window reaches beyond its ends.
        ParameterError
            If no run has a channel, or ``out`` has another shape or type.
        """
        start, n_samples = operator.index(start), operator.index(n_samples)
        names, opened = self.ch_names if ch_names is None else tuple(ch_names), self._opened()
        with opened.lock:
            found = self._run(opened, (participant, run))
            check_span(found.layout, found.name, start, n_samples)
            pick = self._pick(opened, found, names)
            samples = make_room(out, (len(names), n_samples))
            if pick.absent:
                samples[pick.absent] = 0.0
            if pick.channels:
                opened.copy(found, pick, start, samples)
        return samples, pick.valid.copy()

    def read_channel(self, participant: str, run: str, ch_name: str) -> Samples:
        """Read all complete windows of one channel: its column and no other.

        Returns
        -------
        ndarray of float32, shape (n_windows, window_length)
            Microvolts; the incomplete last window is left out.

        Raises
        ------
        WindowError
            If the run or the channel in it is missing, or its file is broken.
        ParameterError
            If no run has the channel.
        """
        opened = self._opened()
        with opened.lock:
            found = self._run(opened, (participant, run))
            pick = self._pick(opened, found, (ch_name,))
            if pick.absent:
                raise lacks_channel(found.layout, found.name, ch_name)
            return opened.read_channel(found, pick)

    def check_fingerprints(self, windows: pd.DataFrame) -> None:
        """Refuse a table of windows that was made from other files than these.

        Parameters
        ----------
        windows : DataFrame
            ``participant``, ``run`` and ``windows_fingerprint``, one row per window.

        Raises
        ------
        StaleError
            If windows were cut again since, or the table does not say what it was made from.
        WindowError
            If a run is missing or its file broken.
        """
        expected = expected_fingerprints(windows)
        absent = [key for key, _ in expected if key not in self._files]
        if absent:
            raise no_such_run(absent, self._runs)
        compare_fingerprints(expected, self._read_fingerprint)

    def close(self) -> None:
        """Let go of files and memory; reading again opens them again."""
        self._open = None

    def __getstate__(self) -> dict[str, Any]:
        places = {key: locate(place, "_".join(key)) for key, place in self._files.items()}
        return self.__dict__ | {"_files": places, "_tally": Tally(), "_open": None}

    def _opened(self) -> OpenRuns:
        """Return what this process has open; what another one had before a fork is dropped, lock and all."""
        opened = self._open
        if opened is not None and opened.is_foreign():
            opened, self._tally = None, Tally()
        if opened is None:
            opened = self._open = OpenRuns(*self._limits, self._tally)
        return opened

    def _run(self, opened: OpenRuns, key: RunKey) -> OpenRun:
        found = opened.get(key)
        if found is None:
            if key not in self._files:
                raise no_such_run([key], self._runs)
            place = locate(self._files[key], "_".join(key))
            found = opened.open(key, place, self._storage_options)
            self._known.update(found.layout.ch_names)
        return found

    def _pick(self, opened: OpenRuns, found: OpenRun, names: tuple[str, ...]) -> Pick:
        pick = found.picks.get(names)
        if pick is None:
            pick = found.pick(names, self._ch_names)
            self._demand_known(opened, [names[row] for row in pick.absent])
            found.remember(names, pick)
        return pick

    def _demand_known(self, opened: OpenRuns, names: Iterable[str]) -> None:
        """Raise unless some run has each channel; footers are read until that is known."""
        unseen = set(names) - self._known
        for key in self._runs:
            if not unseen:
                return
            with suppress(WindowError):  # a broken file is an error where it is read
                self._run(opened, key)
            unseen -= self._known
        if unseen:
            raise unknown_channels(unseen, self._known)

    def _read_fingerprint(self, key: RunKey) -> int:
        place = locate(self._files[key], "_".join(key))
        return read_fingerprint(place, "_".join(key), self._storage_options, self._tally.add_bytes)
