"""Writing ``feat_spectrograms``: one parquet per recording, one row per frame, as the HMS files have it.

Column ``time`` (s, middle of the frame), then ``<chain>_<Hz>``. What cannot be computed for lack of electrodes
is an absent set of columns and named in the footer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eeg_kedro.errors import EegError
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.signal.spectrograms import SpectrogramOptions, SpectrogramPlan, column_names

FORMAT_VERSION = 1
FRAMES_AT_A_TIME = 256  # rows per parquet row group, too
UNITS = {"log": "dB re 1 uV^2/Hz", "power": "uV^2/Hz"}


@dataclass(frozen=True)
class SpectrogramJob:
    """A recording whose spectrogram is about to be computed; the work is done where `write` is called."""

    file: WindowFile
    options: SpectrogramOptions

    def write(self, path: Path) -> None:
        """Write the spectrogram to ``path``; see `write_spectrogram`."""
        write_spectrogram(self.file, path, self.options)


def plan_spectrogram(load: Callable[[], WindowFile], options: SpectrogramOptions) -> SpectrogramJob:
    """Open one recording's windows and give the job that writes its spectrogram."""
    return SpectrogramJob(load(), options)


def write_spectrogram(file: WindowFile, path: Path, options: SpectrogramOptions) -> None:
    """Stream the spectrogram of a recording into a parquet, some minutes of signal in memory at a time.

    Parameters
    ----------
    file : WindowFile
        The cleaned signal.
    path : Path
        File to write; removed again if anything goes wrong.
    options : SpectrogramOptions
        How.

    Raises
    ------
    ParameterError
        If the rate cannot carry a single frequency, or a frame is too short for its tapers.
    """
    footer = file.metadata
    try:
        plan = SpectrogramPlan(tuple(footer["ch_names"]), footer["sfreq"], options)
    except EegError as error:
        error.file = f"{footer['participant']}_{footer['run']}"
        raise
    schema = _schema(plan, footer)
    encoding = dict.fromkeys(schema.names[1:], "BYTE_STREAM_SPLIT")
    with ExitStack() as undo:
        undo.callback(Path(path).unlink, missing_ok=True)
        with pq.ParquetWriter(
            path,
            schema,
            use_dictionary=False,
            column_encoding=encoding,
            compression="zstd",
            compression_level=1,
            write_statistics=False,
        ) as writer:
            n_frames = plan.n_frames(footer["n_times"])
            for first in range(0, n_frames, FRAMES_AT_A_TIME):
                writer.write_batch(_rows(file, plan, first, min(FRAMES_AT_A_TIME, n_frames - first), schema))
        undo.pop_all()


def _rows(
    file: WindowFile, plan: SpectrogramPlan, first: int, n_frames: int, schema: pa.Schema
) -> pa.RecordBatch:
    start = first * plan.hop
    samples, _ = file.read(start, start + (n_frames - 1) * plan.hop + plan.length)
    power = plan.power(samples)
    columns = power.reshape(-1, n_frames)
    return pa.record_batch(
        [pa.array(plan.times(first, n_frames)), *(pa.array(row) for row in columns)], schema=schema
    )


def _schema(plan: SpectrogramPlan, footer: dict[str, Any]) -> pa.Schema:
    options, chains = plan.options, [chain.name for chain in plan.chains]
    unit = {"unit": UNITS[options.scale]}
    fields = [
        pa.field(
            "time", pa.float64(), nullable=False, metadata={"unit": "s", "description": "middle of the frame"}
        )
    ]
    fields += [
        pa.field(name, pa.float32(), nullable=False, metadata=unit)
        for name in column_names(tuple(chains), plan.freqs)
    ]
    facts = {
        "format_version": FORMAT_VERSION,
        "participant": footer["participant"],
        "run": footer["run"],
        "sfreq": plan.sfreq,
        "unit": UNITS[options.scale],
        "density": options.density,
        "chains": chains,
        "freqs": plan.freqs.tolist(),
        "missing_pairs": {name: list(pairs) for name, pairs in plan.missing.items()},
        "window_samples": plan.length,
        "hop_samples": plan.hop,
        "options": options.model_dump(mode="json"),
        "source_fingerprint": footer.get("source_fingerprint"),
    }
    return pa.schema(fields, {key: json.dumps(value) for key, value in sorted(facts.items())})
