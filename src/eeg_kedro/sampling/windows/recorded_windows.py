"""Windows composed from ``prm_windows`` while they are asked for: nothing is stored twice."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError, StaleError
from eeg_kedro.sampling.windows.seizure_masks import SeizureMasks
from eeg_kedro.sampling.windows.window_source import (
    CATEGORIZE_AGAIN,
    Positions,
    WindowRows,
    annotated_rows,
    file_fingerprints,
    refuse_unannotated,
)

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader


class RecordedWindows:
    """The windows of a table, read from the recordings; a `window_source.WindowSource`.

    No file is opened before samples or channels are asked for.

    Parameters
    ----------
    reader : WindowReader
        The recordings; its channels are those of the windows.
    windows : DataFrame
        Any rows of ``prm_window_manifest``, in any order.
    events : DataFrame or None
        Labelled intervals of the recordings; without them there are no `labels`.

    Raises
    ------
    ParameterError
        If a column is missing, or the windows differ in length or rate.
    StaleError
        If the rows of one run were made from two states of its file.
    """

    def __init__(self, reader: WindowReader, windows: pd.DataFrame, events: pd.DataFrame | None) -> None:
        self._reader, self._events = reader, events
        self._rows = WindowRows.of_table(windows)
        self._marks = file_fingerprints(windows, self._rows.run, ["_".join(key) for key in self._rows.runs])
        self._checked = np.zeros(len(self._rows.runs), np.bool_)
        self.sfreq, self.n_samples = self._rows.sfreq, self._rows.n_samples
        if events is not None:
            self._annotated = annotated_rows(windows)
            self._counts = windows["seizure_samples"].to_numpy(np.int32, copy=True)

    def __len__(self) -> int:
        return self._rows.start.size

    @property
    def ch_names(self) -> tuple[str, ...]:
        """Channels of the reader; where it was given none, the footers of all its runs are read for them."""
        return self._reader.ch_names

    def gather(self, positions: Positions) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read windows; those of one row group are read one after the other, whatever the order asked for.

        Parameters
        ----------
        positions : ndarray of int, shape (n_positions,)
            Rows of the table.

        Returns
        -------
        samples : ndarray of float32, shape (n_positions, n_channels, n_samples)
            Microvolts; zeros where the channel is absent.
        valid : ndarray of bool, shape (n_positions, n_channels)
            False where a recording lacks the channel.

        Raises
        ------
        StaleError
            If a file is not the one the table was made from.
        WindowError
            If a run is missing or broken, or a window reaches beyond its end.
        """
        run, start = self._rows.run[positions], self._rows.start[positions]
        self._check(run)
        samples = np.empty((run.size, len(self.ch_names), self.n_samples), np.float32)
        valid = np.empty(samples.shape[:2], np.bool_)
        for i in np.lexsort((start, run)):
            who, which = self._rows.runs[run[i]]
            _, valid[i] = self._reader.read_samples(who, which, int(start[i]), self.n_samples, out=samples[i])
        return samples, valid

    def valid(self, positions: Positions) -> NDArray[np.bool_]:
        """Tell which channels the windows have, (n_positions, n_channels); reads footers only."""
        run = self._rows.run[positions]
        self._check(run)
        distinct, place = np.unique(run, return_inverse=True)
        found = [np.isin(self.ch_names, self._reader.layout(*self._rows.runs[i]).ch_names) for i in distinct]
        return np.array(found, np.bool_).reshape(-1, len(self.ch_names))[place]

    def labels(self, positions: Positions) -> NDArray[np.uint8]:
        """Give the seizure masks of windows, (n_positions, n_samples), as the manifest counts them.

        Raises
        ------
        ParameterError
            If the source was made without events.
        AnnotationError
            If nobody annotated the recording of a window.
        StaleError
            If the events are not those the table was made from.
        """
        if self._events is None:
            raise ParameterError(
                "there are no labels without events",
                allowed="a table of labelled intervals",
                remedy="give int_events to RecordedWindows",
            )
        known = self._annotated[positions]
        if not known.all():
            first = np.asarray(positions)[~known][0]
            refuse_unannotated(known, self._rows.name(first))
        return self._masks.masks(positions)

    @cached_property
    def _masks(self) -> SeizureMasks:
        """The seizures, once it is certain that they are those the table was made from."""
        masks = SeizureMasks(self._rows, pd.DataFrame() if self._events is None else self._events)
        found = masks.counts()
        other = np.flatnonzero((found != self._counts) & self._annotated)
        if other.size:
            raise StaleError(
                "the events are not those the windows were categorized with",
                file=self._rows.name(other[0]),
                value=f"{found[other[0]]} seizure samples at sample {self._rows.start[other[0]]}",
                allowed=f"{self._counts[other[0]]}; {other.size} of {found.size} windows differ",
                remedy=CATEGORIZE_AGAIN,
            )
        return masks

    def _check(self, run: NDArray[np.int32]) -> None:
        """Compare the fingerprints of runs that were not met before."""
        fresh = np.unique(run[~self._checked[run]])
        if fresh.size:
            keys = [self._rows.runs[i] for i in fresh]
            table = pd.DataFrame(keys, columns=["participant", "run"])
            self._reader.check_fingerprints(table.assign(windows_fingerprint=self._marks[fresh]))
            self._checked[fresh] = True
