"""One ``<stem>_windows.npz``: labels counted, windows known by their array header only.

A file holds ``windows`` (n_windows, n_channels, n_times) and ``labels`` (n_windows, n_times) or
(n_windows,), above zero where there is a seizure. Pickled arrays are refused.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from eeg_kedro.errors import AnnotationError, EegError, SignalError

HEADER_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
REWRITE = "write the file again with np.savez(name, windows=..., labels=...)"


class NpzCounts(NamedTuple):
    """What a file tells about its windows."""

    seizure_samples: NDArray[np.int64]  # (n_windows,)
    n_channels: int
    n_times: int
    fingerprint: int  # of the file's content, from 1 to 2**63 - 1


def count_npz_seizures(root: Path, name: str) -> NpzCounts:
    """Count the seizure samples of each window of a file; whatever is broken in it ends in a typed error.

    Raises
    ------
    SignalError
        If the file is no npz, holds pickles, lacks an array, or its windows have an unusable shape.
    AnnotationError
        If the labels do not fit the windows or are not numbers from 0 upwards.
    """
    try:
        with zipfile.ZipFile(root / name) as archive:
            shape, mark = _shape_of(archive, name), fingerprint_npz(archive)
            with archive.open("labels.npy") as member:
                labels = npy.read_array(member, allow_pickle=False)
    except KeyError as error:
        raise SignalError("an array is missing", file=name, value=str(error), remedy=REWRITE) from error
    except EegError:
        raise
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise SignalError("not a readable npz file", file=name, value=str(error), remedy=REWRITE) from error
    n_channels = shape[-2] if len(shape) > 2 else 1
    return NpzCounts(_count(labels, shape, name), n_channels, shape[-1], mark)


def fingerprint_npz(archive: zipfile.ZipFile) -> int:
    """Hash the checksums of an open npz file's arrays, which stand in its directory."""
    found = sorted((member.filename, member.CRC, member.file_size) for member in archive.infolist())
    return int.from_bytes(hashlib.sha256(repr(found).encode()).digest()[:8], "big") >> 1 or 1


def _shape_of(archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
    """Return the shape of ``windows`` from the array's header: a few bytes of a member that may be huge."""
    with archive.open("windows.npy") as member:
        version = npy.read_magic(member)
        if version not in HEADER_READERS:
            raise SignalError("unknown npy version", file=name, value=version, remedy=REWRITE)
        shape, _, dtype = HEADER_READERS[version](member)
    if dtype.hasobject or not np.issubdtype(dtype, np.number):
        raise SignalError("windows are not numbers", file=name, value=str(dtype), remedy=REWRITE)
    if len(shape) not in (2, 3) or 0 in shape[1:]:
        raise SignalError(
            "windows have an unusable shape",
            file=name,
            value=shape,
            allowed="(n_windows, n_channels, n_times) or (n_windows, n_times)",
            remedy=REWRITE,
        )
    return tuple(int(size) for size in shape)


def _count(labels: NDArray[Any], shape: tuple[int, ...], name: str) -> NDArray[np.int64]:
    """Return the seizure samples of each window, refusing labels that would have to be guessed at."""
    if labels.shape not in {(shape[0],), (shape[0], shape[-1])}:
        raise AnnotationError(
            "labels do not fit the windows",
            file=name,
            value=labels.shape,
            allowed=f"{(shape[0], shape[-1])} or {(shape[0],)} for windows of shape {shape}",
            remedy="give one label per sample or one per window",
        )
    plain = labels.dtype.kind in "buif"
    if not plain or (labels.size and not (labels >= 0).all()):  # also true for NaN
        raise AnnotationError(
            "labels are not all numbers from 0 upwards",
            file=name,
            value=str(labels.dtype),
            allowed="0 background, above 0 seizure",
            remedy="leave windows without a known label out of the cache",
        )
    if labels.ndim == 2:
        return np.asarray(np.count_nonzero(labels > 0, axis=1), np.int64)
    if not np.array_equal(labels, np.floor(labels)):
        raise AnnotationError(
            "one label per window must be a whole number",
            file=name,
            value=float(labels[labels != np.floor(labels)][0]),
            allowed="0 background, 1 seizure; a share of the window needs one label per sample",
            remedy="give one label per sample",
        )
    return np.asarray(np.where(labels > 0, shape[-1], 0), np.int64)
