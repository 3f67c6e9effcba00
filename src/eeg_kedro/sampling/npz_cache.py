"""A folder of ``<stem>_windows.npz`` files as a manifest, without loading the windows.

The files do not say how far apart their windows start: the onset of window k is ``k * stride_seconds``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import pandas as pd

from eeg_kedro.corpora.names import clean_name
from eeg_kedro.errors import EegError, LayoutError
from eeg_kedro.sampling.categories import (
    NPZ_TYPES,
    CategorizeOptions,
    category_codes,
    category_names,
    manifest_table,
)
from eeg_kedro.sampling.manifest import whole_samples
from eeg_kedro.sampling.npz_file import NpzCounts, count_npz_seizures

SUFFIX = "_windows.npz"
RECORDING_TYPES = {
    "participant": "str",
    "run": "str",
    "duration": "float64",
    "annotated": "bool",
    "state": "str",
}
REFUSED_COLUMNS = ["participant", "path", "reason", "remedy"]

Refusal = tuple[str, str, str, str]  # a row of refused


class NpzScan(NamedTuple):
    """What a cache holds: its windows, its recordings, and the files that cannot be used."""

    manifest: pd.DataFrame
    recordings: pd.DataFrame
    refused: pd.DataFrame


def scan_npz_cache(root: Path, files: Sequence[str], options: CategorizeOptions) -> NpzScan:
    """Categorize the windows of a cache from their labels.

    Parameters
    ----------
    root : Path
        Folder of the cache.
    files : sequence of str
        Names below ``root``; those that do not end in ``_windows.npz`` are not looked at.
    options : CategorizeOptions
        Thresholds, stride (s), rate of the windows (Hz) and the pattern of file names.

    Returns
    -------
    NpzScan
        ``manifest`` as `build_manifest` gives it, and ``source_file``: with ``window_index`` it names each
        window's place; ``recordings``, one row per file; ``refused``, one row per unusable file.

    Raises
    ------
    LayoutError
        If there is no such file, or none can be used.
    """
    names = sorted(name for name in files if name.endswith(SUFFIX))
    if not names:
        raise LayoutError(
            f"no *{SUFFIX} file in the cache folder",
            value=f"{len(files)} other files",
            allowed=f"<participant>_<run>{SUFFIX} with the arrays windows and labels",
            remedy="set categorize.npz_root to the folder of the cache, or categorize.source=prm_windows",
        )
    stride = whole_samples(options.stride_seconds, options.npz_sfreq, "stride_seconds", names[0])
    keys, refused = _name_files(names, options.npz_participant_pattern)
    tables = []
    for name, key in keys.items():
        try:
            windows = count_npz_seizures(root, name)
        except EegError as error:
            refused.append((key[0], name, error.reason, error.remedy))
        else:
            tables.append(_manifest_of(windows, key, name, stride, options))
    if not tables:
        _, name, reason, remedy = refused[0]
        raise LayoutError("no usable file in the cache", file=name, value=reason, remedy=remedy)
    found = pd.concat(tables).sort_values(["participant", "run", "window_index"], kind="stable")
    manifest = found.reset_index(drop=True).astype(NPZ_TYPES)
    refusals = pd.DataFrame(sorted(refused), columns=REFUSED_COLUMNS, dtype="str")
    return NpzScan(manifest, _recordings_of(tables), refusals)


def _name_files(names: Sequence[str], pattern: str) -> tuple[dict[str, tuple[str, str]], list[Refusal]]:
    """Return participant and run of each file, and the files that have none or share theirs."""
    keys: dict[str, tuple[str, str]] = {}
    refused: list[Refusal] = []
    for name in names:
        try:
            keys[name] = _keys_of(name, pattern)
        except LayoutError as error:
            refused.append(("", name, error.reason, error.remedy))
    owners: dict[tuple[str, str], list[str]] = {}
    for name, key in keys.items():
        owners.setdefault(key, []).append(name)
    for key, twins in owners.items():
        for name in twins if len(twins) > 1 else []:
            others = ", ".join(twin for twin in twins if twin != name)
            remedy = "rename one, or change categorize.npz_participant_pattern"
            refused.append((key[0], name, f"same participant and run as {others}", remedy))
            del keys[name]
    return keys, refused


def _keys_of(name: str, pattern: str) -> tuple[str, str]:
    stem = PurePosixPath(name).name.removesuffix(SUFFIX)
    found = re.match(pattern, stem)
    if found is None:
        raise LayoutError(
            "the file name does not tell participant and run",
            file=name,
            value=stem,
            allowed=pattern,
            remedy="set categorize.npz_participant_pattern to the form of your names",
        )
    return clean_name(found["participant"] or "", name), clean_name(found["run"] or "1", name)


def _manifest_of(
    windows: NpzCounts, keys: tuple[str, str], name: str, stride: int, options: CategorizeOptions
) -> pd.DataFrame:
    index = np.arange(windows.seizure_samples.size)
    return manifest_table(
        {
            "participant": keys[0],
            "run": keys[1],
            "onset": index * stride / options.npz_sfreq,
            "duration": windows.n_times / options.npz_sfreq,
            "seizure_samples": windows.seizure_samples,
            "n_samples": windows.n_times,
            "category": category_names(category_codes(windows.seizure_samples, windows.n_times, options)),
            "labels": pd.array(["", "seizure"], dtype="str").take((windows.seizure_samples > 0).astype(int)),
            "window_start_sample": index * stride,
            "sfreq": options.npz_sfreq,
            "window_index": index,
            "n_channels": windows.n_channels,
            "windows_fingerprint": windows.fingerprint,
            "source_file": name,
        },
        NPZ_TYPES,
    )


def _recordings_of(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return one row per file; its duration (s) is the time from its first window to its last one's end."""
    rows = []
    for windows in tables:
        if len(windows):
            last = windows.iloc[-1]
            rows.append((last["participant"], last["run"], last["onset"] + last["duration"], True, "done"))
    return pd.DataFrame(rows, columns=list(RECORDING_TYPES)).astype(RECORDING_TYPES)
