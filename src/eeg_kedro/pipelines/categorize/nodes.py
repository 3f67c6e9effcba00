"""Nodes of ``categorize``: tables in, manifest out."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd

from eeg_kedro.corpora.event_check import check_events
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.errors import LayoutError, ParameterError
from eeg_kedro.sampling.categories import CATEGORIES, CategorizeOptions
from eeg_kedro.sampling.category_report import report_categories
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.sampling.npz_cache import REFUSED_COLUMNS, NpzScan, scan_npz_cache

logger = logging.getLogger(__name__)

# what a reader of the manifest would miss otherwise
REMARKS = {
    "short_runs": "are shorter than one window (categorize.window_seconds) and have none",
    "unannotated_runs": "are not annotated, their windows have no category",
    "failed_runs": "failed and have no windows",
}


def categorize_windows(
    recording_quality: pd.DataFrame | None,
    events: pd.DataFrame | None,
    npz_cache: FolderListing | None,
    options: CategorizeOptions,
    second_quality: pd.DataFrame | None = None,
    inventory: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Build the manifest from the project's own tables, or from a folder of npz files."""
    scans = options.source == "npz_cache"
    if not scans and events is not None and inventory is not None:
        check_events(events, inventory)
    found = _scan(npz_cache, options) if scans else _build(recording_quality, events, second_quality, options)
    report = report_categories(found.recordings, found.manifest, found.refused)
    counts = {"windows": len(found.manifest)} | {name: int(report[name].sum()) for name in CATEGORIES}
    counts |= {"unannotated": int(report["unannotated_windows"].sum()), "refused_files": len(found.refused)}
    logger.info("categories: %s", ", ".join(f"{number} {name}" for name, number in counts.items()))
    for column, why in REMARKS.items():
        runs = [run for cell in report[column] for run in cell.split("; ") if run]
        if runs:
            logger.warning("%d recordings %s: see %s in report_categories", len(runs), why, column)
    if counts["refused_files"]:
        logger.warning(
            "%d npz files refused: see refused_files in report_categories", counts["refused_files"]
        )
    return {
        "prm_window_manifest": found.manifest,
        "report_categories": report,
        "report_category_metrics": {k: {"step": 0, "value": float(v)} for k, v in counts.items()},
    }


def _build(
    quality: pd.DataFrame | None,
    events: pd.DataFrame | None,
    seconds: pd.DataFrame | None,
    options: CategorizeOptions,
) -> NpzScan:
    if quality is None or events is None:
        raise ParameterError(
            "categorize.source=prm_windows needs a table that is not there",
            value="prm_recording_quality" if quality is None else "int_events",
            remedy="run `kedro run --pipelines=process_primary`, or set categorize.source=npz_cache",
        )
    manifest = build_manifest(quality[quality["state"] == "done"], events, options, seconds)
    return NpzScan(manifest, quality, pd.DataFrame(columns=REFUSED_COLUMNS))


def _scan(listing: FolderListing | None, options: CategorizeOptions) -> NpzScan:
    if listing is None:
        raise LayoutError(
            "categorize.source=npz_cache needs a folder that is not there",
            value=options.npz_root or "the path of raw_npz_cache in the catalog",
            remedy="add --params categorize.npz_root=PATH, or set categorize.source=prm_windows",
        )
    return scan_npz_cache(listing.root, listing.files, options)
