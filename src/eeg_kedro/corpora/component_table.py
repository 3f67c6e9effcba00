"""One row per recording and independent component: what it is taken for, with which certainty, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.corpora.recording import make_table

CLASSES = ("brain", "muscle", "eye", "heart", "line_noise", "channel_noise", "other")
_NUMBERS = ("probability", "eog_correlation", "ecg_correlation", "variance_share")
COMPONENT_COLUMNS = {
    "participant": "str",
    "run": "str",
    "component": "int64",
    "label": "str",
    "probability": "float64",
    **{f"p_{name}": "float64" for name in CLASSES},  # missing: ICLabel was not valid or switched off
    "eog_correlation": "float64",
    "ecg_correlation": "float64",
    "variance_share": "float64",
    "removed": "bool",
    "why": "str",
    "converged": "bool",
    "method": "str",
}


def list_components(footers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """List the components of every recording that was decomposed.

    Parameters
    ----------
    footers : mapping
        ``{participant_run: footer of its window parquet}``.

    Returns
    -------
    DataFrame
        Sorted by participant, run and component; a recording without a decomposition has no row.
    """
    rows = (row for footer in footers.values() for row in _component_rows(footer))
    return make_table(rows, COMPONENT_COLUMNS, ["participant", "run", "component"])


def _component_rows(footer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    ica = footer.get("ica", {})
    for part in ica.get("components", ()):
        yield {
            "participant": footer["participant"],
            "run": footer["run"],
            "component": part["index"],
            **{f"p_{name}": part.get("probabilities", {}).get(name, np.nan) for name in CLASSES},
            **{name: _number(part.get(name)) for name in _NUMBERS},
            **{name: part[name] for name in ("label", "removed", "why")},
            "converged": bool(ica.get("converged", False)),
            "method": str(ica.get("method", "")),
        }


def _number(value: float | None) -> float:
    return np.nan if value is None else value
