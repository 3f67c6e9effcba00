"""What stands at the head of a materialised set: shapes, places, and what it was made from.

The file has the layout of safetensors: 8 bytes of length, JSON, then the tensors without a gap. ``labels`` (n, L) and
``valid`` (n, C) come first and ``samples`` (n, C, L) last, so that a file being written grows by whole windows
and its size tells how far it got. The JSON is padded with spaces until ``samples`` begins at a multiple of 64.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, fields
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, Json, NonNegativeInt, ValidationError

from eeg_kedro.errors import StaleError, WindowError
from eeg_kedro.sampling.categories import text_codes
from eeg_kedro.sampling.windows.window_source import (
    SAMPLE_AGAIN,
    file_fingerprints,
    require_columns,
    run_codes,
)

FORMAT_VERSION = "1"
ALIGNMENT = 64  # bytes
LONGEST = 100 << 20  # bytes of JSON; the safetensors library takes no more either
UNIT = "uV"
ROW_COLUMNS = ("participant", "run", "window_start_sample", "n_samples", "seizure_samples", "sfreq")
CODES = {"float16": "F16", "float32": "F32"}

DataType = Literal["float16", "float32"]


@dataclass(frozen=True)
class MaterialisedHeader:
    """What a materialised set holds and what it was made from.

    Attributes
    ----------
    dtype : str
        ``float16`` or ``float32``.
    n_windows, n_samples : int
        Windows, and samples of each.
    sfreq : float
        Sampling rate (Hz).
    ch_names : tuple of str
        Channels.
    rows, labels : str
        Hashes of the table's rows (`hash_rows`) and of the seizure masks.
    runs : dict
        ``participant_run`` to the ``windows_fingerprint`` it was read from, 0: not known.
    valid_share : float
        Share of (window, channel) pairs that hold a signal.
    """

    dtype: DataType
    n_windows: int
    n_samples: int
    sfreq: float
    ch_names: tuple[str, ...]
    rows: str
    labels: str
    runs: dict[str, int]
    valid_share: float

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all of these: of all that the content depends on, and what follows from it."""
        known = {"format": FORMAT_VERSION} | {item.name: getattr(self, item.name) for item in fields(self)}
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each tensor, in the order of the file."""
        n, n_channels, n_samples = self.n_windows, len(self.ch_names), self.n_samples
        return {"labels": (n, n_samples), "valid": (n, n_channels), "samples": (n, n_channels, n_samples)}

    @property
    def row_bytes(self) -> int:
        """Bytes of one window's samples."""
        return len(self.ch_names) * self.n_samples * np.dtype(self.dtype).itemsize

    @property
    def metadata(self) -> dict[str, str]:
        """The texts under ``__metadata__``."""
        return {
            "format_version": FORMAT_VERSION,
            "fingerprint": self.fingerprint,
            "ch_names": json.dumps(self.ch_names),
            "sfreq": repr(self.sfreq),
            "unit": UNIT,
            "rows": self.rows,
            "labels": self.labels,
            "runs": json.dumps(self.runs, sort_keys=True),
            "valid_share": repr(self.valid_share),
        }

    @property
    def samples_start(self) -> int:
        """Byte of the file at which ``samples`` begins."""
        return len(self.encoded) + self.n_windows * (self.n_samples + len(self.ch_names))

    @property
    def n_bytes(self) -> int:
        """Size of the file."""
        return self.samples_start + self.n_windows * self.row_bytes

    @cached_property
    def encoded(self) -> bytes:
        """The bytes before the first tensor; equal headers give equal bytes."""
        content = {"__metadata__": self.metadata} | self._tensors()
        text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        before = self.n_windows * (self.n_samples + len(self.ch_names))
        text += b" " * (-(8 + len(text) + before) % ALIGNMENT)
        return len(text).to_bytes(8, "little") + text

    def _tensors(self) -> dict[str, Any]:
        found, start = {}, 0
        for name, code in {"labels": "U8", "valid": "BOOL", "samples": CODES[self.dtype]}.items():
            width = np.dtype(self.dtype).itemsize if name == "samples" else 1
            stop = start + prod(self.shapes[name]) * width
            found[name] = {"dtype": code, "shape": [*self.shapes[name]], "data_offsets": [start, stop]}
            start = stop
        return found


