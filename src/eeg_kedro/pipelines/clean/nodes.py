"""Nodes of ``clean``: one lazy call per recording."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.errors import ParameterError
from eeg_kedro.signal.cleaning import CleanedSignal, CleanOptions, clean_recording

# what cleaning may depend on: anything else in the inventory (labels, splits) must not make windows stale
ROW_FIELDS = (
    "participant",
    "run",
    "ch_names",
    "recorded_names",
    "aux_names",
    "aux_kinds",
    "sfreq",
    "n_times",
    "reference",
    "montage",
    "missing_channels",
)


def plan_cleaning(
    inventory: pd.DataFrame | None, raw_corpus: FolderListing, options: CleanOptions
) -> dict[str, Callable[[], CleanedSignal]]:
    """Give one lazy call per recording that opens, reads and cleans it when somebody asks."""
    if inventory is None:
        raise ParameterError("int_inventory is not there", remedy="run `kedro run --pipelines=ingest` first")
    root = str(raw_corpus.root)
    return {
        f"{row['participant']}_{row['run']}": partial(
            clean_recording,
            plan_opening(root, row, with_aux=True),
            {name: _plain(row[name]) for name in ROW_FIELDS},
            options,
        )
        for row in _rows(inventory)
    }


def _rows(inventory: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in inventory.to_dict("records")]


def _plain(value: object) -> object:
    """Turn parquet's arrays into lists: the plan is fingerprinted and travels to workers."""
    return value.tolist() if hasattr(value, "tolist") else value
