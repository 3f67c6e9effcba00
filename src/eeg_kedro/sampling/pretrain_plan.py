"""Which stretch of which channel pretraining sees, on which side, at which scale: one table, made before training.

Every run and channel there is has a row, the unused ones with the reason, so that nothing is left out silently and
the report can count. What decides the training is hashed by `fingerprint_plan`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.sampling.pretrain_channels import find_scales, place_channels, why_left_out
from eeg_kedro.sampling.pretrain_pieces import cut_runs, reject_tokens
from eeg_kedro.sampling.pretrain_sides import demand_sides, sides_of

if TYPE_CHECKING:
    from eeg_kedro.sampling.plan_options import PlanOptions
    from eeg_kedro.sampling.windows.window_files import Place, RunKey
    from eeg_kedro.sampling.windows.window_reader import WindowReader

PLAN_TYPES = {
    "participant": "str",
    "run": "str",
    "channel": "str",
    "side": "str",  # train | validation | none
    "reason": "str",  # why it is not used; "" if it is
    "start_sample": "int64",
    "n_tokens": "int64",  # 0: not used
    "rejected_tokens": "object",  # int32 array: tokens of the piece that are not good enough
    "x": "float64",  # unit sphere; missing where not used, as the four below
    "y": "float64",
    "z": "float64",
    "center": "float64",  # uV; unit = (sample - center) / spread
    "spread": "float64",
    "neighbourhood": "int64",  # -1 where not used
    "dropped_samples": "int64",  # at the end of the run: less than a token; stated with its last piece
    "windows_fingerprint": "int64",
    "sfreq": "float64",
}
LOST = "its window file is missing or damaged: run process_primary"
_SORTED = ["participant", "run", "start_sample", "channel"]
_KEYS = ["participant", "run"]


def plan_sequences(
    reader: WindowReader,
    split: pd.DataFrame,
    options: PlanOptions,
    places: Callable[[Sequence[str]], NDArray[np.float64]],
    seconds: pd.DataFrame | None = None,
    files: Mapping[RunKey, Place] | None = None,
) -> pd.DataFrame:
    """Lay sequences of tokens over every channel of every run.

    Token k of a piece is the samples ``[start + k L, start + (k + 1) L)``: tokens never overlap. A run of more than
    ``max_tokens`` tokens is cut into the fewest pieces that fit, as equal as can be. Only what fills no token at the
    end of a run is dropped.

    Parameters
    ----------
    reader : WindowReader
        Where the windows are; footers are read, no sample.
    split : DataFrame
        ``participant``, ``role`` (train, validation, test) and, if known, ``person``.
    options : PlanOptions
        Tokens, channels, quality, scale.
    places : callable
        Names of channels -> their places (n, 3) on the unit sphere, or an error for one it does not know.
    seconds : DataFrame, optional
        ``prm_second_quality``, for ``min_quality``; a token without known quality is never rejected.
    files : mapping, optional
        Where the runs' footers are, as `WindowReader` takes it; needed for ``scale.kind=robust``.

    Returns
    -------
    DataFrame
        One row per (run, channel, piece) with the columns of `PLAN_TYPES`, sorted by participant, run, piece, channel.

    Raises
    ------
    SplitError
        If a side is empty, or a person is on both.
    ParameterError
        If no run has a channel, runs differ in rate, or all are shorter than two tokens.
    WindowError
        If every window is below ``min_quality``, or a file is missing or broken.
    ElectrodeError
        If ``places`` does not know an electrode.
    """
    layouts = {key: reader.layout(*key) for key in reader.runs}
    sides = sides_of(split, options.use_test_participants)
    pieces = cut_runs(layouts, sides, options)
    reject_tokens(pieces, seconds, options)
    channels = why_left_out(layouts, options.ch_names, options.include_interpolated)
    table = _join(pieces, channels)
    demand_sides(table, sides, options)
    used = table["reason"] == ""
    training = table.loc[used & (table["side"] == "train"), [*_KEYS, "channel"]]
    names = sorted({*table.loc[used, "channel"]})
    for about in (place_channels(names, places), find_scales(names, options.scale, training, files)):
        table = table.join(about, on="channel")
    table.loc[~used, ["x", "y", "z", "center", "spread"]] = np.nan
    table["neighbourhood"] = table["neighbourhood"].where(used, -1)
    return table.sort_values(_SORTED, ignore_index=True)[[*PLAN_TYPES]].astype(PLAN_TYPES)


def add_lost_runs(plan: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """Add a row for every run of the manifest whose window file is not there, or no longer what was written.

    Parameters
    ----------
    plan : DataFrame
        From `plan_sequences`.
    manifest : DataFrame
        ``participant`` and ``run`` of everything that was cut into windows.
    """
    there = {*plan[_KEYS].itertuples(index=False, name=None)}
    expected = sorted({*manifest[_KEYS].itertuples(index=False, name=None)} - there)
    if not expected:
        return plan
    rows = pd.DataFrame(expected, columns=_KEYS).assign(
        channel="", side="none", reason=LOST, start_sample=0, n_tokens=0, dropped_samples=0
    )
    rows = rows.assign(x=np.nan, y=np.nan, z=np.nan, center=np.nan, spread=np.nan, sfreq=np.nan)
    rows = rows.assign(neighbourhood=-1, windows_fingerprint=0)
    rows["rejected_tokens"] = pd.Series([np.zeros(0, np.int32)] * len(rows), rows.index, dtype="object")
    table = pd.concat([plan, rows[[*PLAN_TYPES]].astype(PLAN_TYPES)], ignore_index=True)
    return table.sort_values(_SORTED, ignore_index=True)


def fingerprint_plan(plan: pd.DataFrame) -> str:
    """Hash what decides the training: the used rows, and the windows they were laid over (SHA-256, hex)."""
    used = plan[plan["side"] != "none"]
    digest = hashlib.sha256()
    for name, kind in PLAN_TYPES.items():
        if name == "reason":
            continue
        digest.update(name.encode() + b"\0")
        if kind == "str":
            digest.update("\0".join(used[name]).encode())
        elif kind == "object":
            for tokens in used[name]:
                digest.update(np.asarray(tokens, "<i4").tobytes() + b"\xff")
        else:
            digest.update(used[name].to_numpy(np.dtype(kind).newbyteorder("<")).tobytes())
    return digest.hexdigest()


def _join(pieces: pd.DataFrame, channels: pd.DataFrame) -> pd.DataFrame:
    """Cross the pieces of each run with its channels; a channel that is not used has one row per run."""
    table = pieces.merge(channels, on=_KEYS)
    by_run = table["side"] == "none"
    by_channel = ~by_run & (table["left_out"] != "")
    table.loc[by_channel, "reason"] = table["left_out"]
    table.loc[by_channel, "dropped_samples"] = 0
    table = table[~by_channel | (table["start_sample"] == 0)].copy()
    unused = table["reason"] != ""
    table.loc[unused, "side"] = "none"
    table.loc[unused, "n_tokens"] = 0
    table["rejected_tokens"] = [
        tokens[:0] if out else tokens for tokens, out in zip(table["rejected_tokens"], unused, strict=True)
    ]
    return table
