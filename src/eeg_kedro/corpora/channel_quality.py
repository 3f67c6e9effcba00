"""One row per recording and channel, the bad and the masked ones included: verdict, reason, measures, score."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.corpora.recording import make_table

CHANNEL_COLUMNS = {
    "participant": "str",
    "run": "str",
    "channel": "str",
    "bad": "bool",
    "kinds": "object",  # flat, missing, clipped, deviation, noise, correlation, ransac, lof, swing
    "reason": "str",
    "measures": "str",  # JSON: {measure: value}
    "interpolated": "bool",
    "masked": "bool",
    "score": "float64",  # 0 to 1; missing: masked, or quality was switched off
    "rms_uv": "float64",  # of the cleaned signal
    "peak_uv": "float64",
}


def describe_channels(footers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Tell of every channel whether it was good, why not, and how good its signal is.

    Parameters
    ----------
    footers : mapping
        ``{participant_run: footer of its window parquet}``.

    Returns
    -------
    DataFrame
        Sorted by participant and run, channels in their recorded order.
    """
    rows = (row for footer in footers.values() for row in _channel_rows(footer))
    return make_table(rows, CHANNEL_COLUMNS, ["participant", "run"])


def _channel_rows(footer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the rows of one recording; without verdicts, of the channels that are there and those that are not."""
    quality = footer.get("quality", {})
    place = {name: i for i, name in enumerate(footer["ch_names"])}
    for channel in footer.get("channels") or _without_verdicts(footer):
        at = place.get(channel["name"])
        numbers = {
            column: _value_at(quality.get(key), at)
            for column, key in (("score", "channel_scores"), ("rms_uv", "rms_uv"), ("peak_uv", "peak_uv"))
        }
        yield {
            "participant": footer["participant"],
            "run": footer["run"],
            "channel": channel["name"],
            **{name: channel[name] for name in ("bad", "reason", "interpolated", "masked")},
            "kinds": list(channel["kinds"]),
            "measures": json.dumps(channel["measures"], sort_keys=True),
            **numbers,
        }


def _without_verdicts(footer: Mapping[str, Any]) -> list[dict[str, Any]]:
    reasons = {bad["name"]: bad["reason"] for bad in footer["bad_channels"]}
    absent = [name for name in reasons if name not in footer["ch_names"]]
    return [
        {
            "name": name,
            "bad": name in reasons,
            "reason": reasons.get(name, ""),
            "interpolated": name in footer.get("interpolated_channels", ()),
            "masked": name in absent,
            "kinds": [],
            "measures": {},
        }
        for name in (*footer["ch_names"], *absent)
    ]


def _value_at(values: list[float] | None, at: int | None) -> float:
    return np.nan if values is None or at is None else values[at]
