"""Write windows once into one contiguous file, window by window, so that memory stays small and a kill costs little."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import BusyError, DiskFullError, EegError, ParameterError, SignalError, StaleError
from eeg_kedro.io.atomic_file import disk_full, replacing
from eeg_kedro.io.file_lock import alone, is_locked
from eeg_kedro.sampling.windows.materialised_header import DataType, MaterialisedHeader, hash_rows, runs_of
from eeg_kedro.sampling.windows.window_source import SAMPLE_AGAIN, Positions, Samples, WindowSource

CHUNK_BYTES = 4 << 20  # of float32 in memory at a time: what stays in the cache between reading and writing

Progress = Callable[[int, int], None]  # windows that are there, of all


class MaterialiseOptions(BaseModel):
    """How the balanced windows are stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dtype: DataType = Field(
        "float16", description="float16: half the disk, 11 bits of precision, up to 65504 uV; float32: exact"
    )
    ch_names: list[str] | None = Field(
        None, min_length=1, description="channels, in this order; null: all that any recording has"
    )


@dataclass(frozen=True, eq=False)
class MaterialiseJob:
    """Windows about to be written; the work is done where `write` is called.

    Attributes
    ----------
    source : WindowSource
        Gives samples and labels.
    windows : DataFrame
        The table the source was made from.
    options : MaterialiseOptions
        Type and channels.
    header : MaterialisedHeader
        What the file will say of itself.
    """

    source: WindowSource
    windows: pd.DataFrame
    options: MaterialiseOptions
    header: MaterialisedHeader

    @property
    def fingerprint(self) -> str:
        """Hash of all that the content depends on; equal ones mean equal bytes."""
        return self.header.fingerprint

    def write(self, path: Path, progress: Progress | None = None) -> dict[str, Any]:
        """Write the file, or finish one that a killed run began; then put it in place in one step.

        Parameters
        ----------
        path : Path
            The file to make or replace.
        progress : callable, optional
            Called with the windows that are there, and all, at the beginning and after each chunk.

        Returns
        -------
        dict
            ``n_windows``, ``n_resumed`` (found in a part file), ``n_bytes``, ``valid_share``, ``fingerprint``.

        Raises
        ------
        DiskFullError
            If there is no room: before anything is written, if that can be foreseen.
        SignalError
            If a sample does not fit the type.
        StaleError, WindowError
            If the recordings are not those the windows were made from.
        BusyError
            If another process is writing the same set.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        part = self._adopt_part(path)
        try:
            with part.open("r+b" if part.exists() else "w+b") as file, alone(file, path):
                resumed = self._begin(file)
                self._stream(file, resumed, progress or (lambda done, total: None))
                file.flush()
                os.fsync(file.fileno())  # here already: a kill during the next two lines must cost nothing
            with replacing(path) as aside:
                part.replace(aside)
        except OSError as error:
            if full := disk_full(error, path):
                raise full from error
            raise
        except EegError as error:
            if not isinstance(error, DiskFullError | BusyError):
                part.unlink(missing_ok=True)  # it can never be finished
            raise
        return {
            "n_windows": self.header.n_windows,
            "n_resumed": resumed,
            "n_bytes": self.header.n_bytes,
            "valid_share": self.header.valid_share,
            "fingerprint": self.fingerprint,
        }

    def _adopt_part(self, path: Path) -> Path:
        """Name the part file, remove those of other sets, and make sure that the rest of it fits on the disk."""
        stem, mark = path.name[:100], self.fingerprint[:32]
        part = path.with_name(f".{stem}.{mark}.part")
        for other in path.parent.glob(f".{glob.escape(stem)}.{'?' * len(mark)}.part"):
            if other != part and not is_locked(other):
                other.unlink(missing_ok=True)
        needed = self.header.n_bytes - (part.stat().st_size if part.exists() else 0)
        free = shutil.disk_usage(path.parent).free
        if needed > free:
            raise DiskFullError(
                "the materialised set does not fit on the disk",
                file=path.name,
                value=f"{free / 1e9:.3g} GB free",
                allowed=f"at least {needed / 1e9:.3g} GB",
                remedy="free some space or move the data root (EEG_KEDRO_DATA); dtype=float16, fewer channels or "
                "fewer windows (balance.none_ratio) need less",
            )
        return part

    def _begin(self, file: BinaryIO) -> int:
        """Write what comes before the samples, and return how many windows are there already."""
        size = file.seek(0, os.SEEK_END)
        n_whole = (size - self.header.samples_start) // self.header.row_bytes if self.header.row_bytes else 0
        n_whole = min(max(n_whole, 0), len(self.source))
        if n_whole and not self._is_last(file, n_whole - 1):
            n_whole = 0
        file.seek(0)
        file.write(self.header.encoded)
        for positions in _chunks(len(self.source), self.source.n_samples):
            file.write(self.source.labels(positions).data)
        for positions in _chunks(len(self.source), len(self.header.ch_names)):
            file.write(self._valid(positions).data)
        file.truncate(file.seek(self.header.samples_start + n_whole * self.header.row_bytes))
        return n_whole

    def _is_last(self, file: BinaryIO, position: int) -> bool:
        """Tell whether a window is there as it should be: after a power cut the end of a file can be zeros."""
        file.seek(self.header.samples_start + position * self.header.row_bytes)
        return file.read(self.header.row_bytes) == self._samples(np.array([position])).tobytes()

    def _stream(self, file: BinaryIO, first: int, progress: Progress) -> None:
        progress(first, len(self.source))
        for positions in _chunks(
            len(self.source), len(self.source.ch_names) * self.source.n_samples * 4, first
        ):
            file.write(self._samples(positions).data)
            progress(int(positions[-1]) + 1, len(self.source))

    def _valid(self, positions: Positions) -> NDArray[np.bool_]:
        return np.ascontiguousarray(self._chosen(self.source.valid(positions)))

    def _samples(self, positions: Positions) -> Samples:
        """Read windows in the type of the file."""
        samples, valid = self.source.gather(positions)
        if not np.array_equal(self._chosen(valid), self._valid(positions)):
            raise StaleError(
                "a recording was replaced while it was read",
                file=self._recording(positions[0]),
                remedy=SAMPLE_AGAIN,
            )
        samples = self._chosen(samples)
        limit = np.finfo(self.header.dtype).max
        # written so that a NaN, which compares with nothing, is refused too
        if not (samples.max(initial=0) <= limit and samples.min(initial=0) >= -limit):
            raise self._does_not_fit(samples, positions, float(limit))
        return np.ascontiguousarray(samples, np.dtype(self.header.dtype).newbyteorder("<"))

    def _chosen(self, values: NDArray[Any]) -> NDArray[Any]:
        """Take the channels of the file from an array with channels on its second axis."""
        if self.source.ch_names == self.header.ch_names:
            return values
        return values[:, [self.source.ch_names.index(name) for name in self.header.ch_names]]

    def _does_not_fit(self, samples: Samples, positions: Positions, limit: float) -> SignalError:
        wrong = ~(np.abs(samples.astype(np.float64)) <= limit)
        row, channel, _ = (int(axis[0]) for axis in np.nonzero(wrong))
        start = self.windows["window_start_sample"].iat[int(positions[row])]
        return SignalError(
            f"a sample is too large for {self.header.dtype}, or no number",
            file=self._recording(positions[row]),
            value=f"{self.header.ch_names[channel]} in the window at sample {start}",
            allowed=f"+-{limit:g} uV",
            remedy="set balance.materialise.dtype=float32, or clean the recording again: no EEG is that large",
        )

    def _recording(self, position: np.intp) -> str:
        return "_".join(str(self.windows[name].iat[int(position)]) for name in ("participant", "run"))


def plan_materialised(
    windows: pd.DataFrame, source: WindowSource, options: MaterialiseOptions
) -> MaterialiseJob:
    """Describe the file that windows will be written to; reads labels and footers, no samples.

    Parameters
    ----------
    windows : DataFrame
        A windows table; its order is that of the file. Reading is fast if windows of one run lie together.
    source : WindowSource
        Made from the same table.
    options : MaterialiseOptions
        Type and channels.

    Raises
    ------
    ParameterError
        If table and source do not belong together, or a channel is not there.
    AnnotationError
        If nobody annotated the recording of a window.
    StaleError
        If the events or recordings are not those the windows were made from.
    """
    if len(windows) != len(source):
        raise ParameterError(
            "the table and the source of windows differ",
            value=f"{len(source)} windows",
            allowed=f"{len(windows)}, one per row",
            remedy="make the source from the same table",
        )
    ch_names = tuple(options.ch_names or source.ch_names)
    absent = [name for name in ch_names if name not in source.ch_names]
    if absent or len({*ch_names}) < len(ch_names):
        raise ParameterError(
            "channels of the materialised set are not there" if absent else "a channel is named twice",
            value=absent or list(ch_names),
            allowed=", ".join(source.ch_names),
            remedy="set balance.materialise.ch_names to some of these, or null for all",
        )
    header = MaterialisedHeader(
        dtype=options.dtype,
        n_windows=len(source),
        n_samples=source.n_samples,
        sfreq=source.sfreq,
        ch_names=ch_names,
        rows=hash_rows(windows),
        labels=_hash_labels(source),
        runs=runs_of(windows),
        valid_share=_valid_share(source, ch_names),
    )
    return MaterialiseJob(source, windows, options, header)


def _hash_labels(source: WindowSource) -> str:
    digest = hashlib.sha256()
    for positions in _chunks(len(source), source.n_samples):
        digest.update(source.labels(positions).data)
    return digest.hexdigest()


def _valid_share(source: WindowSource, ch_names: tuple[str, ...]) -> float:
    """Return the share of (window, channel) pairs that hold a signal; 1 if there is none."""
    chosen = [source.ch_names.index(name) for name in ch_names]
    chunks = _chunks(len(source), len(source.ch_names))
    n_valid = sum(int(source.valid(positions)[:, chosen].sum()) for positions in chunks)
    return n_valid / (len(source) * len(ch_names)) if len(source) and ch_names else 1.0


def _chunks(n: int, row_bytes: int, first: int = 0) -> Iterator[Positions]:
    """Give the positions from ``first`` to ``n``, as many at a time as fit into `CHUNK_BYTES`."""
    step = max(CHUNK_BYTES // max(row_bytes, 1), 1)
    for start in range(first, n, step):
        yield np.arange(start, min(start + step, n))
