"""Nodes of ``clean``: one lazy call per recording."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.errors import ParameterError
from eeg_kedro.io.samples import open_samples
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.signal.cleaning import CleanedSignal, CleanOptions, clean_recording

# what cleaning may depend on: anything else in the inventory (labels, splits) must not make windows stale
ROW_FIELDS = (
    "participant",
    "run",
    "ch_names",
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
        raise ParameterError("int_inventory is not there", remedy="run `kedro run --pipeline=ingest` first")
    root = str(raw_corpus.root)
    return {
        f"{row['participant']}_{row['run']}": partial(
            clean_recording,
            partial(
                open_samples,
                SourceFile(root, row["source"]),
                row["source_format"],
                tuple(int(pick) for pick in [*row["picks"], *row["aux_picks"]]),
                float(row["sfreq"]),
                tuple(float(scale) for scale in [*row["unit_scales"], *row["aux_scales"]]),
                tuple(str(name) for name in [*row["ch_names"], *row["aux_names"]]),
            ),
            {name: _plain(row[name]) for name in ROW_FIELDS},
            options,
        )
        for row in inventory.to_dict("records")
    }


def _plain(value: object) -> object:
    """Turn parquet's arrays into lists: the plan is fingerprinted and travels to workers."""
    return value.tolist() if hasattr(value, "tolist") else value
