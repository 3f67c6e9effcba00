"""Windows of a cache of ``<stem>_windows.npz`` files, with the labels that lie beside them."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib import format as npy
from numpy.typing import NDArray

from eeg_kedro.errors import EegError, SignalError, StaleError, WindowError
from eeg_kedro.sampling.categories import text_codes
from eeg_kedro.sampling.npz_file import HEADER_READERS, fingerprint_npz
from eeg_kedro.sampling.windows.window_source import (
    CATEGORIZE_AGAIN,
    Positions,
    annotated_rows,
    common_value,
    file_fingerprints,
    refuse_unannotated,
    require_columns,
)

BROKEN = (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)
COLUMNS = ("source_file", "window_index", "n_channels", "n_samples", "sfreq", "seizure_samples")


class NpzWindows:
    """The windows of a table made from an npz cache; a `window_source.WindowSource`.

    An array is decoded as a whole when the first of its windows is asked for; that of the last file is kept.

    Parameters
    ----------
    root : Path
        Folder of the cache.
    windows : DataFrame
        Rows as `npz_cache.scan_npz_cache` gives them.

    Raises
    ------
    ParameterError
        If a column is missing, or the windows differ in length, rate or number of channels.
    StaleError
        If the rows of one file were made from two states of it.
    """

    def __init__(self, root: Path, windows: pd.DataFrame) -> None:
        require_columns(windows, COLUMNS)
        self._root = Path(root)
        codes, self._files = text_codes(windows["source_file"])
        self._file = codes.astype(np.int32)
        self._index = windows["window_index"].to_numpy(np.int32, copy=True)
        self._marks = file_fingerprints(windows, self._file, self._files)
        self._annotated = annotated_rows(windows)
        self._counts = windows["seizure_samples"].to_numpy(np.int32, copy=True)
        self.n_samples = int(common_value(windows, "n_samples"))
        self.sfreq = float(common_value(windows, "sfreq"))
        # the files do not name their channels
        self.ch_names = tuple(f"CH{i + 1}" for i in range(int(common_value(windows, "n_channels"))))
        self._kept: dict[str, tuple[int, NDArray[Any]]] = {}

    def __len__(self) -> int:
        return self._file.size

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_kept": {}}

    def gather(self, positions: Positions) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read windows, opening each file once.

        Parameters
        ----------
        positions : ndarray of int, shape (n_positions,)
            Rows of the table.

        Returns
        -------
        samples : ndarray of float32, shape (n_positions, n_channels, n_samples)
            In the unit of the files, microvolts by agreement.
        valid : ndarray of bool, shape (n_positions, n_channels)
            All True: the files do not tell.

        Raises
        ------
        WindowError
            If a file is missing, broken, or holds other windows than the table says.
        StaleError
            If a file is not the one the table was made from.
        SignalError
            If a sample is no finite number in float32.
        """
        shape = (len(self.ch_names), self.n_samples)
        samples = np.empty((len(positions), *shape), np.float32)
        for file, mine, index in self._groups(positions):
            windows = self._read(file, "windows.npy")
            if windows.shape[1:] not in (shape, shape[-1:] if shape[0] == 1 else shape):
                raise self._differs(file, "windows", windows.shape, ("n", *shape))
            with np.errstate(over="ignore"):
                samples[mine] = self._rows(file, windows, index).reshape(-1, *shape)
            if not np.isfinite(samples[mine]).all():
                raise SignalError(
                    "a sample is no finite number",
                    file=self._files[file],
                    allowed="finite float32",
                    remedy="leave such windows out of the cache",
                )
        return samples, self.valid(positions)

    def valid(self, positions: Positions) -> NDArray[np.bool_]:
        """Return True for every channel, (n_positions, n_channels)."""
        return np.ones((len(positions), len(self.ch_names)), np.bool_)

    def labels(self, positions: Positions) -> NDArray[np.uint8]:
        """Give the seizure masks of windows, (n_positions, n_samples); one label per window counts for all of it.

        Raises
        ------
        WindowError, StaleError
            As `gather`.
        AnnotationError
            If a window has no category.
        """
        known = self._annotated[positions]
        if not known.all():
            first = np.asarray(positions)[~known][0]
            refuse_unannotated(known, self._files[self._file[first]])
        masks = np.empty((len(positions), self.n_samples), np.uint8)
        for file, mine, index in self._groups(positions):
            labels = self._read(file, "labels.npy")
            if labels.shape[1:] not in ((), (self.n_samples,)):
                raise self._differs(file, "labels", labels.shape, ("n", self.n_samples))
            found = self._rows(file, labels, index) > 0
            masks[mine] = found.reshape(len(mine), -1)
        self._compare(masks, positions)
        return masks

    def _groups(self, positions: Positions) -> Iterator[tuple[int, Positions, NDArray[np.int32]]]:
        """Give each file, the places in ``positions`` that belong to it, and the rows of the file asked for."""
        file, index = self._file[positions], self._index[positions]
        order = np.lexsort((index, file))
        borders = np.flatnonzero(np.diff(file[order])) + 1
        for mine in np.split(order, borders) if order.size else []:
            yield int(file[mine[0]]), mine, index[mine]

    def _rows(self, file: int, array: NDArray[Any], index: NDArray[np.int32]) -> NDArray[Any]:
        if index.min() < 0 or index.max() >= len(array):
            raise self._differs(file, "windows", len(array), f"more than {index.max()}")
        rows: NDArray[Any] = array[index]
        return rows

    def _read(self, file: int, member: str) -> NDArray[Any]:
        """Decode an array of a file, or give the kept one."""
        if member in self._kept and self._kept[member][0] == file:
            return self._kept[member][1]
        self._kept.pop(member, None)  # never two in memory
        try:
            with zipfile.ZipFile(self._root / self._files[file]) as archive:
                self._check(archive, file)
                array = _decode(archive, member)
        except EegError:
            raise
        except FileNotFoundError as error:
            raise self._broken(file, "the file is missing", None) from error
        except BROKEN as error:
            raise self._broken(file, "not a readable npz file", str(error)) from error
        self._kept[member] = (file, array)
        return array

    def _check(self, archive: zipfile.ZipFile, file: int) -> None:
        if self._marks[file] not in (0, fingerprint_npz(archive)):
            raise StaleError(
                "the npz file is not the one the windows were categorized from",
                file=self._files[file],
                remedy=CATEGORIZE_AGAIN,
            )

    def _compare(self, masks: NDArray[np.uint8], positions: Positions) -> None:
        """Refuse labels that are not those the table counted: of a file whose fingerprint is not known."""
        other = np.flatnonzero(np.count_nonzero(masks, axis=1) != self._counts[positions])
        if other.size:
            at = np.asarray(positions)[other[0]]
            raise StaleError(
                "the labels are not those the windows were categorized with",
                file=self._files[self._file[at]],
                value=f"{int(masks[other[0]].sum())} seizure samples in window {self._index[at]}",
                allowed=str(self._counts[at]),
                remedy=CATEGORIZE_AGAIN,
            )

    def _differs(self, file: int, what: str, value: object, allowed: object) -> WindowError:
        return WindowError(
            f"{what} of a file are not as the table says",
            file=self._files[file],
            value=value,
            allowed=str(allowed),
            remedy=CATEGORIZE_AGAIN,
        )

    def _broken(self, file: int, what: str, value: object) -> WindowError:
        remedy = f"put the file back as it was, or {CATEGORIZE_AGAIN}"
        return WindowError(what, file=self._files[file], value=value, remedy=remedy)


def _decode(archive: zipfile.ZipFile, member: str) -> NDArray[Any]:
    """Read an array of plain numbers; its header must not promise more than the file holds."""
    with archive.open(member) as stream:
        reader = HEADER_READERS.get(npy.read_magic(stream))
        shape, _, dtype = reader(stream) if reader else ((), False, np.dtype(object))
    promised = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "buif" or not shape or promised > archive.getinfo(member).file_size:
        raise ValueError(f"{member} is no array of plain numbers: {dtype} {shape}")
    with archive.open(member) as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    return array
