"""One row per recording after cleaning: what was kept, what was masked, what failed and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

# column -> (value when there is nothing to tell, dtype)
COLUMNS: dict[str, str] = {
    "participant": "str",
    "person": "str",
    "session": "str",
    "run": "str",
    "split": "str",
    "annotated": "bool",
    "state": "str",
    "error": "str",
    "remedy": "str",
    "sfreq": "float64",
    "n_times": "int64",
    "duration": "float64",
    "n_rows": "int64",
    "n_tail": "int64",
    "n_bytes": "int64",
    "n_channels": "int64",
    "reference": "str",
    "montage": "str",
    "missing_channels": "object",
    "bad_channels": "object",
    "median_rms_uv": "float64",
    "edge_seconds": "float64",
}
FROM_INVENTORY = ("participant", "person", "session", "run", "split", "annotated")


def describe_recordings(
    inventory: pd.DataFrame, footers: Mapping[str, Mapping[str, Any]], status: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Tell for every recording of the inventory how it came through cleaning.

    Parameters
    ----------
    inventory : DataFrame
        The survey's inventory.
    footers : mapping
        ``{participant_run: footer of its window parquet}`` for those that were written.
    status : mapping
        ``{participant_run: {"state", "error", "remedy"}}`` of the parallel work.

    Returns
    -------
    DataFrame
        One row per recording, sorted by participant and run; ``state`` is ``done`` or ``failed``.
    """
    rows = []
    for recording in inventory.to_dict("records"):
        key = f"{recording['participant']}_{recording['run']}"
        known = {name: recording[name] for name in FROM_INVENTORY}
        rows.append(known | (_done(footers[key]) if key in footers else _failed(status.get(key, {}))))
    table = pd.DataFrame(rows, columns=[*COLUMNS]).astype(COLUMNS)
    return table.sort_values(["participant", "run"], ignore_index=True)


def _done(footer: Mapping[str, Any]) -> dict[str, Any]:
    rms = [value for value in footer["quality"]["rms_uv"] if np.isfinite(value)]
    return {
        "state": "done",
        "error": "",
        "remedy": "",
        "sfreq": footer["sfreq"],
        "n_times": footer["n_times"],
        "duration": footer["n_times"] / footer["sfreq"],
        "n_rows": footer["n_times"] // footer["window_length"],
        "n_tail": footer["n_tail"],
        "n_bytes": footer["n_bytes"],
        "n_channels": len(footer["ch_names"]),
        "reference": footer["reference"],
        "montage": footer["montage"],
        "missing_channels": list(footer["missing_channels"]),
        "bad_channels": [f"{bad['name']}: {bad['reason']}" for bad in footer["bad_channels"]],
        "median_rms_uv": float(np.median(rms)) if rms else 0.0,
        "edge_seconds": footer["edge_seconds"],
    }


def _failed(status: Mapping[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(COLUMNS, 0)
    nothing |= {"error": str(status.get("error", "no window file and no record of why"))}
    nothing |= {"state": "failed", "remedy": str(status.get("remedy", "")), "reference": "", "montage": ""}
    nothing |= {"missing_channels": [], "bad_channels": []}
    return {name: value for name, value in nothing.items() if name not in FROM_INVENTORY}
