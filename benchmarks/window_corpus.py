"""One corpus of windows on disk in the ways people keep them: ours, npz as in seed 002, parquet, Arrow, memmap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from recordings import ELECTRODES, make_samples

from eeg_kedro.io.window_parquet import WindowOptions, read_window_metadata, write_windows
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.filters import design_filter, filter_resample

SFREQ, LENGTH = 256, 2048  # Hz, samples
NAMES = tuple(ELECTRODES.split())
MINUTES = (20, 60, 25, 40, 50, 30, 45, 35)
OWN_ROWS = CategorizeOptions.model_validate(
    {"window_seconds": LENGTH / SFREQ, "stride_seconds": LENGTH / SFREQ}
)
METADATA = {
    "unit": "uV", "montage": "referential", "reference": "average", "filters": {}, "source_fingerprint": "",
    "source_sfreq": 256.0, "missing_channels": [], "flat_channels": [], "bad_channels": [], "edge_seconds": 6.6,
}  # fmt: skip


@dataclass(frozen=True)
class WindowCorpus:
    """Where each kind of copy is.

    Attributes
    ----------
    folder : Path
        Of all copies; ``{run}.parquet`` is ours, ``{run}.default.parquet`` pandas', ``.npz``, ``.npy``, ``.arrow``.
    sizes : tuple of int
        Complete windows per run.
    recordings, events : DataFrame
        As ``prm_recording_quality`` and ``int_events``.
    """

    folder: Path
    sizes: tuple[int, ...]
    recordings: pd.DataFrame
    events: pd.DataFrame

    def path(self, run: int, kind: str = "parquet") -> Path:
        """Give the file of a run in one of the kinds."""
        return self.folder / f"p{run}_1.{kind}"

    @property
    def files(self) -> dict[tuple[str, str], Path]:
        """Files of ours by participant and run."""
        return {(f"p{run}", "1"): self.path(run) for run in range(len(self.sizes))}

    @property
    def n_times(self) -> list[int]:
        """Samples of each run."""
        return [int(n) for n in self.recordings["n_times"].to_numpy()]

    @property
    def manifest(self) -> pd.DataFrame:
        """One window per stored row, some of them with seizure."""
        return build_manifest(self.recordings, self.events, OWN_ROWS)

    def place(self, position: int) -> tuple[int, int]:
        """Give run and row of a window."""
        ends = np.cumsum(self.sizes)
        run = int(np.searchsorted(ends, position, "right"))
        return run, int(position - (ends[run] - self.sizes[run]))


def write_corpus(folder: Path) -> WindowCorpus:
    """Make eight recordings of filtered noise with the spectrum of EEG and write every copy (some 2 GB)."""
    sizes: list[int] = []
    rows: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for run, minutes in enumerate(MINUTES):
        samples = filter_resample(
            make_samples(minutes * 60, SFREQ, run).astype(np.float32),
            design_filter(SFREQ, SFREQ, 0.5, 50.0, [60.0]),
        )
        n = samples.shape[1] // LENGTH
        corpus = WindowCorpus(folder, tuple(sizes), pd.DataFrame(), pd.DataFrame())
        signal = CleanedSignal(
            f"p{run}", "1", NAMES, float(SFREQ), samples.shape[1], iter([samples]), METADATA
        )
        write_windows(signal, corpus.path(run), WindowOptions())
        stored = np.ascontiguousarray(
            samples[:, : n * LENGTH].reshape(len(NAMES), n, LENGTH).transpose(1, 0, 2)
        )
        _write_copies(corpus, run, stored)
        sizes.append(n)
        footer = read_window_metadata(corpus.path(run))
        rows.append((f"p{run}", "1", float(SFREQ), samples.shape[1], True, len(NAMES), footer["fingerprint"]))
        events += [(f"p{run}", "1", start, 70.0, "seiz", "seizure") for start in (100.0, 700.0)]
    names = ["participant", "run", "sfreq", "n_times", "annotated", "n_channels", "windows_fingerprint"]
    columns = ["participant", "run", "onset", "duration", "label", "kind"]
    return WindowCorpus(
        folder, tuple(sizes), pd.DataFrame(rows, columns=names), pd.DataFrame(events, columns=columns)
    )


def _write_copies(corpus: WindowCorpus, run: int, windows: NDArray[np.float32]) -> None:
    """Write the peers' copies of windows, shape (n, 21, 2048)."""
    np.savez_compressed(corpus.path(run, "npz"), windows=windows)
    np.save(corpus.path(run, "npy"), windows)
    table = pa.table({name: pa.array([*windows[:, i]]) for i, name in enumerate(NAMES)})
    table.to_pandas().to_parquet(corpus.path(run, "default.parquet"))
    cell = pa.list_(pa.float32(), LENGTH)
    columns = {
        name: pa.FixedSizeListArray.from_arrays(
            pa.array(np.ascontiguousarray(windows[:, i]).reshape(-1)), type=cell
        )
        for i, name in enumerate(NAMES)
    }
    fixed = pa.table(columns)
    with (
        pa.OSFile(str(corpus.path(run, "arrow")), "wb") as sink,
        pa.ipc.new_stream(sink, fixed.schema) as writer,
    ):
        writer.write_table(fixed, max_chunksize=64)


def batches_of(order: NDArray[np.intp], size: int) -> Iterator[NDArray[Any]]:
    """Cut an order into whole batches."""
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]
