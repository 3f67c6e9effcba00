"""The three categories of a window, their exact thresholds, and the columns of the manifest."""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CATEGORIES = ("no_seizure", "partial_seizure", "full_seizure")
NONE, PARTIAL, FULL = range(3)
UNKNOWN = -1  # category code of a window nobody looked at; a missing value in the table

MANIFEST_TYPES = {
    "participant": "str",
    "run": "str",
    "onset": "float64",  # s
    "duration": "float64",  # s
    "seizure_samples": "int32",
    "n_samples": "int32",
    "category": "str",
    "labels": "str",
    "window_start_sample": "int64",
    "sfreq": "float64",  # Hz
    "window_index": "int32",  # k of [k*S, k*S + L); the row of the file for an npz cache
    "n_channels": "int16",
    "quality": "float32",  # 0 to 1; missing where nobody looked
    "artefact_share": "float32",  # of channel-seconds
    "snr_db": "float32",
    "windows_fingerprint": "int64",  # of the file the window is in; 0: not known
}
# what drawing, reading and labelling need: a third less memory than all columns of a large manifest
TRAINING_COLUMNS = (
    "participant",
    "run",
    "onset",
    "window_start_sample",
    "n_samples",
    "sfreq",
    "seizure_samples",
    "category",
    "windows_fingerprint",
)
NPZ_TYPES = MANIFEST_TYPES | {"source_file": "str"}  # the file a window of an npz cache is in


class CategorizeOptions(BaseModel):
    """Options of the window grid and of the three categories."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["prm_windows", "npz_cache"] = Field(
        "prm_windows", description="cleaned recordings of this project, or a folder of *_windows.npz"
    )
    window_seconds: float = Field(60.0, gt=0, le=86400, description="length of a window, s")
    stride_seconds: float = Field(15.0, gt=0, le=86400, description="from one window's start to the next, s")
    full_threshold: float = Field(
        1.0, gt=0, le=1, description="share of seizure samples above which (>), or at 1, a window is full"
    )
    partial_threshold: float = Field(
        0.0, ge=0, lt=1, description="share of seizure samples above which (>) a window is at least partial"
    )
    npz_root: str = Field("", description="npz_cache only: folder of *_windows.npz, opened by the catalog")
    npz_participant_pattern: str = Field(
        r"^(?P<participant>[^_]+)(_(?P<run>.+))?$",
        description="npz_cache only: groups participant and run in the file name without _windows.npz",
    )
    npz_sfreq: float = Field(256.0, gt=0, le=100000, description="npz_cache only: rate of the windows, Hz")

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> CategorizeOptions:
        if self.partial_threshold >= self.full_threshold:
            raise ValueError("partial_threshold must be below full_threshold")
        return self

    @field_validator("npz_participant_pattern")
    @classmethod
    def _names_both_groups(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if not {"participant", "run"} <= {*groups}:
            raise ValueError("needs the groups (?P<participant>...) and (?P<run>...)")
        return pattern


def category_codes(
    seizure_samples: NDArray[np.integer[Any]], n_samples: int, options: CategorizeOptions
) -> NDArray[np.int8]:
    """Return 0 (no), 1 (partial) or 2 (full seizure) for windows of ``n_samples``, compared as integers.

    Thresholds are taken as the decimals they were written as: 0.9 of 2560 samples is 2304, not 2304.0000001.

    Parameters
    ----------
    seizure_samples : array, shape (n_windows,)
        Seizure samples per window.
    n_samples : int
        Samples of a window.
    options : CategorizeOptions
        Thresholds.
    """
    full_from = min(floor(Fraction(str(options.full_threshold)) * n_samples) + 1, n_samples)
    partial_above = floor(Fraction(str(options.partial_threshold)) * n_samples)
    codes = (seizure_samples > partial_above).astype(np.int8)
    codes[seizure_samples >= full_from] = 2
    return codes


def category_names(codes: NDArray[np.int8]) -> ExtensionArray:
    """Return the names of category codes as a string array, missing where the code is ``UNKNOWN``."""
    return pd.array(list(CATEGORIES), dtype="str").take(codes, allow_fill=True)


def codes_of(categories: pd.Series) -> NDArray[np.int8]:
    """Return category codes of a manifest's ``category`` column, ``UNKNOWN`` where it is missing."""
    codes = np.full(len(categories), UNKNOWN, np.int8)
    texts = _arrow(categories)
    for code, name in enumerate(CATEGORIES):
        same = pc.equal(texts, pa.scalar(name, texts.type)).fill_null(False)
        codes[same.to_numpy(zero_copy_only=False)] = code
    return codes


def text_codes(texts: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Return the place of each text among the distinct ones, and these; made for long stretches of one text.

    `pandas.factorize` hashes every row, which would be most of the time of drawing a balanced set.
    """
    if texts.empty:
        return np.zeros(0, np.intp), []
    rows = _arrow(texts)
    changes = pc.not_equal(rows[1:], rows[:-1]).to_numpy(zero_copy_only=False)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    encoded = rows.take(pa.array(starts)).dictionary_encode()
    lengths = np.diff(starts, append=len(rows))
    return np.repeat(encoded.indices.to_numpy().astype(np.intp), lengths), encoded.dictionary.to_pylist()


def _arrow(texts: pd.Series) -> pa.Array:
    found = pa.array(texts.astype("str"))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def manifest_table(columns: dict[str, Any], types: dict[str, str] = MANIFEST_TYPES) -> pd.DataFrame:
    """Return columns as a manifest: every column of ``types``, in its order and type."""
    # copy=False: stacking columns of a type into one block costs as much as computing them
    return pd.DataFrame(columns, columns=list(types), copy=False).astype(types)
