"""Writing ``feat_window_features``: one parquet per recording, one row per window and channel.

Columns ``participant, run, window_index, onset, channel``, then one float32 column per feature; unit and
meaning of each stand in the field's metadata. Windows are views: the signal is read span by span and each
window is a slice of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeg_kedro.errors import SignalError
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.signal.features import FeatureOptions, feature_fields, window_features

FORMAT_VERSION = 1
SPAN_SAMPLES = 1 << 17  # samples per channel read at a time: some minutes
KEY_FIELDS = [
    pa.field("participant", pa.string(), nullable=False),
    pa.field("run", pa.string(), nullable=False),
    pa.field(
        "window_index", pa.int32(), nullable=False, metadata={"description": "as in prm_window_manifest"}
    ),
    pa.field("onset", pa.float64(), nullable=False, metadata={"unit": "s"}),
    pa.field("channel", pa.string(), nullable=False),
]


@dataclass(frozen=True)
class WindowGrid:
    """The windows of one recording, as its rows of the manifest say.

    Attributes
    ----------
    participant, run : str
        Keys of the recording.
    index : ndarray of int64, shape (n_windows,)
        ``window_index`` of the manifest.
    starts : ndarray of int64, shape (n_windows,)
        First samples, ascending.
    n_samples : int
        Samples per window.
    sfreq : float
        Hz.
    """

    participant: str
    run: str
    index: NDArray[np.int64]
    starts: NDArray[np.int64]
    n_samples: int
    sfreq: float


@dataclass(frozen=True)
class FeatureJob:
    """A recording whose features are about to be computed; the work is done where `write` is called."""

    file: WindowFile
    grid: WindowGrid
    options: FeatureOptions

    def write(self, path: Path) -> None:
        """Write the features to ``path``; see `write_features`."""
        write_features(self.file, self.grid, path, self.options)


def plan_features(load: Callable[[], WindowFile], grid: WindowGrid, options: FeatureOptions) -> FeatureJob:
    """Open one recording's windows and give the job that writes their features."""
    return FeatureJob(load(), grid, options)


def write_features(file: WindowFile, grid: WindowGrid, path: Path, options: FeatureOptions) -> None:
    """Stream the features of a recording's windows into a parquet, one span of the signal in memory at a time.

    Parameters
    ----------
    file : WindowFile
        The cleaned signal.
    grid : WindowGrid
        Which windows.
    path : Path
        File to write; removed again if anything goes wrong.
    options : FeatureOptions
        How.

    Raises
    ------
    SignalError
        If the windows are not on the sample grid of the file, or reach beyond its end.
    """
    footer = file.metadata
    _check_grid(grid, footer)
    schema = feature_schema(footer, grid, options)
    with ExitStack() as undo:
        undo.callback(Path(path).unlink, missing_ok=True)
        with pq.ParquetWriter(path, schema, **_encoding(options)) as writer:
            for first, last in _spans(grid):
                writer.write_table(
                    _table_of(file, footer["ch_names"], grid, slice(first, last), schema, options)
                )
        undo.pop_all()


def feature_schema(footer: dict[str, Any], grid: WindowGrid, options: FeatureOptions) -> pa.Schema:
    """Return the columns of a feature table, each with its unit and meaning."""
    fields = [
        pa.field(
            field.name,
            pa.float32(),
            nullable=False,
            metadata={"unit": field.unit, "description": field.description},
        )
        for field in feature_fields(options)
    ]
    facts = {
        "format_version": FORMAT_VERSION,
        "sfreq": grid.sfreq,
        "n_samples": grid.n_samples,
        "options": options.model_dump(mode="json"),
        "source_fingerprint": footer.get("source_fingerprint"),
        "montage": footer.get("montage"),
        "reference": footer.get("reference"),
    }
    return pa.schema([*KEY_FIELDS, *fields], {key: json.dumps(value) for key, value in sorted(facts.items())})


def _encoding(options: FeatureOptions) -> dict[str, Any]:
    names = [field.name for field in feature_fields(options)]
    return {
        "use_dictionary": ["participant", "run", "channel"],
        "column_encoding": dict.fromkeys(names, "BYTE_STREAM_SPLIT"),
        "compression": "zstd",
        "compression_level": 1,
        "store_schema": True,
    }


def _check_grid(grid: WindowGrid, footer: dict[str, Any]) -> None:
    last = int(grid.starts[-1]) + grid.n_samples if grid.starts.size else 0
    if grid.sfreq != footer["sfreq"] or last > footer["n_times"]:
        raise SignalError(
            "the manifest is not of these windows",
            file=f"{grid.participant}_{grid.run}",
            value=f"{last} samples at {grid.sfreq:g} Hz",
            allowed=f"{footer['n_times']} samples at {footer['sfreq']:g} Hz",
            remedy="run the pipeline `categorize` again",
        )


def _spans(grid: WindowGrid) -> Iterator[tuple[int, int]]:
    """Group windows so that what is read at a time stays short; a window alone may be longer."""
    first = 0
    while first < grid.starts.size:
        stop = grid.starts[first] + max(SPAN_SAMPLES - grid.n_samples, 0)
        last = max(int(np.searchsorted(grid.starts, stop, side="right")), first + 1)
        yield first, last
        first = last


def _table_of(
    file: WindowFile,
    ch_names: list[str],
    grid: WindowGrid,
    which: slice,
    schema: pa.Schema,
    options: FeatureOptions,
) -> pa.Table:
    """Compute the rows of some windows, window by window, channel by channel."""
    starts, length, n_channels = grid.starts[which], grid.n_samples, len(ch_names)
    begin = int(starts[0])
    samples, _ = file.read(begin, int(starts[-1]) + length)
    views = [samples[:, start : start + length] for start in (starts - begin).tolist()]
    found = [window_features(view[np.newaxis], grid.sfreq, options) for view in views]
    n_rows = len(views) * n_channels
    columns = [
        pa.repeat(pa.scalar(grid.participant, pa.string()), n_rows),
        pa.repeat(pa.scalar(grid.run, pa.string()), n_rows),
        pa.array(np.repeat(grid.index[which], n_channels), pa.int32()),
        pa.array(np.repeat(starts / grid.sfreq, n_channels)),
        pa.array(ch_names * len(views), pa.string()),
        *(
            pa.array(np.concatenate([window[name][0] for window in found]))
            for name in schema.names[len(KEY_FIELDS) :]
        ),
    ]
    return pa.Table.from_arrays(columns, schema=schema)
