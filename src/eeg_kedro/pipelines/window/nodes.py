"""Nodes of ``window``: cut, then look at what was cut."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.recording_quality import describe_recordings
from eeg_kedro.figures.traces import choose_page, draw_traces
from eeg_kedro.io.sample_span import read_span
from eeg_kedro.io.samples import open_samples
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.window_parquet import WindowFile, WindowJob, WindowOptions, cut_windows
from eeg_kedro.signal.cleaning import CleanedSignal

logger = logging.getLogger(__name__)


def cut_recordings(
    clean_recordings: Mapping[str, Callable[[], CleanedSignal]], options: WindowOptions
) -> dict[str, Callable[[], WindowJob]]:
    """Add the cutting to each recording's lazy call; the dataset runs them in parallel while it saves."""
    return {key: partial(cut_windows, clean, options) for key, clean in clean_recordings.items()}


def collect_quality(
    windows: Mapping[str, Callable[[], WindowFile]], inventory: pd.DataFrame
) -> dict[str, Any]:
    """Gather what each recording's worker wrote in its footer, and name those that failed."""
    status = getattr(windows, "status", {})
    quality = describe_recordings(inventory, {key: load().metadata for key, load in windows.items()}, status)
    done = quality["state"] == "done"
    logger.info(
        "%d recordings with windows (%.2f h), %d failed",
        done.sum(),
        quality.loc[done, "duration"].sum() / 3600,
        (~done).sum(),
    )
    metrics = {
        "recordings": float(done.sum()),
        "recordings_failed": float((~done).sum()),
        "hours": float(quality.loc[done, "duration"].sum() / 3600),
        "rows": float(quality.loc[done, "n_rows"].sum()),
        "bytes": float(quality.loc[done, "n_bytes"].sum()),
    }
    return {
        "prm_recording_quality": quality,
        "report_window_metrics": {name: {"step": 0, "value": value} for name, value in metrics.items()},
    }


def draw_cleaning(
    raw_corpus: FolderListing,
    inventory: pd.DataFrame,
    events: pd.DataFrame,
    windows: Mapping[str, Callable[[], WindowFile]],
) -> Figure:
    """Draw one page of raw against cleaned traces, around a seizure where there is one."""
    page = choose_page(inventory[_keys(inventory).isin([*windows])], events)
    if page is None:
        return draw_traces(None, None, None)
    row = page.recording
    source = open_samples(
        SourceFile(str(raw_corpus.root), row["source"]),
        row["source_format"],
        tuple(int(pick) for pick in row["picks"]),
        float(row["sfreq"]),
        tuple(float(scale) for scale in row["unit_scales"]),
    )
    raw = read_span(source, *page.samples(row["sfreq"]))
    file = windows[f"{row['participant']}_{row['run']}"]()
    footer = file.metadata
    cleaned, _ = file.read(*page.samples(footer["sfreq"]))
    return draw_traces(
        page,
        (list(row["ch_names"]), float(row["sfreq"]), raw),
        (footer["ch_names"], footer["sfreq"], cleaned),
    )


def _keys(inventory: pd.DataFrame) -> pd.Series:
    return inventory["participant"] + "_" + inventory["run"]
