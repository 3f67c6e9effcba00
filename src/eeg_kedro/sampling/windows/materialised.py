"""The balanced windows in one contiguous file: a batch is one gather from the page cache.

`materialise` writes such a file; `materialised_header` says what it looks like.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import StaleError
from eeg_kedro.sampling.windows.materialised_header import hash_rows, read_header, runs_of
from eeg_kedro.sampling.windows.window_source import SAMPLE_AGAIN, Positions, Samples

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader


class MaterialisedWindows:
    """A materialised set on disk; a `window_source.WindowSource`.

    The header is read at once, the content is mapped when the first window is asked for, and the map is shared by
    forked processes and opened anew by unpickled copies.

    Parameters
    ----------
    path : Path
        File written by `materialise.MaterialiseJob`.

    Raises
    ------
    WindowError
        If the file is missing, cut short or damaged.
    StaleError
        If another version of this project wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._header = read_header(self.path)

    def __len__(self) -> int:
        return self._header.n_windows

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_tensors"}

    @property
    def ch_names(self) -> tuple[str, ...]:
        """Channels."""
        return self._header.ch_names

    @property
    def sfreq(self) -> float:
        """Sampling rate (Hz)."""
        return self._header.sfreq

    @property
    def n_samples(self) -> int:
        """Samples per window."""
        return self._header.n_samples

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of what `gather` gives: float16 or float32."""
        return np.dtype(self._header.dtype)

    @property
    def fingerprint(self) -> str:
        """Hash of all that the content depends on."""
        return self._header.fingerprint

    @property
    def valid_share(self) -> float:
        """Share of (window, channel) pairs that hold a signal."""
        return self._header.valid_share

    @property
    def metadata(self) -> dict[str, str]:
        """The texts in the file's header."""
        return self._header.metadata

    def gather(self, positions: Positions) -> tuple[Samples, NDArray[np.bool_]]:
        """Copy the windows at ``positions``, in their order.

        Returns
        -------
        samples : ndarray of `dtype`, shape (n_positions, n_channels, n_samples)
            Microvolts as stored: torch makes float32 of float16 five times faster than NumPy.
        valid : ndarray of bool, shape (n_positions, n_channels)
            False where a recording lacks the channel.
        """
        samples: Samples = self._tensors["samples"][positions]
        return samples, self.valid(positions)

    def valid(self, positions: Positions) -> NDArray[np.bool_]:
        """Tell which channels the windows have, (n_positions, n_channels)."""
        return np.asarray(self._tensors["valid"][positions] != 0)

    def labels(self, positions: Positions) -> NDArray[np.uint8]:
        """Give the seizure masks of windows, (n_positions, n_samples): 1 in a seizure."""
        labels: NDArray[np.uint8] = self._tensors["labels"][positions]
        return labels

    def check(self, windows: pd.DataFrame) -> None:
        """Make sure that the set was made from exactly these rows, in this order.

        Parameters
        ----------
        windows : DataFrame
            The table that is about to be used with this set.

        Raises
        ------
        StaleError
            Saying whether the rows or the recordings behind them changed.
        ParameterError
            If a column is missing.
        """
        rows, runs = hash_rows(windows), runs_of(windows)
        fresh = sorted(name for name, mark in self._header.runs.items() if runs.get(name, mark) != mark)
        if fresh:
            raise self._stale("recordings were cleaned anew since", f"{len(fresh)} recordings: {fresh[:5]}")
        if rows != self._header.rows:
            raise self._stale(
                "it was made from other rows", f"{len(windows)} windows; the set has {len(self)}"
            )

    def check_windows(self, reader: WindowReader) -> None:
        """Make sure that the recordings on disk are still those the set was made from.

        Raises
        ------
        StaleError
            If one was cleaned anew.
        WindowError
            If one is missing.
        """
        keys = [name.split("_", 1) for name in self._header.runs]
        table = pd.DataFrame(keys, columns=["participant", "run"])
        reader.check_fingerprints(table.assign(windows_fingerprint=[*self._header.runs.values()]))

    @cached_property
    def _tensors(self) -> dict[str, NDArray[Any]]:
        """The three tensors, mapped."""
        header = read_header(self.path)
        if header != self._header:
            raise self._stale("the file was replaced since it was opened", header.fingerprint[:12])
        # a plain view: indexing a memmap itself costs a Python object more each time
        content = np.asarray(np.memmap(self.path, np.uint8, "r", offset=0))
        tensors, stop = {}, content.size
        for name, shape in reversed(header.shapes.items()):
            dtype = self.dtype.newbyteorder("<") if name == "samples" else np.dtype(np.uint8)
            start = stop - int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            tensors[name] = content[start:stop].view(dtype).reshape(shape)
            stop = start
        return tensors

    def _stale(self, what: str, value: str) -> StaleError:
        return StaleError(
            f"the materialised set is out of date: {what}",
            file=self.path.name,
            value=value,
            remedy=SAMPLE_AGAIN,
        )
