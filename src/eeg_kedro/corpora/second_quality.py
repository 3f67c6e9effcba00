"""One row per second of every recording: score, share of channels with an artefact, signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.io.window_cells import decode_seconds

# column -> key of the footer
MEASURES = {
    "score": "second_score",
    "artefact_share": "second_artefact_share",
    "snr_db": "second_snr_db",
}


def list_seconds(footers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """List the quality of every second.

    Parameters
    ----------
    footers : mapping
        ``{participant_run: footer of its window parquet}``.

    Returns
    -------
    DataFrame
        ``participant``, ``run`` (categories: there are millions of rows), ``second`` (int32, counted from 0),
        ``score``, ``artefact_share``, ``snr_db`` (float32); sorted. A recording cleaned without quality has none.
    """
    told = [footer for footer in footers.values() if all(footer.get(key) for key in MEASURES.values())]
    told.sort(key=lambda footer: (footer["participant"], footer["run"]))
    values = {name: [decode_seconds(footer[key]) for footer in told] for name, key in MEASURES.items()}
    counts = np.array([len(part) for part in values["score"]], np.int64)
    seconds = [np.arange(n, dtype=np.int32) for n in counts]
    columns: dict[str, Any] = {
        name: _category([footer[name] for footer in told], counts) for name in ("participant", "run")
    }
    columns["second"] = np.concatenate([*seconds, np.zeros(0, np.int32)])
    for name, parts in values.items():
        columns[name] = np.concatenate([*parts, np.zeros(0, np.float32)])
    return pd.DataFrame(columns, copy=False)


def _category(names: list[str], counts: NDArray[np.int64]) -> pd.Categorical:
    categories = sorted({*names})
    place = {name: i for i, name in enumerate(categories)}
    codes = np.array([place[name] for name in names], np.int64)
    return pd.Categorical.from_codes(np.repeat(codes, counts), pd.Index(categories, dtype="str"))
