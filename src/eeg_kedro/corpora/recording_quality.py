"""One row per recording after cleaning: what was kept, what was mended or masked, how good it is, what failed.

Footers tell only of the steps that were done: what a step that was switched off would have told is empty or
missing here, never invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.signal.artefacts import KINDS

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
    "windows_fingerprint": "int64",  # of the window parquet; 0: none
    "source_fingerprint": "str",  # SHA-256 of the raw file; "": none
    "n_channels": "int64",
    "reference": "str",
    "montage": "str",
    "missing_channels": "object",
    "bad_channels": "object",
    "median_rms_uv": "float64",
    "edge_seconds": "float64",
    "score": "float64",  # 0 to 1
    "snr_db": "float64",
    "artefact_share": "float64",  # of channel-seconds, after cleaning
    **{f"found_{kind}": "float64" for kind in KINDS},  # share of channel-seconds, before cleaning
    **{f"residual_{kind}": "float64" for kind in KINDS},  # and after
    "n_bad_channels": "int64",
    "interpolated_channels": "object",
    "masked_channels": "object",
    "ica_removed": "object",  # "label probability (component)"
    "ica_variance_removed": "float64",  # share
    "ica_note": "str",
    "ica_flag": "str",
    "doubts": "str",
    "n_pops": "int64",
    "n_spikes": "int64",  # of the hardware
    "n_repaired": "int64",  # pops and spikes
    "line_freq": "float64",  # Hz; missing: none found
    "steps": "object",  # "step: what came of it", in order; "step (not done): why"
}
LISTS = tuple(name for name, kind in COLUMNS.items() if kind == "object")
UNKNOWN_IF_ABSENT = ("score", "snr_db", "artefact_share", "ica_variance_removed", "line_freq")
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
        "windows_fingerprint": footer["fingerprint"],
        "source_fingerprint": footer.get("source_fingerprint", ""),
        "n_channels": len(footer["ch_names"]),
        "reference": footer["reference"],
        "montage": footer["montage"],
        "missing_channels": list(footer["missing_channels"]),
        "bad_channels": [f"{bad['name']}: {bad['reason']}" for bad in footer["bad_channels"]],
        "median_rms_uv": float(np.median(rms)) if rms else 0.0,
        "edge_seconds": footer["edge_seconds"],
        **_quality(footer.get("quality", {})),
        **_mended(footer),
    }


def _quality(quality: Mapping[str, Any]) -> dict[str, Any]:
    """Give scores and shares; missing values where quality was switched off."""
    found, residual = quality.get("found_share", {}), quality.get("residual_share", {})
    return {
        **{name: _or_nan(quality.get(name)) for name in ("score", "snr_db", "artefact_share")},
        **{f"found_{kind}": found.get(kind, np.nan) for kind in KINDS},
        **{f"residual_{kind}": residual.get(kind, np.nan) for kind in KINDS},
    }


def _mended(footer: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was mended, removed or left as it was."""
    ica, pops = footer.get("ica", {}), footer.get("pops", {})
    line_freq = footer.get("line_freq")
    return {
        "n_bad_channels": len(footer["bad_channels"]),
        "interpolated_channels": list(footer.get("interpolated_channels", ())),
        "masked_channels": list(footer.get("masked_channels", ())),
        "ica_removed": [
            f"{part['label']} {part['probability']:.2f} (component {part['index']})"
            for part in ica.get("components", ())
            if part["removed"]
        ],
        "ica_variance_removed": ica.get("variance_removed", np.nan),
        "ica_note": ica.get("note", ""),
        "ica_flag": ica.get("flag", ""),
        **{name: pops.get(name, 0) for name in ("n_pops", "n_spikes", "n_repaired")},
        "line_freq": np.nan if line_freq is None else line_freq,
        "doubts": "; ".join(footer.get("doubts", ())),
        "steps": [_step(step) for step in footer.get("steps", ())],
    }


def _step(step: Mapping[str, Any]) -> str:
    return f"{step['step']}{'' if step['done'] else ' (not done)'}: {step['note']}"


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _failed(status: Mapping[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = {name: "" if kind == "str" else 0 for name, kind in COLUMNS.items()}
    nothing |= {name: np.nan for name in COLUMNS if name.startswith(("found_", "residual_"))}
    nothing |= dict.fromkeys(UNKNOWN_IF_ABSENT, np.nan) | {name: [] for name in LISTS}
    nothing |= {"error": str(status.get("error", "no window file and no record of why"))}
    nothing |= {"state": "failed", "remedy": str(status.get("remedy", ""))}
    return {name: value for name, value in nothing.items() if name not in FROM_INVENTORY}