def read_header(path: Path) -> MaterialisedHeader:
    """Read the header of a materialised set and hold it against the file's size.

    Raises
    ------
    WindowError
        If the file is missing, cut short, damaged, or no materialised set.
    StaleError
        If another version of this project wrote it.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(size - 8, LONGEST):
                raise _damaged(path, f"a header of {length} bytes in a file of {size}")
            text = file.read(length)
    except FileNotFoundError as error:
        raise WindowError("the materialised set is missing", file=path.name, remedy=SAMPLE_AGAIN) from error
    try:
        header = _header_of(_Content.model_validate_json(text), path)
    except ValidationError as error:
        first = error.errors()[0]
        raise _damaged(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if header.encoded[8:] != text:  # places, shapes or fingerprint are not those that belong to the rest
        raise _damaged(path, "a header that contradicts itself")
    if size != header.n_bytes:
        raise _damaged(path, f"{size} bytes instead of {header.n_bytes}")
    return header


def hash_rows(windows: pd.DataFrame) -> str:
    """Hash which windows a table holds, in their order, and how many samples of each are seizure.

    Depends on the values only: not on the index, on other columns, or on how texts are stored.

    Raises
    ------
    ParameterError
        If a column is missing.
    """
    require_columns(windows, ROW_COLUMNS)
    digest = hashlib.sha256(f"{len(windows)}".encode())
    for name in ("participant", "run", "source_file"):
        if name in windows:
            codes, names = text_codes(windows[name])
            digest.update(json.dumps([name, names]).encode())
            digest.update(codes.astype("<i8").tobytes())
    for name in ("window_start_sample", "n_samples", "seizure_samples"):
        digest.update(windows[name].to_numpy(np.int64).astype("<i8", copy=False).tobytes())
    digest.update(windows["sfreq"].to_numpy(np.float64).astype("<f8", copy=False).tobytes())
    return digest.hexdigest()


def runs_of(windows: pd.DataFrame) -> dict[str, int]:
    """Return ``participant_run`` and ``windows_fingerprint`` of every recording in a table.

    Raises
    ------
    StaleError
        If the rows of one run were made from two states of its file.
    """
    codes, runs = run_codes(windows)
    names = ["_".join(key) for key in runs]
    return dict(zip(names, file_fingerprints(windows, codes, names).tolist(), strict=True))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Tensor(_Strict):
    dtype: Literal["F16", "F32", "U8", "BOOL"]
    shape: tuple[NonNegativeInt, ...]
    data_offsets: tuple[NonNegativeInt, NonNegativeInt]


class _Content(_Strict):
    metadata: dict[str, str] = Field(alias="__metadata__")
    labels: _Tensor
    valid: _Tensor
    samples: _Tensor


class _Metadata(_Strict):
    format_version: Literal["1"]
    fingerprint: str
    ch_names: Json[tuple[str, ...]]
    sfreq: float
    unit: Literal["uV"]
    rows: str
    labels: str
    runs: Json[dict[str, int]]
    valid_share: float


def _header_of(content: _Content, path: Path) -> MaterialisedHeader:
    version = content.metadata.get("format_version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise StaleError(
            "the materialised set has another format",
            file=path.name,
            value=version,
            allowed=FORMAT_VERSION,
            remedy=SAMPLE_AGAIN,
        )
    known = _Metadata.model_validate(content.metadata)
    shape = (
        *content.samples.shape,
        0,
        0,
        0,
    )
    return MaterialisedHeader(
        dtype="float16" if content.samples.dtype == "F16" else "float32",
        n_windows=shape[0],
        n_samples=shape[2],
        sfreq=known.sfreq,
        ch_names=known.ch_names,
        rows=known.rows,
        labels=known.labels,
        runs=known.runs,
        valid_share=known.valid_share,
    )


def _damaged(path: Path, value: str) -> WindowError:
    remedy = f"delete it and {SAMPLE_AGAIN}"
    return WindowError(
        "the materialised set is cut short or damaged", file=path.name, value=value, remedy=remedy
    )
